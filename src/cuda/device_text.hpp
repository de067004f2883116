// The headers of src/cuda/device, src/metrics and src/samplers, as text for NVRTC. The build makes device_text.cpp from them.
#pragma once
#include <string_view>

#include "metrics/list.hpp"
#include "samplers/list.hpp"

namespace tessera::detail::cuda {

extern const std::string_view types_text, accumulate_text, contraction_text, distances_text, fold_text, histogram_text,
    index_text, marks_text, metrics_text, nearest_text, nearest_entries_text, nearest_results_text, pairs_text,
    random_text, scan_text, segments_text, sort_text, sort_select_text, sort_short_text, texts_text, tiles_text;
/// Bodies of operations: preamble_of (source.hpp) knows which are needed.
extern const std::string_view elementwise_text, arithmetic_text, division_text, extremes_text, logic_text, parts_text,
    functions_text, complex_exponential_text, complex_trigonometric_text;
/// Metrics, and what they share.
extern const std::string_view metric_base_text;
#define X(name) extern const std::string_view metric_##name##_text;
TESSERA_METRICS(X)
#undef X
/// Samplers, and what they share.
extern const std::string_view samplers_text, sampler_base_text;
#define X(name, file, columns) extern const std::string_view sampler_##file##_text;
TESSERA_SAMPLERS(X)
#undef X

}  // namespace tessera::detail::cuda
