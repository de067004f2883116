// What a run prints at its end.
#pragma once
#include <string>

#include "../results.hpp"

namespace bench {

/// A table for each device and number of threads, a line for each group: the geometric mean of best peer / tessera,
/// and on how many workloads tessera is faster than all.
std::string summary(const results& all);

}  // namespace bench
