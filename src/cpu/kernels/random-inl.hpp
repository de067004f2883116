// Philox4x32-10 in vectors of counters, and what turns its words into numbers.
//
//   lane    0   1   2   3         one round, for every lane (64 bits wide, its low half is the word):
//   x0 |  c0  c2  c1  c3  |       x0, x1, x2, x3 = hi(M1*x2)^x1^k0, lo(M1*x2), hi(M0*x0)^x3^k1, lo(M0*x0)
//   x1 |  hi  hi  hi  hi  |
//   x2 |  s   s   s   s   |       A 32 x 32 -> 64 bit product reads low halves only: x1 and x3 keep whole products,
//   x3 |  s'  s'  s'  s'  |       with the high half as dirt. 8 operations a round for 4 counters on AVX2, and no shuffles;
//                                 32-bit lanes take 18 for 8. The counters' order makes the words come out in order.
//
// Normal numbers are z0, z1 = r cos(a), r sin(a) with r = sqrt(-2 log(u)) (G. Box, M. Muller 1958). All of it is sums,
// products, fused multiply-adds, quotients and square roots, correctly rounded: whoever does the same gets the same bits.
// Polynomials: minimax in relative error, worst error given at each.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "cpu/kernels/pack-inl.hpp"
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

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// ---- words
constexpr u32 multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57, step0 = 0x9E3779B9, step1 = 0xBB67AE85;
constexpr int rounds = 10;

/// The words of as many counters as a vector has 32-bit lanes, in order.
using word_block = pack<u32, 4>;
constexpr std::size_t block_words = 4 * lanes<u32>;

/// The words of one counter.
struct four_words {
  u32 w[4];
};
HWY_INLINE four_words philox_words(u64 counter, u64 stream, u64 seed) {
  u32 x0 = static_cast<u32>(counter), x1 = static_cast<u32>(counter >> 32), x2 = static_cast<u32>(stream),
      x3 = static_cast<u32>(stream >> 32), k0 = static_cast<u32>(seed), k1 = static_cast<u32>(seed >> 32);
  for (int round = 0; round < rounds; ++round, k0 += step0, k1 += step1) {
    const u64 p0 = u64{multiplier0} * x0, p1 = u64{multiplier1} * x2;
    x0 = static_cast<u32>(p1 >> 32) ^ x1 ^ k0;
    x1 = static_cast<u32>(p1);
    x2 = static_cast<u32>(p0 >> 32) ^ x3 ^ k1;
    x3 = static_cast<u32>(p0);
  }
  return {{x0, x1, x2, x3}};
}

#if HWY_TARGET == HWY_SCALAR
class philox {
 public:
  explicit philox(const random_plan& plan) : seed_(plan.seed), stream_(plan.stream) {}

  HWY_INLINE word_block operator()(u64 counter) const {
    const four_words words = philox_words(counter, stream_, seed_);
    word_block out;
    for (int k = 0; k < 4; ++k) out.v[k] = set(words.w[k]);
    return out;
  }

 private:
  u64 seed_, stream_;
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
    // Two vectors side by side: a round takes 5 cycles until its result is there, but one vector issues in 2.
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
    word_block out;
    interleave(join(x0, x1), join(x2, x3), out.v[0], out.v[1]);
    interleave(join(y0, y1), join(y2, y3), out.v[2], out.v[3]);
    return out;
  }

 private:
  static HWY_INLINE vec<u64> product(vec<u64> a, vec<u64> b) { return hn::MulEven(as<u32>(a), as<u32>(b)); }
  static HWY_INLINE vec<u64> join(vec<u64> low, vec<u64> high) {
    return as<u64>(hn::OddEven(as<u32>(hn::ShiftLeft<32>(high)), as<u32>(low)));
  }
  static HWY_INLINE void interleave(vec<u64> a, vec<u64> b, vec<u32>& first, vec<u32>& second) {
    const hn::ScalableTag<u64> d;
    first = as<u32>(hn::InterleaveLower(d, a, b));
    second = as<u32>(hn::InterleaveUpper(d, a, b));
  }

  vec<u64> key_[rounds][2], offsets_;
  u64 stream_;
};
#endif

