// Plan of a random fill: what a backend needs to make any range of elements. docs/random.md defines the bits.
#pragma once
#include <cstddef>
#include <cstdint>

#include "tessera/dtype.hpp"

namespace tessera::detail {

enum class distribution { uniform, normal, integers, permutation };

/// Block b of a call is the four words philox4x32_10(counter + b, stream; seed); a block has 4 / words elements.
struct random_plan {
  distribution kind = distribution::uniform;
  dtype type;
  std::byte* out = nullptr;  // contiguous
  std::int64_t count = 0;
  int words = 1;  // 32-bit words an element: 1, 2 or 4
  std::uint64_t seed = 0, stream = 0, counter = 0;
  // uniform: min(low + width * u, last); normal: low + width * z. Values of `type`.
  double low = 0, width = 1, last = 0;
  // permutation: 0 ... count - 1 as int64, in the order of as many integers of 64 bits (most = 2**64 - 1, words = 4)
  // integers: first + floor(w * (1 + most) / 2**(32 * words)) for the element's words as one number w
  std::uint64_t first = 0, most = 0;
};

}  // namespace tessera::detail
