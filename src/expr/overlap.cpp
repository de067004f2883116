// Overlap by ranges and by the greatest common divisor of strides.
#include "expr/overlap.hpp"

#include <cstdlib>
#include <numeric>

#include "core/layout.hpp"

namespace tessera::detail {

namespace {

std::int64_t common_stride(const array& a, std::int64_t divisor) noexcept {
  for (int axis = 0; axis < a.ndim(); ++axis) {
    if (a.shape()[axis] > 1) divisor = std::gcd(divisor, std::llabs(a.strides()[axis]));
  }
  return divisor;
}

}  // namespace

bool may_overlap(const array& a, const array& b) noexcept {
  const byte_range x = range_of(a), y = range_of(b);
  if (x.begin == x.end || y.begin == y.end || x.end <= y.begin || y.end <= x.begin) return false;
  const std::int64_t divisor = common_stride(b, common_stride(a, 0));
  if (divisor == 0) return true;
  // Every element starts at a fixed residue of the divisor: the gaps decide.
  const std::int64_t distance = access::data(b) - access::data(a);
  const std::int64_t gap = ((distance % divisor) + divisor) % divisor;
  return gap < a.itemsize() || divisor - gap < b.itemsize();
}

bool may_overlap_itself(const array& a) noexcept {
  std::int64_t strides[max_ndim], extents[max_ndim];
  int count = 0;
  for (int axis = 0; axis < a.ndim(); ++axis) {
    if (a.shape()[axis] <= 1) continue;
    const std::int64_t stride = std::llabs(a.strides()[axis]);
    int place = count++;
    for (; place > 0 && strides[place - 1] > stride; --place) {
      strides[place] = strides[place - 1];
      extents[place] = extents[place - 1];
    }
    strides[place] = stride;
    extents[place] = a.shape()[axis];
  }
  std::int64_t span = a.itemsize();
  for (int i = 0; i < count; ++i) {
    if (strides[i] < span) return true;
    span += strides[i] * (extents[i] - 1);
  }
  return false;
}

bool is_same_walk(const array& a, const array& destination) {
  if (access::data(a) != access::data(destination) || a.itemsize() != destination.itemsize()) return false;
  if (may_overlap_itself(destination)) return false;
  const shape strides = broadcast_strides(a.shape(), a.strides(), destination.shape());
  for (int axis = 0; axis < destination.ndim(); ++axis) {
    if (destination.shape()[axis] > 1 && strides[axis] != destination.strides()[axis]) return false;
  }
  return true;
}

}  // namespace tessera::detail
