// Folds of segments of lanes.
#pragma once
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "ops/sort_plan.hpp"

namespace tessera::detail::cuda {

/// One kernel, or two where few segments are long. Operations that may be regrouped are joined in trees, 16-bit floats added and
/// multiplied in float and rounded once; all others element after element.
void run_segments(context& on, const segment_plan& plan);

/// out += sums of segments, of which there are plan.segments + 1 starts, up to plan.count, in order: an empty one adds nothing.
void add_up_segments(context& on, const segment_plan& plan);

/// For tests: the text of its kernels.
kernel_text segments_text_of(const segment_plan& plan);

}  // namespace tessera::detail::cuda
