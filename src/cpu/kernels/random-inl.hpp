// Philox4x32-10 in vectors of counters, and what turns its words into numbers.
//
//   lane    0   1   2   3         one round, for every lane (64 bits wide, its low half is the word):
//   x0 |  c0  c2  c1  c3  |       x0, x1, x2, x3 = hi(M1*x2)^x1^k0, lo(M1*x2), hi(M0*x0)^x3^k1, lo(M0*x0)
//   x1 |  hi  hi  hi  hi  |
//   x2 |  s   s   s   s   |       A 32 x 32 -> 64 bit product reads low halves only: x1 and x3 keep whole products, with
//   x3 |  s'  s'  s'  s'  |       the high half as dirt. 8 operations a round for 4 counters on AVX2, and no shuffles;
//                                 32-bit lanes take 18 for 8. The counters' order makes the words come out in order.
//
// Normal numbers are z0, z1 = r cos(a), r sin(a) with r = sqrt(-2 log(u)) (G. Box, M. Muller 1958). All of it is sums,
// products, fused multiply-adds, quotients and square roots, correctly rounded: whoever does the same gets the same bits.
// Polynomials: minimax in relative error, worst error given at each.
#include <hwy/highway.h>
#include <hwy/cache_control.h>

#include <cmath>
#include <cstring>
#include <type_traits>

#include "cpu/kernels/random.hpp"

#if defined(TESSERA_RANDOM_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_RANDOM_INL_HPP
#undef TESSERA_RANDOM_INL_HPP
#else
#define TESSERA_RANDOM_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T> using vec = hn::Vec<hn::ScalableTag<T>>;
template <class T> constexpr std::size_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
template <class T> HWY_INLINE vec<T> set(T value) { return hn::Set(hn::ScalableTag<T>(), value); }
template <class T, class V> HWY_INLINE vec<T> as(V v) { return hn::BitCast(hn::ScalableTag<T>(), v); }
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// ---- words
constexpr u32 multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57, step0 = 0x9E3779B9, step1 = 0xBB67AE85;
constexpr int rounds = 10;

/// As many counters as a vector has 32-bit lanes, their words in order.
struct word_block {
  vec<u32> v[4];
};
constexpr std::size_t block_words = 4 * lanes<u32>;

#if HWY_TARGET == HWY_SCALAR
class philox {
 public:
  explicit philox(const random_plan& plan)
      : key0_(static_cast<u32>(plan.seed)), key1_(static_cast<u32>(plan.seed >> 32)), stream_(plan.stream) {}

  HWY_INLINE word_block operator()(u64 counter) const {
    u32 x0 = static_cast<u32>(counter), x1 = static_cast<u32>(counter >> 32), x2 = static_cast<u32>(stream_),
        x3 = static_cast<u32>(stream_ >> 32), k0 = key0_, k1 = key1_;
    for (int round = 0; round < rounds; ++round, k0 += step0, k1 += step1) {
      const u64 p0 = u64{multiplier0} * x0, p1 = u64{multiplier1} * x2;
      x0 = static_cast<u32>(p1 >> 32) ^ x1 ^ k0;
      x1 = static_cast<u32>(p1);
      x2 = static_cast<u32>(p0 >> 32) ^ x3 ^ k1;
      x3 = static_cast<u32>(p0);
    }
    return {{set(x0), set(x1), set(x2), set(x3)}};
  }

 private:
  u32 key0_, key1_;
  u64 stream_;
};
#else
class philox {
 public:
  explicit philox(const random_plan& plan) : stream_(plan.stream) {
    u32 k0 = static_cast<u32>(plan.seed), k1 = static_cast<u32>(plan.seed >> 32);
    for (int round = 0; round < rounds; ++round, k0 += step0, k1 += step1) {
      key_[round][0] = set(u64{k0});
      key_[round][1] = set(u64{k1});
    }
    alignas(64) u64 offsets[lanes<u64>];
    for (std::size_t i = 0; i < lanes<u64>; ++i) offsets[i] = i / 2 + i % 2 * (lanes<u64> / 2);
    offsets_ = hn::Load(hn::ScalableTag<u64>(), offsets);
  }

