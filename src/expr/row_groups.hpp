// Row groups: passes that run range of rows by range of rows, while the rows are in cache.
#pragma once
#include "expr/schedule.hpp"

namespace tessera::detail {

/// Moves passes that share rows next to each other and marks them (pass::row_axes, pass::joins, schedule::temporary),
/// where that saves reading something from memory again.
void find_row_groups(const dag& values, schedule& s, const small_vector<output>& outputs);

}  // namespace tessera::detail