/// Words 2i and 2i + 1 as one number, the first one low: all 64-bit numbers of a block in order.
using wide_block = pack<u64, HWY_TARGET == HWY_SCALAR ? 2 : 4>;
HWY_INLINE wide_block wide(const word_block& w) {
#if HWY_TARGET == HWY_SCALAR
  wide_block out;
  for (int k = 0; k < 2; ++k) out.v[k] = set(hn::GetLane(w.v[2 * k]) | u64{hn::GetLane(w.v[2 * k + 1])} << 32);
  return out;
#else
  return bits<u64>(w);
#endif
}
/// The words of a block as its numbers of type W.
template <class W> HWY_INLINE auto words_as(const word_block& w) {
  if constexpr (sizeof(W) == 8) {
    return wide(w);
  } else {
    return w;
  }
}

// ---- numbers
/// The 64-bit integer, rounded once. High and low half become numbers by the exponents put over them: 2**84 and 2**52.
template <int K> HWY_INLINE pack<double, K> to_double(pack<u64, K> w) {
  const auto high = shift_right<32>(w) | u64{0x4530000000000000};
  const auto low = (w & u64{0xFFFFFFFF}) | u64{0x4330000000000000};
  return (bits<double>(high) - (0x1p84 + 0x1p52)) + bits<double>(low);
}
template <int K> HWY_INLINE pack<double, K> to_double_signed(pack<u64, K> w) {
  const auto high = shift_right<32>(w) ^ u64 { 0x4530000080000000 };
  const auto low = (w & u64{0xFFFFFFFF}) | u64{0x4330000000000000};
  return (bits<double>(high) - (0x1p84 + 0x1p63 + 0x1p52)) + bits<double>(low);
}
/// The 32-bit integer, rounded once: halves under the exponents 2**39 and 2**23.
template <int K> HWY_INLINE pack<float, K> to_float(pack<u32, K> w) {
  const auto high = shift_right<16>(w) | u32{0x53000000};
  const auto low = (w & u32{0xFFFF}) | u32{0x4B000000};
  return (bits<float>(high) - (0x1p39f + 0x1p23f)) + bits<float>(low);
}

/// -2 log(w / 2**32) of odd w.
template <int K> HWY_INLINE pack<float, K> minus_two_log(pack<u32, K> w) {
  using pack = pack<float, K>;
  // w = m * 2**e with m in [sqrt(1/2), sqrt(2)); the subtraction leaves e - 32 on top
  const u32 half_root = 0x3F3504F3;
  const auto above = bits<u32>(to_float(w)) - half_root;
  const pack e = convert(shift_right<23>(bits<std::int32_t>(above - (u32{32} << 23))));
  const pack f = bits<float>((above & u32{0x7FFFFF}) + half_root) - 1.0f, f2 = f * f, f4 = f2 * f2;
  // -2 log(1 + f) = -2 f + f**2 p(f), error 5e-9
  const pack p01 = fma(f, -0.666666508f, 0.999999762f), p23 = fma(f, -0.400039375f, 0.50003171f),
             p45 = fma(f, -0.283636719f, 0.332180262f), p67 = fma(f, -0.258093059f, 0.264869243f);
  const pack p = fma(f4, fma(f4, 0.152422115f, fma(f2, p67, p45)), fma(f2, p23, p01));
  const pack log_m = fma(f2, p, f * -2.0f);
  return fma(e, -1.38629436f, fma(e, 3.80930842e-09f, log_m));  // -2 ln 2 in two parts
}

/// -2 log(w / 2**64) of odd w.
template <int K> HWY_INLINE pack<double, K> minus_two_log(pack<u64, K> w) {
  using pack = pack<double, K>;
  const u64 half_root = 0x3FE6A09E667F3BCD;
  const auto above = bits<u64>(to_double(w)) - half_root;
  const pack e = bits<double>(shift_right<52>(above) | u64{0x4330000000000000}) - (0x1p52 + 64);
  const pack f = bits<double>((above & u64{0xFFFFFFFFFFFFF}) + half_root) - 1.0, f2 = f * f;
  // With s = f / (2 + f), z = s**2: -2 log(1 + f) = -4 atanh(s) = -4 s + s z c(z) = -2 f + (f**2 - s (f**2 - z c(z)));
  // only small terms carry rounding errors of their own. Error of -4 + z c(z) 2e-18.
  const pack s = f / (f + 2.0), z = s * s, z2 = z * z;
  const pack c01 = fma(z, -0.79999999998597759, -1.333333333333353),
             c23 = fma(z, -0.44444393976413421, -0.57142857522694268),
             c45 = fma(z, -0.30624887430341408, -0.36367270192191342);
  const pack c = fma(z2 * z2, fma(z2, -0.29621060400708343, c45), fma(z2, c23, c01));
  const pack log_m = fma(f, -2.0, f2 - s * (f2 - z * c));
  return fma(e, -1.3862943611198906, fma(e, -4.6380936276925991e-17, log_m));
}

