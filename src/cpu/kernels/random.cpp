// Random fills: which loop makes what, for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/random.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/random-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

template <bool Streaming, class T> HWY_INLINE void put(vec<T> value, T* to) {
  const hn::ScalableTag<T> d;
  if constexpr (Streaming) {
    hn::Stream(value, d, to);
  } else {
    hn::StoreU(value, d, to);
  }
}

/// Each turns the words of one block into block_words / words elements from `to` on.
template <class T> struct uniform_numbers {
  using element = T;
  static constexpr int words = sizeof(T) / 4;
  vec<T> low, width, last;
  explicit uniform_numbers(const random_plan& plan)
      : low(set(static_cast<T>(plan.low))),
        width(set(static_cast<T>(plan.width))),
        last(set(static_cast<T>(plan.last))) {}

  template <bool Streaming> HWY_INLINE void operator()(const word_block& w, T* to) const {
    if constexpr (sizeof(T) == 4) {
      for (int i = 0; i < 4; ++i) {
        const auto integer = as<std::int32_t>(hn::ShiftRight<8>(w.v[i]));
        put<Streaming>(scaled(hn::Mul(hn::ConvertTo(hn::ScalableTag<T>(), integer), set(T{0x1p-24}))),
                       to + i * lanes<T>);
      }
    } else {
      const wide_block b = wide(w);
      for (int i = 0; i < wide_block::count; ++i)
        put<Streaming>(scaled(hn::Mul(to_double(hn::ShiftRight<11>(b.v[i])), set(T{0x1p-53}))), to + i * lanes<T>);
    }
  }
  HWY_INLINE vec<T> scaled(vec<T> u) const { return hn::Min(hn::Add(low, hn::Mul(width, u)), last); }
};

template <class T> struct normal_numbers {
  using element = T;
  static constexpr int words = sizeof(T) / 4;
  using W = std::conditional_t<sizeof(T) == 4, u32, u64>;
  vec<T> mean, deviation;
  explicit normal_numbers(const random_plan& plan)
      : mean(set(static_cast<T>(plan.low))), deviation(set(static_cast<T>(plan.width))) {}

  template <bool Streaming> HWY_INLINE void operator()(const word_block& w, T* to) const {
    if constexpr (sizeof(T) == 4) {
      for (int i = 0; i < 4; i += 2) pair<Streaming>(w.v[i], w.v[i + 1], to + i * lanes<T>);
    } else {
      const wide_block b = wide(w);
      for (int i = 0; i < wide_block::count; i += 2) pair<Streaming>(b.v[i], b.v[i + 1], to + i * lanes<T>);
    }
  }

  /// The first number of each pair of neighbours gives the radius, the second one the angle.
  template <bool Streaming> HWY_INLINE void pair(vec<W> a, vec<W> b, T* to) const {
    vec<T> z0, z1;
#if HWY_TARGET == HWY_SCALAR
    box_muller<T, W>(a, b, z0, z1);
    put<Streaming>(scaled(z0), to);
    put<Streaming>(scaled(z1), to + 1);
#else
    if constexpr (sizeof(T) == 4) {
      const auto up = [](auto v) { return as<W>(hn::ShiftLeft<32>(as<u64>(v))); };
      const auto down = [](auto v) { return as<W>(hn::ShiftRight<32>(as<u64>(v))); };
      box_muller<T, W>(hn::OddEven(up(b), a), hn::OddEven(b, down(a)), z0, z1);
      z0 = scaled(z0), z1 = scaled(z1);
      put<Streaming>(hn::OddEven(as<T>(up(z1)), z0), to);
      put<Streaming>(hn::OddEven(z1, as<T>(down(z0))), to + lanes<T>);
    } else {
      const hn::ScalableTag<W> dw;
      const hn::ScalableTag<T> d;
      box_muller<T, W>(hn::InterleaveLower(dw, a, b), hn::InterleaveUpper(dw, a, b), z0, z1);
      z0 = scaled(z0), z1 = scaled(z1);
      put<Streaming>(hn::InterleaveLower(d, z0, z1), to);
      put<Streaming>(hn::InterleaveUpper(d, z0, z1), to + lanes<T>);
    }
#endif
  }
  HWY_INLINE vec<T> scaled(vec<T> z) const { return hn::Add(mean, hn::Mul(deviation, z)); }
};

