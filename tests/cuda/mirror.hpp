// Runs stages on the device whose operands lie in host memory, so that tests hold both backends to the same stage.
//
// Every operand's bytes, first to last, are copied to device memory at an address with the same distance from a multiple of
// 256; operands that share bytes on the host share them there. What the stage wrote is copied back.
#pragma once
#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <vector>

#include "cuda/runtime.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cuda {

/// Host ranges and where they are on the device.
class mirror {
 public:
  mirror() : on_(context_of(0)) {}
  mirror(const mirror&) = delete;
  mirror& operator=(const mirror&) = delete;
  ~mirror() {
    for (const block& b : blocks_) on_.free(b.device, b.size + 512);
    cudaStreamSynchronize(on_.stream());
  }

  void add(const strided& x, const shape& extents) {
    if (x.data == nullptr) return;
    std::byte *low = x.data, *high = x.data + x.type.itemsize();
    for (int axis = 0; axis < extents.size(); ++axis) {
      const std::int64_t reach = x.strides[axis] * (extents[axis] - 1);
      (reach < 0 ? low : high) += reach;
    }
    ranges_.push_back({low, high});
  }
  void add(const stage& s) {
    for (const strided& x : s.inputs) add(x, s.extents);
    for (const result& r : s.results) add(r.target, s.extents);
  }

  /// All ranges added, to the device.
  void upload() {
    std::sort(ranges_.begin(), ranges_.end());
    for (const auto& [low, high] : ranges_) {
      if (!blocks_.empty() && low < blocks_.back().host + blocks_.back().size) {
        blocks_.back().size = std::max<std::int64_t>(blocks_.back().size, high - blocks_.back().host);
      } else {
        blocks_.push_back({low, high - low, nullptr, nullptr});
      }
    }
    for (block& b : blocks_) {
      b.device = static_cast<std::byte*>(on_.allocate(b.size + 512));
      if (b.device == nullptr) throw out_of_memory("mirror");
      b.start = b.device + 256 + reinterpret_cast<std::uintptr_t>(b.host) % 256;
      if (reinterpret_cast<std::uintptr_t>(b.start) - reinterpret_cast<std::uintptr_t>(b.device) +
              static_cast<std::size_t>(b.size) >
          static_cast<std::size_t>(b.size) + 512)
        b.start -= 256;
      check(cudaMemcpyAsync(b.start, b.host, static_cast<std::size_t>(b.size), cudaMemcpyHostToDevice, on_.stream()),
            "upload");
    }
  }
  void download() {
    for (const block& b : blocks_)
      check(cudaMemcpyAsync(b.host, b.start, static_cast<std::size_t>(b.size), cudaMemcpyDeviceToHost, on_.stream()),
            "download");
    check(cudaStreamSynchronize(on_.stream()), "download");
  }

  std::byte* of(std::byte* host) const {
    for (const block& b : blocks_) {
      if (host >= b.host && host <= b.host + b.size) return b.start + (host - b.host);
    }
    return host;
  }
  stage of(stage s) const {
    for (strided& x : s.inputs) x.data = x.data != nullptr ? of(x.data) : nullptr;
    for (result& r : s.results) r.target.data = r.target.data != nullptr ? of(r.target.data) : nullptr;
    return s;
  }

 private:
  struct block {
    std::byte* host;
    std::int64_t size;
    std::byte *device, *start;
  };
  context& on_;
  std::vector<std::pair<std::byte*, std::byte*>> ranges_;
  std::vector<block> blocks_;
};

/// Runs these stages on the device by `run`, results in host memory.
inline void run_mirrored(std::span<const stage> stages,
                         const std::function<void(context&, std::span<const stage>)>& run) {
  mirror copies;
  for (const stage& s : stages) copies.add(s);
  copies.upload();
  std::vector<stage> there;
  for (const stage& s : stages) there.push_back(copies.of(s));
  run(context_of(0), there);
  copies.download();
}

}  // namespace tessera::detail::cuda
