// x @ y as einsum: which axes are summed, which are stacks.
#include "operators.hpp"

namespace tessera::python {

array matmul(const expr& x, const expr& y) {
  const shape a = x.shape(), b = y.shape();
  for (const shape& s : {a, b}) {
    if (s.empty())
      throw shape_error("matmul: operands need at least one axis; shapes are " + to_string(a) + " and " + to_string(b));
  }
  const std::int64_t left = a[a.size() - 1], right = b[b.size() == 1 ? 0 : b.size() - 2];
  if (left != right) {
    throw shape_error("matmul: inner extents differ: " + to_string(a) + " and " + to_string(b) + ": " +
                      std::to_string(left) + " against " + std::to_string(right));
  }
  if (a.size() == 1 && b.size() == 1) return einsum("i,i->", x, y);
  if (a.size() == 1) return einsum("j,...jk->...k", x, y);
  if (b.size() == 1) return einsum("...ij,j->...i", x, y);
  return einsum("...ij,...jk->...ik", x, y);
}

}  // namespace tessera::python
