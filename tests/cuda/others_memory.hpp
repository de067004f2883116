// Memory and streams of somebody else on a GPU, for dlpack_test.cpp.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

#include "cuda/others_kernels.hpp"
#include "ops/dlpack_tensors.hpp"

namespace others {

inline void expect_success(cudaError_t status) { EXPECT_EQ(status, cudaSuccess) << cudaGetErrorString(status); }

/// `count` float32 of a runtime call, given back with its counterpart.
class memory {
 public:
  enum class kind { device, managed, pinned, stream_ordered };
  explicit memory(std::int64_t count, kind of = kind::device) : kind_(of) {
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
    void** const data = reinterpret_cast<void**>(&data_);
    if (of == kind::device) expect_success(cudaMalloc(data, bytes));
    if (of == kind::managed) expect_success(cudaMallocManaged(data, bytes, cudaMemAttachGlobal));
    if (of == kind::pinned) expect_success(cudaHostAlloc(data, bytes, cudaHostAllocDefault));
    if (of == kind::stream_ordered) expect_success(cudaMallocAsync(data, bytes, cudaStreamLegacy));
  }
  memory(const memory&) = delete;
  ~memory() {
    if (kind_ == kind::pinned) expect_success(cudaFreeHost(data_));
    else if (kind_ == kind::stream_ordered) expect_success(cudaFreeAsync(data_, cudaStreamLegacy));
    else expect_success(cudaFree(data_));
  }
  float* data() const { return data_; }

 private:
  float* data_ = nullptr;
  kind kind_;
};

/// A stream made with these flags.
class stream {
 public:
  explicit stream(unsigned flags = cudaStreamNonBlocking) {
    expect_success(cudaStreamCreateWithFlags(&handle_, flags));
  }
  stream(const stream&) = delete;
  ~stream() { expect_success(cudaStreamDestroy(handle_)); }
  operator cudaStream_t() const { return handle_; }
  std::intptr_t number() const { return reinterpret_cast<std::intptr_t>(handle_); }

 private:
  cudaStream_t handle_ = nullptr;
};

/// What is there once the stream has done its work.
inline std::vector<float> values(const float* data, std::int64_t count, cudaStream_t on) {
  std::vector<float> result(static_cast<std::size_t>(count));
  expect_success(cudaMemcpyAsync(result.data(), data, result.size() * sizeof(float), cudaMemcpyDefault, on));
  expect_success(cudaStreamSynchronize(on));
  return result;
}

/// A vector of float32 with an owner who hears of its end.
struct offer : tessera_test::versioned {
  using base = tessera_test::versioned;
  offer(float* data, std::int64_t count, tessera::detail::dlpack::device on = {tessera::detail::dlpack::cuda, 0})
      : base(data, {count}) {
    tensor.dl_tensor.device = on;
    tensor.deleter = [](DLManagedTensorVersioned* self) {
      auto& mine = *static_cast<offer*>(static_cast<base*>(self->manager_ctx));
      ++mine.deleted;
      if (mine.at_the_end) mine.at_the_end();
    };
    tensor.manager_ctx = static_cast<base*>(this);
  }

  std::function<void()> at_the_end;
};

}  // namespace others
