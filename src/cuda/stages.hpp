// Stages on a device.
#pragma once
#include "cuda/epilogue.hpp"
#include "cuda/runtime.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cuda {

/// Runs a stage on the current stream of `on`, with what is computed from its folds if anything is.
void run_stage(context& on, const stage& s, const epilogue* tail = nullptr);

/// Stages in order, row groups among them, with memory for all rows of what passes between their stages. What only computes
/// on from the results of the folds before runs with them.
void run_stages(context& on, std::span<const stage> all);

}  // namespace tessera::detail::cuda
