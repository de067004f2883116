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
#include <mutex>
#include <numeric>
#include <vector>

#include "cpu/kernels/element.hpp"
#include "cpu/sort_words.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// body(first, last) over ranges of [0, n) of whole blocks, on several threads if the lane may.
template <class Body> void for_ranges(bool parallel, std::int64_t n, Body&& body) {
  constexpr std::int64_t piece = 32 * word_block;
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
  alignas(64) W block[word_block];
  W* to = begin;
  for (std::int64_t i = 0; i < x.count && to < end; i += word_block) {
    const std::int64_t count = std::min(word_block, x.count - i);
    x.kernels.words(block, x.in + i * x.type.itemsize(), count, x.descending);
    for (std::int64_t k = 0; k < count && to < end; ++k) {
      if (block[k] == 0 || block[k] == -1) *to++ = block[k];
    }
  }
}

/// Sorts the lane as the floats that it is: a tenth faster than their words, and nothing to turn back. Returns false, with
/// `out` as it may be, where there is NaN, an infinity, -0.0 or a denormal number.
template <class T> bool sort_plain(const lane& x, std::byte* out) {
  const auto read = [&](T* to, std::int64_t first, std::int64_t n) {
    return x.kernels.copy_plain(to, x.in + first * static_cast<std::int64_t>(sizeof(T)), n);
  };
  return sort_read<T>(reinterpret_cast<T*>(out), x.count, read, x.parallel);
}

/// Whether some words already lie too far apart to be counted, or narrowed to 32 bits: a look at all of them is saved.
template <class W> bool surely_wide(const lane& x) {
  alignas(64) W words[64];
  const auto n = std::min<std::int64_t>(x.count, 64);
  x.kernels.words(words, x.in, n, x.descending);
  return x.kernels.range(words, n).width() >> (sizeof(W) == 8 ? 32 : 16) != 0;
}

/// All words of the lane, NaN behind the others, which are sorted; returns how many others there are.
template <class W> std::int64_t sorted_words(const lane& x, W* words) {
  const std::int64_t size = x.type.itemsize();
  const bool ranged = !is_floating(x.type) || size == 2;
  const auto read = [&](W* to, std::int64_t first, std::int64_t n) {
    return !x.kernels.words(to, x.in + first * size, n, x.descending);
  };
  if ((!ranged || surely_wide<W>(x)) && sort_read<W>(words, x.count, read, x.parallel)) return x.count;
  std::atomic<bool> any_nan = false;
  for_ranges(x.parallel, x.count, [&](std::int64_t first, std::int64_t last) {
    if (!read(words + first, first, last - first)) any_nan = true;
  });
  const std::int64_t numbers = any_nan ? part_nan(x, words) : x.count;
  if (numbers > 0 && ranged) sort_words(words, numbers, x.kernels.range(words, numbers), x.parallel);
  else sort_words(words, numbers, x.parallel);
  return numbers;
}

template <class W> void sort_values_as(const lane& x, std::byte* out) {
  const bool in_place = x.type.itemsize() == static_cast<int>(sizeof(W));
  const scratch memory(in_place ? 0 : x.count * static_cast<std::int64_t>(sizeof(W)));
  W* const words = reinterpret_cast<W*>(in_place ? out : memory.data());
  const std::int64_t numbers = sorted_words(x, words);
  if (is_floating(x.type)) restore_zeros(x, words, numbers);
  if (x.descending) std::rotate(words, words + numbers, words + x.count);
  else if (in_place && x.type.kind() == 'i') return;  // they are their words
  for_ranges(x.parallel, x.count, [&](std::int64_t first, std::int64_t last) {
    x.kernels.elements(out + first * x.type.itemsize(), words + first, last - first, x.descending);
  });
}

// ---- positions

