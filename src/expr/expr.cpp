// The public face of recipes: expr, operand, operators.
#include "tessera/expr.hpp"

#include <algorithm>

#include "core/layout.hpp"
#include "core/literal_array.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "expr/other_types.hpp"
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
    : node_(new detail::leaf_node(detail::array_from_literal(list, {}, order::C, where, true), where)) {}

expr expr::from_text(std::string_view text, caller where) {
  const tessera::dtype type = str_(std::max<std::int64_t>(1, detail::count_code_points(text, "expr", where)));
  return access::from_node(new detail::text_node(text, type, where));
}

tessera::shape expr::shape() const {
  if (is_selection(node_.get())) return resolved(node_.get(), node_->where).shape();
  return node_.get() == nullptr ? tessera::shape() : node_->extents;
}

tessera::dtype expr::dtype() const { return node_.get() == nullptr ? value_.type : node_->type; }

int expr::ndim() const {
  if (is_selection(node_.get())) return shape().size();
  return node_.get() == nullptr ? 0 : node_->extents.size();
}

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
  const auto picked = [](const array& a, const void* argument, caller) {
    return a[*static_cast<const std::string_view*>(argument)];
  };
  return detail::view_of(*this, picked, &name, caller());
}

detail::scalar_value expr::scalar_item(caller where) const {
  return node_.get() == nullptr ? value_ : access::scalar_item(detail::materialize(*this, where), where);
}

std::string expr::text_item(caller where) const { return detail::materialize(*this, where).item<std::string>(where); }

// ---- operand, expr_list

operand::operand(const array& leaf, caller where)
    : recipe_(access::from_node(new detail::leaf_node(leaf, where))), where_(where) {}

expr_list::expr_list(const std::vector<array>& list) {
  list_.reserve(list.size());
  for (const array& a : list) list_.emplace_back(a);
}

// ---- operators

namespace detail {

expr operator+(operand a, operand b) { return elementwise(op::add, std::move(a), std::move(b)); }
expr operator-(operand a, operand b) { return elementwise(op::subtract, std::move(a), std::move(b)); }
expr operator*(operand a, operand b) { return elementwise(op::multiply, std::move(a), std::move(b)); }
expr operator/(operand a, operand b) { return elementwise(op::divide, std::move(a), std::move(b)); }
expr operator%(operand a, operand b) { return elementwise(op::remainder, std::move(a), std::move(b)); }
expr operator&(operand a, operand b) { return elementwise(op::bitwise_and, std::move(a), std::move(b)); }
expr operator|(operand a, operand b) { return elementwise(op::bitwise_or, std::move(a), std::move(b)); }
expr operator^(operand a, operand b) { return elementwise(op::bitwise_xor, std::move(a), std::move(b)); }
expr operator<<(operand a, operand b) { return elementwise(op::bitwise_left_shift, std::move(a), std::move(b)); }
expr operator>>(operand a, operand b) { return elementwise(op::bitwise_right_shift, std::move(a), std::move(b)); }
expr operator==(operand a, operand b) { return elementwise(op::equal, std::move(a), std::move(b)); }
expr operator!=(operand a, operand b) { return elementwise(op::not_equal, std::move(a), std::move(b)); }
expr operator<(operand a, operand b) { return elementwise(op::less, std::move(a), std::move(b)); }
expr operator<=(operand a, operand b) { return elementwise(op::less_equal, std::move(a), std::move(b)); }
expr operator>(operand a, operand b) { return elementwise(op::greater, std::move(a), std::move(b)); }
expr operator>=(operand a, operand b) { return elementwise(op::greater_equal, std::move(a), std::move(b)); }
expr operator-(operand a) { return elementwise(op::negative, std::move(a)); }
expr operator+(operand a) { return elementwise(op::positive, std::move(a)); }
expr operator~(operand a) { return elementwise(op::bitwise_invert, std::move(a)); }

}  // namespace detail

}  // namespace tessera
