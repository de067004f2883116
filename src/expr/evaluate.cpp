// Running recipes: checks that must come before anything is written, then the stages in order.
#include "expr/evaluate.hpp"

#include <algorithm>

#include "backend.hpp"
#include "core/default_device.hpp"
#include "core/dtype_parts.hpp"
#include "core/words.hpp"
#include "core/layout.hpp"
#include "expr/dag.hpp"
#include "expr/build.hpp"
#include "expr/direct.hpp"
#include "expr/other_types.hpp"
#include "expr/plan.hpp"
#include "ops/convert.hpp"
#include "ops/index.hpp"
#include "ops/operands.hpp"
#include "tessera/evaluate.hpp"
#include "tessera/record.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {

namespace {

// ---- what only data can tell

/// Throws if an integer power has a negative exponent where it is computed.
void check_exponents(const planned& p, const node_ref& mask, caller where) {
  for (const node_ref& exponent : p.exponents) {
    const operand x(to_expr(exponent), where), zero(0, where);
    expr negative = elementwise(op::less, {&x, &zero});
    if (mask.get() != nullptr) {
      const operand found(negative, where), written(to_expr(mask), where);
      negative = elementwise(op::logical_and, {&found, &written});
    }
    if (reduction(fold::any, negative, axes(), false, "pow", where).item<bool>(where)) {
      throw value_error("pow: integers to negative integer powers are not allowed", where);
    }
  }
}

void run(const planned& p) {
  if (is_explaining()) explain_run(p.steps);
  backend_of(p.on).run_all({p.steps.stages.data(), p.steps.stages.size()});
}

/// The operation that errors name which appear only while a recipe runs.
constexpr const char* evaluation = "eval";

/// The results, one per request.
planned run_all(std::span<const request> requests, caller where) {
  planned p = make_plan(requests, {evaluation, where});
  check_exponents(p, {}, where);
  run(p);
  return p;
}

/// A leaf's elements in fresh memory, in the leaf's own memory order.
array copy_leaf(const leaf_node& leaf, caller where) {
  leaf.check_fresh(evaluation, 0, where);
  const array& from = leaf.value;
  array to = access::make_strided(from.shape(), keep_order_strides(from.shape(), from.strides(), from.itemsize()),
                                  from.dtype(), from.device(), where);
  if (from.size() != 0) {
    copy_between(from.shape(), {access::data(from), from.dtype(), from.strides()}, from.device(),
                 {access::data(to), to.dtype(), to.strides()}, from.device());
  }
  return to;
}

}  // namespace

array evaluate(const expr& x, caller where) {
  const node* n = access::node_of(x);
  if (n != nullptr && n->kind == node_kind::selection)
    return resolve_selection(*static_cast<const selection_node*>(n), where);
  if (n != nullptr && n->kind == node_kind::leaf) return copy_leaf(*static_cast<const leaf_node*>(n), where);
  if (n != nullptr && n->kind == node_kind::text)
    return text_array(static_cast<const text_node*>(n)->utf8, device_for_new_arrays(where), where);
  if (n != nullptr && !is_explaining()) {
    if (is_single(*n)) return run_single(*n, evaluation, where);
    direct_recipe direct(*n);
    if (direct.fits()) return direct.run(evaluation, where);
  }
  const request whole{to_node(x, where), nullptr, {}};
  return std::move(run_all({&whole, 1}, where).results[0]);
}

array materialize(const expr& x, caller where) {
  const node* n = access::node_of(x);
  if (n == nullptr || n->kind != node_kind::leaf) return evaluate(x, where);
  const leaf_node& leaf = *static_cast<const leaf_node*>(n);
  leaf.check_fresh(evaluation, 0, where);
  return leaf.value;
}

tessera::device device_of(const expr& x, caller where) {
  const node* n = access::node_of(x);
  if (n == nullptr) return device_for_new_arrays(where);
  if (n->kind == node_kind::leaf) return static_cast<const leaf_node*>(n)->value.device();
  if (n->kind == node_kind::selection) return static_cast<const selection_node*>(n)->source.value.device();
  if (n->kind == node_kind::text) return device_for_new_arrays(where);
  dag values;
  values.add(*n);
  return values.device(nullptr, evaluation, where);
}

program plan_bits(const expr& condition, caller where) {
  // Positions keep the axes in C order; nobody computes them.
  const request whole{
      to_node(reduction(fold::argmax, condition, axes(), false, evaluation, where), where), nullptr, {}};
  planned p = make_plan({&whole, 1}, {evaluation, where});
  check_exponents(p, {}, where);
  const stage& last = p.steps.stages.back();
  const bool alone = !last.joins && last.row_axis < 0 && last.results.size() == 1 &&
                     last.results[0].by == fold::argmax && last.extents.size() > 0;
  if (!alone || std::find(last.folded.begin(), last.folded.end(), false) != last.folded.end()) return {};
  return std::move(p.steps);
}

