// The metrics of src/metrics on vectors of lanes, each lane a pair of rows of its own, and the table of their kernels.
#if defined(TESSERA_DISTANCES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_DISTANCES_INL_HPP
#undef TESSERA_DISTANCES_INL_HPP
#else
#define TESSERA_DISTANCES_INL_HPP
#endif

#include <cmath>
#include <type_traits>

#include "cpu/kernels/distances.hpp"
#include "cpu/kernels/math-vector-inl.hpp"
#include "cpu/kernels/pair_tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

// ---- the vocabulary of src/metrics/README.md ----------------------------------------------------------------------
template <class V> using tag_of = hn::DFromV<V>;
template <class V> using lane_of = hn::TFromD<tag_of<V>>;

template <class V> HWY_INLINE V absolute(V a) { return hn::Abs(a); }
template <class V> HWY_INLINE V square_root(V a) { return hn::Sqrt(a); }
template <class V> HWY_INLINE V constant(V, double c) { return hn::Set(tag_of<V>(), static_cast<lane_of<V>>(c)); }
// Highway's Ne is false for NaN.
template <class V> HWY_INLINE V unequal(V a, V b) { return hn::IfThenZeroElse(hn::Eq(a, b), constant(a, 1)); }
template <class V> HWY_INLINE V if_zero(V a, V then, V otherwise) {
  return hn::IfThenElse(hn::Eq(a, hn::Zero(tag_of<V>())), then, otherwise);
}

// Not inlined: a tile has many of them, and takes minutes to compile.
#if TESSERA_AVX2
namespace vector_math = tessera::detail::HWY_NAMESPACE::vector_math;
template <class V> HWY_NOINLINE V logarithm(V a) { return vector_math::log{}(tag_of<V>(), a); }
template <class V> HWY_NOINLINE V power(V a, V b) { return vector_math::pow{}(tag_of<V>(), a, b); }
/// Of a >= 0. A third of the bits, then Newton steps for r = a^(-1/3): r += r (1 - a r^3) / 3; 1 ulp. Six times as fast
/// as SLEEF's, which has the numbers that are not normal.
template <class V> HWY_NOINLINE V cube_root(V a) {
  using T = lane_of<V>;
  constexpr bool single = sizeof(T) == 4;
  const tag_of<V> d;
  const hn::RebindToUnsigned<tag_of<V>> bits;
  const V third = hn::Set(d, T(1. / 3));
  V r;
  if constexpr (single) {
    const hn::RebindToSigned<tag_of<V>> integers;
    const V third_of_bits = hn::Mul(hn::ConvertTo(d, hn::BitCast(integers, a)), third);
    r = hn::BitCast(d, hn::Sub(hn::Set(integers, 0x54a21d2a), hn::ConvertTo(integers, third_of_bits)));
  } else {  // of the upper half, as a number at 2^52
    const V at = hn::Set(d, 0x1p52);
    const V upper =
        hn::Sub(hn::BitCast(d, hn::Or(hn::ShiftRight<32>(hn::BitCast(bits, a)), hn::BitCast(bits, at))), at);
    const V third_of_bits = hn::MulAdd(upper, third, at);
    r = hn::BitCast(d, hn::Sub(hn::Set(bits, std::uint64_t{0x553ef0ff} << 32),
                               hn::ShiftLeft<32>(hn::BitCast(bits, third_of_bits))));
  }
  for (int step = 0; step < (single ? 3 : 4); ++step) {
    const V error = hn::NegMulAdd(hn::Mul(a, r), hn::Mul(r, r), hn::Set(d, T(1)));
    r = hn::MulAdd(hn::Mul(r, third), error, r);
  }
  const V square = hn::Mul(r, r), root = hn::Mul(a, square);
  const V better = hn::NegMulAdd(hn::Mul(square, third), hn::MulSub(hn::Mul(root, root), root, a), root);
  const auto usual =
      hn::And(hn::Ge(a, hn::Set(d, vector_math::smallest_normal<T>)), hn::Lt(a, hn::Set(d, vector_math::inf<T>)));
  const auto zero = hn::Eq(a, hn::Zero(d));
  const V result = hn::IfThenElse(zero, a, better);
  if (HWY_LIKELY(hn::AllTrue(d, hn::Or(usual, zero)))) return result;
  return hn::IfThenElse(hn::Or(usual, zero), result, vector_math::cbrt{}(d, a));
}
template <class V> HWY_NOINLINE V sine(V a) { return vector_math::sin{}(tag_of<V>(), a); }
template <class V> HWY_NOINLINE V arc_sine(V a) { return vector_math::asin{}(tag_of<V>(), a); }
#else
template <class V, class F> HWY_INLINE V by_lanes(F f, V a, V b) {
  const tag_of<V> d;
  HWY_ALIGN lane_of<V> x[hn::MaxLanes(tag_of<V>())], y[hn::MaxLanes(tag_of<V>())];
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) x[i] = f(x[i], y[i]);
  return hn::Load(d, x);
}
template <class V> HWY_NOINLINE V logarithm(V a) {
  return by_lanes([](auto x, auto) { return std::log(x); }, a, a);
}
template <class V> HWY_NOINLINE V power(V a, V b) {
  return by_lanes([](auto x, auto y) { return std::pow(x, y); }, a, b);
}
template <class V> HWY_NOINLINE V cube_root(V a) {
  return by_lanes([](auto x, auto) { return std::cbrt(x); }, a, a);
}
template <class V> HWY_NOINLINE V sine(V a) {
  return by_lanes([](auto x, auto) { return std::sin(x); }, a, a);
}
template <class V> HWY_NOINLINE V arc_sine(V a) {
  return by_lanes([](auto x, auto) { return std::asin(x); }, a, a);
}
#endif

