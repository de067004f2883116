// How many elements are not zero, and where, on the CPU. Contracts: backend.hpp.
#pragma once
#include <cstdint>

#include "expr/program.hpp"

namespace tessera::detail::cpu {

std::int64_t count_nonzero(const shape& extents, const strided& x);
void nonzero(const shape& extents, const strided& x, std::int64_t* const* out);

}  // namespace tessera::detail::cpu
