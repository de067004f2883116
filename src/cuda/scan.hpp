// Running sums and products.
#pragma once
#include "cuda/runtime.hpp"
#include "ops/sort_plan.hpp"

namespace tessera::detail::cuda {

/// One kernel, or two where few lanes are long. 16-bit floats are added in float and rounded once each.
void run_scan(context& on, const scan_plan& plan);

}  // namespace tessera::detail::cuda
