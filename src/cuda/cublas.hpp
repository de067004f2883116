// Products of matrices by cuBLAS, which is opened on first use.
#pragma once
#include <mutex>

#include "cuda/contraction_mapping.hpp"
#include "cuda/scratch.hpp"

namespace tessera::detail::cuda {

struct cublas_handle;

/// cuBLAS on the calling thread's stream, for the products of one mapping. Each stream has a handle of its own, and each use of
/// it the same amount of workspace: results are the same bits whatever else runs. Throws device_error with every reason where
/// there is no cuBLAS, device_error and out_of_memory naming its function where one fails.
class products {
 public:
  products(context& on, const contraction_mapping& m);

  /// `count` products, the mapping's steps apart.
  void multiply(const void* first, const void* second, void* result, std::int64_t count) const;
  /// Of the matrices that arrays of `count` pointers on the device name.
  void multiply(const void* const* first, const void* const* second, void* const* result, std::int64_t count) const;

 private:
  context& on_;
  const contraction_mapping& m_;
  cublas_handle& handle_;
  std::unique_lock<std::mutex> alone_;  // threads may share a stream
  scratch workspace_;
};

/// Calls of cuBLAS's products so far in this process.
std::int64_t product_calls();

}  // namespace tessera::detail::cuda
