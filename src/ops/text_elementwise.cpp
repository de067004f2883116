// Operations of texts: comparison by one call of the backend.
#include "backend.hpp"
#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "expr/other_types.hpp"

namespace tessera::detail {
namespace {

bool is_comparison(op code) { return code >= op::equal && code <= op::greater_equal; }

strided broadcast_text(const array& x, const shape& extents) {
  return {access::data(x), x.dtype(), broadcast_strides(x.shape(), x.strides(), extents)};
}

expr compare(op code, const array& x, const array& y, caller where) {
  const shape extents = broadcast(x.shape(), y.shape(), info(code).name, where);
  array result = access::make(extents, bool_, order::C, x.device(), where);
  if (element_count(extents) == 0) return result;
  text_plan plan;
  plan.code = code;
  plan.extents = extents;
  plan.left = broadcast_text(x, extents);
  plan.right = broadcast_text(y, extents);
  plan.out = {access::data(result), bool_, result.strides()};
  backend_of(x.device(), where).compare_texts(plan);
  return result;
}

}  // namespace

std::optional<expr> text_elementwise(op code, const std::vector<other_operand>& x, caller where) {
  const bool alike = x.size() == 2 && x[0].value.dtype().code() == x[1].value.dtype().code();
  if (alike && is_comparison(code)) return compare(code, x[0].value, x[1].value, where);
  return std::nullopt;
}

}  // namespace tessera::detail
