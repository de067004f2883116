// The steps of chains for one size of lanes; chain.hpp says what they are. Included once per instruction set.
//
// Accumulators pass from step to step as arguments: by the calling convention in the vector registers 0 to 7. The call of
// the next step is the last thing a step does, so it is compiled to a jump, and nothing is spilled. Where a compiler makes
// it a call (without optimisation, under sanitizers) results are the same.

#include <hwy/highway.h>

#include <type_traits>
#include <utility>

#include "cpu/kernels/chain.hpp"
#include "cpu/kernels/chain_vectors-inl.hpp"
#include "cpu/kernels/element.hpp"
#include "cpu/kernels/halves-inl.hpp"
#include "cpu/kernels/table.hpp"

#if defined(TESSERA_CHAIN_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_CHAIN_INL_HPP
#undef TESSERA_CHAIN_INL_HPP
#else
#define TESSERA_CHAIN_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {

#if TESSERA_HAS_CHAINS

// ---- where operands come from -------------------------------------------------------------------------------------
template <class T> class lanes_source {
 public:
  HWY_INLINE lanes_source(const std::byte* data, std::size_t mask, std::size_t i)
      : from_(reinterpret_cast<const T*>(data) + (i & mask)) {}
  HWY_INLINE vec<T> at(std::size_t k) const { return hn::LoadU(tag_of<T>(), from_ + k * hn::Lanes(tag_of<T>())); }

 private:
  const T* from_;
};

template <class T> class uniform_source {
 public:
  HWY_INLINE uniform_source(const std::byte* data, std::size_t, std::size_t)
      : value_(hn::Set(tag_of<T>(), load<T>(data, 0))) {}
  HWY_INLINE vec<T> at(std::size_t) const { return value_; }

 private:
  vec<T> value_;
};

template <class T> class bytes_source {
 public:
  HWY_INLINE bytes_source(const std::byte* data, std::size_t mask, std::size_t i)
      : from_(reinterpret_cast<const std::uint8_t*>(data) + (i & mask)) {}
  HWY_INLINE vec<T> at(std::size_t k) const {
    using bits = unsigned_of<T>;
    const tag_of<bits> d;
    const hn::Rebind<std::uint8_t, tag_of<bits>> narrow;
    vec<bits> wide = hn::Zero(d);
    const auto read = hn::LoadU(narrow, from_ + k * hn::Lanes(d));
    if constexpr (sizeof(bits) == 4) {
      wide = hn::PromoteTo(d, read);
    } else {
      wide = hn::PromoteTo(d, hn::PromoteTo(hn::Rebind<std::uint32_t, tag_of<bits>>(), read));
    }
    return hn::BitCast(tag_of<T>(), hn::Not(hn::VecFromMask(d, wide == hn::Zero(d))));
  }

 private:
  const std::uint8_t* from_;
};

template <class Half> class halves_source {
 public:
  HWY_INLINE halves_source(const std::byte* data, std::size_t mask, std::size_t i)
      : from_(reinterpret_cast<const Half*>(data) + (i & mask)) {}
  HWY_INLINE vec<float> at(std::size_t k) const {
    return load_halves(tag_of<float>(), from_ + k * hn::Lanes(tag_of<float>()));
  }

 private:
  const Half* from_;
};

template <class Half> class uniform_half_source {
 public:
  HWY_INLINE uniform_half_source(const std::byte* data, std::size_t, std::size_t)
      : value_(hn::Set(tag_of<float>(), static_cast<float>(load<Half>(data, 0)))) {}
  HWY_INLINE vec<float> at(std::size_t) const { return value_; }

 private:
  vec<float> value_;
};

/// Elements of another type, converted as they are read.
template <class From, class T> class converting_source {
 public:
  HWY_INLINE converting_source(const std::byte* data, std::size_t mask, std::size_t i)
      : from_(reinterpret_cast<const From*>(data) + (i & mask)) {}
  HWY_INLINE vec<T> at(std::size_t k) const {
    const tag_of<T> d;
    const hn::Rebind<From, tag_of<T>> narrow;
    const auto read = hn::LoadU(narrow, from_ + k * hn::Lanes(d));
    if constexpr (std::is_floating_point_v<T> && sizeof(T) == 4 && std::is_integral_v<From>) {
      return hn::ConvertTo(d, hn::PromoteTo(tag_of<std::int32_t>(), read));
    } else {
      return hn::PromoteTo(d, read);
    }
  }

 private:
  const From* from_;
};

