// How many elements are not zero, and where, on a device. Contracts: backend.hpp.
#pragma once
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cuda {

std::int64_t count_nonzero(context& on, const shape& extents, const strided& x);
void nonzero(context& on, const shape& extents, const strided& x, std::int64_t* const* out);

/// For tests: the text of its kernels.
kernel_text nonzero_text_of(const shape& extents, const strided& x);

}  // namespace tessera::detail::cuda
