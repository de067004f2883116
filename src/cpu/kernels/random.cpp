// Random fills: which loop makes what, for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/random.cpp"
#include <hwy/foreach_target.h>
#include <hwy/contrib/sort/vqsort.h>

#include <algorithm>

#include "cpu/kernels/random-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

template <class T, int K> HWY_INLINE void put(pack<T, K> values, T* to) {
  for (int k = 0; k < K; ++k) hn::StoreU(values.v[k], hn::ScalableTag<T>(), to + k * lanes<T>);
}

template <class T> using word_of = std::conditional_t<sizeof(T) == 4, u32, u64>;

/// Each of these turns the words of one block into block_words / words elements from `to` on.
template <class T> struct uniform_numbers {
  using element = T;
  static constexpr int words = sizeof(T) / 4;
  T low, width, last;
  explicit uniform_numbers(const random_plan& plan)
      : low(static_cast<T>(plan.low)), width(static_cast<T>(plan.width)), last(static_cast<T>(plan.last)) {}

  HWY_INLINE void operator()(const word_block& w, T* to) const {
    put(min(unit(words_as<word_of<T>>(w)) * width + low, last), to);
  }
  template <int K> static HWY_INLINE pack<float, K> unit(pack<u32, K> w) {
    return convert(bits<std::int32_t>(shift_right<8>(w))) * 0x1p-24f;
  }
  template <int K> static HWY_INLINE pack<double, K> unit(pack<u64, K> w) {
    return to_double(shift_right<11>(w)) * 0x1p-53;
  }
};

template <class T> struct normal_numbers {
  using element = T;
  static constexpr int words = sizeof(T) / 4;
  using W = word_of<T>;
  T mean, deviation;
  explicit normal_numbers(const random_plan& plan)
      : mean(static_cast<T>(plan.low)), deviation(static_cast<T>(plan.width)) {}

  /// Of each pair of neighbours the first word makes the radius, the second one the angle.
  HWY_INLINE void operator()(const word_block& block, T* to) const {
    auto w = words_as<W>(block);
    constexpr int pairs = sizeof(w.v) / sizeof(w.v[0]) / 2;
    pack<W, pairs> radius, angle;
    for (int k = 0; k < pairs; ++k) separate(w.v[2 * k], w.v[2 * k + 1], radius.v[k], angle.v[k]);
    pack<T, pairs> z0, z1;
    box_muller(radius, angle, z0, z1);
    z0 = z0 * deviation + mean;
    z1 = z1 * deviation + mean;
    for (int k = 0; k < pairs; ++k) {
      pack<W, 2> z;
      separate(as<W>(z0.v[k]), as<W>(z1.v[k]), z.v[0], z.v[1]);
      put(bits<T>(z), to + 2 * k * lanes<T>);
    }
  }

  /// Lanes of even and of odd position of a and b, in an order that it restores when applied to its results.
  static HWY_INLINE void separate(vec<W> a, vec<W> b, vec<W>& even, vec<W>& odd) {
#if HWY_TARGET == HWY_SCALAR
    even = a, odd = b;
#else
    if constexpr (sizeof(W) == 4) {
      even = hn::OddEven(as<W>(hn::ShiftLeft<32>(as<u64>(b))), a);
      odd = hn::OddEven(b, as<W>(hn::ShiftRight<32>(as<u64>(a))));
    } else {
      const hn::ScalableTag<W> d;
      even = hn::InterleaveLower(d, a, b);
      odd = hn::InterleaveUpper(d, a, b);
    }
#endif
  }
};

template <class T> struct exponential_numbers {
  using element = T;
  static constexpr int words = sizeof(T) / 4;
  T scale;
  explicit exponential_numbers(const random_plan& plan) : scale(static_cast<T>(plan.width)) {}

  HWY_INLINE void operator()(const word_block& w, T* to) const {
    using W = word_of<T>;
    put(minus_two_log(words_as<W>(w) | W{1}) * T(0.5) * scale, to);
  }
};

/// Ranges of up to 2**32: floor(w * (1 + most) / 2**64) of a 64-bit number w.
template <class T> struct narrow_integers {
  using element = T;
  static constexpr int words = 2;
  u64 first, most;
  explicit narrow_integers(const random_plan& plan) : first(plan.first), most(plan.most) {}

  HWY_INLINE void operator()(const word_block& w, T* to) const {
    // With halves h and l: floor((h (1 + most) + floor(l (1 + most) / 2**32)) / 2**32); no sum exceeds 64 bits.
    const wide_block all = wide(w), l = all & u64{0xFFFFFFFF}, h = shift_right<32>(all);
    const wide_block below = shift_right<32>(multiply_low(l, most) + l);
    const wide_block number = shift_right<32>(multiply_low(h, most) + h + below) + first;
    if constexpr (sizeof(T) == 8) {
      put(number, to);
    } else {
      alignas(64) u64 numbers[block_words / words];
      put(number, numbers);
      for (std::size_t i = 0; i < block_words / words; ++i) to[i] = static_cast<T>(numbers[i]);
    }
  }
};

