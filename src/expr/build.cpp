// Building recipes: checks, weak scalars, casts and broadcasting happen here, once; nothing below checks again.
#include "expr/build.hpp"

#include "core/layout.hpp"
#include "expr/fold.hpp"
#include "expr/other_types.hpp"

namespace tessera::detail {

namespace {

// ---- operands of one operation

/// The operands while they are made ready: a node, or still a C++ scalar.
struct operands {
  operands(op c, caller line) : code(c), where(line) {}

  void add(const operand& x) {
    if (is_number(x)) add_number(x.recipe());
    else add(keep_text(x));
  }
  /// Takes over the node of an operand that is not needed any more.
  void take(operand& x) {
    if (is_number(x)) add_number(x.recipe());
    else if (access::node_of(x.recipe())->kind == node_kind::selection) add(to_node(x.recipe(), where));
    else add(node_ref(access::take_node(x)));
  }

  bool is_weak(int i) const noexcept { return types[i].weak != weak_kind::none; }

  /// Operand i as a node of `type`; given away.
  node_ref as(int i, dtype type) {
    if (nodes[i].get() != nullptr) return cast_to(std::move(nodes[i]), type, where);
    make_constant(*scalars[i], type, info(code).name, where);  // throws here if it does not fit
    return node_ref(new constant_node(*scalars[i], type, where));
  }

  /// The broadcast shape.
  shape extents() const {
    const node* given = nullptr;
    for (int i = 0; i < count; ++i) {
      const node* n = nodes[i].get();
      if (n == nullptr) continue;
      if (given != nullptr && !(n->extents == given->extents)) return broadcast_extents();
      given = n;
    }
    return given == nullptr ? shape() : given->extents;
  }

  op code;
  caller where;
  node_ref nodes[3];
  const scalar_value* scalars[3] = {};
  operand_type types[3];
  int count = 0;

 private:
  /// A C++ text stays one: it goes where the others are.
  node_ref keep_text(const operand& x) {
    node* const n = access::node_of(x.recipe());
    if (n->kind != node_kind::text) return to_node(x.recipe(), where);
    retain(n);
    return node_ref(n);
  }
  static bool is_number(const operand& x) noexcept { return access::node_of(x.recipe()) == nullptr; }
  void add(node_ref n) noexcept {
    types[count] = {n->type};
    nodes[count++] = std::move(n);
  }
  void add_number(const expr& x) noexcept {
    scalars[count] = &access::scalar_of(x);
    types[count] = {scalars[count]->type, weak_kind_of(x)};
    ++count;
  }

