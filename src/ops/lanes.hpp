// Lanes: an array seen as 1-d runs along one axis; what scans, sorts and medians hand to the backend.
#pragma once
#include "expr/program.hpp"

namespace tessera::detail {

/// An array without one axis, and that axis.
struct lanes_of {
  lanes_of(const array& a, int axis);
  shape extents;  // of the other axes
  strided lanes;  // their strides
  std::int64_t count, stride;

  bool empty() const noexcept;  // no element at all
};

/// A fresh array of x's shape and memory order.
array like(const array& x, dtype type, caller where);

}  // namespace tessera::detail
