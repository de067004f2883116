// Sorts one lane through words.
//
//     floats       as they are, where all are normal numbers or 0.0
//     values       else words of the numbers, sorted, NaN behind them as they came; zeros get their signs back in their order
//     positions    (word - least word) << bits | position: all different, so that any sort of them is stable
//
// Where word and position do not fit into 64 bits low bits of the word are dropped, and runs of equal ones are sorted again by
// all of their bits: of doubles 50 bits stay at a million, and runs are rare but for equal numbers.
#include "cpu/sort_lane.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <limits>
#include <numeric>

#include "cpu/kernels/element.hpp"
#include "cpu/sort_words.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// body(first, last) over ranges of [0, n) of whole blocks, on several threads if the lane may.
template <class Body> void for_ranges(bool parallel, std::int64_t n, Body&& body) {
  constexpr std::int64_t piece = 32 * lane_block;
  if (!parallel) return body(0, n);
  parallel_for((n + piece - 1) / piece, 2 * piece,
               [&](std::int64_t first, std::int64_t last, int) { body(first * piece, std::min(n, last * piece)); });
}

bool is_floating(dtype type) { return type.kind() == 'f'; }

/// The word of infinity, which is that of -infinity inverted.
std::int64_t infinity_word(dtype type) {
  switch (type.code()) {
    case dtype_code::float16: return 0x7c00;
    case dtype_code::bfloat16: return 0x7f80;
    case dtype_code::float32: return 0x7f800000;
    default: return 0x7ff0000000000000;
  }
}

/// Moves the words of NaN behind the others, both in their order; returns how many others there are.
template <class W> std::int64_t part_nan(const lane& x, W* words) {
  const scratch memory(x.count * static_cast<std::int64_t>(sizeof(W)));
  W* nans = reinterpret_cast<W*>(memory.data());
  const W infinity = static_cast<W>(infinity_word(x.type));
  std::int64_t numbers = 0, others = 0;
  for (std::int64_t i = 0; i < x.count; ++i) {
    const W word = words[i];
    const bool is_nan = word > infinity || word < ~infinity;
    nans[others] = word;
    words[numbers] = word;
    others += is_nan;
    numbers += !is_nan;
  }
  std::memcpy(words + numbers, nans, static_cast<std::size_t>(others) * sizeof(W));
  return numbers;
}

/// Sorted words have -0.0 before 0.0 (or behind it): where there are both they are written in the order of the lane.
template <class W> void restore_zeros(const lane& x, W* words, std::int64_t n) {
  W* const begin = std::lower_bound(words, words + n, W{-1});
  W* const end = std::upper_bound(begin, words + n, W{0});
  if (end - begin < 2 || begin[0] == end[-1]) return;
  alignas(64) W block[lane_block];
  W* to = begin;
  for (std::int64_t i = 0; i < x.count && to < end; i += lane_block) {
    const std::int64_t count = std::min(lane_block, x.count - i);
    x.kernels.words(block, x.in + i * x.type.itemsize(), count, x.descending);
    for (std::int64_t k = 0; k < count && to < end; ++k) {
      if (block[k] == 0 || block[k] == -1) *to++ = block[k];
    }
  }
}

/// Copies the lane and sorts it as the floats that it is: a tenth faster than their words, and nothing to turn back. Returns
/// false, with `out` as it may be, where there is NaN, an infinity, -0.0 or a denormal number.
template <class T> bool sort_plain(const lane& x, std::byte* out) {
  std::atomic<bool> plain = true;
  for_ranges(x.parallel, x.count, [&](std::int64_t first, std::int64_t last) {
    constexpr std::int64_t piece = 16 * lane_block;
    constexpr std::int64_t size = sizeof(T);
    for (std::int64_t i = first; i < last && plain; i += piece) {
      if (!x.kernels.copy_plain(out + i * size, x.in + i * size, std::min(piece, last - i))) plain = false;
    }
  });
  if (plain) sort_words(reinterpret_cast<T*>(out), x.count, x.parallel);
  return plain;
}

/// Whether some words already lie further apart than 32-bit words can: a look at all of them is saved.
template <class W> bool surely_wide(const lane& x, const W* words) {
  constexpr std::int64_t looked_at = 64;
  if (sizeof(W) == 4 || x.count < looked_at) return false;
  return x.kernels.range(words, looked_at).width() >> 32 != 0;
}

template <class W> void sort_values_as(const lane& x, std::byte* out) {
  const bool in_place = x.type.itemsize() == static_cast<int>(sizeof(W));
  const scratch memory(in_place ? 0 : x.count * static_cast<std::int64_t>(sizeof(W)));
  W* const words = reinterpret_cast<W*>(in_place ? out : memory.data());
  const std::int64_t size = x.type.itemsize();
  std::atomic<bool> any_nan = false;
  for_ranges(x.parallel, x.count, [&](std::int64_t first, std::int64_t last) {
    if (x.kernels.words(words + first, x.in + first * size, last - first, x.descending)) any_nan = true;
  });
  const std::int64_t numbers = any_nan ? part_nan(x, words) : x.count;
  if (numbers > 0 && (!is_floating(x.type) || size == 2) && !surely_wide(x, words)) {
    sort_words(words, numbers, x.kernels.range(words, numbers), x.parallel);
  } else {
    sort_words(words, numbers, x.parallel);
  }
  if (is_floating(x.type)) restore_zeros(x, words, numbers);
  if (x.descending) std::rotate(words, words + numbers, words + x.count);
  else if (in_place && x.type.kind() == 'i') return;  // they are their words
  for_ranges(x.parallel, x.count, [&](std::int64_t first, std::int64_t last) {
    x.kernels.elements(out + first * size, words + first, last - first, x.descending);
  });
}