/// Sine and cosine of t quarter turns, |t| <= 1/2: sin = c0 t + t z q(z), cos = 1 + z c(z), with z = t**2. The product
/// c0 t is not rounded. Errors 3e-8 (c0's) and 8e-9.
template <int K> HWY_INLINE void sine_cosine(pack<float, K> t, pack<float, K>& sine, pack<float, K>& cosine) {
  using pack = pack<float, K>;
  const pack z = t * t, z2 = z * z;
  const pack q = fma(z, fma(z, -0.00460165786f, 0.079680033f), -0.64596349f);
  const pack c01 = fma(z, -1.23370051f, 1.0f), c23 = fma(z, -0.0208599363f, 0.253669173f);
  sine = fma(t, 1.57079637f, t * z * q);
  cosine = fma(z2, fma(z2, 0.00090336299f, c23), c01);
}
/// Errors 5e-17 (the first coefficient's) and 2e-17.
template <int K> HWY_INLINE void sine_cosine(pack<double, K> t, pack<double, K>& sine, pack<double, K>& cosine) {
  using pack = pack<double, K>;
  const pack z = t * t, z2 = z * z, z4 = z2 * z2;
  const pack q01 = fma(z, 0.079692626246039566, -0.64596409750624428),
             q23 = fma(z, 0.00016044115029163048, -0.0046817541322824148),
             q45 = fma(z, 5.6337210053140959e-08, -3.5986417543868745e-06);
  const pack q = fma(z4, q45, fma(z2, q23, q01));
  const pack c01 = fma(z, -1.2337005501361697, 1.0), c23 = fma(z, -0.020863480763308004, 0.25366950790104659),
             c45 = fma(z, -2.5202036558199326e-05, 0.00091926027414676928),
             c67 = fma(z, -6.3205573088108561e-09, 4.710603581027675e-07);
  sine = fma(t, 1.5707963267948966, t * z * q);
  cosine = fma(z4, fma(z2, c67, c45), fma(z2, c23, c01));
}

/// The angle a / 2**32 (2**64) turns from the nearest whole quarter turn, in quarter turns, half a unit up.
template <int K> HWY_INLINE pack<float, K> quarter_turns(pack<u32, K> a) {
  return convert(bits<std::int32_t>(shift_left<2>(a) | u32{2})) * 0x1p-32f;
}
template <int K> HWY_INLINE pack<double, K> quarter_turns(pack<u64, K> a) {
  return to_double_signed(shift_left<2>(a) | u64{2}) * 0x1p-64;
}

/// Two normal numbers from two words w: u = (w | 1) / 2**bits, angle a / 2**bits turns.
template <class T, class W, int K>
HWY_INLINE void box_muller(pack<W, K> w, pack<W, K> a, pack<T, K>& z0, pack<T, K>& z1) {
  constexpr W top = W{1} << (8 * sizeof(W) - 1);
  const pack<T, K> r = sqrt(minus_two_log(w | W{1}));
  pack<T, K> sine, cosine;
  sine_cosine(quarter_turns(a), sine, cosine);
  // The two bits on top of `nearest` are the quarter: odd ones swap sine and cosine.
  const pack<W, K> nearest = a + (top >> 2), odd = shift_left<1>(nearest);
  const pack<W, K> cosine_sign = (nearest + (top >> 1)) & top, sine_sign = nearest & top;
  z0 = r * bits<T>(bits<W>(select(odd, sine, cosine)) ^ cosine_sign);
  z1 = r * bits<T>(bits<W>(select(odd, cosine, sine)) ^ sine_sign);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();
#endif  // include guard per target
