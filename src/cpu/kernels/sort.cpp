// Elements as words and back, for each instruction set: plain loops that the compiler turns into vectors.
//
//     integer      itself, unsigned ones with the sign bit inverted
//     float        its bits; of negative numbers all but the sign inverted:   -inf < … < -0.0 = -1 < 0.0 = 0 < … < inf
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/sort.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>

#include "cpu/kernels/element.hpp"
#include "cpu/kernels/sort.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

template <class T> using word_of = std::conditional_t<sizeof(T) == 8, std::int64_t, std::int32_t>;
template <class T> constexpr bool floating = std::floating_point<T> || half<T>;
template <class T>
using bits_of =
    std::conditional_t<sizeof(T) == 8, std::int64_t, std::conditional_t<sizeof(T) == 4, std::int32_t, std::int16_t>>;

template <class T> constexpr bits_of<T> infinity_bits() {
  if constexpr (std::same_as<T, double>) return 0x7ff0000000000000;
  else if constexpr (std::same_as<T, float>) return 0x7f800000;
  else return std::same_as<T, float16_t> ? 0x7c00 : 0x7f80;
}

/// The word of element i; its own inverse on floats' bits.
template <class T> word_of<T> fold_sign(bits_of<T> bits) {
  constexpr bits_of<T> magnitude = std::numeric_limits<bits_of<T>>::max();
  return static_cast<bits_of<T>>(bits ^ ((bits >> (8 * sizeof(T) - 1)) & magnitude));
}
template <class T> word_of<T> word_at(const void* from, std::int64_t i) {
  const auto at = static_cast<std::size_t>(i);
  if constexpr (floating<T>) return fold_sign<T>(load<bits_of<T>>(from, at));
  else if constexpr (std::unsigned_integral<T> && sizeof(T) >= 4)
    return static_cast<word_of<T>>(load<T>(from, at) ^ (T{1} << (8 * sizeof(T) - 1)));
  else return static_cast<word_of<T>>(load<T>(from, at));
}

template <class T> bool words(void* to, const void* from, std::int64_t n, bool inverted) {
  const word_of<T> flip = inverted ? -1 : 0;
  bits_of<T> nan = 0;
  auto* out = static_cast<word_of<T>*>(to);
  TESSERA_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    out[i] = word_at<T>(from, i) ^ flip;
    if constexpr (floating<T>) {
      const auto bits = load<bits_of<T>>(from, static_cast<std::size_t>(i));
      nan |= static_cast<bits_of<T>>((bits & std::numeric_limits<bits_of<T>>::max()) > infinity_bits<T>() ? 1 : 0);
    }
  }
  return nan != 0;
}

template <class T> void elements(void* to, const void* from, std::int64_t n, bool inverted) {
  const word_of<T> flip = inverted ? -1 : 0;
  const auto* in = static_cast<const word_of<T>*>(from);
  TESSERA_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const word_of<T> word = in[i] ^ flip;
    if constexpr (floating<T>) store(to, at, static_cast<bits_of<T>>(fold_sign<T>(static_cast<bits_of<T>>(word))));
    else if constexpr (std::unsigned_integral<T> && sizeof(T) >= 4)
      store(to, at, static_cast<T>(static_cast<T>(word) ^ (T{1} << (8 * sizeof(T) - 1))));
    else store(to, at, static_cast<T>(word));
  }
}

template <class T> bool copy_plain(void* to, const void* from, std::int64_t n) {
  using B = bits_of<T>;
  constexpr auto least = std::bit_cast<std::make_unsigned_t<B>>(std::numeric_limits<T>::min());
  auto* out = static_cast<B*>(to);
  B odd = 0;
  TESSERA_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    const auto bits = load<B>(from, static_cast<std::size_t>(i));
    out[i] = bits;
    const auto magnitude = static_cast<std::make_unsigned_t<B>>(bits & std::numeric_limits<B>::max());
    const bool normal = magnitude - least < static_cast<std::make_unsigned_t<B>>(infinity_bits<T>()) - least;
    odd |= static_cast<B>(normal || bits == 0 ? 0 : 1);
  }
  return odd == 0;
}
template <class T> constexpr auto copy_plain_of() -> bool (*)(void*, const void*, std::int64_t) {
  if constexpr (std::floating_point<T>) return copy_plain<T>;
  else return nullptr;
}