/// Larger ranges: floor(w * (1 + most) / 2**128) of a 128-bit number w, one at a time.
template <class T> struct wide_integers {
  using element = T;
  static constexpr int words = 4;
  u64 first, most;
  explicit wide_integers(const random_plan& plan) : first(plan.first), most(plan.most) {}

  HWY_INLINE void operator()(const word_block& w, T* to) const {
    __extension__ using u128 = unsigned __int128;
    alignas(64) u64 halves[block_words / 2];
    put(wide(w), halves);
    for (std::size_t i = 0; i < block_words / words; ++i) {
      const u64 l = halves[2 * i], h = halves[2 * i + 1];
      const u64 below = static_cast<u64>((u128{l} * most + l) >> 64);
      to[i] = static_cast<T>(static_cast<u64>((u128{h} * most + h + below) >> 64) + first);
    }
  }
};

/// Steps whose words are made before the first of them becomes numbers. Both are long chains of dependent operations; this
/// way neighbouring steps run side by side (uniform float32 27 -> 24 ns a step of 32 on Zen 3, integers 58 -> 50).
constexpr int group = 16;

template <class Numbers> void fill(const random_plan& plan, std::int64_t first, std::int64_t count) {
  using T = typename Numbers::element;
  constexpr std::int64_t step = static_cast<std::int64_t>(block_words) / Numbers::words;
  const philox words(plan);
  const Numbers numbers(plan);
  u64 counter = plan.counter + static_cast<u64>(first) * Numbers::words / 4;
  T* to = reinterpret_cast<T*>(plan.out) + first;
  word_block made[group];
  alignas(64) T rest[step];
  while (count > 0) {
    const std::int64_t steps = std::min<std::int64_t>(group, (count + step - 1) / step);
    for (std::int64_t i = 0; i < steps; ++i, counter += lanes<u32>) made[i] = words(counter);
    for (std::int64_t i = 0; i < steps; ++i, count -= step, to += step) {
      T* const into = count >= step ? to : rest;
      numbers(made[i], into);
      if (into == rest) std::memcpy(to, rest, static_cast<std::size_t>(count) * sizeof(T));
    }
  }
}

template <class T> random_fill integers_of(int words) {
  return words == 2 ? fill<narrow_integers<T>> : fill<wide_integers<T>>;
}

random_fill choose_integers(dtype_code type, int words) {
  switch (type) {  // signed ones wrap to the same bits
    case dtype_code::bool_:
    case dtype_code::int8:
    case dtype_code::uint8: return fill<narrow_integers<std::uint8_t>>;
    case dtype_code::int16:
    case dtype_code::uint16: return fill<narrow_integers<std::uint16_t>>;
    case dtype_code::int32:
    case dtype_code::uint32: return fill<narrow_integers<u32>>;
    case dtype_code::int64:
    case dtype_code::uint64: return integers_of<u64>(words);
    default: return nullptr;
  }
}

random_fill choose_random_fill(distribution kind, dtype_code type, int words) {
  const bool single = type == dtype_code::float32;
  if (kind == distribution::permutation) return fill<wide_integers<u64>>;
  if (kind == distribution::integers) return choose_integers(type, words);
  if (!single && type != dtype_code::float64) return nullptr;
  if (kind == distribution::uniform) return single ? fill<uniform_numbers<float>> : fill<uniform_numbers<double>>;
  if (kind == distribution::exponential)
    return single ? fill<exponential_numbers<float>> : fill<exponential_numbers<double>>;
  return single ? fill<normal_numbers<float>> : fill<normal_numbers<double>>;
}

void sort_pairs(keyed_index* pairs, std::int64_t count) {
#if HWY_TARGET == HWY_SCALAR  // where Highway's sort of 128-bit numbers aborts
  std::sort(pairs, pairs + count, [](const keyed_index& a, const keyed_index& b) {
    return a.key != b.key ? a.key < b.key : a.index < b.index;
  });
#else
  static_assert(sizeof(keyed_index) == sizeof(hwy::uint128_t));
  hwy::Sorter()(reinterpret_cast<hwy::uint128_t*>(pairs), static_cast<std::size_t>(count), hwy::SortAscending());
#endif
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_random_fill);
HWY_EXPORT(sort_pairs);

void sort_by_key(keyed_index* pairs, std::int64_t count) { HWY_DYNAMIC_DISPATCH(sort_pairs)(pairs, count); }

random_fill find_random_fill(const random_plan& plan) {
  return HWY_DYNAMIC_DISPATCH(choose_random_fill)(plan.kind, plan.type.code(), plan.words);
}
}  // namespace tessera::detail::cpu
#endif
