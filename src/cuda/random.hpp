// Random numbers.
#pragma once
#include "cuda/runtime.hpp"
#include "ops/random_plan.hpp"

namespace tessera::detail::cuda {

/// All distributions but permutations, of which it makes the numbers that are sorted.
void run_random(context& on, const random_plan& plan);

}  // namespace tessera::detail::cuda
