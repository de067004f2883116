// Shared libraries that are opened when they are first needed: NVRTC, cuBLAS.
#pragma once
#include <string>

namespace tessera::detail::cuda {

/// Opens `name` (a soname): in the folder $TESSERA_CUDA_LIBRARIES, where the loader looks, in the toolkit's usual folder, in
/// the layout of NVIDIA's Python packages beside this module. Throws device_error with every reason.
void* open_library(const std::string& name);

/// The function's address; throws device_error where the library has none.
void* function_of(void* library, const char* name);

}  // namespace tessera::detail::cuda
