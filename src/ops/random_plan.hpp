// Plan of a random fill: what a backend needs to make any range of elements. docs/random.md defines the bits.
#pragma once
#include <cstddef>
#include <cstdint>

#include "tessera/dtype.hpp"

namespace tessera::detail {

enum class distribution { uniform, normal, exponential, integers, permutation, sampler };
enum class sampler_code : std::uint8_t;  // src/samplers/list.hpp

/// A parameter of a sampler: one for each element, contiguous, or `value` for all.
struct sampler_parameter {
  const double* values = nullptr;
  double value = 0;
};

/// Block b of a call is the four words philox4x32_10(counter + b, stream; seed); a block has 4 / words elements.
/// Of a sampler, column m is what uniform or normal numbers of float64 are at counter + m * ceil(count / 2).
struct random_plan {
  distribution kind = distribution::uniform;
  dtype type;
  std::byte* out = nullptr;  // contiguous
  std::int64_t count = 0;
  int words = 1;  // 32-bit words an element: 1, 2 or 4
  std::uint64_t seed = 0, stream = 0, counter = 0;
  // uniform: min(low + width * u, last); normal: low + width * z; exponential: width * e. Values of `type`.
  double low = 0, width = 1, last = 0;
  // permutation: 0 ... count - 1 as int64, in the order of as many integers of 64 bits (most = 2**64 - 1, words = 4)
  // integers: first + floor(w * (1 + most) / 2**(32 * words)) for the element's words as one number w
  std::uint64_t first = 0, most = 0;
  sampler_code sampler{};
  sampler_parameter parameters[3];
};

}  // namespace tessera::detail
