// Sorting, searching, permutations on a device.
#pragma once
#include "cuda/runtime.hpp"
#include "ops/random_plan.hpp"
#include "ops/sort_plan.hpp"

namespace tessera::detail::cuda {

/// In the CPU's order, stable. Throws device_error for lanes of 2**31 elements and more.
void run_sort(context& on, const sort_plan& plan);
void run_search(context& on, const search_plan& plan);
/// The CPU's bits: positions in the order of random keys.
void run_permutation(context& on, const random_plan& plan);

}  // namespace tessera::detail::cuda
