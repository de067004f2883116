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

/// A plan's first columns, as float64, for the elements that a sampler is called for.
struct sampler_columns {
  static constexpr int most = 3;
  int count;
  const double* at[most];
};
struct sampler_kernel {
  void (*sample)(const random_plan& plan, std::int64_t first, std::int64_t count, const sampler_columns& ahead);
  int (*columns_ahead)(
      const random_plan& plan);  // how many it is worth to make; the others' numbers are made one by one
  bool (*is_normal)(int column);
};
sampler_kernel find_sampler(const random_plan& plan);

}  // namespace tessera::detail::cpu
