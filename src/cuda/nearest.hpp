// The nearest rows of each row. Contract: backend.hpp.
#pragma once
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "ops/distance_plan.hpp"

namespace tessera::detail::cuda {

/// On the current stream; memory for intermediate results does not grow with n or m.
void run_nearest(context& on, const nearest_plan& plan);

/// For tests: the text of the kernel that finds them, of up to 128.
kernel_text nearest_text_of(const nearest_plan& plan);

}  // namespace tessera::detail::cuda
