// Distances between all rows. Contract: backend.hpp.
#pragma once
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "ops/distance_plan.hpp"

namespace tessera::detail::cuda {

/// On the current stream.
void run_distances(context& on, const distance_plan& plan);

/// For tests: the text of the kernel.
kernel_text distances_text_of(const distance_plan& plan);

}  // namespace tessera::detail::cuda