// ---- steps --------------------------------------------------------------------------------------------------------
#define TESSERA_ACCUMULATORS \
  vec<Lane> a0, vec<Lane> a1, vec<Lane> a2, vec<Lane> a3, vec<Lane> a4, vec<Lane> a5, vec<Lane> a6, vec<Lane> a7
#define TESSERA_NEXT return reinterpret_cast<step_function<Lane>>(s[1].run)(s + 1, i, a0, a1, a2, a3, a4, a5, a6, a7)
#define TESSERA_EACH(what) \
  what(a0, 0) what(a1, 1) what(a2, 2) what(a3, 3) what(a4, 4) what(a5, 5) what(a6, 6) what(a7, 7)
constexpr std::size_t accumulators = 8;

template <class Lane>
using step_function = void (*)(const chain_step*, std::size_t, vec<Lane>, vec<Lane>, vec<Lane>, vec<Lane>, vec<Lane>,
                               vec<Lane>, vec<Lane>, vec<Lane>);

template <class Lane> chain_function erased(step_function<Lane> f) { return reinterpret_cast<chain_function>(f); }

template <class T, class Lane> HWY_INLINE vec<T> as(vec<Lane> v) { return hn::BitCast(tag_of<T>(), v); }

template <class Body, class T, class Lane> void unary_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
#define TESSERA_ONE(a, k) a = as<Lane, T>(Body::run(tag_of<T>(), as<T, Lane>(a)));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

template <class Body, class T, class Lane, int Held, class P>
void binary_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  const P p(s->p, s->p_mask, i);
#define TESSERA_ONE(a, k)                                                     \
  a = as<Lane, T>(Held == 0 ? Body::run(tag_of<T>(), as<T, Lane>(a), p.at(k)) \
                            : Body::run(tag_of<T>(), p.at(k), as<T, Lane>(a)));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

template <class Body, class T, class Lane, int Held, class P, class Q>
void ternary_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  const P p(s->p, s->p_mask, i);
  const Q q(s->q, s->q_mask, i);
#define TESSERA_ONE(a, k)                                                                \
  a = as<Lane, T>(Held == 0   ? Body::run(tag_of<T>(), as<T, Lane>(a), p.at(k), q.at(k)) \
                  : Held == 1 ? Body::run(tag_of<T>(), p.at(k), as<T, Lane>(a), q.at(k)) \
                              : Body::run(tag_of<T>(), p.at(k), q.at(k), as<T, Lane>(a)));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

/// Division by a power of two as the multiplication by its reciprocal: both round the same number, and a division takes as
/// long as ten multiplications.
template <class Lane> void divide_by_uniform_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  using bits = unsigned_of<Lane>;
  constexpr int fraction = std::numeric_limits<Lane>::digits - 1;
  constexpr bits sign = bits(1) << (8 * sizeof(bits) - 1), one = std::bit_cast<bits>(Lane(1));
  const bits divisor = load<bits>(s->p, 0), size = divisor & ~sign, reciprocal = 2 * one - size;
  const bool both_normal = (size >> fraction) - 1 < (2 * one >> fraction) - 1;  // neither exponent is 0
  if ((divisor & ((bits(1) << fraction) - 1)) != 0 || !both_normal) {
    return binary_step<vectors::divide, Lane, Lane, 0, uniform_source<Lane>>(s, i, a0, a1, a2, a3, a4, a5, a6, a7);
  }
  const vec<Lane> factor = hn::Set(tag_of<Lane>(), std::bit_cast<Lane>(reciprocal | (divisor & sign)));
#define TESSERA_ONE(a, k) a = a * factor;
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

template <class Source, class Lane> void load_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  const Source p(s->p, s->p_mask, i);
#define TESSERA_ONE(a, k) a = hn::BitCast(tag_of<Lane>(), p.at(k));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

template <class Lane> void store_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  const tag_of<Lane> d;
  Lane* const to = reinterpret_cast<Lane*>(const_cast<std::byte*>(s->p)) + (i & s->p_mask);
#define TESSERA_ONE(a, k) hn::StoreU(a, d, to + k * hn::Lanes(d));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

template <class Lane> void stream_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  const tag_of<Lane> d;
  Lane* const to = reinterpret_cast<Lane*>(const_cast<std::byte*>(s->p)) + i;
#define TESSERA_ONE(a, k) hn::Stream(a, d, to + k * hn::Lanes(d));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

