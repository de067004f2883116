// selection: the elements that masks and index arrays pick, gathered when read and scattered when assigned.
#include "backend.hpp"
#include "core/layout.hpp"
#include "core/words.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "expr/overlap.hpp"
#include "ops/index.hpp"
#include "ops/marks.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

const selection_node* as_selection(const expr& x) noexcept {
  const node* n = access::node_of(x);
  return n && n->kind == node_kind::selection ? static_cast<const selection_node*>(n) : nullptr;
}

/// x's axes (in the order of p.extents) in the order of the plan: picked ones first. The same reordering for strides.
shape plan_order(const picked& p, const shape& x) {
  shape result;
  for (int i = 0; i < p.picked_axes; ++i) result.push_back(x[p.place + i]);
  for (int i = 0; i < x.size(); ++i) {
    if (i < p.place || i >= p.place + p.picked_axes) result.push_back(x[i]);
  }
  return result;
}
shape result_order(const picked& p, const shape& x) {
  shape result;
  for (int i = 0; i < p.place; ++i) result.push_back(x[p.picked_axes + i]);
  for (int i = 0; i < p.picked_axes; ++i) result.push_back(x[i]);
  for (int i = p.picked_axes + p.place; i < x.size(); ++i) result.push_back(x[i]);
  return result;
}

/// The plan with `values` (any shape that broadcasts to p.extents) as its values.
index_plan with_values(const picked& p, const array& values) {
  index_plan plan = p.plan;
  plan.source.type = p.source.dtype();
  plan.values = {access::data(values), values.dtype(),
                 plan_order(p, broadcast_strides(values.shape(), values.strides(), p.extents))};
  return plan;
}

/// The same for writing: where in the source, and whether twice at a place.
index_plan to_write(const picked& p, const array& values) {
  index_plan plan = with_values(p, values);
  plan.low = plan.high = access::data(p.source) - plan.source.data;
  for (int axis = 0; axis < p.source.ndim(); ++axis) {
    const std::int64_t reach = (p.source.shape()[axis] - 1) * p.source.strides()[axis];
    (reach < 0 ? plan.low : plan.high) += reach;
  }
  plan.overlapping = may_overlap_itself(p.source);
  return plan;
}

index_plan in_words(index_plan plan, caller where) {
  as_words(plan, where);
  return plan;
}

/// The mask, if the indices are one mask of the source's own shape and device: then picking needs no positions.
const expr* whole_mask(const selection_node& s) {
  if (s.indices.size() != 1 || s.indices[0].is_basic) return nullptr;
  const expr& mask = s.indices[0].array;
  const array& source = s.source.value;
  if (as_selection(mask) || mask.dtype() != bool_ || !(mask.shape() == source.shape())) return nullptr;
  return device_of(mask, s.where) == source.device() ? &mask : nullptr;  // else positions go to it, or are refused
}

bool is_single_value(const expr& x) { return !as_selection(x) && x.size() == 1 && x.ndim() <= 1; }

/// Whether the indices are integers alone, one for each axis: then they name one element, not a view of one.
bool is_one_element(const selection_node& s) {
  for (const any_index& i : s.indices) {
    if (i.is_basic ? i.basic.which() != subscript::kind::integer
                   : as_selection(i.array) || i.array.ndim() > 0 || i.array.dtype() == bool_)
      return false;
  }
  return static_cast<int>(s.indices.size()) == s.source.value.ndim();
}

/// One element takes one value, not an array of one: NumPy's ValueError, TypeError for a complex element; a bool does.
void check_one_value(const array& target, const array& values, caller where) {
  if (values.ndim() == 0 || (target.dtype() == bool_ && values.size() == 1)) return;
  const std::string text = "index: one element does not take values of shape " + to_string(values.shape());
  if (target.dtype().kind() == 'c') throw dtype_error(text, where);
  throw shape_error(text, where);
}

/// One value for each marked point.
array list_for(const marks& m, const array& values, caller where) {
  return broadcast_to(broadcast_values(values, {m.count}, "index", where, true), {m.count}, where);
}

