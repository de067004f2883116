// Folds of pairs, a tile at a time.
//
//                  y  | v v v |  `vectors` registers a step     Each step loads `vectors` of y and spreads `rows` elements
//        x            +-------+                                 of x, for rows * vectors maps and additions. 4 x 3
//      rows  e  e  -> | tile  |  of accumulators, kept in        accumulators fill the 16 registers of AVX2, 8 x 3 the
//                     +-------+  registers over all steps        32 of AVX-512.
//
// Sums and products are folded in leaves of `leaf` steps, leaves in pairs, pairs in pairs: errors as of other sums.
// Subtraction and multiply-add run on units of their own on Zen, so (x - y)^2 costs no more than a product. Without
// FMA (the plain x86-64 target) products are rounded before they are added.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/pairwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "cpu/kernels/pairwise.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// ---- what is folded -----------------------------------------------------------------------------------------------
/// NaN wins, of equals the first. x86's maximum gives its second operand where either is NaN.
template <fold By, class V> HWY_INLINE V better(V a, V b) {
#if HWY_TARGET <= HWY_AVX2
  return hn::IfThenElse(hn::IsNaN(b), b, By == fold::min ? hn::Min(b, a) : hn::Max(b, a));
#else
  return hn::IfThenElse(hn::Or(By == fold::min ? hn::Lt(b, a) : hn::Gt(b, a), hn::IsNaN(b)), b, a);
#endif
}

template <pair_map Map, class V> HWY_INLINE V value(V x, V y) {
  if constexpr (Map == pair_map::product) return hn::Mul(x, y);
  if constexpr (Map == pair_map::squared_difference) return hn::Mul(hn::Sub(x, y), hn::Sub(x, y));
  if constexpr (Map == pair_map::absolute_difference) return hn::Abs(hn::Sub(x, y));
  if constexpr (Map == pair_map::difference) return hn::Sub(x, y);
  if constexpr (Map == pair_map::reversed_difference) return hn::Sub(y, x);
  if constexpr (Map == pair_map::sum) return hn::Add(x, y);
  if constexpr (Map == pair_map::least) return better<fold::min>(x, y);
  if constexpr (Map == pair_map::greatest) return better<fold::max>(x, y);
}

template <fold By, class V> HWY_INLINE V combine(V a, V b) {
  if constexpr (By == fold::sum) return hn::Add(a, b);
  if constexpr (By == fold::prod) return hn::Mul(a, b);
  if constexpr (By == fold::min || By == fold::max) return better<By>(a, b);
}

template <pair_map Map, fold By> struct step {
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
template <> struct step<pair_map::absolute_difference, fold::max> {
  template <class D> static HWY_INLINE hn::Vec<D> start(D d) { return hn::Zero(d); }
  template <class V> static HWY_INLINE V add(V acc, V x, V y) {
    return merge(acc, value<pair_map::absolute_difference>(x, y));
  }
  template <class V> static HWY_INLINE V merge(V a, V b) {
    const hn::DFromV<V> d;
    const hn::RebindToSigned<decltype(d)> integers;
    return hn::BitCast(d, hn::Max(hn::BitCast(integers, a), hn::BitCast(integers, b)));
  }
};

// Counts are kept as the bits of integers of the same size: a mask is -1 where it holds. (Highway's Ne is false for NaN.)
template <fold By> struct step<pair_map::differs, By> {
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

// ---- the tile -----------------------------------------------------------------------------------------------------
inline constexpr int tile_rows = HWY_TARGET <= HWY_AVX3 ? 8 : 4, tile_vectors = 3;
inline constexpr std::int64_t leaf = 128;

template <class Step, class T>
void fold_tile(std::byte* out, std::int64_t pitch, const void* x, const void* y, std::int64_t steps) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  constexpr int levels = 8;  // of leaves in most_pairwise_steps
  static_assert(leaf << (levels - 1) == most_pairwise_steps);
  constexpr std::int64_t most_lanes = hn::MaxLanes(d);
  alignas(64) T stack[levels][tile_rows * tile_vectors * most_lanes];
  int depth = 0;
  const T* a = static_cast<const T*>(x);
  const T* b = static_cast<const T*>(y);
  for (std::int64_t done = 0, leaves = 1;; ++leaves) {
    V acc[tile_rows][tile_vectors];
    for (auto& row : acc)
      for (V& each : row) each = Step::start(d);
    const std::int64_t end = std::min(done + leaf, steps);
    for (; done < end; ++done, a += tile_rows, b += tile_vectors * lanes) {
      V columns[tile_vectors];
      for (int v = 0; v < tile_vectors; ++v) columns[v] = hn::LoadU(d, b + v * lanes);
      for (int r = 0; r < tile_rows; ++r) {
        const V element = hn::Set(d, a[r]);
        for (int v = 0; v < tile_vectors; ++v) acc[r][v] = Step::add(acc[r][v], element, columns[v]);
      }
    }
    const bool last = done == steps;
    for (std::int64_t n = leaves; depth > 0 && (last || n % 2 == 0); n /= 2) {
      --depth;
      for (int r = 0; r < tile_rows; ++r)
        for (int v = 0; v < tile_vectors; ++v)
          acc[r][v] = Step::merge(hn::Load(d, stack[depth] + (r * tile_vectors + v) * lanes), acc[r][v]);
    }
    for (int r = 0; r < tile_rows; ++r) {
      for (int v = 0; v < tile_vectors; ++v) {
        if (last) {
          hn::StoreU(acc[r][v], d, reinterpret_cast<T*>(out + r * pitch) + v * lanes);
        } else {
          hn::Store(acc[r][v], d, stack[depth] + (r * tile_vectors + v) * lanes);
        }
      }
    }
    if (last) return;
    ++depth;
  }
}

template <pair_map Map, fold By, class T> const pairwise_kernel* kernel_of() {
  static const pairwise_kernel kernel = {tile_rows, tile_vectors * static_cast<int>(hn::Lanes(hn::ScalableTag<T>())),
                                         static_cast<int>(sizeof(T)), fold_tile<step<Map, By>, T>};
  return &kernel;
}

template <fold By, class T> const pairwise_kernel* choose_map(pair_map map) {
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

template <class T> const pairwise_kernel* choose_fold(pair_map map, fold by) {
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

const pairwise_kernel* choose_pairwise(pair_map map, fold by, dtype_code type) {
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
const pairwise_kernel* find_pairwise(pair_map map, fold by, dtype type) {
  return HWY_DYNAMIC_DISPATCH(choose_pairwise)(map, by, type.code());
}
}  // namespace tessera::detail::cpu
#endif
