// The headers of src/cuda/device as text, for NVRTC. The build makes device_text.cpp from them.
#pragma once
#include <string_view>

namespace tessera::detail::cuda {

extern const std::string_view types_text, elementwise_text, fold_text, index_text, nonzero_text, scan_text, random_text,
    pairs_text;

}  // namespace tessera::detail::cuda
