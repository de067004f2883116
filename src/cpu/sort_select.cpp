// Parts of a lane's order: the first few positions, the elements of some places.
//
// First positions   Blocks of elements are compared with the last of the best found so far; only where one is less are they
//                   looked at. Of n numbers in any order about k log(n / k) are.
// Places            Quickselect between two pivots of a sample that most likely enclose the place: one pass marks what is less
//                   and what is greater, in pieces; another one writes that to the front and to the back, and the few
//                   elements between aside, which are selected from in turn.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "cpu/kernels/compress.hpp"
#include "cpu/kernels/element.hpp"
#include "cpu/sort_lane.hpp"
#include "cpu/sort_words.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

struct candidate {
  std::int64_t word, place;
  friend bool operator<(const candidate& a, const candidate& b) {
    return a.word < b.word || (a.word == b.word && a.place < b.place);
  }
};

/// The best elements of a part of a lane so far, in any order.
template <class W> class best_of {
 public:
  static constexpr std::int64_t block = 256;

  static std::int64_t capacity(std::int64_t keep) { return std::max<std::int64_t>(2 * keep, 512) + block; }

  best_of(const lane& x, std::int64_t keep, candidate* memory) : x_(x), keep_(keep), best_(memory) {}

  /// Elements [first, last), which follow on those looked at before.
  void look_at(std::int64_t first, std::int64_t last) {
    alignas(64) W words[block];
    for (std::int64_t at = first; at < last; at += block) {
      const std::int64_t n = std::min(block, last - at);
      const std::byte* const from = x_.in + at * x_.type.itemsize();
      if (bounded_ && !x_.kernels.any_below(from, n, x_.descending, bound_)) continue;
      x_.kernels.order(words, from, n, x_.descending);
      for (std::int64_t i = 0; i < n; ++i) {
        best_[count_] = {words[i], at + i};
        count_ += !bounded_ || words[i] < bound_;
      }
      if (count_ + block > capacity(keep_)) drop();
    }
  }
  /// How many are left of those in memory, `keep` at most.
  std::int64_t finish() {
    if (count_ > keep_) drop();
    return count_;
  }

 private:
  void drop() {
    std::nth_element(best_, best_ + keep_ - 1, best_ + count_);
    count_ = keep_;
    bound_ = best_[keep_ - 1].word;  // what is equal to it comes later
    bounded_ = true;
  }

  const lane& x_;
  std::int64_t keep_, count_ = 0, bound_ = 0;
  bool bounded_ = false;
  candidate* best_;
};

/// Threads take parts of the lane, each whole and in order; which ones are the first of all does not depend on the parts.
template <class W> void first_indices_as(const lane& x, std::int64_t keep, std::int64_t* out) {
  constexpr std::int64_t least = std::int64_t{1} << 16;  // elements of a part
  const std::int64_t most = x.parallel ? 2 * thread_count() : 1;
  const std::int64_t parts = std::clamp<std::int64_t>(x.count / std::max(least, 64 * keep), 1, most);
  const std::int64_t capacity = best_of<W>::capacity(keep), each = (x.count + parts - 1) / parts;
  const scratch memory(parts * (capacity * static_cast<std::int64_t>(sizeof(candidate)) + 8));
  auto* const all = reinterpret_cast<candidate*>(memory.data());
  auto* const counts = reinterpret_cast<std::int64_t*>(all + parts * capacity);
  parallel_for(parts, each, [&](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t part = first; part < last; ++part) {
      best_of<W> best(x, keep, all + part * capacity);
      best.look_at(part * each, std::min(x.count, (part + 1) * each));
      counts[part] = best.finish();
    }
  });
  candidate* end = all + counts[0];
  for (std::int64_t part = 1; part < parts; ++part) end = std::copy_n(all + part * capacity, counts[part], end);
  std::nth_element(all, all + keep - 1, end);
  std::sort(all, all + keep);
  for (std::int64_t i = 0; i < keep; ++i) out[i] = all[i].place;
}

// ---- places

/// A lane parted by the words between two: what is below, between and above, each in the order of the lane.
class parting {
 public:
  parting(const lane& x, const word_range& between)
      : x_(x),
        pieces_((x.count + piece - 1) / piece),
        marks_((2 * pieces_ * words + 1) * 8),
        offsets_(2 * pieces_ * 8) {
    for_pieces([&](std::int64_t i) { mark(i, between); });
    for (int side = 0; side < 2; ++side) {
      for (std::int64_t i = 0; i < pieces_; ++i) totals_[side] += std::exchange(offsets(side)[i], totals_[side]);
    }
  }
  std::int64_t below() const { return totals_[0]; }
  std::int64_t above() const { return totals_[1]; }

