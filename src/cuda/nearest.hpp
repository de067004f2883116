// The nearest rows of each row. Contract: backend.hpp.
#pragma once
#include <vector>

#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "ops/distance_plan.hpp"

namespace tessera::detail::cuda {

/// On the current stream; memory for intermediate results does not grow with n or m.
void run_nearest(context& on, const nearest_plan& plan);

/// For tests: the kernels of up to 128.
std::vector<kernel_text> nearest_texts_of(const nearest_plan& plan);

}  // namespace tessera::detail::cuda
