// Distances between all rows on the CPU.
#pragma once
#include "cpu/pair_tiles.hpp"
#include "ops/distance_plan.hpp"

namespace tessera::detail::cpu {

/// What the plan asks for, but for the target.
pair_problem problem_of(const distance_plan& plan);
void distances(const distance_plan& plan);

}  // namespace tessera::detail::cpu