// ---- positions

struct order_facts {
  word_range range;
  bool ascending;
};

template <class W> order_facts look_at(const lane& x) {
  word_range all{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
  bool ascending = true;
  W last = std::numeric_limits<W>::min();
  for_order<W>(x, 0, x.count, [&](const W* words, std::int64_t, std::int64_t n) {
    const word_range part = x.kernels.range(words, n);
    all = {std::min(all.low, part.low), std::max(all.high, part.high)};
    ascending = ascending && last <= words[0] && std::is_sorted(words, words + n);
    last = words[n - 1];
  });
  return {all, ascending};
}

/// Packed words [first, last) are equal but for what was dropped, and in the order of their places: sorts them by all bits.
void sort_tied(const lane& x, std::int64_t* packed, std::int64_t n, int place_bits) {
  constexpr std::int64_t small = 16;
  const std::int64_t mask = (std::int64_t{1} << place_bits) - 1;
  const scratch memory(n > small ? n * 8 : 0);
  std::int64_t few[small], *words = n > small ? reinterpret_cast<std::int64_t*>(memory.data()) : few;
  for (std::int64_t i = 0; i < n; ++i) {
    packed[i] &= mask;
    x.kernels.order(words + i, x.in + packed[i] * x.type.itemsize(), 1, x.descending);
  }
  if (n > small) {
    const word_range all = x.kernels.range(words, n);
    if (all.low == all.high) return;
    const auto low = static_cast<std::uint64_t>(all.low);
    for (std::int64_t i = 0; i < n; ++i)
      packed[i] |= static_cast<std::int64_t>((static_cast<std::uint64_t>(words[i]) - low) << place_bits ^
                                             std::uint64_t{1} << 63);
    sort_words(packed, n, false);
    return;
  }
  for (std::int64_t i = 1; i < n; ++i) {
    const std::int64_t word = words[i], place = packed[i];
    std::int64_t k = i;
    for (; k > 0 && words[k - 1] > word; --k) {
      words[k] = words[k - 1];
      packed[k] = packed[k - 1];
    }
    words[k] = word;
    packed[k] = place;
  }
}

/// Most runs are of equal numbers: a look at their bits, asked for ahead, is enough.
void sort_all_tied(const lane& x, std::int64_t* packed, int place_bits) {
  constexpr std::int64_t ahead = 24;
  const std::int64_t mask = (std::int64_t{1} << place_bits) - 1;
  const auto bits_at = [&](std::int64_t i) {
    return load<std::uint64_t>(x.in, static_cast<std::size_t>(packed[i] & mask));
  };
  const auto tied = [&](std::int64_t i) { return packed[i] >> place_bits == packed[i + 1] >> place_bits; };
  for (std::int64_t i = 0, end = 0; i < x.count; i = end) {
    bool same = true;
    for (end = i + 1; end < x.count && tied(end - 1); ++end) {
      if (end + ahead + 1 < x.count && tied(end + ahead)) __builtin_prefetch(x.in + (packed[end + ahead] & mask) * 8);
      same = same & (bits_at(end) == bits_at(i));
    }
    if (!same) sort_tied(x, packed + i, end - i, place_bits);
  }
}

template <class W> void sort_indices_as(const lane& x, std::int64_t* out) {
  const order_facts facts = look_at<W>(x);
  if (facts.ascending) return std::iota(out, out + x.count, 0);
  const int place_bits = std::bit_width(static_cast<std::uint64_t>(x.count - 1));
  const int range_bits = std::bit_width(facts.range.width());
  const packing how{facts.range.low, place_bits, std::max(0, range_bits + place_bits - 64)};
  const std::int64_t mask = (std::int64_t{1} << place_bits) - 1;
  if (range_bits + place_bits <= 32) {
    const scratch memory(x.count * 4);
    auto* packed = reinterpret_cast<std::int32_t*>(memory.data());
    for_order<W>(x, 0, x.count, [&](const W* words, std::int64_t first, std::int64_t n) {
      x.kernels.pack32(packed + first, words, n, first, how);
    });
    sort_words(packed, x.count, x.parallel);
    for (std::int64_t i = 0; i < x.count; ++i) out[i] = packed[i] & mask;
    return;
  }
  for_ranges(x.parallel, x.count, [&](std::int64_t begin, std::int64_t end) {
    for_order<W>(x, begin, end, [&](const W* words, std::int64_t first, std::int64_t n) {
      x.kernels.pack64(out + first, words, n, first, how);
    });
  });
  sort_words(out, x.count, x.parallel);
  if (how.dropped > 0) sort_all_tied(x, out, place_bits);
  for_ranges(x.parallel, x.count, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) out[i] &= mask;
  });
}

}  // namespace

void sort_values(const lane& x, std::byte* out) {
  if (x.kernels.copy_plain && !x.descending &&
      (x.type.itemsize() == 8 ? sort_plain<double>(x, out) : sort_plain<float>(x, out)))
    return;
  x.kernels.word_size == 8 ? sort_values_as<std::int64_t>(x, out) : sort_values_as<std::int32_t>(x, out);
}

void sort_indices(const lane& x, std::int64_t* out) {
  x.kernels.word_size == 8 ? sort_indices_as<std::int64_t>(x, out) : sort_indices_as<std::int32_t>(x, out);
}

}  // namespace tessera::detail::cpu
