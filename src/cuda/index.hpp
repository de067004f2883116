// Elements picked by index arrays on a device. Contracts: backend.hpp.
#pragma once
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "ops/index_plan.hpp"

namespace tessera::detail::cuda {

std::int64_t check_indices(context& on, std::int64_t* positions, std::int64_t count, std::int64_t extent);
void gather(context& on, const index_plan& plan);
void scatter(context& on, const index_plan& plan);
void accumulate(context& on, const index_plan& plan, op code);

/// For tests: the texts of their kernels.
kernel_text gather_text_of(const index_plan& plan);
kernel_text scatter_text_of(const index_plan& plan);
kernel_text accumulate_text_of(const index_plan& plan, op code);

}  // namespace tessera::detail::cuda