template <class Half, class Lane> void store_halves_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  const tag_of<Lane> d;
  Half* const to = reinterpret_cast<Half*>(const_cast<std::byte*>(s->p)) + (i & s->p_mask);
#define TESSERA_ONE(a, k) store_halves(d, a, to + k * hn::Lanes(d));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

template <class Half, class Lane> void stream_halves_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  const tag_of<Lane> d;
  const hn::Rebind<std::uint16_t, tag_of<Lane>> halves;
  auto* const to = reinterpret_cast<std::uint16_t*>(const_cast<std::byte*>(s->p)) + i;
#define TESSERA_ONE(a, k) hn::Stream(narrow_halves<Half>(d, a), halves, to + k * hn::Lanes(d));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

template <class Half, class Lane> void round_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  const tag_of<Lane> d;
#define TESSERA_ONE(a, k) a = widen_halves<Half>(d, narrow_halves<Half>(d, a));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

#if HWY_TARGET == HWY_AVX2
/// Masks of lanes of 4 bytes as 32 bytes of 0 or 1: two rounds of packing work on halves of 16 bytes, the permutation
/// puts their pieces of 4 bytes in order.
HWY_INLINE void store_bools(std::uint8_t* to, __m256i a, __m256i b, __m256i c, __m256i d) {
  const __m256i words = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
  const __m256i ordered = _mm256_permutevar8x32_epi32(words, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_and_si256(ordered, _mm256_set1_epi8(1)));
}
/// Lanes of 8 bytes to lanes of 4.
HWY_INLINE __m256i halves(__m256d a, __m256d b) {
  const __m256 even = _mm256_shuffle_ps(_mm256_castpd_ps(a), _mm256_castpd_ps(b), 0x88);
  return _mm256_permute4x64_epi64(_mm256_castps_si256(even), 0xd8);
}
#endif

template <class Lane> void store_bools_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  std::uint8_t* const to = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(s->p)) + (i & s->p_mask);
#if HWY_TARGET == HWY_AVX2
  if constexpr (sizeof(Lane) == 4) {
    const auto bits = [](vec<float> v) HWY_ATTR { return _mm256_castps_si256(v.raw); };
    store_bools(to, bits(a0), bits(a1), bits(a2), bits(a3));
    store_bools(to + 32, bits(a4), bits(a5), bits(a6), bits(a7));
  } else {
    store_bools(to, halves(a0.raw, a1.raw), halves(a2.raw, a3.raw), halves(a4.raw, a5.raw), halves(a6.raw, a7.raw));
  }
#else
#define TESSERA_ONE(a, k)                                                                               \
  if constexpr (sizeof(Lane) == 4) {                                                                    \
    const __m128i narrow = _mm512_cvtepi32_epi8(as<std::int32_t, Lane>(a).raw);                         \
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16 * k), _mm_and_si128(narrow, _mm_set1_epi8(1))); \
  } else {                                                                                              \
    const __m128i narrow = _mm512_cvtepi64_epi8(as<std::int64_t, Lane>(a).raw);                         \
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + 8 * k), _mm_and_si128(narrow, _mm_set1_epi8(1)));  \
  }
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
#endif
  TESSERA_NEXT;
}

template <class Lane> void call_step(const chain_step* s, std::size_t i, TESSERA_ACCUMULATORS) {
  const tag_of<Lane> d;
  const auto run = reinterpret_cast<kernel>(s[1].run);
  std::byte* const result = const_cast<std::byte*>(s[1].p);
  _mm256_zeroupper();  // it may call the C library
  run(result, s->p + (i & s->p_mask) * sizeof(Lane), s->q + (i & s->q_mask) * sizeof(Lane), nullptr,
      accumulators * hn::Lanes(d));
  ++s;
#define TESSERA_ONE(a, k) a = hn::LoadU(d, reinterpret_cast<const Lane*>(result) + k * hn::Lanes(d));
  TESSERA_EACH(TESSERA_ONE)
#undef TESSERA_ONE
  TESSERA_NEXT;
}

template <class Lane>
void end_step(const chain_step*, std::size_t, vec<Lane>, vec<Lane>, vec<Lane>, vec<Lane>, vec<Lane>, vec<Lane>,
              vec<Lane>, vec<Lane>) {}

template <class Lane> void run_steps(const chain_step* steps, std::size_t first, std::size_t groups) {
  const std::size_t group = accumulators * hn::Lanes(tag_of<Lane>());
  const auto start = reinterpret_cast<step_function<Lane>>(steps->run);
  const vec<Lane> none = hn::Zero(tag_of<Lane>());
  for (; groups > 0; --groups, first += group) start(steps, first, none, none, none, none, none, none, none, none);
  // g++ 12 takes it that the steps did: without, libm's exp of doubles after a chain is 70 times slower.
  _mm256_zeroupper();
}