// On Zen the multiply-adders lie beside the adders: a sum made by them leaves the adders to differences.
template <class V> HWY_INLINE void add_term(V& sum, V t, no_weight) {
#if TESSERA_AVX2
  sum = hn::MulAdd(t, constant(t, 1), sum);
#else
  sum = hn::Add(sum, t);
#endif
}
template <class V> HWY_INLINE void add_term(V& sum, V t, V w) { sum = hn::MulAdd(t, w, sum); }
template <class V> HWY_INLINE void add_product(V& sum, V s, V t, no_weight) { sum = hn::MulAdd(s, t, sum); }
template <class V> HWY_INLINE void add_product(V& sum, V s, V t, V w) { sum = hn::MulAdd(hn::Mul(s, t), w, sum); }
// x86's maximum gives its second operand where either is NaN.
template <class V> HWY_INLINE V larger_number(V sum, V t) {
#if HWY_TARGET == HWY_SCALAR
  return hn::IfThenElse(hn::Gt(t, sum), t, sum);
#else
  return hn::Max(t, sum);
#endif
}
template <class V> HWY_INLINE void keep_larger(V& sum, V t) { sum = larger_number(sum, t); }
template <class V> HWY_INLINE void add_unequal_bits(V& sum, V a, V b) {  // counted in uint64
  sum = hn::Add(sum, hn::PopulationCount(hn::Xor(a, b)));
}

namespace metrics {
#include "metrics/all-inl.hpp"
}  // namespace metrics

// ---- kernels ------------------------------------------------------------------------------------------------------
template <class Metric, bool Weighted> struct distance_step {
  static constexpr int sums = Metric::sums, x_fields = Metric::x_fields, y_fields = Metric::y_fields;
  static constexpr bool is_weighted = Weighted;
  template <class D> static HWY_INLINE hn::Vec<D> start(D d) { return hn::Zero(d); }
  template <class V, class W, class P> static HWY_INLINE void add(V* sum, const V* x, const V* y, W w, P parameters) {
    Metric::step(sum, x, y, w, parameters);
  }
  template <class V> static HWY_INLINE V merge(V a, V b) {
    if constexpr (Metric::is_largest) return larger_number(a, b);
    else return hn::Add(a, b);
  }
  template <class V, class P> static HWY_INLINE V finish(const V* sum, V x_row, V y_row, P parameters) {
    return Metric::finish(sum, x_row, y_row, parameters);
  }
};

/// Bits are counted in uint64 and become float64 at the end.
struct bits_step : distance_step<metrics::bitwise_hamming, false> {
  template <class V, class P> static HWY_INLINE auto finish(const V* sum, V, V, P) {
    const hn::RebindToFloat<tag_of<V>> d;
    const V bits_of_2_52 = hn::BitCast(tag_of<V>(), hn::Set(d, 0x1p52));  // counts are smaller
    return hn::Sub(hn::BitCast(d, hn::Or(*sum, bits_of_2_52)), hn::Set(d, 0x1p52));
  }
};

