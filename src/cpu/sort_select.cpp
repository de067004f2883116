// Parts of a lane's order: the first few positions, the elements of some places.
//
// First positions   Blocks of words are compared with the last of the best found so far; only where one is less are they
//                   looked at. Of n numbers in any order about k log(n / k) are.
// Places            Quickselect between two pivots of a sample that most likely enclose the place: one pass writes what is less
//                   to the front, what is greater to the back, and the few words between aside, to be sorted.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include "cpu/kernels/element.hpp"
#include "cpu/sort_lane.hpp"
#include "cpu/sort_words.hpp"

namespace tessera::detail::cpu {
namespace {

struct candidate {
  std::int64_t word, place;
  friend bool operator<(const candidate& a, const candidate& b) {
    return a.word < b.word || (a.word == b.word && a.place < b.place);
  }
};

template <class W> void first_indices_as(const lane& x, std::int64_t keep, std::int64_t* out) {
  const std::int64_t capacity = std::max<std::int64_t>(4 * keep, 4096) + lane_block;
  const scratch memory(capacity * static_cast<std::int64_t>(sizeof(candidate)));
  auto* best = reinterpret_cast<candidate*>(memory.data());
  std::int64_t count = 0, bound = 0;
  bool bounded = false;
  alignas(64) W words[lane_block];
  for (std::int64_t first = 0; first < x.count; first += lane_block) {
    const std::int64_t n = std::min(lane_block, x.count - first);
    const bool any = x.kernels.order(words, x.in + first * x.type.itemsize(), n, x.descending, bound);
    if (bounded && !any) continue;
    for (std::int64_t i = 0; i < n; ++i) {
      best[count] = {words[i], first + i};
      count += !bounded || words[i] < bound;
    }
    if (count + lane_block <= capacity) continue;
    std::nth_element(best, best + keep - 1, best + count);
    count = keep;
    bound = best[keep - 1].word;  // what is equal to it comes later
    bounded = true;
  }
  std::nth_element(best, best + keep - 1, best + count);
  std::sort(best, best + keep);
  for (std::int64_t i = 0; i < keep; ++i) out[i] = best[i].place;
}

// ---- places

using nth_span = std::span<const std::int64_t>;

/// Elements of a lane, as bits of the size of their words, on their way to `out`.
template <class W> class selection {
 public:
  selection(const lane& x, W* out) : x_(x), out_(out), aside_(x.count * size) {}

  /// The elements `from` to out[begin, end), with those of the places nth of [begin, end) where they belong.
  void select(const std::byte* from, std::int64_t begin, std::int64_t end, nth_span nth, int depth = 0) {
    if (nth.empty()) {
      if (from != at(begin)) std::memcpy(out_ + begin, from, static_cast<std::size_t>((end - begin) * size));
    } else if (end - begin <= small || depth > deepest) {
      sort(from, begin, end);
    } else if (nth.back() == end - 1) {  // what lies behind the place before is looked at once
      const nth_span rest = nth.first(nth.size() - 1);
      select(from, begin, end, rest, depth);
      put_extreme(rest.empty() ? begin : rest.back() + 1, end, end - 1, true);
    } else if (nth.front() == begin) {
      const nth_span rest = nth.subspan(1);
      select(from, begin, end, rest, depth);
      put_extreme(begin, rest.empty() ? end : rest.front(), begin, false);
    } else if (from == at(begin)) {
      const scratch copy((end - begin) * size);
      std::memcpy(copy.data(), from, static_cast<std::size_t>((end - begin) * size));
      part(copy.data(), begin, end, nth, depth);
    } else {
      part(from, begin, end, nth, depth);
    }
  }

 private:
  static constexpr std::int64_t size = sizeof(W), small = 4096;
  static constexpr int deepest = 16;

  struct pivots {
    W low, high;  // what is less goes to the front, what is greater to the back
  };

  const std::byte* at(std::int64_t place) const { return reinterpret_cast<const std::byte*>(out_ + place); }
  lane stretch(const std::byte* from, std::int64_t n) const {
    return {x_.type, x_.kernels, from, n, false, x_.parallel};
  }

  void sort(const std::byte* from, std::int64_t begin, std::int64_t end) {
    const std::int64_t bytes = (end - begin) * size;
    const scratch copy(from == at(begin) ? bytes : 0);
    if (from == at(begin)) std::memcpy(copy.data(), from, static_cast<std::size_t>(bytes));
    sort_values(stretch(from == at(begin) ? copy.data() : from, end - begin),
                reinterpret_cast<std::byte*>(out_ + begin));
  }

  void put_extreme(std::int64_t begin, std::int64_t end, std::int64_t place, bool greatest) {
    if (begin >= end) return;  // named twice
    W best = 0;
    std::int64_t best_at = -1;
    for_order<W>(stretch(at(begin), end - begin), 0, end - begin,
                 [&](const W* words, std::int64_t first, std::int64_t n) {
                   const word_range all = x_.kernels.range(words, n);
                   const W word = static_cast<W>(greatest ? all.high : all.low);
                   if (best_at >= 0 && !(greatest ? word > best : word < best)) return;
                   best = word;
                   best_at = begin + first + (std::find(words, words + n, word) - words);
                 });
    std::swap(out_[best_at], out_[place]);
  }

  /// Pivots that with all likelihood enclose the place in the middle, and those near it.
  pivots choose(const std::byte* from, std::int64_t begin, std::int64_t end, nth_span nth) const {
    const std::int64_t n = end - begin, samples = n < (1 << 18) ? 512 : 4096;
    const scratch memory(samples * size);
    W* sample = reinterpret_cast<W*>(memory.data());
    std::uint64_t random = 0x9e3779b97f4a7c15;
    for (std::int64_t i = 0; i < samples; ++i) {
      random = random * 6364136223846793005 + 1442695040888963407;
      const auto place = static_cast<std::int64_t>((random >> 32) * static_cast<std::uint64_t>(n) >> 32);
      x_.kernels.order(sample + i, from + place * size, 1, false, 0);
    }
    sort_words(sample, samples, false);
    const std::int64_t middle = nth[nth.size() / 2];
    std::int64_t low = middle, high = middle;
    for (const std::int64_t place : nth) {
      if (std::abs(place - middle) > n / 64) continue;
      low = std::min(low, place);
      high = std::max(high, place);
    }
    const double count = static_cast<double>(samples);
    const auto rank_of = [&](std::int64_t place) {
      return count * static_cast<double>(place - begin) / static_cast<double>(n);
    };
    const auto spread = [&](double rank) { return 3 * std::sqrt(rank * (1 - rank / count)) + 2; };
    const double first = rank_of(low) - spread(rank_of(low)), last = rank_of(high) + spread(rank_of(high));
    using limits = std::numeric_limits<W>;
    return {first < 0 ? limits::min() : sample[static_cast<std::int64_t>(first)],
            last >= count ? limits::max() : sample[static_cast<std::int64_t>(last)]};
  }

  void part(const std::byte* from, std::int64_t begin, std::int64_t end, nth_span nth, int depth) {
    const pivots p = choose(from, begin, end, nth);
    W* const aside = reinterpret_cast<W*>(aside_.data());
    W *front = out_ + begin, *back = out_ + end - 1;
    std::int64_t between = 0;
    alignas(64) W bits[lane_block];
    for_order<W>(stretch(from, end - begin), 0, end - begin, [&](const W* words, std::int64_t first, std::int64_t n) {
      std::memcpy(bits, from + first * size, static_cast<std::size_t>(n * size));
      for (std::int64_t i = 0; i < n; ++i) {  // to all three, and one of them moves on: no branch to foresee
        const std::int64_t less = words[i]<p.low, greater = words[i]> p.high;
        *front = bits[i];
        *back = bits[i];
        aside[between] = bits[i];
        front += less;
        back -= greater;
        between += 1 - less - greater;
      }
    });
    const std::int64_t first = front - out_, last = first + between;
    const auto lower = std::lower_bound(nth.begin(), nth.end(), first),
               upper = std::lower_bound(lower, nth.end(), last);
    if (lower == upper) std::memcpy(out_ + first, aside, static_cast<std::size_t>(between * size));
    else sort(aside_.data(), first, last);
    select(at(begin), begin, first, {nth.begin(), lower}, depth + 1);
    select(at(last), last, end, {upper, nth.end()}, depth + 1);
  }

  const lane& x_;
  W* out_;
  scratch aside_;
};

}  // namespace

void first_indices(const lane& x, std::int64_t keep, std::int64_t* out) {
  x.kernels.word_size == 8 ? first_indices_as<std::int64_t>(x, keep, out)
                           : first_indices_as<std::int32_t>(x, keep, out);
}

void select_values(const lane& x, std::span<const std::int64_t> nth, std::byte* out) {
  if (x.type.itemsize() == 8)
    selection<std::int64_t>(x, reinterpret_cast<std::int64_t*>(out)).select(x.in, 0, x.count, nth);
  else if (x.type.itemsize() == 4)
    selection<std::int32_t>(x, reinterpret_cast<std::int32_t*>(out)).select(x.in, 0, x.count, nth);
  else sort_values(x, out);
}

void select_indices(const lane& x, std::span<const std::int64_t> nth, std::int64_t* out) {
  const int place_bits = std::bit_width(static_cast<std::uint64_t>(x.count - 1));
  if (x.kernels.word_size != 4 || place_bits > 32) return sort_indices(x, out);
  const scratch memory(x.count * 8);
  auto* packed = reinterpret_cast<std::int64_t*>(memory.data());
  for_order<std::int32_t>(x, 0, x.count, [&](const std::int32_t* words, std::int64_t first, std::int64_t n) {
    x.kernels.pack64(packed + first, words, n, first, {std::numeric_limits<std::int32_t>::min(), place_bits, 0});
  });
  const lane y{int64, find_sort_kernels(int64), memory.data(), x.count, false, x.parallel};
  selection<std::int64_t>(y, out).select(y.in, 0, y.count, nth);
  for (std::int64_t i = 0; i < x.count; ++i) out[i] &= (std::int64_t{1} << place_bits) - 1;
}

}  // namespace tessera::detail::cpu
