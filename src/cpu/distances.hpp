// Distances between all rows, and the nearest rows, on the CPU.
#pragma once
#include "ops/distance_plan.hpp"

namespace tessera::detail::cpu {

void distances(const distance_plan& plan);
void nearest(const nearest_plan& plan);

}  // namespace tessera::detail::cpu
