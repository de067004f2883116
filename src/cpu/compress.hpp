// Bits of a condition, elements, places and coordinates of what it picks, on the CPU. Contracts: backend.hpp.
#pragma once
#include "ops/mark_plan.hpp"

namespace tessera::detail::cpu {

std::int64_t mark(const stage& s, const mark_bits& to);
void compress(const compress_plan& plan);
void expand(const compress_plan& plan);
void positions(const mark_bits& bits, const shape& extents, std::int64_t* const* out);

}  // namespace tessera::detail::cpu
