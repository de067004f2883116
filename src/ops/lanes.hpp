// Lanes: an array seen as 1-d runs along one axis; what scans, sorts and medians hand to the backend.
#pragma once
#include <vector>

#include "expr/program.hpp"
#include "tessera/expr.hpp"

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

/// x with the elements of the last axis so that those of the places nth (ascending) are as if sorted, the rest on the right
/// side of them. A device may sort. Of equal elements (zeros of both signs) it may be any that is there.
array selected(const operand& x, const std::vector<std::int64_t>& nth, const char* name);

}  // namespace tessera::detail
