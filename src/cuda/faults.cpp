// Status codes to exceptions.
#include "cuda/faults.hpp"

#include <array>
#include <atomic>

#include "cuda/runtime.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr int most_devices = 64;
std::atomic<const std::string*> faults[most_devices];

/// The last kernels that a thread has started since it last waited.
struct launches {
  std::array<const std::string*, 4> names{};
  std::size_t count = 0;
};
thread_local launches recent;

/// "; kernels started since the last wait: a, b (TESSERA_CUDA_SYNC=1 shows which)"
std::string recent_text() {
  if (recent.count == 0) return "";
  if (recent.count == 1) return "; the kernel started before: " + *recent.names[0];
  std::string text = "; kernels started before, the last ones: ";
  const std::size_t shown = std::min(recent.count, recent.names.size());
  for (std::size_t i = recent.count - shown; i < recent.count; ++i) {
    text += *recent.names[i % recent.names.size()] + (i + 1 < recent.count ? ", " : "");
  }
  return text + " (TESSERA_CUDA_SYNC=1 tells which)";
}

}  // namespace

bool is_sticky(cudaError_t status) noexcept {
  switch (status) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorExternalDevice: return true;
    default: return false;
  }
}

const std::string* fault_of(int device) noexcept {
  return device >= 0 && device < most_devices ? faults[device].load(std::memory_order_acquire) : nullptr;
}

void note_launch(const std::string& kernel) noexcept { recent.names[recent.count++ % recent.names.size()] = &kernel; }

void forget_launches() noexcept { recent.count = 0; }

void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) [[likely]]
    return;
  cudaGetLastError();  // else the next user of the runtime in this process gets it
  int device = 0;
  if (cudaGetDevice(&device) != cudaSuccess) device = 0;
  const std::string where = "cuda:" + std::to_string(device) + ": ";
  std::string text = std::string(call) + ": " + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) + ")";
  if (status == cudaErrorMemoryAllocation) throw out_of_memory(where + text, caller());
  if (!is_sticky(status)) throw device_error(where + text, caller());
  if (fault_of(device) == nullptr && device < most_devices) {
    auto* const mine = new std::string(text + recent_text());  // kept to the end of the process
    const std::string* nobody = nullptr;
    if (!faults[device].compare_exchange_strong(nobody, mine)) delete mine;
  }
  const std::string* const fault = fault_of(device);
  throw device_error(where + "this process cannot use the device any more: " + (fault ? *fault : text), caller());
}

}  // namespace tessera::detail::cuda