struct order_facts {
  word_range range{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
  bool ascending = true;

  void join(const order_facts& other) {
    range = {std::min(range.low, other.range.low), std::max(range.high, other.range.high)};
    ascending = ascending && other.ascending;
  }
};

template <class W> order_facts look_at(const lane& x) {
  order_facts all;
  std::mutex joining;
  for_ranges(x.parallel, x.count, [&](std::int64_t begin, std::int64_t end) {
    order_facts here;
    W last = std::numeric_limits<W>::min();
    const std::int64_t before = std::max<std::int64_t>(0, begin - 1);
    x.kernels.order(&last, x.in + before * x.type.itemsize(), 1, x.descending);
    for_order<W>(x, begin, end, [&](const W* words, std::int64_t, std::int64_t n) {
      here.join({x.kernels.range(words, n), here.ascending && last <= words[0] && std::is_sorted(words, words + n)});
      last = words[n - 1];
    });
    const std::lock_guard lock(joining);
    all.join(here);
  });
  return all;
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

/// Sorts the runs of packed words that are equal but for what was dropped. Most are of equal numbers: a look at their bits,
/// asked for ahead, is enough.
void sort_runs(const lane& x, std::int64_t* packed, std::int64_t begin, std::int64_t last, int place_bits) {
  constexpr std::int64_t ahead = 24;
  const std::int64_t mask = (std::int64_t{1} << place_bits) - 1;
  const auto bits_at = [&](std::int64_t i) {
    return load<std::uint64_t>(x.in, static_cast<std::size_t>(packed[i] & mask));
  };
  const auto tied = [&](std::int64_t i) { return packed[i] >> place_bits == packed[i + 1] >> place_bits; };
  for (std::int64_t i = begin, end = begin; i < last; i = end) {
    bool same = true;
    for (end = i + 1; end < last && tied(end - 1); ++end) {
      if (end + ahead + 1 < last && tied(end + ahead)) __builtin_prefetch(x.in + (packed[end + ahead] & mask) * 8);
      same = same & (bits_at(end) == bits_at(i));
    }
    if (!same) sort_tied(x, packed + i, end - i, place_bits);
  }
}

/// Range by range, cut where no run is.
void sort_all_tied(const lane& x, std::int64_t* packed, int place_bits) {
  constexpr std::int64_t piece = 32 * word_block;
  if (!x.parallel) return sort_runs(x, packed, 0, x.count, place_bits);
  std::vector<std::int64_t> cuts = {0};
  for (std::int64_t at = piece; at < x.count; at += piece) {
    while (at < x.count && packed[at - 1] >> place_bits == packed[at] >> place_bits) ++at;
    cuts.push_back(at);
  }
  cuts.push_back(x.count);
  parallel_for(static_cast<std::int64_t>(cuts.size()) - 1, 2 * piece, [&](std::int64_t first, std::int64_t last, int) {
    sort_runs(x, packed, cuts[static_cast<std::size_t>(first)], cuts[static_cast<std::size_t>(last)], place_bits);
  });
}

template <class W> void sort_indices_as(const lane& x, std::int64_t* out) {
  const order_facts facts = look_at<W>(x);
  if (facts.ascending) return std::iota(out, out + x.count, 0);
  const int place_bits = std::bit_width(static_cast<std::uint64_t>(x.count - 1));
  const int range_bits = std::bit_width(facts.range.width());
  const packing how{facts.range.low, place_bits, std::max(0, range_bits + place_bits - 64)};
  const std::int64_t mask = (std::int64_t{1} << place_bits) - 1;
  const auto packed_by = [&](auto pack) {
    return [&x, &how, pack](auto* to, std::int64_t first, std::int64_t n) {
      alignas(64) W words[word_block];
      x.kernels.order(words, x.in + first * x.type.itemsize(), n, x.descending);
      pack(to, words, n, first, how);
      return true;
    };
  };
  if (range_bits + place_bits <= 32) {
    const scratch memory(x.count * 4);
    auto* packed = reinterpret_cast<std::int32_t*>(memory.data());
    sort_read<std::int32_t>(packed, x.count, packed_by(x.kernels.pack32), x.parallel);
    for_ranges(x.parallel, x.count, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) out[i] = packed[i] & mask;
    });
    return;
  }
  sort_read<std::int64_t>(out, x.count, packed_by(x.kernels.pack64), x.parallel);
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
