// The only place where generated kernels are started.
#include "cuda/launch.hpp"

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

/// Device memory for the parameters, freed in stream order after the launch.
class device_copy {
 public:
  device_copy(context& on, const std::vector<std::byte>& bytes)
      : on_(on), size_(static_cast<std::int64_t>(bytes.size())), data_(on.allocate(size_)) {
    if (data_ == nullptr) throw out_of_memory("cuda: no memory for the parameters of a kernel");
    const cudaError_t status = cudaMemcpyAsync(data_, bytes.data(), bytes.size(), cudaMemcpyHostToDevice, on.stream());
    if (status != cudaSuccess) on.free(data_, size_);
    check(status, "cudaMemcpyAsync");
  }
  device_copy(const device_copy&) = delete;
  device_copy& operator=(const device_copy&) = delete;
  ~device_copy() { on_.free(data_, size_); }
  void* data() const { return data_; }

 private:
  context& on_;
  std::int64_t size_;
  void* data_;
};

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
  if (waits_for_each()) check(cudaStreamSynchronize(how.stream), k.name.c_str());
}

}  // namespace

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
  const device_copy copy(on, bytes);
  void* address = copy.data();
  start(on, k, second, blocks, &address);
}

std::int64_t launch_count() { return launches; }

}  // namespace tessera::detail::cuda