  HWY_INLINE word_block operator()(u64 counter) const {
    const vec<u64> m0 = set(u64{multiplier0}), m1 = set(u64{multiplier1});
    // Two vectors side by side: a round of one takes 5 cycles until its result is there, but 2 to issue.
    vec<u64> x0 = hn::Add(set(counter), offsets_), x1 = hn::ShiftRight<32>(x0), x2 = set(stream_),
             x3 = set(stream_ >> 32);
    vec<u64> y0 = hn::Add(set(counter + lanes<u64>), offsets_), y1 = hn::ShiftRight<32>(y0), y2 = x2, y3 = x3;
#pragma GCC unroll 10
    for (int round = 0; round < rounds; ++round) {
      const vec<u64> p0 = product(m0, x0), p1 = product(m1, x2), q0 = product(m0, y0), q1 = product(m1, y2);
      x0 = hn::Xor(hn::ShiftRight<32>(p1), hn::Xor(x1, key_[round][0]));
      y0 = hn::Xor(hn::ShiftRight<32>(q1), hn::Xor(y1, key_[round][0]));
      x2 = hn::Xor(hn::ShiftRight<32>(p0), hn::Xor(x3, key_[round][1]));
      y2 = hn::Xor(hn::ShiftRight<32>(q0), hn::Xor(y3, key_[round][1]));
      x1 = p1, x3 = p0, y1 = q1, y3 = q0;
    }
    const hn::ScalableTag<u64> d;
    const vec<u64> a = pair(x0, x1), b = pair(x2, x3), a2 = pair(y0, y1), b2 = pair(y2, y3);
    return {{as<u32>(hn::InterleaveLower(d, a, b)), as<u32>(hn::InterleaveUpper(d, a, b)),
             as<u32>(hn::InterleaveLower(d, a2, b2)), as<u32>(hn::InterleaveUpper(d, a2, b2))}};
  }

 private:
  static HWY_INLINE vec<u64> product(vec<u64> a, vec<u64> b) { return hn::MulEven(as<u32>(a), as<u32>(b)); }
  static HWY_INLINE vec<u64> pair(vec<u64> low, vec<u64> high) {
    return as<u64>(hn::OddEven(as<u32>(hn::ShiftLeft<32>(high)), as<u32>(low)));
  }

  vec<u64> key_[rounds][2], offsets_;
  u64 stream_;
};
#endif

/// Words 2i and 2i + 1 as one number, the first one low: all 64-bit numbers of a block in order.
struct wide_block {
  static constexpr int count = HWY_TARGET == HWY_SCALAR ? 2 : 4;
  vec<u64> v[count];
};
HWY_INLINE wide_block wide(const word_block& w) {
#if HWY_TARGET == HWY_SCALAR
  const auto join = [](vec<u32> low, vec<u32> high) { return set(hn::GetLane(low) | u64{hn::GetLane(high)} << 32); };
  return {{join(w.v[0], w.v[1]), join(w.v[2], w.v[3])}};
#else
  return {{as<u64>(w.v[0]), as<u64>(w.v[1]), as<u64>(w.v[2]), as<u64>(w.v[3])}};
#endif
}

// ---- numbers
/// a * b + c, rounded once, also where the instruction set has no such thing.
template <class V> HWY_INLINE V fma(V a, V b, V c) {
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
  using T = hn::TFromV<V>;
  const hn::DFromV<V> d;
  T x[hn::MaxLanes(d)], y[hn::MaxLanes(d)], z[hn::MaxLanes(d)];
  hn::StoreU(a, d, x);
  hn::StoreU(b, d, y);
  hn::StoreU(c, d, z);
  for (std::size_t i = 0; i < hn::MaxLanes(d); ++i) z[i] = std::fma(x[i], y[i], z[i]);
  return hn::LoadU(d, z);
#else
  return hn::MulAdd(a, b, c);
#endif
}

