// The headers of src/cuda/device as text, for NVRTC. The build makes device_text.cpp from them.
#pragma once
#include <string_view>

namespace tessera::detail::cuda {

extern const std::string_view types_text, accumulate_text, contraction_text, fold_text, index_text, nonzero_text,
    pairs_text, random_text, scan_text, sort_text;
/// Bodies of operations: preamble_of (source.hpp) knows which are needed.
extern const std::string_view elementwise_text, arithmetic_text, division_text, extremes_text, logic_text, parts_text,
    functions_text, complex_exponential_text, complex_trigonometric_text;

}  // namespace tessera::detail::cuda
