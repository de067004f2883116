// Slow kernels of somebody else on a stream of theirs; see others_kernels.cu.
#pragma once
#include <cuda_runtime_api.h>

#include <cstdint>

namespace others {

void fill(float* to, std::int64_t count, float value, cudaStream_t on);
/// to = from * factor + offset; `to` may be `from`.
void scale(const float* from, float* to, std::int64_t count, float factor, float offset, cudaStream_t on);

}  // namespace others
