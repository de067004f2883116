// Sorting one lane of real numbers: contiguous elements in, contiguous elements or positions out.
#pragma once
#include <algorithm>
#include <span>

#include "cpu/kernels/sort.hpp"
#include "cpu/memory.hpp"
#include "ops/sort_plan.hpp"

namespace tessera::detail::cpu {

/// A lane of a plan. `in` and `out` are contiguous and apart; `out` is aligned.
struct lane {
  dtype type;
  const sort_kernels& kernels;
  const std::byte* in;
  std::int64_t count;
  bool descending, parallel;  // parallel: may use several threads
};

/// All elements, in order.
void sort_values(const lane& x, std::byte* out);
/// All positions, in order.
void sort_indices(const lane& x, std::int64_t* out);
/// The first `keep` positions of the order.
void first_indices(const lane& x, std::int64_t keep, std::int64_t* out);
/// The elements, or their positions, with those of the places nth (ascending) where they belong. Ascending.
void select_values(const lane& x, std::span<const std::int64_t> nth, std::byte* out);
void select_indices(const lane& x, std::span<const std::int64_t> nth, std::int64_t* out);

/// Lanes of complex numbers, or of more than 2^32 elements, by comparing (sort_compared.cpp).
void sort_compared(const sort_plan& plan);

/// body(words, first, count) over blocks of elements [first, last): words of which equal elements have one.
template <class W, class Body> void for_order(const lane& x, std::int64_t first, std::int64_t last, Body&& body) {
  alignas(64) W words[word_block];
  const int size = x.type.itemsize();
  for (std::int64_t i = first; i < last; i += word_block) {
    const std::int64_t n = std::min(word_block, last - i);
    x.kernels.order(words, x.in + i * size, n, x.descending);
    body(words, i, n);
  }
}

}  // namespace tessera::detail::cpu
