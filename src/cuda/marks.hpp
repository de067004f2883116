// Bits of a condition, elements, places and coordinates of what it picks, on a device. Contracts: backend.hpp.
#pragma once
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "ops/mark_plan.hpp"

namespace tessera::detail::cuda {

std::int64_t mark(context& on, const stage& s, const mark_bits& to);
void compress(context& on, const compress_plan& plan);
void expand(context& on, const compress_plan& plan);
void positions(context& on, const mark_bits& bits, const shape& extents, std::int64_t* const* out);

/// For tests: the texts of their kernels.
kernel_text mark_text_of(const stage& s);
kernel_text compress_text_of(const compress_plan& plan);
kernel_text positions_text_of(const mark_bits& bits, const shape& extents);

}  // namespace tessera::detail::cuda
