// Kernel of nearest neighbours: which results of a tile come before what their rows have already.
#pragma once
#include <cstddef>
#include <cstdint>

#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

/// Bit j of to[i] says whether element [i, j] of a tile is at most bounds[i]; NaN never is. The tile's rows lie one
/// after the other. Returns whether one is; where none is `to` is left as it was.
using bound_check = bool (*)(std::uint64_t* to, const void* tile, int rows, const void* bounds);
inline constexpr int most_checked_rows = 16;

/// For float32 or float64 and rows of up to four whole vectors; `negated`: of the elements with their signs changed.
bound_check find_bound_check(dtype type, int lanes, bool negated);

}  // namespace tessera::detail::cpu
