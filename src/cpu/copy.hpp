// Copies between any strides.
#pragma once
#include <cstddef>
#include <cstdint>

#include "tessera/shape.hpp"

namespace tessera::detail::cpu {

/// Elements of `itemsize` bytes (1, 2, 4, 8, 16) from any byte strides to any byte strides, in parallel when there are
/// many. The sides do not overlap and need not be aligned.
void copy_elements(int itemsize, const shape& extents, const std::byte* from, const shape& from_strides, std::byte* to,
                   const shape& to_strides);

}  // namespace tessera::detail::cpu
