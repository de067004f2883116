// Arrays as lanes.
#include "ops/lanes.hpp"

#include <algorithm>

#include "core/access.hpp"
#include "core/layout.hpp"

namespace tessera::detail {

lanes_of::lanes_of(const array& a, int axis)
    : extents(a.shape()),
      lanes{access::data(a), a.dtype(), a.strides()},
      count(a.shape()[axis]),
      stride(a.strides()[axis]) {
  extents.erase(axis);
  lanes.strides.erase(axis);
}

bool lanes_of::empty() const noexcept {
  return count == 0 || std::find(extents.begin(), extents.end(), 0) != extents.end();
}

array like(const array& x, dtype type, caller where) {
  return access::make_strided(x.shape(), keep_order_strides(x.shape(), x.strides(), type.itemsize()), type, x.device(),
                              where);
}

}  // namespace tessera::detail
