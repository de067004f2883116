// What unique, the sets made of it and the groups share: runs of equal elements in sorted keys.
#pragma once
#include "tessera/array.hpp"

namespace tessera::detail {

/// bool, one for each element of a sorted vector (or row of a sorted matrix): whether it differs from the one before.
/// NaN differ from each other unless equal_nan, which rows do not have.
array run_starts(const array& sorted, bool equal_nan, caller where);
/// How long the runs are that begin at these positions of `count` elements.
array run_lengths(const array& begins, std::int64_t count, caller where);
/// The number of its run for each element before the sort, which brought element order[i] to place i. Overwrites
/// `starts`.
array run_numbers(array starts, const array& order, caller where);

}  // namespace tessera::detail
