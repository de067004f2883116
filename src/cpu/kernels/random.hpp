// Kernels of random fills: ranges of a plan's elements, the same bits on every instruction set.
#pragma once
#include "ops/random_plan.hpp"

namespace tessera::detail::cpu {

/// Makes elements [first, first + count) of the plan; `first` is a multiple of 4 / words.
using random_fill = void (*)(const random_plan& plan, std::int64_t first, std::int64_t count);

/// A number to sort by, and what comes along.
struct alignas(16) keyed_index {
  std::uint64_t index, key;  // read as one little-endian number
};
void sort_by_key(keyed_index* pairs, std::int64_t count);  // of equal keys the smaller index first

/// For the plan's kind, dtype and words; null where there is none.
random_fill find_random_fill(const random_plan& plan);

}  // namespace tessera::detail::cpu
