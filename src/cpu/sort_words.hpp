// Sorting 32- and 64-bit signed integers, and floats like them; what all sorts of numbers come down to.
#pragma once
#include <concepts>
#include <cstdint>
#include <type_traits>

#include "cpu/kernels/sort.hpp"

namespace tessera::detail::cpu {

/// A borrowed callable: read(to, first, n) writes words [first, first + n) of a lane, at most word_block, the same each time it is asked, on any
/// thread; `to` is aligned to 64 bytes or n is 1. It returns false if the lane has none after all.
template <class W> class word_reader {
 public:
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, word_reader>)
  word_reader(const F& f)
      : object_(&f), call_([](const void* object, W* to, std::int64_t first, std::int64_t n) {
          return (*static_cast<const F*>(object))(to, first, n);
        }) {}
  bool operator()(W* to, std::int64_t first, std::int64_t n) const { return call_(object_, to, first, n); }

 private:
  const void* object_;
  bool (*call_)(const void*, W*, std::int64_t, std::int64_t);
};

/// The n words that are read, sorted, in `to`, which is aligned and not what they are read from. W: std::int32_t, std::int64_t,
/// float or double; floats are finite and not -0.0: Highway 1.0.3 pads with the greatest finite number and would lose
/// infinities. `parallel`: on several threads if there are enough words. Not inside of a parallel loop that has scratch
/// memory. Returns false, with `to` as it may be, if the lane has no words.
template <class W> bool sort_read(W* to, std::int64_t n, word_reader<W> read, bool parallel);

/// Words in place.
template <class W> void sort_words(W* words, std::int64_t n, bool parallel);
/// The same for words that lie in a range, which may be a small part of all: counted, or as 32-bit words.
void sort_words(std::int32_t* words, std::int64_t n, const word_range& range, bool parallel);
void sort_words(std::int64_t* words, std::int64_t n, const word_range& range, bool parallel);

}  // namespace tessera::detail::cpu
