// Products of small matrices, in batches or of one with few columns: contractions that need no packing.
#pragma once
#include <optional>

#include "cpu/kernels/contraction_small.hpp"
#include "ops/contraction_plan.hpp"

namespace tessera::detail::cpu {

/// Runs a contraction of float32 or float64 whose result has a contiguous axis of 2 to 32 elements for each point of the
/// batch, whatever its other one. False when it is of another kind: then nothing was done.
bool run_small_contraction(const contraction_plan& plan);
/// Whether run_small_contraction would run it.
bool is_small_contraction(const contraction_plan& plan);

}  // namespace tessera::detail::cpu
