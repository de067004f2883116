// Operations of texts: comparison by one call of the backend; what arithmetic there is of them.
#include "backend.hpp"
#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "expr/other_types.hpp"
#include "ops/convert.hpp"
#include "ops/operands.hpp"
#include "ops/text_call.hpp"

namespace tessera::detail {
namespace {

strided broadcast_text(const array& x, const shape& extents) {
  return {access::data(x), x.dtype(), broadcast_strides(x.shape(), x.strides(), extents)};
}

expr compare(op code, const array& x, const array& y, caller where) {
  const shape extents = broadcast(x.shape(), y.shape(), info(code).name, where);
  text_plan plan;
  plan.code = code;
  plan.extents = extents;
  plan.left = broadcast_text(x, extents);
  plan.right = broadcast_text(y, extents);
  const std::vector<int> slowest_first = memory_order({{extents, plan.left.strides}, {extents, plan.right.strides}});
  const array result =
      access::make_strided(extents, strides_in_order(extents, slowest_first, 1), bool_, x.device(), where);
  plan.out = {access::data(result), bool_, result.strides()};
  if (result.size() > 0) backend_of(x.device(), where).compare_texts(plan);
  return result;
}

expr logical(op code, const array& x, const array& y, caller where) {
  const char* name = info(code).name;
  const operand a(convert(x, bool_, name, where), where), b(convert(y, bool_, name, where), where);
  return elementwise(code, {&a, &b});
}

/// The C++ text as bytes where the other operand is bytes.
array beside_bytes(const other_operand& x, const array& other, const char* name, caller where) {
  const bool adapts = x.text && other.dtype().code() == dtype_code::bytes_;
  return adapts ? convert(x.value, bytes_(0), name, where) : x.value;
}

/// One text as wide as the others: comparing widths that are the same takes fewer steps.
array as_wide_as(const array& x, const array& other, const char* name, caller where) {
  const bool widens = x.ndim() == 0 && x.itemsize() < other.itemsize() && x.device() == cpu();
  return widens ? convert(x, other.dtype(), name, where) : x;
}

}  // namespace

std::optional<expr> text_elementwise(op code, const std::vector<other_operand>& x, caller where) {
  if (x.size() != 2) return std::nullopt;
  const char* name = info(code).name;
  const array a = beside_bytes(x[0], x[1].value, name, where), b = beside_bytes(x[1], x[0].value, name, where);
  if (code == op::logical_and || code == op::logical_or || code == op::logical_xor) return logical(code, a, b, where);
  if (code == op::multiply && !is_text(a.dtype())) return multiply_texts(b, a, name, where);
  if (code == op::multiply && !is_text(b.dtype())) return multiply_texts(a, b, name, where);
  if (a.dtype().code() != b.dtype().code()) return std::nullopt;
  if (code == op::add) return add_texts(a, b, name, where);
  if (code < op::equal || code > op::greater_equal) return std::nullopt;
  return compare(code, as_wide_as(a, b, name, where), as_wide_as(b, a, name, where), where);
}

}  // namespace tessera::detail
