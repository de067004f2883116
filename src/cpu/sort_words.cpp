// Words are sorted by Highway's vectorised quicksort; on several threads piece by piece, then runs are merged in pairs.
//
//     runs      | 0 | 1 | 2 | 3 |       each sorted by one thread
//     merged    |  01   |  23   |       cut where the paths of two merges meet: every piece of the result is a task
//     merged    |     0123      |       an even number of rounds ends where it began
#include "cpu/sort_words.hpp"

#include <hwy/contrib/sort/vqsort.h>

#include <algorithm>
#include <cstring>

#include "cpu/memory.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::int64_t least_parallel = std::int64_t{1} << 17, merged_piece = std::int64_t{1} << 15;

template <class W> void sort_run(W* words, std::int64_t n) {
  if (n < 2) return;
  thread_local const hwy::Sorter sorter;
  sorter(words, static_cast<std::size_t>(n), hwy::SortAscending());
}

/// How many of the first d merged words come from a.
template <class W>
std::int64_t merged_from(const W* a, std::int64_t a_count, const W* b, std::int64_t b_count, std::int64_t d) {
  std::int64_t low = std::max<std::int64_t>(0, d - b_count), high = std::min(d, a_count);
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    if (a[middle] <= b[d - 1 - middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}

/// Without branches on what is compared; from both ends, so that two chains of comparisons overlap.
template <class W> void merge(W* to, const W* a, const W* a_end, const W* b, const W* b_end) {
  W* to_end = to + (a_end - a) + (b_end - b);
  while (true) {
    const std::int64_t steps = std::min(a_end - a, b_end - b) / 2;
    if (steps == 0) break;
    for (std::int64_t i = 0; i < steps; ++i) {
      const W x = *a, y = *b, u = a_end[-1], v = b_end[-1];
      const std::int64_t second = y < x, last_first = v < u;
      *to++ = second ? y : x;
      b += second;
      a += 1 - second;
      *--to_end = last_first ? u : v;
      a_end -= last_first;
      b_end -= 1 - last_first;
    }
  }
  std::merge(a, a_end, b, b_end, to);
}

/// Merges neighbouring runs of `length` words.
template <class W> void merge_round(W* to, const W* from, std::int64_t n, std::int64_t length) {
  const std::int64_t pieces = (2 * length + merged_piece - 1) / merged_piece,
                     pairs = (n + 2 * length - 1) / (2 * length);
  parallel_for(pairs * pieces, merged_piece * 4, [&](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t start = i / pieces * 2 * length, begin = i % pieces * merged_piece;
      const std::int64_t a_count = std::min(length, n - start),
                         b_count = std::max<std::int64_t>(0, std::min(length, n - start - length));
      const std::int64_t end = std::min(begin + merged_piece, a_count + b_count);
      if (begin >= end) continue;
      const W *a = from + start, *b = a + a_count;
      const std::int64_t p = merged_from(a, a_count, b, b_count, begin), q = merged_from(a, a_count, b, b_count, end);
      merge(to + start + begin, a + p, a + q, b + (begin - p), b + (end - q));
    }
  });
}

template <class W> void sort_all(W* words, std::int64_t n, bool parallel) {
  const int threads = parallel && n >= least_parallel ? thread_count() : 1;
  if (threads == 1) return sort_run(words, n);
  std::int64_t runs = 4;
  while (runs < threads && runs < 1024) runs *= 4;
  const std::int64_t length = (n + runs - 1) / runs;
  const scratch memory(n * static_cast<std::int64_t>(sizeof(W)));
  parallel_for(runs, length * 64, [&](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t i = first; i < last; ++i) {
      sort_run(words + std::min(n, i * length), std::min(n, (i + 1) * length) - std::min(n, i * length));
    }
  });
  W *from = words, *to = reinterpret_cast<W*>(memory.data());
  for (std::int64_t sorted = length; sorted < n; sorted *= 2) {
    merge_round(to, from, n, sorted);
    std::swap(from, to);
  }
  if (from != words) std::memcpy(words, from, static_cast<std::size_t>(n) * sizeof(W));
}

template <class W> void sort_by_counting(W* words, std::int64_t n, const word_range& range) {
  const std::int64_t low = range.low, values = range.high - low + 1;
  const scratch memory(values * 8);
  auto* counts = reinterpret_cast<std::int64_t*>(memory.data());
  std::fill(counts, counts + values, 0);
  for (std::int64_t i = 0; i < n; ++i) ++counts[words[i] - low];
  for (std::int64_t value = 0; value < values; ++value)
    words = std::fill_n(words, counts[value], static_cast<W>(low + value));
}

bool worth_counting(std::int64_t n, const word_range& range) {
  return range.width() < 65536 && range.width() < static_cast<std::uint64_t>(n);
}

/// As differences from `low`, which have 32 bits: half the time.
void sort_narrow(std::int64_t* words, std::int64_t n, std::int64_t low, bool parallel) {
  constexpr std::int64_t middle = std::int64_t{1} << 31;
  const scratch memory(n * 4);
  auto* narrow = reinterpret_cast<std::int32_t*>(memory.data());
  for (std::int64_t i = 0; i < n; ++i) narrow[i] = static_cast<std::int32_t>(words[i] - low - middle);
  sort_words(narrow, n, parallel);
  for (std::int64_t i = 0; i < n; ++i) words[i] = low + (narrow[i] + middle);
}

}  // namespace

void sort_words(std::int32_t* words, std::int64_t n, bool parallel) { sort_all(words, n, parallel); }
void sort_words(std::int64_t* words, std::int64_t n, bool parallel) { sort_all(words, n, parallel); }
void sort_words(float* x, std::int64_t n, bool parallel) { sort_all(x, n, parallel); }
void sort_words(double* x, std::int64_t n, bool parallel) { sort_all(x, n, parallel); }

void sort_words(std::int32_t* words, std::int64_t n, const word_range& range, bool parallel) {
  worth_counting(n, range) ? sort_by_counting(words, n, range) : sort_all(words, n, parallel);
}

void sort_words(std::int64_t* words, std::int64_t n, const word_range& range, bool parallel) {
  if (worth_counting(n, range)) sort_by_counting(words, n, range);
  else if (n >= 64 && range.width() < (std::uint64_t{1} << 32)) sort_narrow(words, n, range.low, parallel);
  else sort_all(words, n, parallel);
}

}  // namespace tessera::detail::cpu