  shape broadcast_extents() const {
    shape result;
    bool first = true;
    for (int i = 0; i < count; ++i) {
      const node* n = nodes[i].get();
      if (n == nullptr || n->extents == result) continue;
      result = first ? n->extents : broadcast(result, n->extents, info(code).name, where);
      first = false;
    }
    return result;
  }
};

expr make_elementwise(op code, dtype loop, const shape& extents, node_list&& inputs, const caller& where) {
  return access::from_node(
      new elementwise_node(code, loop, result_dtype(code, loop), extents, std::move(inputs), where));
}

// ---- comparisons of integers of different ranges

bool is_comparison(op code) noexcept { return code >= op::equal && code <= op::greater_equal; }

/// The comparison with its sides swapped: x < y is y > x.
op mirrored(op code) noexcept {
  switch (code) {
    case op::less: return op::greater;
    case op::less_equal: return op::greater_equal;
    case op::greater: return op::less;
    case op::greater_equal: return op::less_equal;
    default: return code;
  }
}

/// x compared with any number below all of its dtype's (or above, if not `below`): the same answer for every element.
expr compare_with_outside(op code, const expr& x, bool below, caller where) {
  const bool answer = code == op::not_equal || (below ? code == op::greater || code == op::greater_equal
                                                      : code == op::less || code == op::less_equal);
  const operand self(x, where);
  return elementwise(answer ? op::equal : op::not_equal, {&self, &self});  // integers: x == x is true
}

/// int64 against uint64, exactly: no common integer dtype holds both.
expr compare_signed_unsigned(op code, const expr& left, const expr& right, caller where) {
  const operand a(left, where), b(right, where), zero(0, where);
  const operand bits(to_expr(cast_to(to_node(a), uint64, where)), where);
  const bool negative_side =
      code == op::less || code == op::less_equal || code == op::not_equal;  // the answer where left < 0
  const operand sign(elementwise(negative_side ? op::less : op::greater_equal, {&a, &zero}), where);
  const operand same_sign(elementwise(code, {&bits, &b}), where);
  return elementwise(negative_side ? op::bitwise_or : op::bitwise_and, {&sign, &same_sign});
}

bool is_signed_unsigned(const operands& x) noexcept {
  const dtype a = x.types[0].type, b = x.types[1].type;
  return !x.is_weak(0) && !x.is_weak(1) && ((a == uint64 && b.kind() == 'i') || (b == uint64 && a.kind() == 'i'));
}

expr compare_signed_unsigned(op code, operands& x) {
  const bool swapped = x.types[0].type == uint64;
  const expr left = to_expr(x.as(swapped ? 1 : 0, int64)), right = to_expr(x.as(swapped ? 0 : 1, uint64));
  return compare_signed_unsigned(swapped ? mirrored(code) : code, left, right, x.where);
}

/// The place of a weak integer that the integer array beside it cannot hold, or -1. (bool counts as int64 and overflows.)
int outside_integer(const operands& x, dtype loop) {
  if ((loop.kind() != 'i' && loop.kind() != 'u') || x.types[0].type == bool_ || x.types[1].type == bool_) return -1;
  for (int i = 0; i < 2; ++i) {
    if (x.types[i].weak != weak_kind::integer) continue;
    try {
      make_constant(*x.scalars[i], loop, "", x.where);
    } catch (const overflow_error&) {
      return i;
    }
  }
  return -1;
}

// ---- operations with rules of their own

expr choose(operands& x) {
  const shape extents = x.extents();
  node_list inputs(x.as(0, bool_));
  const dtype type = promote({x.types[1], x.types[2]});
  inputs.push_back(x.as(1, type));
  inputs.push_back(x.as(2, type));
  return make_elementwise(op::where, type, extents, std::move(inputs), x.where);
}

bool is_logical(op code) noexcept { return code >= op::logical_and && code <= op::logical_not; }

/// A number in a logical operation counts by its truth: no range to keep.
void replace_by_truth(operands& x) {
  for (int i = 0; i < x.count; ++i) {
    if (!x.is_weak(i)) continue;
    x.nodes[i] = node_ref(new constant_node(*x.scalars[i], bool_, x.where));
    x.types[i] = {bool_};
  }
}

/// Integers to negative integer powers: a C++ exponent is checked when built, an array's when it is run.
void check_power(const operands& x, dtype loop) {
  const scalar_value* exponent = x.scalars[1];
  if (loop.kind() != 'i' || exponent == nullptr || exponent->wide || exponent->integer >= 0) return;
  throw value_error(
      "pow: integers to negative integer powers are not allowed: exponent " + std::to_string(exponent->integer),
      x.where);
}

}  // namespace

namespace {

/// Whether an operand is a text, a time or a record.
bool has_others(const operands& x) noexcept {
  bool numbers = true;
  for (int i = 0; i < x.count; ++i) numbers &= x.types[i].type.is_number();
  return !numbers;
}

expr make_other(operands& x) {
  std::vector<expr> list;
  for (int i = 0; i < x.count; ++i) {
    list.push_back(x.nodes[i].get() != nullptr ? to_expr(std::move(x.nodes[i])) : access::from_scalar(*x.scalars[i]));
  }
  return other_elementwise(x.code, list, x.where);
}

expr make(operands& x) {
  const op code = x.code;
  if (has_others(x)) return make_other(x);
  if (code == op::where) return choose(x);
  if (is_logical(code)) replace_by_truth(x);
  if (is_comparison(code) && is_signed_unsigned(x)) return compare_signed_unsigned(code, x);
  const dtype loop = loop_dtype(code, x.types, x.count, x.where);
  if (is_comparison(code)) {
    const int outside = outside_integer(x, loop);
    if (outside >= 0) {
      const scalar_value& number = *x.scalars[outside];
      const expr other = to_expr(x.as(1 - outside, loop));
      return compare_with_outside(outside == 0 ? mirrored(code) : code, other, !number.wide && number.integer < 0,
                                  x.where);
    }
  }
  const shape extents = x.extents();
  node_list inputs{};
  for (int i = 0; i < x.count; ++i) {
    inputs.push_back(x.as(i, i == 1 && info(code).notes == note::integer_second ? int64 : loop));
  }
  if (code == op::pow) check_power(x, loop);
  return make_elementwise(code, loop, extents, std::move(inputs), x.where);
}

}  // namespace

expr elementwise(op code, std::initializer_list<const operand*> list) {
  operands x(code, (*list.begin())->where());
  for (const operand* each : list) x.add(*each);
  return make(x);
}

namespace {

/// The node of a recipe that is read as it is: no number, no selection.
const node* plain_node(const operand& x) noexcept {
  const node* n = access::node_of(x.recipe());
  return n == nullptr || n->kind == node_kind::selection ? nullptr : n;
}

/// What make() comes to when no operand has to be converted or broadcast: nothing but the node. Most of the time that an
/// operation on a few elements takes is spent here.
bool is_plain(op code, const node* a, const node* b) noexcept {
  return a != nullptr && b != nullptr && a->type == b->type && has_own_loop(code, a->type) && a->extents == b->extents;
}

}  // namespace

expr elementwise(op code, operand&& a) {
  operands x(code, a.where());
  x.take(a);
  return make(x);
}

expr elementwise(op code, operand&& a, operand&& b) {
  if (const node* n = plain_node(a); is_plain(code, n, plain_node(b))) {
    node_list inputs(node_ref(access::take_node(a)), node_ref(access::take_node(b)));
    return make_elementwise(code, n->type, n->extents, std::move(inputs), a.where());
  }
  operands x(code, a.where());
  x.take(a);
  x.take(b);
  return make(x);
}

// ---- reductions

namespace {

bool has_identity(fold by) noexcept {
  return by == fold::sum || by == fold::prod || by == fold::any || by == fold::all || by == deviations_fold;
}

dtype fold_dtype(fold by, dtype type) noexcept {
  if (by == fold::any || by == fold::all) return bool_;
  if (by == fold::argmin || by == fold::argmax) return int64;
  return type;
}

void check_not_empty(const shape& extents, const axis_list& over, const char* name, caller where) {
  for (int axis : over) {
    if (extents[axis] != 0) continue;
    throw value_error(std::string(name) + ": reduction over 0 elements has no value: shape " + to_string(extents) +
                          ", axis " + std::to_string(axis) + " has extent 0",
                      where);
  }
}

}  // namespace

expr reduction(fold by, expr x, const axes& over, bool keepdims, const char* name, caller where) {
  node_ref input = to_node(std::move(x), where);
  if (!input->type.is_number()) return other_reduction(by, to_expr(std::move(input)), over, keepdims, name, where);
  axis_list folded = normalize_axes(over, input->extents.size(), name, where);
  if (!has_identity(by)) check_not_empty(input->extents, folded, name, where);
  shape extents;
  if (keepdims || static_cast<int>(folded.size()) < input->extents.size()) {
    extents = input->extents;
    for (std::size_t i = folded.size(); i-- > 0;) {
      if (keepdims) extents[folded[i]] = 1;
      else extents.erase(folded[i]);
    }
  }
  const dtype type = fold_dtype(by, input->type);
  return to_expr(node_ref(new reduction_node(by, std::move(folded), keepdims, type, extents, std::move(input), where)));
}

}  // namespace tessera::detail
