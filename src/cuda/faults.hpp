// Devices that a fault has made unusable, and the text of the errors.
#pragma once
#include <cuda_runtime_api.h>

#include <string>

namespace tessera::detail::cuda {

/// Whether the runtime answers every later call on the device with the same error.
bool is_sticky(cudaError_t status) noexcept;

/// Null, or what happened to the device.
const std::string* fault_of(int device) noexcept;

/// Kernels that this thread has started and not waited for are forgotten: they have run without fault.
void forget_launches() noexcept;

}  // namespace tessera::detail::cuda