// ---- the table ----------------------------------------------------------------------------------------------------
template <class Lane> class table_of_steps {
 public:
  using whole = signed_of<Lane>;
  using bits = unsigned_of<Lane>;

  explicit table_of_steps(chain_kernels& table) : table_(table) {}

  void fill() {
    table_.group = static_cast<int>(accumulators * hn::Lanes(tag_of<Lane>()));
    table_.run = run_steps<Lane>;
    table_.loads[static_cast<int>(chain_source::lanes)] = erased<Lane>(load_step<lanes_source<Lane>, Lane>);
    table_.loads[static_cast<int>(chain_source::uniform)] = erased<Lane>(load_step<uniform_source<Lane>, Lane>);
    table_.loads[static_cast<int>(chain_source::bytes)] = erased<Lane>(load_step<bytes_source<Lane>, Lane>);
    table_.store = erased<Lane>(store_step<Lane>);
    table_.store_bools = erased<Lane>(store_bools_step<Lane>);
    table_.stream = erased<Lane>(stream_step<Lane>);
    table_.call = erased<Lane>(call_step<Lane>);
    table_.end = erased<Lane>(end_step<Lane>);
    fill_arithmetic();
    fill_rest();
    fill_masks();
    fill_conversions();
  }

 private:
  template <class T>
  static constexpr lane_kind kind = std::is_floating_point_v<T> ? lane_kind::floating
                                    : std::is_signed_v<T>       ? lane_kind::signed_integer
                                                                : lane_kind::unsigned_integer;

  chain_function* row(lane_kind loop, op code) {
    return table_.operations[static_cast<int>(loop)][static_cast<int>(code)];
  }
  template <class Body, class T> void unary(op code) {
    row(kind<T>, code)[chain_form(0)] = erased<Lane>(unary_step<Body, T, Lane>);
  }
  template <class Body, class Half, int Held> void binary_of_halves(op code, half_steps& steps) {
    const int k = static_cast<int>(code);
    steps.operations[k][Held] = erased<Lane>(binary_step<Body, Lane, Lane, Held, halves_source<Half>>);
    steps.uniform_operations[k][Held] = erased<Lane>(binary_step<Body, Lane, Lane, Held, uniform_half_source<Half>>);
  }
  template <class Body, class T> void binary(op code) {
    if constexpr (std::is_same_v<T, float>) {
      binary_of_halves<Body, float16_t, 0>(code, table_.float16);
      binary_of_halves<Body, float16_t, 1>(code, table_.float16);
      binary_of_halves<Body, bfloat16_t, 0>(code, table_.bfloat16);
      binary_of_halves<Body, bfloat16_t, 1>(code, table_.bfloat16);
    }
    chain_function* const forms = row(kind<T>, code);
    forms[chain_form(0, chain_source::lanes)] = erased<Lane>(binary_step<Body, T, Lane, 0, lanes_source<T>>);
    forms[chain_form(0, chain_source::uniform)] = erased<Lane>(binary_step<Body, T, Lane, 0, uniform_source<T>>);
    if (info(code).commutative && code != op::maximum && code != op::minimum && code != op::fmax && code != op::fmin) {
      forms[chain_form(1, chain_source::lanes)] = forms[chain_form(0, chain_source::lanes)];
      forms[chain_form(1, chain_source::uniform)] = forms[chain_form(0, chain_source::uniform)];
    } else {
      forms[chain_form(1, chain_source::lanes)] = erased<Lane>(binary_step<Body, T, Lane, 1, lanes_source<T>>);
      forms[chain_form(1, chain_source::uniform)] = erased<Lane>(binary_step<Body, T, Lane, 1, uniform_source<T>>);
    }
  }
  template <class Body, class T, int Held, class P, class Q> void ternary(op code, chain_source p, chain_source q) {
    row(kind<T>, code)[chain_form(Held, p, q)] = erased<Lane>(ternary_step<Body, T, Lane, Held, P, Q>);
  }
  template <class Body, class T, int Held, class P> void ternary_second(op code, chain_source p) {
    ternary<Body, T, Held, P, lanes_source<T>>(code, p, chain_source::lanes);
    ternary<Body, T, Held, P, uniform_source<T>>(code, p, chain_source::uniform);
  }
  template <class Body> void mask_unary(op code) {
    row(lane_kind::mask, code)[chain_form(0)] = erased<Lane>(unary_step<Body, bits, Lane>);
  }
  /// They are all commutative.
  template <class Body> void mask_binary(op code) {
    chain_function* const forms = row(lane_kind::mask, code);
    for (const int held : {0, 1}) {
      forms[chain_form(held, chain_source::lanes)] = erased<Lane>(binary_step<Body, bits, Lane, 0, lanes_source<bits>>);
      forms[chain_form(held, chain_source::bytes)] = erased<Lane>(binary_step<Body, bits, Lane, 0, bytes_source<bits>>);
    }
  }

  void fill_arithmetic();
  void fill_rest();
  void fill_masks();
  void fill_conversions();
  template <class Half> void fill_halves(half_steps& steps) {
    steps.load = erased<Lane>(load_step<halves_source<Half>, Lane>);
    steps.load_uniform = erased<Lane>(load_step<uniform_half_source<Half>, Lane>);
    steps.round = erased<Lane>(round_step<Half, Lane>);
    steps.store = erased<Lane>(store_halves_step<Half, Lane>);
    steps.stream = erased<Lane>(stream_halves_step<Half, Lane>);
  }
  template <class T> void fill_where_and_clip();
  template <class From, class... To> void converting_loads() {
    ((table_.converting_loads[static_cast<int>(code_of_element<From>())][static_cast<int>(kind<To>)] =
          erased<Lane>(load_step<converting_source<From, To>, Lane>)),
     ...);
  }
  template <class From> static constexpr dtype_code code_of_element() { return code_of<From>; }

  chain_kernels& table_;
};