/// The word that all elements equal to element i have.
template <class T> word_of<T> order_at(const void* from, std::int64_t i) {
  using W = word_of<T>;
  W word = word_at<T>(from, i);
  if constexpr (floating<T>) {
    const auto bits = load<bits_of<T>>(from, static_cast<std::size_t>(i));
    const bool nan = (bits & std::numeric_limits<bits_of<T>>::max()) > infinity_bits<T>();
    word = word == -1 ? W{0} : word;
    word = nan ? W{std::numeric_limits<bits_of<T>>::max()} : word;
  }
  return word;
}

template <class T> void order(void* to, const void* from, std::int64_t n, bool inverted) {
  const word_of<T> flip = inverted ? -1 : 0;
  auto* out = static_cast<word_of<T>*>(to);
  TESSERA_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) out[i] = order_at<T>(from, i) ^ flip;
}

template <class T> bool any_below(const void* from, std::int64_t n, bool inverted, std::int64_t bound) {
  using W = word_of<T>;
  const W flip = inverted ? -1 : 0, limit = static_cast<W>(bound);
  W below = 0;
  for (std::int64_t i = 0; i < n; ++i) below |= (order_at<T>(from, i) ^ flip) < limit ? 1 : 0;
  return below != 0;
}

template <class T>
void beyond(std::byte* below, std::byte* above, const void* from, std::int64_t n, const word_range& between) {
  const auto low = static_cast<word_of<T>>(between.low), high = static_cast<word_of<T>>(between.high);
  TESSERA_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    const word_of<T> word = order_at<T>(from, i);
    below[i] = static_cast<std::byte>(word < low ? 1 : 0);
    above[i] = static_cast<std::byte>(word > high ? 1 : 0);
  }
}

template <class W> word_range range(const void* words, std::int64_t n) {
  const auto* in = static_cast<const W*>(words);
  W low = std::numeric_limits<W>::max(), high = std::numeric_limits<W>::min();
  for (std::int64_t i = 0; i < n; ++i) {
    low = in[i] < low ? in[i] : low;
    high = in[i] > high ? in[i] : high;
  }
  return {low, high};
}

template <class P, class W>
void pack(P* to, const void* words, std::int64_t n, std::int64_t first, const packing& how) {
  using U = std::make_unsigned_t<P>;
  const auto* in = static_cast<const W*>(words);
  const auto low = static_cast<U>(how.low);
  const int shift = how.place_bits, dropped = how.dropped;
  constexpr U sign = U{1} << (8 * sizeof(P) - 1);
  const U start = static_cast<U>(first);
  TESSERA_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    const U rank = static_cast<U>(static_cast<U>(in[i]) - low) >> dropped;
    to[i] = static_cast<P>(((rank << shift) | (start + static_cast<U>(i))) ^ sign);
  }
}

template <class T>
inline constexpr sort_kernels kernels_of = {sizeof(word_of<T>),
                                            words<T>,
                                            elements<T>,
                                            copy_plain_of<T>(),
                                            order<T>,
                                            any_below<T>,
                                            beyond<T>,
                                            range<word_of<T>>,
                                            pack<std::int32_t, word_of<T>>,
                                            pack<std::int64_t, word_of<T>>};

const sort_kernels* choose_sort_kernels(dtype_code type) {
  switch (type) {
    case dtype_code::bool_: return &kernels_of<bool>;
    case dtype_code::int8: return &kernels_of<std::int8_t>;
    case dtype_code::int16: return &kernels_of<std::int16_t>;
    case dtype_code::int32: return &kernels_of<std::int32_t>;
    case dtype_code::int64: return &kernels_of<std::int64_t>;
    case dtype_code::uint8: return &kernels_of<std::uint8_t>;
    case dtype_code::uint16: return &kernels_of<std::uint16_t>;
    case dtype_code::uint32: return &kernels_of<std::uint32_t>;
    case dtype_code::uint64: return &kernels_of<std::uint64_t>;
    case dtype_code::float16: return &kernels_of<float16_t>;
    case dtype_code::bfloat16: return &kernels_of<bfloat16_t>;
    case dtype_code::float32: return &kernels_of<float>;
    default: return &kernels_of<double>;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cassert>

namespace tessera::detail::cpu {
HWY_EXPORT(choose_sort_kernels);
const sort_kernels& find_sort_kernels(dtype type) {
  assert(type.kind() != 'c');
  return *HWY_DYNAMIC_DISPATCH(choose_sort_kernels)(type.code());
}
}  // namespace tessera::detail::cpu
#endif