std::vector<array> evaluate_all(const std::vector<expr>& x, caller where) {
  std::vector<request> requests;
  for (const expr& recipe : x) requests.push_back({to_node(recipe, where), nullptr, {}});
  planned p = run_all(requests, where);
  return {std::make_move_iterator(p.results.begin()), std::make_move_iterator(p.results.end())};
}

// ---- into an existing array

namespace {

array drop_leading_axes(const array& a, const void* arguments, caller) {
  shape extents = a.shape(), strides = a.strides();
  for (int i = 0; i < *static_cast<const int*>(arguments); ++i) {
    extents.erase(0);
    strides.erase(0);
  }
  return access::view(a, access::data(a), a.dtype(), extents, strides);
}

/// One assignment: a destination, what goes there, where.
struct assignment {
  const array& destination;
  assign_rule rule;
  const char* name;
  caller where;

  [[noreturn]] void throw_shape(const shape& from) const {
    throw shape_error(std::string(name) + ": shape " + to_string(from) + " does not broadcast to the destination's " +
                          to_string(destination.shape()),
                      where);
  }

  [[noreturn]] void throw_cast(dtype from) const {
    throw dtype_error(std::string(name) + ": " + from.name() + " does not cast to the destination's " +
                          destination.dtype().name() + " (same_kind)",
                      where);
  }

  /// A C++ number takes the destination's dtype, if that holds it.
  node_ref scalar(const expr& x) const {
    const dtype to = destination.dtype();
    const scalar_value& value = access::scalar_of(x);
    const dtype same_kind = beside(to, weak_kind_of(x), value.type);
    if (rule == assign_rule::same_kind && !can_cast(same_kind, to, casting::same_kind)) throw_cast(value.type);
    make_constant(value, to, name, where);
    return node_ref(new constant_node(value, to, where));
  }

  static dtype beside(dtype to, weak_kind weak, dtype own) {
    return weak == weak_kind::none ? own : promote({{to}, {own, weak}});
  }

  node_ref value(const expr& x) const {
    if (access::node_of(x) == nullptr) return scalar(x);
    node_ref n = to_node(x, where);
    check_cast(n->type);
    return fitted(n);
  }

  void check_cast(dtype from) const {
    if (rule == assign_rule::same_kind && !can_cast(from, destination.dtype(), casting::same_kind)) throw_cast(from);
  }

  /// n, which broadcasts to the destination, or what of it does.
  node_ref fitted(const node_ref& n) const {
    if (broadcasts_to(n->extents, destination.shape())) return n;
    // a(0) = array of shape (1, 3): setting items ignores leading axes of extent 1, as NumPy does
    const int extra = n->extents.size() - destination.ndim();
    const bool ones =
        extra > 0 && std::all_of(n->extents.begin(), n->extents.begin() + extra, [](std::int64_t e) { return e == 1; });
    if (rule != assign_rule::unsafe || !ones) throw_shape(n->extents);
    node_ref dropped = to_node(view_of(to_expr(n), drop_leading_axes, &extra, where), where);
    if (!broadcasts_to(dropped->extents, destination.shape())) throw_shape(n->extents);
    return dropped;
  }

  node_ref mask(const expr& x) const {
    if (access::node_of(x) == nullptr && access::scalar_of(x).type == bool_ && access::scalar_of(x).integer != 0)
      return {};
    node_ref n = to_node(x, where);
    if (!(n->type == bool_))
      throw dtype_error(std::string(name) + ": where has dtype " + n->type.name() + "; expected bool", where);
    if (!broadcasts_to(n->extents, destination.shape())) throw_shape(n->extents);
    return n;
  }

  bool run_directly(const node_ref& value) const {
    if (is_explaining()) return false;
    direct_recipe direct(*value);
    return direct.fits() && direct.run_into(destination, name, where);
  }

