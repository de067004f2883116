// Arrays along an axis, one behind the other: what joins are made of.
#pragma once
#include <vector>

#include "tessera/array.hpp"

namespace tessera::detail {

/// Throws shape_error unless the other extents agree.
shape joined_extents(const std::vector<shape>& parts, int axis, const char* name, caller where);

/// A new array of the common dtype and memory order.
array join(const std::vector<array>& parts, std::int64_t axis, const char* name, caller where);

}  // namespace tessera::detail
