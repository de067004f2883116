// Counts and sums of weights by bins.
#pragma once
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "ops/sort_plan.hpp"

namespace tessera::detail::cuda {

/// Counts: one kernel. Sums of weights: values are sorted by bin, sums made in trees: the same bits on every run.
void run_histogram(context& on, const histogram_plan& plan);

/// For tests: the text of its kernels.
kernel_text histogram_text_of(const histogram_plan& plan);

}  // namespace tessera::detail::cuda
