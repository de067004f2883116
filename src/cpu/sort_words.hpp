// Sorting 32- and 64-bit signed integers in place; what all sorts of numbers come down to.
#pragma once
#include <cstdint>

#include "cpu/kernels/sort.hpp"

namespace tessera::detail::cpu {

/// `parallel`: on several threads if there are enough words. Not inside of a parallel loop that has scratch memory.
void sort_words(std::int32_t* words, std::int64_t n, bool parallel);
void sort_words(std::int64_t* words, std::int64_t n, bool parallel);
/// Finite floats without -0.0: Highway 1.0.3 pads with the greatest finite number and would lose infinities.
void sort_words(float* x, std::int64_t n, bool parallel);
void sort_words(double* x, std::int64_t n, bool parallel);

/// The same for words that lie in a range, which may be a small part of all: counted, or as 32-bit words.
void sort_words(std::int32_t* words, std::int64_t n, const word_range& range, bool parallel);
void sort_words(std::int64_t* words, std::int64_t n, const word_range& range, bool parallel);

}  // namespace tessera::detail::cpu