/// Minkowski's distance of the order Halves / 2, by multiplications and square roots.
template <int Halves> struct half_order : metrics::minkowski {
  template <int N, class V> static HWY_INLINE V whole_power(V a) {
    if constexpr (N == 1) return a;
    else if constexpr (N % 2 == 0) return whole_power<N / 2>(a * a);
    else return a * whole_power<N - 1>(a);
  }
  template <class V, class W, class P> static HWY_INLINE void step(V* sum, const V* x, const V* y, W w, P) {
    const V size = absolute(x[0] - y[0]);
    if constexpr (Halves == 1) {
      add_term(sum[0], square_root(size), w);
    } else if constexpr (Halves % 2 == 1) {
      add_product(sum[0], whole_power<Halves / 2>(size), square_root(size), w);
    } else {
      add_product(sum[0], whole_power<Halves / 2 - 1>(size), size, w);
    }
  }
  template <class V, class P> static HWY_INLINE V finish(const V* sum, V x_row, V y_row, P parameters) {
    if constexpr (Halves == 1) return sum[0] * sum[0];
    else if constexpr (Halves == 3) return whole_power<2>(cube_root(sum[0]));
    else if constexpr (Halves == 6) return cube_root(sum[0]);
    else if constexpr (Halves == 8) return square_root(square_root(sum[0]));
    else return metrics::minkowski::finish(sum, x_row, y_row, parameters);
  }
};

/// As many sums as registers hold beside a row of y, an element of x, and what else a step wants: a weight, constants,
/// terms that wait. With more of them g++ spills sums: braycurtis takes 1.3 times as long in 2 x 3 as in 2 x 2.
template <class Metric, bool Weighted> struct tile_size {
  template <class... M> static constexpr bool is_any = (std::is_same_v<Metric, M> || ...);
  static constexpr bool wide = HWY_TARGET <= HWY_AVX3;  // 32 registers
  static constexpr bool has_fields = Metric::x_fields + Metric::y_fields > 2;
  static constexpr bool is_long = is_any<metrics::minkowski, metrics::jensenshannon, metrics::haversine>;
  static constexpr bool sums_constants = is_any<metrics::cityblock, metrics::hamming>;
  static constexpr int of_wide() { return Metric::sums > 1 ? 4 : 8; }
  static constexpr int of_narrow() {
    if (Metric::sums > 1) return 2;
    if (Weighted || has_fields || is_long) return 4;
    return sums_constants ? 5 : is_any<metrics::chebyshev, metrics::canberra> ? 3 : 4;
  }
  static constexpr int rows = wide ? of_wide() : of_narrow();
  static constexpr bool is_narrow =
      Weighted || has_fields || is_long || (!wide && (sums_constants || Metric::sums > 1));
  static constexpr int vectors = is_narrow ? 2 : 3;
};

/// The steps of orders that are common, or any.
template <class T, bool Weighted> struct minkowski_tile {
  using D = hn::ScalableTag<T>;
  using size = tile_size<metrics::minkowski, Weighted>;
  template <class Metric>
  static constexpr auto run_of = tile_of<distance_step<Metric, Weighted>, size::rows, size::vectors, D>::run;
  static void run(std::byte* out, std::int64_t pitch, const tile_operands& of) {
    if (of.order == 3) return run_of<half_order<6>>(out, pitch, of);
    if (of.order == 4) return run_of<half_order<8>>(out, pitch, of);
    if (of.order == 0.5) return run_of<half_order<1>>(out, pitch, of);
    if (of.order == 1.5) return run_of<half_order<3>>(out, pitch, of);
    if (of.order == 2.5) return run_of<half_order<5>>(out, pitch, of);
    run_of<metrics::minkowski>(out, pitch, of);
  }
};

template <class Metric, class T, bool Weighted> const tile_kernel* kernel_of() {
  using size = tile_size<Metric, Weighted>;
  if constexpr (std::is_same_v<T, std::uint64_t>) {
    return tile_kernel_of<bits_step, size::rows, size::vectors, T>();
  } else if constexpr (std::is_same_v<Metric, metrics::minkowski>) {
    static const tile_kernel kernel = [] {
      tile_kernel k = *tile_kernel_of<distance_step<Metric, Weighted>, size::rows, size::vectors, T>();
      k.tile = minkowski_tile<T, Weighted>::run;
      return k;
    }();
    return &kernel;
  } else if constexpr (!Weighted || Metric::takes_weights) {
    return tile_kernel_of<distance_step<Metric, Weighted>, size::rows, size::vectors, T>();
  } else {
    return nullptr;
  }
}

template <class Metric, class T> const tile_kernel* kernel_of(bool weighted) {
  constexpr bool is_bits = std::is_same_v<Metric, metrics::bitwise_hamming>;
  if constexpr (is_bits != std::is_same_v<T, std::uint64_t>) return nullptr;
  else return weighted ? kernel_of<Metric, T, true>() : kernel_of<Metric, T, false>();
}

template <class T> const tile_kernel* choose(metric_code what, bool weighted) {
  switch (what) {
#define X(name) \
  case metric_code::name: return kernel_of<metrics::name, T>(weighted);
    TESSERA_METRICS(X)
#undef X
  }
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#endif
