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

#if TESSERA_AVX2
namespace vector_math = tessera::detail::HWY_NAMESPACE::vector_math;
template <class V> HWY_INLINE V logarithm(V a) { return vector_math::log{}(tag_of<V>(), a); }
template <class V> HWY_INLINE V power(V a, V b) { return vector_math::pow{}(tag_of<V>(), a, b); }
template <class V> HWY_INLINE V sine(V a) { return vector_math::sin{}(tag_of<V>(), a); }
template <class V> HWY_INLINE V arc_sine(V a) { return vector_math::asin{}(tag_of<V>(), a); }
#else
template <class V, class F> HWY_INLINE V by_lanes(F f, V a, V b) {
  const tag_of<V> d;
  HWY_ALIGN lane_of<V> x[hn::MaxLanes(tag_of<V>())], y[hn::MaxLanes(tag_of<V>())];
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) x[i] = f(x[i], y[i]);
  return hn::Load(d, x);
}
template <class V> HWY_INLINE V logarithm(V a) {
  return by_lanes([](auto x, auto) { return std::log(x); }, a, a);
}
template <class V> HWY_INLINE V power(V a, V b) {
  return by_lanes([](auto x, auto y) { return std::pow(x, y); }, a, b);
}
template <class V> HWY_INLINE V sine(V a) {
  return by_lanes([](auto x, auto) { return std::sin(x); }, a, a);
}
template <class V> HWY_INLINE V arc_sine(V a) {
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

/// As many sums as registers hold beside a row of y and an element of x (and of w).
template <class Metric, bool Weighted> struct tile_size {
  static constexpr bool wide = HWY_TARGET <= HWY_AVX3;  // 32 registers
  static constexpr int rows = (wide ? 8 : 4) / (Metric::sums > 1 || Metric::x_fields > 1 ? 2 : 1);
  static constexpr int vectors = Weighted || Metric::y_fields > 1 ? 2 : 3;
};

template <class Metric, class T, bool Weighted> const tile_kernel* kernel_of() {
  using size = tile_size<Metric, Weighted>;
  if constexpr (std::is_same_v<T, std::uint64_t>) {
    return tile_kernel_of<bits_step, size::rows, size::vectors, T>();
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
