// index_plan: elements picked by index arrays, the host value that gather, scatter and accumulate read.
#pragma once
#include <vector>

#include "expr/program.hpp"

namespace tessera::detail {

/// One index array: int64 positions already checked and made non-negative, walked over the result's axes.
struct index_operand {
  strided positions;        // int64
  std::int64_t stride = 0;  // bytes in the source from one position to the next
};

/// For each point of `extents`: the element at source.data + sum(point * source.strides) + sum(positions * stride).
struct index_plan {
  shape extents;
  strided source;  // strides over `extents`: 0 on axes that only index arrays move along
  std::vector<index_operand> indices;
  strided values;  // gather: where elements go; scatter: where they come from (source's dtype; accumulate: any)

  // What a device needs to write from many threads:
  std::int64_t low = 0, high = 0;  // no element that is picked begins outside source.data + [low, high]
  bool distinct = false;           // no element is picked twice
  bool overlapping = false;        // elements of the source share bytes
};

}  // namespace tessera::detail