#define TESSERA_FLOATING(form, name) form<vectors::name, Lane>(op::name);
#define TESSERA_NUMERIC(form, name)     \
  form<vectors::name, Lane>(op::name);  \
  form<vectors::name, whole>(op::name); \
  form<vectors::name, bits>(op::name);

template <class Lane> void table_of_steps<Lane>::fill_arithmetic() {
  TESSERA_NUMERIC(binary, add)
  TESSERA_NUMERIC(binary, subtract)
  TESSERA_NUMERIC(binary, multiply)
  TESSERA_NUMERIC(unary, square)
  TESSERA_NUMERIC(unary, negative)
  TESSERA_NUMERIC(binary, maximum)
  TESSERA_NUMERIC(binary, minimum)
  TESSERA_NUMERIC(binary, fmax)
  TESSERA_NUMERIC(binary, fmin)
  TESSERA_FLOATING(binary, divide)
  row(lane_kind::floating, op::divide)[chain_form(0, chain_source::uniform)] =
      erased<Lane>(divide_by_uniform_step<Lane>);
  TESSERA_FLOATING(unary, sqrt)
  TESSERA_FLOATING(unary, reciprocal)
  TESSERA_FLOATING(unary, fabs)
  TESSERA_FLOATING(unary, floor)
  TESSERA_FLOATING(unary, ceil)
  TESSERA_FLOATING(unary, trunc)
  TESSERA_FLOATING(unary, rint)
  TESSERA_FLOATING(unary, deg2rad)
  TESSERA_FLOATING(unary, rad2deg)
  TESSERA_FLOATING(binary, copysign)
  unary<vectors::abs, Lane>(op::abs);
  unary<vectors::abs, whole>(op::abs);
  unary<vectors::sign, Lane>(op::sign);
  unary<vectors::sign, whole>(op::sign);
}

template <class Lane> template <class T> void table_of_steps<Lane>::fill_where_and_clip() {
  using lanes = lanes_source<T>;
  using uniform = uniform_source<T>;
  using bytes = bytes_source<T>;
  ternary_second<vectors::where, T, 0, lanes>(op::where, chain_source::lanes);
  ternary_second<vectors::where, T, 0, uniform>(op::where, chain_source::uniform);
  ternary_second<vectors::where, T, 1, lanes>(op::where, chain_source::lanes);
  ternary_second<vectors::where, T, 1, bytes>(op::where, chain_source::bytes);
  ternary_second<vectors::where, T, 2, lanes>(op::where, chain_source::lanes);
  ternary_second<vectors::where, T, 2, bytes>(op::where, chain_source::bytes);
  ternary_second<vectors::clip, T, 0, lanes>(op::clip, chain_source::lanes);
  ternary_second<vectors::clip, T, 0, uniform>(op::clip, chain_source::uniform);
}

