// The vector product.
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/numbers_only.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/linalg.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

array linalg::cross(const operand& x, const operand& y, int axis) {
  const caller where = x.where();
  check_numbers({x->dtype(), y->dtype()}, "cross", where);
  const auto vectors = [&](const operand& of) {
    const int along = normalize_axis(axis, of->ndim(), "cross", where);
    if (of->shape()[along] != 3) {
      throw shape_error("cross: shapes " + to_string(x->shape()) + " and " + to_string(y->shape()) +
                            ": expected extents of 3 on axis " + std::to_string(axis),
                        where);
    }
    return moveaxis(materialize(of.recipe(), where), along, -1, where);
  };
  const array a = vectors(x), b = vectors(y);
  const auto part = [&](int i, int j) {
    const operand first(multiply({a(ellipsis, i), where}, {b(ellipsis, j), where}), where);
    return subtract(first, {multiply({a(ellipsis, j), where}, {b(ellipsis, i), where}), where});
  };
  const expr first = part(1, 2), second = part(2, 0), third = part(0, 1);
  shape extents = first.shape();
  extents.push_back(3);
  array result = empty(extents, {.dtype = first.dtype(), .device = a.device()}, where);
  result(ellipsis, 0) = first;
  result(ellipsis, 1) = second;
  result(ellipsis, 2) = third;
  return moveaxis(result, -1, axis, where);
}

}  // namespace tessera
