// Words are sorted by Highway's vectorised quicksort; on several threads a lane is first split in two, its halves too, until
// there is a part for each thread.
//
//     sample     128 words a part, 1024 at least, sorted: the pivots
//     count      pieces of the lane, each by one thread: how many words are greater than the pivot
//     split      each piece writes its words behind those of the pieces before it, the greater ones behind all others
//     sort       each part by one thread
#include "cpu/sort_words.hpp"

#include <hwy/contrib/sort/vqsort.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <vector>

#include "cpu/kernels/sort_split.hpp"
#include "cpu/memory.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::int64_t least_parallel = std::int64_t{1} << 17;

template <class W> void sort_run(W* words, std::int64_t n) {
  if (n < 2) return;
  thread_local const hwy::Sorter sorter;
  sorter(words, static_cast<std::size_t>(n), hwy::SortAscending());
}

/// A sort of one lane on all threads.
template <class W> class parallel_sort {
 public:
  parallel_sort(W* to, std::int64_t n, word_reader<W> read, int threads_wanted)
      : to_(to), n_(n), read_(read), piece_(round_up(n / (8 * threads_wanted), word_block)) {
    const auto threads = static_cast<unsigned>(std::min(threads_wanted, 64));
    // As many parts as threads, or enough for threads to get one or two more than others at most.
    while ((1U << rounds_) < threads) ++rounds_;
    if (!std::has_single_bit(threads)) rounds_ += 2;
    if (rounds_ > 1) memory_ = scratch(n * static_cast<std::int64_t>(sizeof(W)));
  }

  bool run() {
    if (!choose_pivots()) return false;
    std::vector<std::int64_t> begins = {0, n_};
    for (int round = 0; round < rounds_; ++round) {
      const W* const from = round > 0 ? target(round - 1) : nullptr;
      const auto read_again = [from](W* words, std::int64_t first, std::int64_t n) {
        std::memcpy(words, from + first, static_cast<std::size_t>(n) * sizeof(W));
        return true;
      };
      if (!split_parts(target(round), begins, round, from ? word_reader<W>(read_again) : read_)) return false;
    }
    const auto parts = static_cast<std::int64_t>(begins.size()) - 1;
    parallel_for(parts, n_ / parts * 64, [&](std::int64_t first, std::int64_t last, int) {
      for (auto k = static_cast<std::size_t>(first); k < static_cast<std::size_t>(last); ++k)
        sort_run(to_ + begins[k], begins[k + 1] - begins[k]);
    });
    return true;
  }

 private:
  /// Words of a part that one thread splits, and where it writes those that are not greater than the pivot and those that are.
  struct piece {
    std::int64_t begin, end;
    W pivot;
    std::int64_t low, high;
  };

  /// The last round's is the result.
  W* target(int round) const { return (rounds_ - round) % 2 == 1 ? to_ : reinterpret_cast<W*>(memory_.data()); }

  bool choose_pivots() {
    sample_.resize(std::max(std::size_t{1024}, std::size_t{128} << rounds_));
    const auto every = static_cast<std::uint64_t>(n_) / sample_.size();
    for (std::uint64_t k = 0; k < sample_.size(); ++k) {
      const std::uint64_t anywhere = (k * 0x9e3779b97f4a7c15 >> 32) % every;  // so that no pattern of the lane is met
      if (!read_(&sample_[k], static_cast<std::int64_t>(k * every + anywhere), 1)) return false;
    }
    sort_run(sample_.data(), static_cast<std::int64_t>(sample_.size()));
    return true;
  }

  /// body(words, n) over the blocks of a piece; false as soon as there are none.
  template <class Body> static bool for_blocks(const piece& p, const word_reader<W>& read, Body&& body) {
    alignas(64) W words[word_block];
    for (std::int64_t i = p.begin; i < p.end; i += word_block) {
      const std::int64_t n = std::min(word_block, p.end - i);
      if (!read(words, i, n)) return false;
      body(words, n);
    }
    return true;
  }

  std::vector<piece> cut(const std::vector<std::int64_t>& begins, int round) const {
    std::vector<piece> pieces;
    for (std::size_t part = 0; part + 1 < begins.size(); ++part) {
      const W pivot = sample_[(2 * part + 1) * (sample_.size() >> (round + 1))];
      for (std::int64_t at = begins[part]; at < begins[part + 1]; at += piece_)
        pieces.push_back({at, std::min(at + piece_, begins[part + 1]), pivot, 0, 0});
    }
    return pieces;
  }

  /// body(piece) on all threads.
  template <class Body> static void for_each(std::vector<piece>& pieces, Body&& body) {
    parallel_for(static_cast<std::int64_t>(pieces.size()), task_work, [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t i = first; i < last; ++i) body(pieces[static_cast<std::size_t>(i)]);
    });
  }

  /// Splits each part into two; `begins` has twice as many then.
  bool split_parts(W* to, std::vector<std::int64_t>& begins, int round, word_reader<W> read) const {
    std::vector<piece> pieces = cut(begins, round);
    std::atomic<bool> complete = true;
    for_each(pieces, [&](piece& p) {
      if (!complete) return;
      const auto count = [&](const W* words, std::int64_t n) { p.high += kernels_.count(words, n, p.pivot); };
      if (!for_blocks(p, read, count)) complete = false;
    });
    if (!complete) return false;
    begins = place(pieces, begins);
    for_each(pieces, [&](piece& p) {
      alignas(64) W low[split_kernels<W>::room], high[split_kernels<W>::room];
      for_blocks(p, read, [&](const W* words, std::int64_t n) {
        const std::int64_t greater = kernels_.split(low, high, words, n, p.pivot);
        std::memcpy(to + p.low, low, static_cast<std::size_t>(n - greater) * sizeof(W));
        std::memcpy(to + p.high, high, static_cast<std::size_t>(greater) * sizeof(W));
        p.low += n - greater;
        p.high += greater;
      });
    });
    return true;
  }

  /// From how many words of a piece are greater to where they go; returns where the halves of the parts begin.
  static std::vector<std::int64_t> place(std::vector<piece>& pieces, const std::vector<std::int64_t>& begins) {
    std::vector<std::int64_t> halves;
    std::size_t first = 0;
    for (std::size_t part = 0; part + 1 < begins.size(); ++part) {
      std::size_t last = first;
      std::int64_t low = begins[part], high = begins[part + 1];
      for (; last < pieces.size() && pieces[last].begin < begins[part + 1]; ++last) high -= pieces[last].high;
      halves.push_back(low);
      halves.push_back(high);
      for (; first < last; ++first) {
        piece& p = pieces[first];
        const std::int64_t greater = p.high;
        p.low = low;
        p.high = high;
        low += p.end - p.begin - greater;
        high += greater;
      }
    }
    halves.push_back(begins.back());
    return halves;
  }

  W* const to_;
  const std::int64_t n_;
  const word_reader<W> read_;
  const std::int64_t piece_;  // the most words that one thread splits at a time
  const split_kernels<W>& kernels_ = find_split_kernels<W>();
  int rounds_ = 0;
  scratch memory_;
  std::vector<W> sample_;
};