/// The 64-bit integer, rounded once. High and low half become numbers by the exponents put over them: 2**84 and 2**52.
HWY_INLINE vec<double> to_double(vec<u64> w) {
  const vec<u64> high = hn::Or(hn::ShiftRight<32>(w), set(u64{0x4530000000000000}));
  const vec<u64> low = hn::Or(hn::And(w, set(u64{0xFFFFFFFF})), set(u64{0x4330000000000000}));
  return hn::Add(hn::Sub(as<double>(high), set(0x1p84 + 0x1p52)), as<double>(low));
}
HWY_INLINE vec<double> to_double_signed(vec<u64> w) {
  const vec<u64> high = hn::Xor(hn::ShiftRight<32>(w), set(u64{0x4530000080000000}));
  const vec<u64> low = hn::Or(hn::And(w, set(u64{0xFFFFFFFF})), set(u64{0x4330000000000000}));
  return hn::Add(hn::Sub(as<double>(high), set(0x1p84 + 0x1p63 + 0x1p52)), as<double>(low));
}
/// The 32-bit integer, rounded once: halves under the exponents 2**39 and 2**23.
HWY_INLINE vec<float> to_float(vec<u32> w) {
  const vec<u32> high = hn::Or(hn::ShiftRight<16>(w), set(u32{0x53000000}));
  const vec<u32> low = hn::Or(hn::And(w, set(u32{0xFFFF})), set(u32{0x4B000000}));
  return hn::Add(hn::Sub(as<float>(high), set(0x1p39f + 0x1p23f)), as<float>(low));
}

/// -2 log(w / 2**32) of odd w.
HWY_INLINE vec<float> minus_two_log(vec<u32> w) {
  // w = m * 2**e with m in [sqrt(1/2), sqrt(2)); the subtraction leaves e - 32 on top
  const u32 half_root = 0x3F3504F3;
  const vec<u32> bits = hn::Sub(as<u32>(to_float(w)), set(half_root));
  const vec<u32> mantissa = hn::Add(hn::And(bits, set(u32{0x7FFFFF})), set(half_root));
  const vec<std::int32_t> exponent = hn::ShiftRight<23>(as<std::int32_t>(hn::Sub(bits, set(u32{32} << 23))));
  const vec<float> e = hn::ConvertTo(hn::ScalableTag<float>(), exponent);
  const vec<float> f = hn::Sub(as<float>(mantissa), set(1.0f)), f2 = hn::Mul(f, f), f4 = hn::Mul(f2, f2);
  // -2 log(1 + f) = -2 f + f**2 p(f), error 5e-9
  const vec<float> p01 = fma(f, set(-0.666666508f), set(0.999999762f)),
                   p23 = fma(f, set(-0.400039375f), set(0.50003171f)),
                   p45 = fma(f, set(-0.283636719f), set(0.332180262f)),
                   p67 = fma(f, set(-0.258093059f), set(0.264869243f));
  const vec<float> p = fma(f4, fma(f4, set(0.152422115f), fma(f2, p67, p45)), fma(f2, p23, p01));
  const vec<float> log_m = fma(f2, p, hn::Mul(f, set(-2.0f)));
  return fma(e, set(-1.38629436f), fma(e, set(3.80930842e-09f), log_m));  // -2 ln 2 in two parts
}

/// -2 log(w / 2**64) of odd w.
HWY_INLINE vec<double> minus_two_log(vec<u64> w) {
  const u64 half_root = 0x3FE6A09E667F3BCD;
  const vec<u64> bits = hn::Sub(as<u64>(to_double(w)), set(half_root));
  const vec<u64> mantissa = hn::Add(hn::And(bits, set(u64{0xFFFFFFFFFFFFF})), set(half_root));
  const vec<u64> exponent = hn::Or(hn::ShiftRight<52>(bits), set(u64{0x4330000000000000}));  // as 2**52 + e
  const vec<double> e = hn::Sub(as<double>(exponent), set(0x1p52 + 64));
  const vec<double> f = hn::Sub(as<double>(mantissa), set(1.0)), f2 = hn::Mul(f, f);
  // With s = f / (2 + f), z = s**2: -2 log(1 + f) = -4 atanh(s) = -4 s + s z c(z) = -2 f + (f**2 - s (f**2 - z c(z)));
  // only small terms carry rounding errors of their own. Error of -4 + z c(z) 2e-18.
  const vec<double> s = hn::Div(f, hn::Add(f, set(2.0))), z = hn::Mul(s, s), z2 = hn::Mul(z, z);
  const vec<double> c01 = fma(z, set(-0.79999999998597759), set(-1.333333333333353)),
                    c23 = fma(z, set(-0.44444393976413421), set(-0.57142857522694268)),
                    c45 = fma(z, set(-0.30624887430341408), set(-0.36367270192191342));
  const vec<double> c = fma(hn::Mul(z2, z2), fma(z2, set(-0.29621060400708343), c45), fma(z2, c23, c01));
  const vec<double> rest = hn::Sub(f2, hn::Mul(s, hn::Sub(f2, hn::Mul(z, c))));
  const vec<double> log_m = fma(f, set(-2.0), rest);
  return fma(e, set(-1.3862943611198906), fma(e, set(-4.6380936276925991e-17), log_m));
}