/// s = x.
void assign(const selection_node& s, const operand& x) {
  check_writable(s.source.value, "index", x.where());
  const expr* const mask = whole_mask(s);
  if (mask && is_single_value(x.recipe())) {
    evaluate_into(s.source.value, x.recipe(), assign_rule::unsafe, "index", x.where(), mask);
    return;
  }
  const array& target = s.source.value;
  const array values = values_for(x.recipe(), target, target.dtype(), "index", x.where());
  if (mask && values.ndim() > 1) {
    throw dtype_error(
        "index: assigning to a mask takes values with 0 or 1 axes, not of shape " + to_string(values.shape()),
        x.where());
  }
  if (mask && !may_overlap_itself(target)) {
    const marks m = mark(*mask, x.where());
    return expand(m, target, list_for(m, values, x.where()));
  }
  const picked p = pick(target, s.indices, x.where(), &values);
  if (is_one_element(s)) check_one_value(target, values, x.where());
  scatter(p, broadcast_values(values, p.extents, "index", x.where(), p.picked_axes > 0));
}

/// s = code(s, x).
void update(const selection_node& s, op code, const operand& x) {
  const array& target = s.source.value;
  check_writable(target, info(code).name, x.where());
  const expr* const mask = whole_mask(s);
  if (mask && is_single_value(x.recipe()) && target.ndim() > 0) {
    const operand elements(target, x.where());
    evaluate_into(target, elementwise(code, {&elements, &x}), assign_rule::same_kind, info(code).name, x.where(), mask);
    return;
  }
  if (mask && !may_overlap_itself(target)) {
    const marks m = mark(*mask, s.where);
    const array values = compress(m, target, x.where());
    evaluate_in_place(code, values, x);
    return expand(m, target, values);
  }
  const picked p = pick(s.source.value, s.indices, s.where);
  const array values = gather(p, x.where());
  evaluate_in_place(code, values, x);
  scatter(p, values);
}

}  // namespace

void as_words(index_plan& plan, caller where) {
  if (plan.source.type.is_number()) return;
  const std::int64_t itemsize = plan.source.type.itemsize();
  const bool axis = words_of(plan.source.type).count > 1;
  as_words(plan.extents, {&plan.source, &plan.values}, where);
  plan.high += itemsize - plan.source.type.itemsize();
  if (!axis) return;
  for (index_operand& index : plan.indices) index.positions.strides.push_back(0);
}

/// p with copies of index arrays that share memory with what is going to be written.
picked apart_from(const array& written, const picked& p) {
  picked result = p;
  for (std::size_t k = 0; k < result.positions.size(); ++k) {
    if (!may_share_memory(result.positions[k], written)) continue;
    result.positions[k] = result.positions[k].copy();
    result.plan.indices[k].positions.data = access::data(result.positions[k]);
  }
  return result;
}

array gather(const picked& p, caller where) {
  // Memory in the order of the plan, as NumPy's: the picked axes are outermost wherever they stand in the shape.
  const shape strides = contiguous_strides(p.plan.extents, p.source.itemsize(), order::C);
  array result = access::make_strided(p.extents, result_order(p, strides), p.source.dtype(), p.source.device(), where);
  if (result.size() > 0) backend_of(p.source.device()).gather(in_words(with_values(p, result), where));
  return result;
}

void gather_into(const picked& p, const array& out) {
  if (out.size() > 0) backend_of(p.source.device()).gather(in_words(with_values(apart_from(out, p), out), caller()));
}

void scatter(const picked& p, const array& values) {
  if (element_count(p.extents) == 0) return;
  if (has_gaps(p.source.dtype())) {
    const picked apart = apart_from(p.source, p);  // positions may be another piece
    for (const record_piece& piece : pieces_of(p.source.dtype())) {
      picked part = apart;
      part.source = piece_of(p.source, piece);
      part.plan.source.data += piece.offset;
      scatter(part, piece_of(values, piece));
    }
    return;
  }
  backend_of(p.source.device()).scatter(in_words(to_write(apart_from(p.source, p), values), caller()));
  access::note_write(p.source);
}

