// Stages on a device.
#pragma once
#include "cuda/runtime.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cuda {

/// Runs a stage on the current stream of `on`. Throws device_error naming what it lacks.
void run_stage(context& on, const stage& s);

/// The stages of a row group one after the other, with memory for all rows of what passes between them.
void run_stages(context& on, std::span<const stage> group);

}  // namespace tessera::detail::cuda