  void run_into(const node_ref& value, const node_ref& mask) const {
    if (mask.get() == nullptr && run_directly(value)) return;
    const request whole{value, &destination, mask};
    const planned p = make_plan({&whole, 1}, {name, where});
    check_exponents(p, mask, where);
    if (!p.overlaps) return run(p);
    const auto copied = [this](const node_ref& n) {
      return node_ref(new leaf_node(evaluate(to_expr(n), where), where));
    };
    run_into(copied(cast_to(value, destination.dtype(), where)), mask.get() == nullptr ? mask : copied(mask));
  }
};

/// Elements of the destination's dtype that broadcast to it, as words.
void assign_words(const array& destination, const array& value, const char* name, caller where, const expr* mask) {
  const bool axis = words_of(value.dtype()).count > 1;
  const array to = as_words(destination, axis, where);
  const expr from = as_words(value, axis, where);
  if (mask == nullptr) return evaluate_into(to, from, assign_rule::unsafe, name, where);
  const expr widened = axis ? expand_dims(*mask, -1) : *mask;
  evaluate_into(to, from, assign_rule::unsafe, name, where, &widened);
}

/// Piece by piece: the bytes between them may be fields of the array that this is a view of.
void assign_pieces(const array& destination, const array& value, const char* name, caller where, const expr* mask) {
  std::optional<expr> only;  // before a field that it may read is written
  if (mask != nullptr) only = evaluate(*mask, where);
  for (const record_piece& piece : pieces_of(destination.dtype())) {
    assign_words(piece_of(destination, piece), piece_of(value, piece), name, where, only ? &*only : nullptr);
  }
}

/// Numbers, one for each field on the last axis, as records: x(0) = {1, 2.5}. Only where they would not fill all fields.
array as_rows(const array& value, const array& destination, caller where) {
  const auto fields = static_cast<std::int64_t>(destination.dtype().fields().size());
  const int last = value.ndim() - 1;
  if (fields == 0 || !value.dtype().is_number() || last < 0 || value.shape()[last] != fields) return value;
  shape extents = value.shape();
  extents.erase(last);
  if (broadcasts_to(value.shape(), destination.shape()) || !broadcasts_to(extents, destination.shape())) return value;
  const dtype row = record(std::vector<field>(static_cast<std::size_t>(fields), field("", value.dtype())), {}, where);
  return access::retyped(value.copy(), row, extents, contiguous_strides(extents, row.itemsize(), order::C));
}

/// A C++ text, where it is assigned to; a date or a timedelta is read on the host.
array assigned_text(std::string_view utf8, const array& destination, const char* name, caller where) {
  if (!is_time(destination.dtype())) return text_array(utf8, destination.device(), where);
  return convert(text_array(utf8, cpu(), where), destination.dtype(), name, where).to(destination.device(), where);
}

/// Where one side is no number: converted first, then words are assigned.
void assign_other(const array& destination, const expr& x, assign_rule rule, const char* name, caller where,
                  const expr* mask) {
  const node* n = access::node_of(x);
  array value = n != nullptr && n->kind == node_kind::text
                    ? assigned_text(static_cast<const text_node*>(n)->utf8, destination, name, where)
                    : materialize(x, where);
  if (n == nullptr) value = value.to(destination.device(), where);
  const assignment a{destination, rule, name, where};
  a.check_cast(value.dtype());
  if (value.device() != destination.device()) throw_devices(destination.device(), value.device(), name, where);
  value = convert(as_rows(value, destination, where), destination.dtype(), name, where);
  if (destination.dtype().is_number()) return evaluate_into(destination, value, rule, name, where, mask);
  value = materialize(to_expr(a.fitted(node_ref(new leaf_node(value, where)))), where);
  std::optional<expr> only;
  if (mask != nullptr) {
    if (const node_ref checked = a.mask(*mask); checked.get() != nullptr) only = to_expr(checked);
  }
  const auto assign = has_gaps(destination.dtype()) ? assign_pieces : assign_words;
  assign(destination, value, name, where, only ? &*only : nullptr);
}

}  // namespace

void evaluate_into(const array& destination, const expr& x, assign_rule rule, const char* name, caller where,
                   const expr* mask) {
  check_writable(destination, name, where);
  const node* n = access::node_of(x);
  if (!destination.dtype().is_number() || (n != nullptr && !n->type.is_number()))
    return assign_other(destination, x, rule, name, where, mask);
  const assignment a{destination, rule, name, where};
  const node_ref value = a.value(x);
  const node_ref only = mask == nullptr ? node_ref() : a.mask(*mask);
  if (destination.size() == 0) return;
  a.run_into(value, only);
  access::note_write(destination);
}

void evaluate_in_place(op code, const array& destination, const operand& x) {
  const operand self(destination, x.where());
  const expr result = elementwise(code, {&self, &x});
  evaluate_into(destination, result, assign_rule::same_kind, info(code).name, x.where());
}

program plan(const expr& x, const array* destination, caller where) {
  const request whole{to_node(x, where), destination, {}};
  planned p = make_plan({&whole, 1}, {"explain", where, false});
  return std::move(p.steps);
}

}  // namespace tessera::detail

namespace tessera {

std::vector<array> eval_list(std::initializer_list<operand> recipes) {
  std::vector<expr> list;
  for (const operand& x : recipes) list.push_back(x.recipe());
  return detail::evaluate_all(list, recipes.size() == 0 ? caller() : recipes.begin()->where());
}

}  // namespace tessera