template <class Lane> void table_of_steps<Lane>::fill_rest() {
  TESSERA_NUMERIC(binary, equal)
  TESSERA_NUMERIC(binary, not_equal)
  TESSERA_NUMERIC(binary, less)
  TESSERA_NUMERIC(binary, less_equal)
  TESSERA_NUMERIC(binary, greater)
  TESSERA_NUMERIC(binary, greater_equal)
  TESSERA_NUMERIC(unary, logical_not)
  TESSERA_NUMERIC(unary, positive)
  TESSERA_NUMERIC(unary, conj)
  TESSERA_NUMERIC(unary, real)
  TESSERA_FLOATING(unary, isnan)
  TESSERA_FLOATING(unary, isinf)
  TESSERA_FLOATING(unary, isfinite)
#define TESSERA_INTEGERS(form, name)    \
  form<vectors::name, whole>(op::name); \
  form<vectors::name, bits>(op::name);
  TESSERA_INTEGERS(binary, bitwise_and)
  TESSERA_INTEGERS(binary, bitwise_or)
  TESSERA_INTEGERS(binary, bitwise_xor)
  TESSERA_INTEGERS(unary, bitwise_invert)
#undef TESSERA_INTEGERS
  fill_where_and_clip<Lane>();
  fill_where_and_clip<whole>();
  fill_where_and_clip<bits>();
}

template <class Lane> void table_of_steps<Lane>::fill_masks() {
  using namespace vectors;
  mask_binary<masks::add>(op::add);
  mask_binary<masks::multiply>(op::multiply);
  mask_binary<masks::bitwise_and>(op::bitwise_and);
  mask_binary<masks::bitwise_or>(op::bitwise_or);
  mask_binary<masks::bitwise_xor>(op::bitwise_xor);
  mask_unary<masks::bitwise_invert>(op::bitwise_invert);
  mask_binary<masks::logical_and>(op::logical_and);
  mask_binary<masks::logical_or>(op::logical_or);
  mask_binary<masks::logical_xor>(op::logical_xor);
  mask_unary<masks::logical_not>(op::logical_not);
  mask_binary<masks::equal>(op::equal);
  mask_binary<masks::not_equal>(op::not_equal);
}

template <class Lane> void table_of_steps<Lane>::fill_conversions() {
  constexpr int f = static_cast<int>(lane_kind::floating), i = static_cast<int>(lane_kind::signed_integer),
                u = static_cast<int>(lane_kind::unsigned_integer), m = static_cast<int>(lane_kind::mask);
  auto& to = table_.conversions;
  to[f][f] = to[i][i] = to[u][u] = to[m][m] = to[i][u] = to[u][i] = erased<Lane>(unary_step<vectors::same, bits, Lane>);
  to[f][m] = erased<Lane>(unary_step<vectors::to_mask<Lane>, Lane, Lane>);
  to[i][m] = to[u][m] = erased<Lane>(unary_step<vectors::to_mask<bits>, bits, Lane>);
  to[m][f] = erased<Lane>(unary_step<vectors::from_mask<Lane>, Lane, Lane>);
  to[m][i] = to[m][u] = erased<Lane>(unary_step<vectors::from_mask<bits>, bits, Lane>);
  if constexpr (sizeof(Lane) == 4) {
    to[i][f] = erased<Lane>(unary_step<vectors::int32_to_float, Lane, Lane>);
    to[f][i] = erased<Lane>(unary_step<vectors::float_to_int32, Lane, Lane>);
    fill_halves<float16_t>(table_.float16);
    fill_halves<bfloat16_t>(table_.bfloat16);
    converting_loads<std::int8_t, Lane, whole>();
    converting_loads<std::uint8_t, Lane, whole>();
    converting_loads<std::int16_t, Lane, whole>();
    converting_loads<std::uint16_t, Lane, whole>();
  } else {
    converting_loads<std::int32_t, Lane, whole>();
    converting_loads<float, Lane>();
  }
}

#undef TESSERA_FLOATING
#undef TESSERA_NUMERIC
#undef TESSERA_ACCUMULATORS
#undef TESSERA_NEXT
#undef TESSERA_EACH
#endif  // TESSERA_HAS_CHAINS

/// Enters the steps on lanes of this type's size.
template <class Lane> void fill_chains([[maybe_unused]] chain_kernels& table) {
#if TESSERA_HAS_CHAINS
  table_of_steps<Lane>(table).fill();
#endif
}
#undef TESSERA_HAS_CHAINS

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
