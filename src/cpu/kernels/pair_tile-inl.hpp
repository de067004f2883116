// The loop over a tile's coordinates, for any step.
//
//                  y  | v v v |  `Vectors` registers a step  Each step loads `Vectors` of y and spreads `Rows` elements
//        x            +-------+                              of x. The sums, Rows x Vectors x Step::sums registers, stay
//      Rows  e  e  -> | tile  |  sums, kept in registers     where they are for a leaf of tile_leaf steps. Leaves are
//                     +-------+  over a leaf                 joined in pairs, pairs in pairs: errors as of other sums.
//
// A step has `sums`, `x_fields`, `y_fields`, start(d), add(sum, x, y, w, parameters), merge(a, b), is_weighted and
// finish(sum, x_row, y_row, parameters).
#if defined(TESSERA_PAIR_TILE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_PAIR_TILE_INL_HPP
#undef TESSERA_PAIR_TILE_INL_HPP
#else
#define TESSERA_PAIR_TILE_INL_HPP
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <type_traits>

#include "cpu/kernels/pair_tile.hpp"

#define TESSERA_METRIC HWY_INLINE

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "metrics/base-inl.hpp"

/// NaN wins, of equals the first. x86's maximum gives its second operand where either is NaN.
template <class V> HWY_INLINE V larger(V a, V b) {
#if HWY_TARGET <= HWY_AVX2
  return hn::IfThenElse(hn::IsNaN(b), b, hn::Max(b, a));
#else
  return hn::IfThenElse(hn::Or(hn::Gt(b, a), hn::IsNaN(b)), b, a);
#endif
}
template <class V> HWY_INLINE V smaller(V a, V b) {
#if HWY_TARGET <= HWY_AVX2
  return hn::IfThenElse(hn::IsNaN(b), b, hn::Min(b, a));
#else
  return hn::IfThenElse(hn::Or(hn::Lt(b, a), hn::IsNaN(b)), b, a);
#endif
}
/// Of what is not negative: numbers are ordered as their bits are, and NaN lies above infinity. One instruction less.
template <class V> HWY_INLINE V larger_magnitude(V a, V b) {
  const hn::DFromV<V> d;
  const hn::RebindToSigned<decltype(d)> integers;
  return hn::BitCast(d, hn::Max(hn::BitCast(integers, a), hn::BitCast(integers, b)));
}

template <class Step, int Rows, int Vectors, class D> class tile_of {
  using T = hn::TFromD<D>;
  using V = hn::Vec<D>;
  static constexpr int sums = Step::sums;
  static constexpr std::int64_t pieces = Rows * Vectors * sums;

 public:
  static void run(std::byte* out, std::int64_t pitch, const tile_operands& of) {
    const D d;
    const metric_parameters<V> parameters = {hn::Set(d, static_cast<T>(of.order)),
                                             hn::Set(d, static_cast<T>(of.total))};
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    constexpr int levels = 9;  // of leaves in most_tile_steps
    static_assert(tile_leaf << (levels - 1) == most_tile_steps);
    alignas(64) T own[levels * pieces * static_cast<std::int64_t>(hn::MaxLanes(d))];
    T* const stack = of.stack ? static_cast<T*>(of.stack) : own;
    const T *x = static_cast<const T*>(of.x), *y = static_cast<const T*>(of.y), *w = static_cast<const T*>(of.w);
    std::int64_t leaves = of.before / tile_leaf, depth = std::popcount(static_cast<std::uint64_t>(leaves));
    for (std::int64_t left = of.steps;;) {
      V sum[Rows][Vectors][sums];
      const std::int64_t now = std::min(tile_leaf, left);
      add_leaf(sum, x, y, w, now, parameters);
      x += now * Step::x_fields * Rows;
      y += now * Step::y_fields * Vectors * lanes;
      if (Step::is_weighted) w += now;
      left -= now;
      ++leaves;
      const bool last = left == 0 && of.last;
      for (std::int64_t n = leaves; depth > 0 && (last || n % 2 == 0); n /= 2)
        merge(sum, stack + --depth * pieces * lanes);
      if (last) return finish(out, pitch, of, sum, parameters);
      store(sum, stack + depth++ * pieces * lanes);
      if (left == 0) return;
    }
  }

 private:
  template <class P>
  static HWY_INLINE void add_leaf(V (&sum)[Rows][Vectors][sums], const T* HWY_RESTRICT x, const T* HWY_RESTRICT y,
                                  const T* HWY_RESTRICT w, std::int64_t steps, P parameters) {
    const D d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v)
        for (int s = 0; s < sums; ++s) sum[r][v][s] = Step::start(d);
    for (std::int64_t k = 0; k < steps; ++k) {
      V columns[Vectors][Step::y_fields];
      for (int f = 0; f < Step::y_fields; ++f)
        for (int v = 0; v < Vectors; ++v) columns[v][f] = hn::LoadU(d, y + (f * Vectors + v) * lanes);
      for (int r = 0; r < Rows; ++r) {
        V element[Step::x_fields];
        for (int f = 0; f < Step::x_fields; ++f) element[f] = hn::Set(d, x[f * Rows + r]);
        for (int v = 0; v < Vectors; ++v) {
          if constexpr (Step::is_weighted) {
            Step::add(sum[r][v], element, columns[v], hn::Set(d, w[k]), parameters);
          } else {
            Step::add(sum[r][v], element, columns[v], no_weight(), parameters);
          }
        }
      }
      x += Step::x_fields * Rows;
      y += Step::y_fields * Vectors * lanes;
    }
  }

  static HWY_INLINE void merge(V (&sum)[Rows][Vectors][sums], const T* before) {
    const D d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v)
        for (int s = 0; s < sums; ++s, before += lanes) sum[r][v][s] = Step::merge(hn::Load(d, before), sum[r][v][s]);
  }
  static HWY_INLINE void store(const V (&sum)[Rows][Vectors][sums], T* to) {
    const D d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v)
        for (int s = 0; s < sums; ++s, to += lanes) hn::Store(sum[r][v][s], d, to);
  }

  template <class P>
  static HWY_INLINE void finish(std::byte* out, std::int64_t pitch, const tile_operands& of,
                                const V (&sum)[Rows][Vectors][sums], P parameters) {
    const D d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    const T *x_row = static_cast<const T*>(of.x_row), *y_row = static_cast<const T*>(of.y_row);
    V columns[Vectors];
    for (int v = 0; v < Vectors; ++v) columns[v] = y_row ? hn::LoadU(d, y_row + v * lanes) : hn::Zero(d);
    for (int r = 0; r < Rows; ++r) {
      const V element = x_row ? hn::Set(d, x_row[r]) : hn::Zero(d);
      T* const to = reinterpret_cast<T*>(out + r * pitch);
      for (int v = 0; v < Vectors; ++v) {
        const auto results = Step::finish(sum[r][v], element, columns[v], parameters);  // of T's size
        const hn::DFromV<std::remove_const_t<decltype(results)>> of_results;
        hn::StoreU(results, of_results, reinterpret_cast<hn::TFromD<decltype(of_results)>*>(to + v * lanes));
      }
    }
  }
};

template <class Step, int Rows, int Vectors, class T> const tile_kernel* tile_kernel_of() {
  using D = hn::ScalableTag<T>;
  static const tile_kernel kernel = {Rows,
                                     Vectors * static_cast<int>(hn::Lanes(D())),
                                     Step::x_fields,
                                     Step::y_fields,
                                     static_cast<int>(sizeof(T)),
                                     Step::sums,
                                     tile_of<Step, Rows, Vectors, D>::run};
  return &kernel;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#endif