/// Sine and cosine of t quarter turns, |t| <= 1/2.
struct sine_cosine32 {
  vec<float> sin, cos;
};
HWY_INLINE sine_cosine32 of_quarter_turns(vec<float> t) {
  const vec<float> z = hn::Mul(t, t), z2 = hn::Mul(z, z);
  // sin = c0 t + t z q(z): the first product is not rounded. Errors 3e-8 (c0's) and 8e-9.
  const vec<float> q = fma(z, fma(z, set(-0.00460165786f), set(0.079680033f)), set(-0.64596349f));
  const vec<float> c01 = fma(z, set(-1.23370051f), set(1.0f)), c23 = fma(z, set(-0.0208599363f), set(0.253669173f));
  return {fma(t, set(1.57079637f), hn::Mul(hn::Mul(t, z), q)), fma(z2, fma(z2, set(0.00090336299f), c23), c01)};
}
struct sine_cosine64 {
  vec<double> sin, cos;
};
HWY_INLINE sine_cosine64 of_quarter_turns(vec<double> t) {
  const vec<double> z = hn::Mul(t, t), z2 = hn::Mul(z, z), z4 = hn::Mul(z2, z2);
  // As above; errors 5e-17 (the first coefficient's) and 2e-17.
  const vec<double> q01 = fma(z, set(0.079692626246039566), set(-0.64596409750624428)),
                    q23 = fma(z, set(0.00016044115029163048), set(-0.0046817541322824148)),
                    q45 = fma(z, set(5.6337210053140959e-08), set(-3.5986417543868745e-06));
  const vec<double> q = fma(z4, q45, fma(z2, q23, q01));
  const vec<double> c01 = fma(z, set(-1.2337005501361697), set(1.0)),
                    c23 = fma(z, set(-0.020863480763308004), set(0.25366950790104659)),
                    c45 = fma(z, set(-2.5202036558199326e-05), set(0.00091926027414676928)),
                    c67 = fma(z, set(-6.3205573088108561e-09), set(4.710603581027675e-07));
  return {fma(t, set(1.5707963267948966), hn::Mul(hn::Mul(t, z), q)), fma(z4, fma(z2, c67, c45), fma(z2, c23, c01))};
}

/// Half-way between the multiples of 2**-30 (2**-62) of a quarter turn nearest to a, from the nearest whole quarter.
HWY_INLINE vec<float> quarter_turns(vec<u32> a) {
  const vec<u32> fraction = hn::Or(hn::ShiftLeft<2>(a), set(u32{2}));
  return hn::Mul(hn::ConvertTo(hn::ScalableTag<float>(), as<std::int32_t>(fraction)), set(0x1p-32f));
}
HWY_INLINE vec<double> quarter_turns(vec<u64> a) {
  return hn::Mul(to_double_signed(hn::Or(hn::ShiftLeft<2>(a), set(u64{2}))), set(0x1p-64));
}

/// Two normal numbers from two words w: u = (w | 1) / 2**bits, angle a / 2**bits turns.
template <class T, class W> HWY_INLINE void box_muller(vec<W> w, vec<W> a, vec<T>& z0, vec<T>& z1) {
  const hn::ScalableTag<T> d;
  constexpr int top = 8 * sizeof(W) - 1;
  constexpr W sign = W{1} << top;
  const vec<T> r = hn::Sqrt(minus_two_log(hn::Or(w, set(W{1}))));
  const auto [sine, cosine] = of_quarter_turns(quarter_turns(a));
  // The two bits on top of `nearest` are the quarter: odd ones swap sine and cosine.
  const vec<W> nearest = hn::Add(a, set(W{1} << (top - 2)));
  const auto odd = hn::TestBit(nearest, set(W{1} << (top - 1)));
  const auto swap = hn::RebindMask(d, odd);
  const vec<W> cosine_sign = hn::And(hn::Add(nearest, set(W{1} << (top - 1))), set(sign));
  const vec<W> sine_sign = hn::And(nearest, set(sign));
  z0 = hn::Mul(r, hn::Xor(hn::IfThenElse(swap, sine, cosine), as<T>(cosine_sign)));
  z1 = hn::Mul(r, hn::Xor(hn::IfThenElse(swap, cosine, sine), as<T>(sine_sign)));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();
#endif  // include guard per target
