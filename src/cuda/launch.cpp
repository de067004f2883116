// The only place where generated kernels are started.
#include "cuda/launch.hpp"
#include "cuda/scratch.hpp"

#include <atomic>
#include <cstdlib>

#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

std::atomic<std::int64_t> launches{0};

bool waits_for_each() {
  static const bool asked = [] {
    const char* const value = std::getenv("TESSERA_CUDA_SYNC");
    return value != nullptr && std::string(value) == "1";
  }();
  return asked;
}

void start(context& on, const kernel& k, bool second, grid blocks, void* argument) {
  cudaLaunchConfig_t how{};
  how.gridDim = dim3(static_cast<unsigned>(blocks.x), static_cast<unsigned>(blocks.y));
  how.blockDim = dim3(256);
  how.stream = on.stream();
  void* arguments[] = {argument};
  note_launch(k.name);
  check(cudaLaunchKernelExC(&how, reinterpret_cast<const void*>(second ? k.second : k.entry), arguments),
        k.name.c_str());
  ++launches;
  after_launch(on, k.name);
}

}  // namespace

void after_launch(context& on, const std::string& kernel) {
  if (waits_for_each()) check(cudaStreamSynchronize(on.stream()), kernel.c_str());
}

void parameters::add_divisor(std::int64_t extent) {
  const auto d = static_cast<std::uint64_t>(extent);
  std::uint32_t shift = 0;
  while ((std::uint64_t{1} << shift) < d) ++shift;
  const std::uint64_t magic = ((std::uint64_t{1} << 32) * ((std::uint64_t{1} << shift) - d)) / d + 1;
  add(static_cast<std::uint32_t>(d));
  add(static_cast<std::uint32_t>(magic));
  add(shift);
}

void launch(context& on, const kernel& k, grid blocks, parameters& values, bool indirect, bool second) {
  const std::vector<std::byte>& bytes = values.finished();
  if (!indirect) return start(on, k, second, blocks, const_cast<std::byte*>(bytes.data()));
  const scratch copy(on, static_cast<std::int64_t>(bytes.size()), "launch");
  check(cudaMemcpyAsync(copy.data(), bytes.data(), bytes.size(), cudaMemcpyHostToDevice, on.stream()),
        "cudaMemcpyAsync");
  void* address = copy.data();
  start(on, k, second, blocks, &address);
}

std::int64_t launch_count() { return launches; }

}  // namespace tessera::detail::cuda
