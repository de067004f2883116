// What a run prints at its end.
#pragma once
#include <string>

#include "../results.hpp"

namespace bench {

/// A line for each group, number of threads and device: tessera beside the best of the others, as a geometric mean of
/// best other's median / tessera's median. Other libraries may use fewer threads where that is faster.
std::string summary(const results& all);

}  // namespace bench