  void write(std::byte* below, std::byte* between, std::byte* above) const {
    for_pieces([&](std::int64_t i) { write_piece(i, below, between, above); });
  }

 private:
  static constexpr std::int64_t piece = 32 * word_block, words = piece / 64;

  std::int64_t size_of(std::int64_t i) const { return std::min(piece, x_.count - i * piece); }
  const std::byte* at(std::int64_t i) const { return x_.in + i * piece * x_.type.itemsize(); }
  std::uint64_t* marks(int side, std::int64_t i) const {
    return reinterpret_cast<std::uint64_t*>(marks_.data()) + (side * pieces_ + i) * words;
  }
  std::int64_t* offsets(int side) const { return reinterpret_cast<std::int64_t*>(offsets_.data()) + side * pieces_; }
  std::int64_t offset(int side, std::int64_t i) const { return i < pieces_ ? offsets(side)[i] : totals_[side]; }

  template <class Body> void for_pieces(const Body& body) const {
    const auto range = [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t i = first; i < last; ++i) body(i);
    };
    x_.parallel ? parallel_for(pieces_, 2 * piece, range) : range(0, pieces_, 0);
  }

  void mark(std::int64_t i, const word_range& between) {
    const mark_kernels& kernels = find_marks();
    alignas(64) std::byte sides[2][word_block];
    const std::int64_t size = size_of(i);
    for (std::int64_t k = 0; k < size; k += word_block) {
      const std::int64_t n = std::min(word_block, size - k);
      x_.kernels.beyond(sides[0], sides[1], at(i) + k * x_.type.itemsize(), n, between);
      for (int side = 0; side < 2; ++side) kernels.pack(marks(side, i) + k / 64, sides[side], n);
    }
    for (int side = 0; side < 2; ++side) offsets(side)[i] = kernels.count(marks(side, i), (size + 63) / 64);
  }

  void write_piece(std::int64_t i, std::byte* below, std::byte* between, std::byte* above) const {
    const mark_kernels& kernels = find_marks();
    const int size = x_.type.itemsize();
    const auto compress = kernels.of(size);
    std::uint64_t others[words + 1];
    const std::int64_t used = (size_of(i) + 63) / 64;
    for (std::int64_t k = 0; k < used; ++k) others[k] = ~(marks(0, i)[k] | marks(1, i)[k]);
    others[used] = 0;
    compress(below + offset(0, i) * size, below + offset(0, i + 1) * size, at(i), marks(0, i), 0, size_of(i));
    compress(above + offset(1, i) * size, above + offset(1, i + 1) * size, at(i), marks(1, i), 0, size_of(i));
    const auto place = [&](std::int64_t k) {
      return between + (std::min(k * piece, x_.count) - offset(0, k) - offset(1, k)) * size;
    };
    compress(place(i), place(i + 1), at(i), others, 0, size_of(i));
  }

  const lane x_;
  std::int64_t pieces_, totals_[2] = {0, 0};
  scratch marks_, offsets_;
};

using nth_span = std::span<const std::int64_t>;

/// Elements of a lane, as bits of the size of their words, on their way to `out`.
template <class W> class selection {
 public:
  selection(const lane& x, W* out) : x_(x), out_(out) {}

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
      x_.kernels.order(sample + i, from + place * size, 1, false);
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
    const parting parts(stretch(from, end - begin), {p.low, p.high});
    const std::int64_t first = begin + parts.below(), last = end - parts.above(), between = last - first;
    const auto lower = std::lower_bound(nth.begin(), nth.end(), first),
               upper = std::lower_bound(lower, nth.end(), last);
    const bool done = lower == upper || p.low == p.high;
    const scratch aside(done ? 0 : between * size);
    parts.write(reinterpret_cast<std::byte*>(out_ + begin),
                done ? reinterpret_cast<std::byte*>(out_ + first) : aside.data(),
                reinterpret_cast<std::byte*>(out_ + last));
    if (!done && between > (end - begin) / 2) sort(aside.data(), first, last);  // few values, or a sample gone wrong
    else if (!done) select(aside.data(), first, last, {lower, upper}, depth + 1);
    select(at(begin), begin, first, {nth.begin(), lower}, depth + 1);
    select(at(last), last, end, {upper, nth.end()}, depth + 1);
  }

  const lane& x_;
  W* out_;
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
  if (x.kernels.word_size != 4) return sort_indices(x, out);
  const int place_bits = std::bit_width(static_cast<std::uint64_t>(x.count - 1));  // 32 at most
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
