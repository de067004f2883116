// Units of time: which hold which, and how many of one are another.
#pragma once
#include <cstdint>
#include <limits>

#include "tessera/dtype.hpp"

namespace tessera::detail {

/// Not a time: NumPy's NaT, equal to nothing.
inline constexpr std::int64_t not_a_time = std::numeric_limits<std::int64_t>::min();

/// The common dtype of two of which one is a time at least; unset when there is none.
dtype promote_times(dtype a, dtype b);
/// Between two times of the same kind: whether every step of `from` is a whole number of steps of `to`.
bool time_casts_safely(dtype from, dtype to);

}  // namespace tessera::detail
