// The corpus of kernels: operations, folds, pairs, of sampled dtypes and layouts. Nothing of it is run.
#pragma once
#include <functional>

#include "cuda/kernel_cache.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "tessera/tessera.hpp"

namespace tessera::detail {

/// The kernel that runs a stage.
cuda::kernel_text text_of(const stage& s);

/// The kernels of cdist of every metric: rows of 64 coordinates, contiguous.
void for_each_metric_kernel(const std::function<void(const cuda::kernel_text&)>& take);

/// Those of nearest: short and long lists, some metrics.
void for_each_nearest_kernel(const std::function<void(const cuda::kernel_text&)>& take);

/// All texts, some of them more than once.
void for_each_kernel(const std::function<void(const cuda::kernel_text&)>& take);

}  // namespace tessera::detail
