// The tile of a contraction, for one kind of sums.
//
//                  y  | v v v |  `vectors` registers a step     Each step loads `vectors` of y and spreads `rows`
//        x            +-------+                                 elements of x, for rows * vectors multiply-adds. 4 x 3
//      rows  e  e  -> | tile  |  of sums, kept in registers     sums fill the 16 registers of AVX2, 8 x 3 the 32 of
//                     +-------+  over all steps                 AVX-512.
#include <hwy/highway.h>

#include <cstring>

#include "cpu/kernels/contraction.hpp"

#if defined(TESSERA_CONTRACTION_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_CONTRACTION_INL_HPP
#undef TESSERA_CONTRACTION_INL_HPP
#else
#define TESSERA_CONTRACTION_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T> HWY_INLINE T element_at(const std::byte* from) {
  T element;
  std::memcpy(&element, from, sizeof(T));
  return element;
}

/// The first n lanes, and no byte beyond.
template <class D> HWY_INLINE void store_part(D d, hn::Vec<D> x, std::byte* to, std::int64_t n) {
  using T = hn::TFromD<D>;
  alignas(64) T all[hn::MaxLanes(d)];
  hn::Store(x, d, all);
  std::memcpy(to, all, static_cast<std::size_t>(n) * sizeof(T));
}
template <class D> HWY_INLINE hn::Vec<D> load_part(D d, const std::byte* from, std::int64_t n) {
  using T = hn::TFromD<D>;
  alignas(64) T all[hn::MaxLanes(d)] = {};
  std::memcpy(all, from, static_cast<std::size_t>(n) * sizeof(T));
  return hn::Load(d, all);
}

/// Writes a tile whose last vector is not whole.
template <class Sums, int Rows, int Vectors, class D>
HWY_NOINLINE void store_edge(D d, const hn::Vec<D>* sums, const contraction_tile& t) {
  constexpr std::int64_t lanes = hn::MaxLanes(d), size = sizeof(hn::TFromD<D>);
  for (int r = 0; r < Rows; ++r) {
    for (int v = 0; v < Vectors; ++v, ++sums) {
      std::byte* const to = t.to + r * t.pitch + v * lanes * size;
      const std::int64_t n = v + 1 < Vectors ? lanes : t.last;
      store_part(d, t.add ? Sums::merge(load_part(d, to, n), *sums) : *sums, to, n);
    }
  }
}

/// A kind of sums: `type` is the element, `running` what a register of sums is kept in, add() adds a product to it,
/// total() is the sums, merge() adds two.
template <class Sums, int Rows, int Vectors, bool Strided> void tile(const contraction_tile& t) {
  using T = typename Sums::type;
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::int64_t lanes = hn::MaxLanes(d), size = sizeof(T);
  const std::int64_t x_row = Strided ? t.x_row : size, x_step = Strided ? t.x_step : Rows * size,
                     y_step = Strided ? t.y_step : Vectors * lanes * size;
  const std::byte* x = t.x;
  const std::byte* y = t.y;
  for (int r = 0; r < Rows; ++r) {
    for (int v = 0; v < Vectors; v += 2) __builtin_prefetch(t.to + r * t.pitch + v * lanes * size, 1);
  }
  typename Sums::template running<V> acc[Rows][Vectors];
  for (auto& row : acc)
    for (auto& each : row) each = Sums::zero(d);
  for (std::int64_t left = t.steps; left > 0; --left, x += x_step, y += y_step) {
    V columns[Vectors];
    for (int v = 0; v < Vectors; ++v) columns[v] = hn::LoadU(d, reinterpret_cast<const T*>(y) + v * lanes);
    for (int r = 0; r < Rows; ++r) {
      const V element = hn::Set(d, element_at<T>(x + r * x_row));
      for (int v = 0; v < Vectors; ++v) Sums::add(acc[r][v], element, columns[v]);
    }
  }
  const auto place = [&t](int r, int v) { return reinterpret_cast<T*>(t.to + r * t.pitch) + v * lanes; };
  if (lanes > 1 && t.last < lanes) {
    V sums[Rows][Vectors];
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v) sums[r][v] = Sums::total(acc[r][v]);
    store_edge<Sums, Rows, Vectors>(d, &sums[0][0], t);
  } else if (t.add) {  // without branches in them these loops are unrolled, and the sums stay in registers
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v)
        hn::StoreU(Sums::merge(hn::LoadU(d, place(r, v)), Sums::total(acc[r][v])), d, place(r, v));
  } else {
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v) hn::StoreU(Sums::total(acc[r][v]), d, place(r, v));
  }
}

/// Sums that are what they are made of.
template <class T> struct plain_sums {
  using type = T;
  template <class V> using running = V;
  template <class D> static HWY_INLINE hn::Vec<D> zero(D d) { return hn::Zero(d); }
  template <class V> static HWY_INLINE V total(V acc) { return acc; }
  template <class V> static HWY_INLINE V merge(V a, V b) { return hn::Add(a, b); }
};

template <class Sums, int Rows, int Vectors, int R = 1, int V = 1>
void enter_tiles([[maybe_unused]] contraction_kernels& kernels) {
  if constexpr (R <= Rows) {
    kernels.packed[R - 1][V - 1] = tile<Sums, R, V, false>;
    kernels.strided[R - 1][V - 1] = tile<Sums, R, V, true>;
    enter_tiles<Sums, Rows, Vectors, V == Vectors ? R + 1 : R, V == Vectors ? 1 : V + 1>(kernels);
  }
}

/// Tiles of up to Rows x Vectors.
template <class Sums, int Rows, int Vectors> const contraction_kernels* tiles_of() {
  static const contraction_kernels kernels = [] {
    static_assert(Rows <= most_tile_rows && Vectors <= most_tile_vectors);
    using T = typename Sums::type;
    contraction_kernels made{Rows, Vectors, static_cast<int>(hn::MaxLanes(hn::ScalableTag<T>())), {}, {}};
    enter_tiles<Sums, Rows, Vectors>(made);
    return made;
  }();
  return &kernels;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#endif
