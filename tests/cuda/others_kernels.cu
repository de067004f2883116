// Kernels of somebody else, for dlpack_test.cpp: they take their time, so that who does not wait for them is found out.
#include "cuda/others_kernels.hpp"

namespace others {
namespace {

/// A value that takes 30,000 dependent steps to compute, and is 0.
__device__ float late_zero(unsigned seed) {
  unsigned x = seed | 1;
  for (int i = 0; i < 30'000; ++i) x = x * 1664525u + 1013904223u;
  return x == 0x12345678u && seed == 0xffffffffu ? 1.f : 0.f;
}

/// One block; all threads wait for the late value of the first.
__global__ void slow_scale(const float* from, float* to, long long count, float factor, float offset) {
  __shared__ float late;
  if (threadIdx.x == 0) late = late_zero(static_cast<unsigned>(count));
  __syncthreads();
  for (long long i = threadIdx.x; i < count; i += blockDim.x) to[i] = from[i] * factor + offset + late;
}

__global__ void slow_fill(float* to, long long count, float value) {
  __shared__ float late;
  if (threadIdx.x == 0) late = late_zero(static_cast<unsigned>(count));
  __syncthreads();
  for (long long i = threadIdx.x; i < count; i += blockDim.x) to[i] = value + late;
}

}  // namespace

void fill(float* to, std::int64_t count, float value, cudaStream_t on) {
  slow_fill<<<1, 64, 0, on>>>(to, count, value);
}
void scale(const float* from, float* to, std::int64_t count, float factor, float offset, cudaStream_t on) {
  slow_scale<<<1, 64, 0, on>>>(from, to, count, factor, offset);
}

}  // namespace others
