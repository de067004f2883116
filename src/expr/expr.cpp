// The public face of recipes: expr, operand, operators.
#include "tessera/expr.hpp"

#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"

namespace tessera {

using detail::access;
using detail::node;
using detail::node_kind;

namespace {

/// The shape and dtype are known from the node, except of a selection: how much a mask picks only its data says.
bool is_selection(const node* n) noexcept { return n != nullptr && n->kind == node_kind::selection; }

array resolved(const node* n, caller where) {
  return detail::resolve_selection(static_cast<const detail::selection_node&>(*n), where);
}

}  // namespace

// ---- expr

expr::expr(const array& leaf) : node_(new detail::leaf_node(leaf, caller())) {}

expr::expr(std::initializer_list<literal> list, caller where)
    : node_(new detail::leaf_node(array(list, order::C, where), where)) {}

expr::expr(const expr& other) noexcept : node_(other.node_), value_(other.value_) {
  if (node_ != nullptr) detail::retain(node_);
}

expr::expr(expr&& other) noexcept : node_(std::exchange(other.node_, nullptr)), value_(other.value_) {}

expr::~expr() {
  if (node_ != nullptr) detail::release(node_);
}

expr& expr::operator=(const expr& other) & noexcept {
  expr copy(other);
  std::swap(node_, copy.node_);
  std::swap(value_, copy.value_);
  return *this;
}

expr& expr::operator=(expr&& other) & noexcept {
  std::swap(node_, other.node_);
  std::swap(value_, other.value_);
  return *this;
}

expr expr::from_text(std::string_view text, caller where) {
  throw dtype_error("expr: there is no dtype for the text \"" + std::string(text) + "\"", where);
}

tessera::shape expr::shape() const {
  if (is_selection(node_)) return resolved(node_, node_->where).shape();
  return node_ == nullptr ? tessera::shape() : node_->extents;
}

tessera::dtype expr::dtype() const { return node_ == nullptr ? value_.type : node_->type; }

int expr::ndim() const { return is_selection(node_) ? shape().size() : node_ == nullptr ? 0 : node_->extents.size(); }

std::int64_t expr::size() const { return detail::element_count(shape()); }

array expr::eval(caller where) const { return detail::evaluate(*this, where); }

expr expr::astype(const tessera::dtype& type, caller where) const {
  if (!type.is_set()) throw dtype_error("astype: no dtype given", where);
  return detail::to_expr(detail::cast_to(detail::to_node(*this, where), type, where));
}

expr expr::T() const {
  const auto reversed = [](const array& a, const void*, caller) { return a.T(); };
  return detail::view_of(*this, reversed, nullptr, caller());
}

expr expr::at(std::initializer_list<subscript> indices, caller where) const {
  const auto picked = [](const array& a, const void* arguments, caller line) {
    return detail::basic_view(a, *static_cast<const std::initializer_list<subscript>*>(arguments), line);
  };
  return detail::view_of(*this, picked, &indices, where);
}

expr expr::operator[](const operand& index) const {
  return selection(selection::token(0), detail::materialize(*this, index.where()), {any_index(index.recipe())},
                   index.where());
}

expr expr::field(std::string_view name) const {
  throw dtype_error("field: dtype " + std::string(dtype().name()) + " has no field \"" + std::string(name) + "\"",
                    caller());
}

detail::scalar_value expr::scalar_item(caller where) const {
  return node_ == nullptr ? value_ : access::scalar_item(detail::materialize(*this, where), where);
}

// ---- operand, expr_list

operand::operand(const array& leaf, caller where)
    : recipe_(access::from_node(new detail::leaf_node(leaf, where))), where_(where) {}

expr_list::expr_list(const std::vector<array>& list) {
  list_.reserve(list.size());
  for (const array& a : list) list_.emplace_back(a);
}

// ---- operators

namespace detail {

expr operator+(const operand& a, const operand& b) { return elementwise(op::add, {&a, &b}); }
expr operator-(const operand& a, const operand& b) { return elementwise(op::subtract, {&a, &b}); }
expr operator*(const operand& a, const operand& b) { return elementwise(op::multiply, {&a, &b}); }
expr operator/(const operand& a, const operand& b) { return elementwise(op::divide, {&a, &b}); }
expr operator%(const operand& a, const operand& b) { return elementwise(op::remainder, {&a, &b}); }
expr operator&(const operand& a, const operand& b) { return elementwise(op::bitwise_and, {&a, &b}); }
expr operator|(const operand& a, const operand& b) { return elementwise(op::bitwise_or, {&a, &b}); }
expr operator^(const operand& a, const operand& b) { return elementwise(op::bitwise_xor, {&a, &b}); }
expr operator<<(const operand& a, const operand& b) { return elementwise(op::bitwise_left_shift, {&a, &b}); }
expr operator>>(const operand& a, const operand& b) { return elementwise(op::bitwise_right_shift, {&a, &b}); }
expr operator==(const operand& a, const operand& b) { return elementwise(op::equal, {&a, &b}); }
expr operator!=(const operand& a, const operand& b) { return elementwise(op::not_equal, {&a, &b}); }
expr operator<(const operand& a, const operand& b) { return elementwise(op::less, {&a, &b}); }
expr operator<=(const operand& a, const operand& b) { return elementwise(op::less_equal, {&a, &b}); }
expr operator>(const operand& a, const operand& b) { return elementwise(op::greater, {&a, &b}); }
expr operator>=(const operand& a, const operand& b) { return elementwise(op::greater_equal, {&a, &b}); }
expr operator-(const operand& a) { return elementwise(op::negative, {&a}); }
expr operator+(const operand& a) { return elementwise(op::positive, {&a}); }
expr operator~(const operand& a) { return elementwise(op::bitwise_invert, {&a}); }

}  // namespace detail

}  // namespace tessera