/// Ranges of up to 2**32: floor(w * (1 + most) / 2**64) of a 64-bit number w.
template <class T> struct narrow_integers {
  using element = T;
  static constexpr int words = 2;
  vec<u64> first, most;
  explicit narrow_integers(const random_plan& plan) : first(set(plan.first)), most(set(plan.most)) {}

  template <bool Streaming> HWY_INLINE void operator()(const word_block& w, T* to) const {
    const wide_block b = wide(w);
    if constexpr (sizeof(T) == 8) {
      for (int i = 0; i < wide_block::count; ++i) put<Streaming>(as<T>(number(b.v[i])), to + i * lanes<T>);
    } else {
      alignas(64) u64 numbers[wide_block::count * lanes<u64>];
      for (int i = 0; i < wide_block::count; ++i)
        hn::Store(number(b.v[i]), hn::ScalableTag<u64>(), numbers + i * lanes<u64>);
      for (std::size_t i = 0; i < wide_block::count * lanes<u64>; ++i) to[i] = static_cast<T>(numbers[i]);
    }
  }
  // With halves h and l: floor((h (1 + most) + floor(l (1 + most) / 2**32)) / 2**32); no sum exceeds 64 bits.
  HWY_INLINE vec<u64> number(vec<u64> w) const {
    const vec<u64> l = hn::And(w, set(u64{0xFFFFFFFF})), h = hn::ShiftRight<32>(w);
    const vec<u64> below = hn::ShiftRight<32>(hn::Add(product(l, most), l));
    return hn::Add(hn::ShiftRight<32>(hn::Add(hn::Add(product(h, most), h), below)), first);
  }
  static HWY_INLINE vec<u64> product(vec<u64> a, vec<u64> b) {
#if HWY_TARGET == HWY_SCALAR
    return set(hn::GetLane(a) * hn::GetLane(b));
#else
    return hn::MulEven(as<u32>(a), as<u32>(b));
#endif
  }
};

/// Larger ranges: floor(w * (1 + most) / 2**128) of a 128-bit number w, one at a time.
template <class T> struct wide_integers {
  using element = T;
  static constexpr int words = 4;
  u64 first, most;
  explicit wide_integers(const random_plan& plan) : first(plan.first), most(plan.most) {}

  template <bool Streaming> HWY_INLINE void operator()(const word_block& w, T* to) const {
    __extension__ using u128 = unsigned __int128;
    alignas(64) u32 word[block_words];
    for (int i = 0; i < 4; ++i) hn::Store(w.v[i], hn::ScalableTag<u32>(), word + i * lanes<u32>);
    for (std::size_t i = 0; i < block_words; i += 4) {
      const u64 l = word[i] | u64{word[i + 1]} << 32, h = word[i + 2] | u64{word[i + 3]} << 32;
      const u64 below = static_cast<u64>((u128{l} * most + l) >> 64);
      to[i / 4] = static_cast<T>(static_cast<u64>((u128{h} * most + h + below) >> 64) + first);
    }
  }
};

template <bool Streaming, class Numbers>
void fill_blocks(const random_plan& plan, const Numbers& numbers, std::int64_t first, std::int64_t count) {
  using T = typename Numbers::element;
  constexpr std::int64_t step = static_cast<std::int64_t>(block_words) / Numbers::words;
  const philox words(plan);
  u64 counter = plan.counter + static_cast<u64>(first) * Numbers::words / 4;
  T* to = reinterpret_cast<T*>(plan.out) + first;
  for (; count >= step; count -= step, to += step, counter += lanes<u32>)
    numbers.template operator()<Streaming>(words(counter), to);
  if (count > 0) {
    alignas(64) T rest[step];
    numbers.template operator()<false>(words(counter), rest);
    std::memcpy(to, rest, static_cast<std::size_t>(count) * sizeof(T));
  }
  if (Streaming) hwy::FlushStream();
}

template <class Numbers> void fill(const random_plan& plan, std::int64_t first, std::int64_t count, bool streaming) {
  const Numbers numbers(plan);
  if (streaming) {
    fill_blocks<true>(plan, numbers, first, count);
  } else {
    fill_blocks<false>(plan, numbers, first, count);
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
  if (kind == distribution::integers) return choose_integers(type, words);
  if (!single && type != dtype_code::float64) return nullptr;
  if (kind == distribution::uniform) return single ? fill<uniform_numbers<float>> : fill<uniform_numbers<double>>;
  return single ? fill<normal_numbers<float>> : fill<normal_numbers<double>>;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_random_fill);

random_fill find_random_fill(const random_plan& plan) {
  return HWY_DYNAMIC_DISPATCH(choose_random_fill)(plan.kind, plan.type.code(), plan.words);
}
}  // namespace tessera::detail::cpu
#endif