/// To be asked once a sort: their number may change meanwhile.
int threads_for(std::int64_t n, bool parallel) { return parallel && n >= least_parallel ? thread_count() : 1; }

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
  const auto read = [=](std::int32_t* to, std::int64_t first, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<std::int32_t>(words[first + i] - low - middle);
    return true;
  };
  sort_read<std::int32_t>(narrow, n, read, parallel);
  const auto widen = [=](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t i = first; i < last; ++i) words[i] = low + (narrow[i] + middle);
  };
  if (parallel) parallel_for(n, 1, widen);
  else widen(0, n, 0);
}

}  // namespace

template <class W> bool sort_read(W* to, std::int64_t n, word_reader<W> read, bool parallel) {
  if (const int threads = threads_for(n, parallel); threads > 1) return parallel_sort<W>(to, n, read, threads).run();
  for (std::int64_t i = 0; i < n; i += word_block) {
    if (!read(to + i, i, std::min(word_block, n - i))) return false;
  }
  sort_run(to, n);
  return true;
}

template <class W> void sort_words(W* words, std::int64_t n, bool parallel) {
  if (threads_for(n, parallel) == 1) return sort_run(words, n);
  const scratch memory(n * static_cast<std::int64_t>(sizeof(W)));
  W* const sorted = reinterpret_cast<W*>(memory.data());
  const auto copy = [](W* to, const W* from, std::int64_t count) {
    std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(W));
    return true;
  };
  sort_read<W>(
      sorted, n, [=](W* to, std::int64_t first, std::int64_t count) { return copy(to, words + first, count); }, true);
  parallel_for(n, 1,
               [=](std::int64_t first, std::int64_t last, int) { copy(words + first, sorted + first, last - first); });
}

template bool sort_read(std::int32_t*, std::int64_t, word_reader<std::int32_t>, bool);
template bool sort_read(std::int64_t*, std::int64_t, word_reader<std::int64_t>, bool);
template bool sort_read(float*, std::int64_t, word_reader<float>, bool);
template bool sort_read(double*, std::int64_t, word_reader<double>, bool);
template void sort_words(std::int32_t*, std::int64_t, bool);
template void sort_words(std::int64_t*, std::int64_t, bool);

void sort_words(std::int32_t* words, std::int64_t n, const word_range& range, bool parallel) {
  worth_counting(n, range) ? sort_by_counting(words, n, range) : sort_words(words, n, parallel);
}

void sort_words(std::int64_t* words, std::int64_t n, const word_range& range, bool parallel) {
  if (worth_counting(n, range)) sort_by_counting(words, n, range);
  else if (n >= 64 && range.width() < (std::uint64_t{1} << 32)) sort_narrow(words, n, range.low, parallel);
  else sort_words(words, n, parallel);
}

}  // namespace tessera::detail::cpu
