// Folds of pairs, a tile at a time: 4 x 3 sums fill the 16 registers of AVX2, 8 x 3 the 32 of AVX-512.
//
// Subtraction and multiply-add run on units of their own on Zen, so (x - y)^2 costs no more than a product. Without
// FMA (the plain x86-64 target) products are rounded before they are added.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/pairwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <limits>

#include "cpu/kernels/pair_tile-inl.hpp"
#include "cpu/kernels/pairwise.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

// ---- what is folded -----------------------------------------------------------------------------------------------
template <pair_map Map, class V> HWY_INLINE V value(V x, V y) {
  if constexpr (Map == pair_map::product) return hn::Mul(x, y);
  if constexpr (Map == pair_map::squared_difference) return hn::Mul(hn::Sub(x, y), hn::Sub(x, y));
  if constexpr (Map == pair_map::absolute_difference) return hn::Abs(hn::Sub(x, y));
  if constexpr (Map == pair_map::difference) return hn::Sub(x, y);
  if constexpr (Map == pair_map::reversed_difference) return hn::Sub(y, x);
  if constexpr (Map == pair_map::sum) return hn::Add(x, y);
  if constexpr (Map == pair_map::least) return smaller(x, y);
  if constexpr (Map == pair_map::greatest) return larger(x, y);
}

template <fold By, class V> HWY_INLINE V combine(V a, V b) {
  if constexpr (By == fold::sum) return hn::Add(a, b);
  if constexpr (By == fold::prod) return hn::Mul(a, b);
  if constexpr (By == fold::min) return smaller(a, b);
  if constexpr (By == fold::max) return larger(a, b);
}

template <pair_map Map, fold By> struct combination {
  template <class D> static HWY_INLINE hn::Vec<D> start(D d) {
    using T = hn::TFromD<D>;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    return hn::Set(d, By == fold::sum ? T(0) : By == fold::prod ? T(1) : By == fold::min ? infinity : -infinity);
  }
  template <class V> static HWY_INLINE V add(V acc, V x, V y) {
    if constexpr (By == fold::sum && Map == pair_map::product) {
      return hn::MulAdd(x, y, acc);
    } else if constexpr (By == fold::sum && Map == pair_map::squared_difference) {
      const V difference = hn::Sub(x, y);
      return hn::MulAdd(difference, difference, acc);
    } else {
      return combine<By>(acc, value<Map>(x, y));
    }
  }
  template <class V> static HWY_INLINE V merge(V a, V b) { return combine<By>(a, b); }
};

// Where nothing is negative, numbers are ordered as their bits are, and NaN lies above infinity: one instruction less.
template <> struct combination<pair_map::absolute_difference, fold::max> {
  template <class D> static HWY_INLINE hn::Vec<D> start(D d) { return hn::Zero(d); }
  template <class V> static HWY_INLINE V add(V acc, V x, V y) {
    return merge(acc, value<pair_map::absolute_difference>(x, y));
  }
  template <class V> static HWY_INLINE V merge(V a, V b) { return larger_magnitude(a, b); }
};

// Counts are kept as the bits of integers of the same size: a mask is -1 where it holds. Highway's Ne is false for NaN.
template <fold By> struct combination<pair_map::differs, By> {
  template <class D> static HWY_INLINE hn::Vec<D> start(D d) { return hn::Zero(d); }
  template <class V> static HWY_INLINE V add(V acc, V x, V y) {
    const hn::DFromV<V> d;
    const hn::RebindToSigned<decltype(d)> integers;
    const auto holds = hn::BitCast(integers, hn::VecFromMask(d, hn::Not(hn::Eq(x, y))));
    return hn::BitCast(d, hn::Sub(hn::BitCast(integers, acc), holds));
  }
  template <class V> static HWY_INLINE V merge(V a, V b) {
    const hn::DFromV<V> d;
    const hn::RebindToSigned<decltype(d)> integers;
    return hn::BitCast(d, hn::Add(hn::BitCast(integers, a), hn::BitCast(integers, b)));
  }
};

template <pair_map Map, fold By> struct step {
  static constexpr int sums = 1, x_fields = 1, y_fields = 1;
  static constexpr bool is_weighted = false;
  template <class D> static HWY_INLINE hn::Vec<D> start(D d) { return combination<Map, By>::start(d); }
  template <class V, class P> static HWY_INLINE void add(V* sum, const V* x, const V* y, no_weight, P) {
    *sum = combination<Map, By>::add(*sum, *x, *y);
  }
  template <class V> static HWY_INLINE V merge(V a, V b) { return combination<Map, By>::merge(a, b); }
  template <class V, class P> static HWY_INLINE V finish(const V* sum, V, V, P) { return *sum; }
};

// ---- the table ----------------------------------------------------------------------------------------------------
template <pair_map Map, fold By, class T> const tile_kernel* kernel_of() {
  return tile_kernel_of < step<Map, By>, HWY_TARGET <= HWY_AVX3 ? 8 : 4, 3, T > ();
}

template <fold By, class T> const tile_kernel* choose_map(pair_map map) {
  switch (map) {
    case pair_map::product: return kernel_of<pair_map::product, By, T>();
    case pair_map::squared_difference: return kernel_of<pair_map::squared_difference, By, T>();
    case pair_map::absolute_difference: return kernel_of<pair_map::absolute_difference, By, T>();
    case pair_map::difference: return kernel_of<pair_map::difference, By, T>();
    case pair_map::reversed_difference: return kernel_of<pair_map::reversed_difference, By, T>();
    case pair_map::sum: return kernel_of<pair_map::sum, By, T>();
    case pair_map::least: return kernel_of<pair_map::least, By, T>();
    case pair_map::greatest: return kernel_of<pair_map::greatest, By, T>();
    case pair_map::differs: break;
  }
  if constexpr (By == fold::sum) return kernel_of<pair_map::differs, By, T>();
  return nullptr;
}

template <class T> const tile_kernel* choose_fold(pair_map map, fold by) {
  switch (by) {
    case fold::sum: return choose_map<fold::sum, T>(map);
    case fold::prod:  // of others there is no use
      if (map == pair_map::difference) return kernel_of<pair_map::difference, fold::prod, T>();
      if (map == pair_map::reversed_difference) return kernel_of<pair_map::reversed_difference, fold::prod, T>();
      return map == pair_map::sum ? kernel_of<pair_map::sum, fold::prod, T>() : nullptr;
    case fold::min: return choose_map<fold::min, T>(map);
    case fold::max: return choose_map<fold::max, T>(map);
    default: return nullptr;
  }
}

const tile_kernel* choose_pairwise(pair_map map, fold by, dtype_code type) {
  if (type == dtype_code::float32) return choose_fold<float>(map, by);
  if (type == dtype_code::float64) return choose_fold<double>(map, by);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_pairwise);
const tile_kernel* find_pairwise(pair_map map, fold by, dtype type) {
  return HWY_DYNAMIC_DISPATCH(choose_pairwise)(map, by, type.code());
}
}  // namespace tessera::detail::cpu
#endif