void accumulate(const picked& p, op code, const array& values) {
  if (element_count(p.extents) == 0) return;
  backend_of(p.source.device()).accumulate(to_write(apart_from(p.source, p), values), code);
  access::note_write(p.source);
}

array resolve_selection(const selection_node& s, caller where) {
  s.source.check_fresh("eval", 0, where);
  if (const expr* const mask = whole_mask(s)) return compress(*mask, s.source.value, where);
  return gather(pick(s.source.value, s.indices, s.where), where);
}

expr without_selection(const expr& x, caller where) { return as_selection(x) ? expr(materialize(x, where)) : x; }

array values_for(const expr& x, const array& target, dtype type, const char* name, caller where) {
  const expr values = without_selection(x, where);
  const node* n = access::node_of(values);
  if (n && n->kind == node_kind::leaf && n->type == type) {
    const array& leaf = static_cast<const leaf_node*>(n)->value;
    if (leaf.device() == target.device() && !may_share_memory(leaf, target)) return materialize(values, where);
  }
  array copy = access::make(values.shape(), type, order::C, target.device(), where);
  evaluate_into(copy, values, assign_rule::unsafe, name, where);
  return copy;
}

array broadcast_values(const array& values, const shape& extents, const char* name, caller where, bool by_arrays) {
  shape from = values.shape(), strides = values.strides();
  while (from.size() > extents.size() && (from[0] == 1 || (by_arrays && values.size() == 0))) {
    from.erase(0);
    strides.erase(0);
  }
  if (!broadcasts_to(from, extents)) {
    throw shape_error(std::string(name) + ": values of shape " + to_string(values.shape()) + " do not broadcast to " +
                          to_string(extents),
                      where);
  }
  return access::view(values, access::data(values), values.dtype(), from, strides);
}

}  // namespace tessera::detail

namespace tessera {

using detail::assign;
using detail::op;
using detail::update;

namespace {

const detail::selection_node& node_of(const selection& s) {
  return *static_cast<const detail::selection_node*>(detail::access::node_of(s));
}

}  // namespace

selection::selection(token, const array& from, std::initializer_list<any_index> indices, caller where)
    : selection(token(0), from, std::vector<any_index>(indices), where) {}
selection::selection(token, const array& from, const std::vector<any_index>& indices, caller where)
    : expr(new detail::selection_node(from, indices, where)) {}

void selection::operator=(const operand& x) && { assign(node_of(*this), x); }
void selection::operator+=(const operand& x) && { update(node_of(*this), op::add, x); }
void selection::operator-=(const operand& x) && { update(node_of(*this), op::subtract, x); }
void selection::operator*=(const operand& x) && { update(node_of(*this), op::multiply, x); }
void selection::operator/=(const operand& x) && { update(node_of(*this), op::divide, x); }
void selection::operator%=(const operand& x) && { update(node_of(*this), op::remainder, x); }
void selection::operator&=(const operand& x) && { update(node_of(*this), op::bitwise_and, x); }
void selection::operator|=(const operand& x) && { update(node_of(*this), op::bitwise_or, x); }
void selection::operator^=(const operand& x) && { update(node_of(*this), op::bitwise_xor, x); }
void selection::operator<<=(const operand& x) && { update(node_of(*this), op::bitwise_left_shift, x); }
void selection::operator>>=(const operand& x) && { update(node_of(*this), op::bitwise_right_shift, x); }

selection array::operator[](const operand& index) {
  return selection(selection::token(0), *this, {any_index(index.recipe())}, index.where());
}
expr array::operator[](const operand& index) const {
  return selection(selection::token(0), *this, {any_index(index.recipe())}, index.where());
}
selection array::select_at(const std::vector<any_index>& indices, caller where) const {
  return selection(selection::token(0), *this, indices, where);
}

}  // namespace tessera
