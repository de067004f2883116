// Small matrix products, a tile of the result at a time in registers.
//
//                 y  | v v v |  Vectors registers of a row of y     Tiles at the ends of rows and columns begin earlier
//        x            +-------+                                     instead of being narrower: what two of them compute is
//      Rows  e  e  -> | tile  |  accumulators, kept over all steps  the same. Rows shorter than a register take half of
//                     +-------+                                     one, or a quarter. So there are no masks.
//
// Elements are summed in order of the steps. Without FMA (the plain x86-64 target) products are rounded first.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/contraction_small.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "cpu/kernels/contraction_small.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T> HWY_INLINE T element_at(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class D> HWY_INLINE hn::Vec<D> load(D d, const std::byte* at) {
  return hn::LoadU(d, reinterpret_cast<const hn::TFromD<D>*>(at));
}

/// Adds step `k` to the tile. Vector v begins v registers from its left edge, the last one `last` bytes.
template <class D, int Vectors, int Rows>
HWY_INLINE void add_step(D d, hn::Vec<D> (&acc)[Rows][Vectors], const std::byte* x, std::int64_t x_row,
                         const std::byte* y, std::int64_t last) {
  using T = hn::TFromD<D>;
  constexpr std::int64_t width = sizeof(T) * hn::MaxLanes(d);
  hn::Vec<D> columns[Vectors];
  for (int v = 0; v < Vectors; ++v) columns[v] = load(d, y + (v == Vectors - 1 ? last : v * width));
  for (int r = 0; r < Rows; ++r) {
    const auto element = hn::Set(d, element_at<T>(x + r * x_row));
    for (int v = 0; v < Vectors; ++v) acc[r][v] = hn::MulAdd(element, columns[v], acc[r][v]);
  }
}

template <class D, int Vectors, int Rows, bool Stream = false>
HWY_INLINE void store(D d, const hn::Vec<D> (&acc)[Rows][Vectors], std::byte* to, std::int64_t to_row,
                      std::int64_t last) {
  using T = hn::TFromD<D>;
  constexpr std::int64_t width = sizeof(T) * hn::MaxLanes(d);
  for (int r = 0; r < Rows; ++r) {
    for (int v = 0; v < Vectors; ++v) {
      T* const at = reinterpret_cast<T*>(to + r * to_row + (v == Vectors - 1 ? last : v * width));
      if constexpr (Stream) {
        hn::Stream(acc[r][v], d, at);
      } else {
        hn::StoreU(acc[r][v], d, at);
      }
    }
  }
}

constexpr std::int64_t line = 64, ahead = 4;

HWY_INLINE void fetch(const std::byte* from, std::int64_t bytes) {
  for (std::int64_t at = 0; at < bytes; at += line) __builtin_prefetch(from + at);
}

HWY_INLINE void fetch_ahead(const small_matrices& p, const std::byte* x, const std::byte* y, const std::byte* to) {
  fetch(x + ahead * p.x_next, p.x_bytes);
  fetch(y + ahead * p.y_next, p.y_bytes);
  fetch(to + ahead * p.to_next, p.to_bytes);
}

// ---- any shape ----------------------------------------------------------------------------------------------------
template <class D, int Vectors, int Rows>
void multiply(const small_matrices& p, const std::byte* x, const std::byte* y, std::byte* to, std::int64_t count) {
  const D d;
  constexpr std::int64_t itemsize = sizeof(hn::TFromD<D>), lanes = hn::MaxLanes(d);
  const std::int64_t end = p.columns * itemsize, wide = Vectors * lanes * itemsize;
  const std::int64_t last = std::min(wide, end) - lanes * itemsize, x_step = p.x_step, y_step = p.y_step;
  using T = hn::TFromD<D>;
  const auto none = hn::Set(d, p.steps == 1 ? T(-0.0) : T(0));  // a single product keeps the sign of its zero
  for (std::int64_t done = 0; done < count; ++done, x += p.x_next, y += p.y_next, to += p.to_next) {
    if (done + ahead < count) fetch_ahead(p, x, y, to);
    for (std::int64_t column = 0; column < end; column += wide) {
      const std::int64_t left = std::max<std::int64_t>(0, std::min(column, end - wide));
      for (std::int64_t row = 0; row < p.rows; row += Rows) {
        const std::int64_t top = std::min(row, p.rows - Rows);
        const std::byte *x_at = x + top * p.x_row, *y_at = y + left;
        hn::Vec<D> acc[Rows][Vectors];
        for (auto& each_row : acc)
          for (auto& each : each_row) each = none;
        for (std::int64_t k = 0; k < p.steps; ++k, x_at += x_step, y_at += y_step) {
          add_step<D, Vectors, Rows>(d, acc, x_at, p.x_row, y_at, last);
        }
        store<D, Vectors, Rows>(d, acc, to + top * p.to_row + left, p.to_row, last);
      }
    }
  }
}

// ---- squares, and x of any height, the rows of x contiguous --------------------------------------------------------
/// N columns and steps, a multiple of N rows up to 8, of 8 above.
template <class D, int N, bool Stream>
void multiply_square(const small_matrices& p, const std::byte* x, const std::byte* y, std::byte* to,
                     std::int64_t count) {
  const D d;
  constexpr std::int64_t itemsize = sizeof(hn::TFromD<D>), lanes = hn::MaxLanes(d);
  constexpr int vectors = std::min<int>(2, N / lanes), rows = vectors == 1 ? std::min(N, 8) : 4;
  constexpr std::int64_t wide = vectors * lanes * itemsize, last = wide - lanes * itemsize;
  const std::int64_t x_row = p.x_row, y_step = p.y_step, to_row = p.to_row;
  for (std::int64_t done = 0; done < count; ++done, x += p.x_next, y += p.y_next, to += p.to_next) {
    if (done + ahead < count) fetch_ahead(p, x, y, to);
    for (std::int64_t left = 0; left < N * itemsize; left += wide) {
      for (std::int64_t top = 0; top < p.rows; top += rows) {
        const std::byte *x_at = x + top * x_row, *y_at = y + left;
        hn::Vec<D> acc[rows][vectors];
        for (auto& each_row : acc)
          for (auto& each : each_row) each = hn::Zero(d);
        for (int k = 0; k < N; k += 4, x_at += 4 * itemsize, y_at += 4 * y_step) {
          for (int i = 0; i < 4; ++i) {
            add_step<D, vectors, rows>(d, acc, x_at + i * itemsize, x_row, y_at + i * y_step, last);
          }
        }
        store<D, vectors, rows, Stream>(d, acc, to + top * to_row + left, to_row, last);
      }
    }
  }
}

// ---- 4 x 4 --------------------------------------------------------------------------------------------------------
// float32: a row of a matrix is a block of 16 bytes, a register holds one, two or all four. Element k of each row of x is
// spread over its block, row k of y repeated in all blocks.
#if HWY_TARGET != HWY_SCALAR
template <class D>
void multiply_4x4(const small_matrices& p, const std::byte* x, const std::byte* y, std::byte* to, std::int64_t count) {
  const D d;
  using T = hn::TFromD<D>;
  constexpr int registers = 16 / hn::MaxLanes(d);
  constexpr std::int64_t width = 64 / registers;
  for (std::int64_t done = 0; done < count; ++done, x += p.x_next, y += p.y_next, to += p.to_next) {
    const T* rows = reinterpret_cast<const T*>(y);
    const auto y0 = hn::LoadDup128(d, rows), y1 = hn::LoadDup128(d, rows + 4), y2 = hn::LoadDup128(d, rows + 8),
               y3 = hn::LoadDup128(d, rows + 12);
    for (int i = 0; i < registers; ++i) {
      const auto some = load(d, x + i * width);
      auto sum = hn::Mul(hn::Broadcast<0>(some), y0);
      sum = hn::MulAdd(hn::Broadcast<1>(some), y1, sum);
      sum = hn::MulAdd(hn::Broadcast<2>(some), y2, sum);
      sum = hn::MulAdd(hn::Broadcast<3>(some), y3, sum);
      hn::StoreU(sum, d, reinterpret_cast<T*>(to + i * width));
    }
  }
}
#endif

// ---- the choice ---------------------------------------------------------------------------------------------------
// Heights of tiles by their vectors: 12 accumulators at most, of 16 registers.
constexpr int most_vectors = 3,
              heights[most_vectors + 1][6] = {{}, {8, 6, 4, 3, 2, 1}, {6, 4, 3, 2, 1, 1}, {4, 3, 2, 1, 1, 1}};

struct tile_size {
  int vectors, rows;
};

/// The tile that takes the fewest cycles: two multiply-adds or two loads start in each, and a sum waits four for the last.
tile_size best_tile(std::int64_t rows, std::int64_t columns, std::int64_t lanes) {
  const std::int64_t vectors = (columns + lanes - 1) / lanes;
  tile_size best = {0, 0};
  std::int64_t least = 0;
  for (int v = static_cast<int>(std::min<std::int64_t>(most_vectors, vectors)); v >= 1; --v) {
    for (const int r : heights[v]) {
      if (r > rows) continue;
      const std::int64_t tiles = (vectors + v - 1) / v * ((rows + r - 1) / r);
      const std::int64_t cost = tiles * std::max(std::max(v * r, v + r), 8);
      if (best.rows == 0 || cost < least) {
        best = {v, r};
        least = cost;
      }
    }
  }
  return best;
}

template <class D, int Vectors, int... I> multiply_small with_rows(int rows, std::integer_sequence<int, I...>) {
  multiply_small found = nullptr;
  ((rows == heights[Vectors][I] ? static_cast<void>(found = multiply<D, Vectors, heights[Vectors][I]>) : void()), ...);
  return found;
}

template <class D> multiply_small with_lanes(const small_matrices& p) {
  constexpr std::int64_t lanes = hn::MaxLanes(D());
  if constexpr (lanes > 2) {
    if (p.columns < lanes) return with_lanes<hn::Half<D>>(p);
  }
  if (p.columns < lanes) return nullptr;
  const tile_size size = best_tile(p.rows, p.columns, lanes);
  const std::make_integer_sequence<int, 6> all;
  switch (size.vectors) {
    case 1: return with_rows<D, 1>(size.rows, all);
    case 2: return with_rows<D, 2>(size.rows, all);
    default: break;
  }
  if constexpr (std::is_same_v<D, hn::ScalableTag<hn::TFromD<D>>>) return with_rows<D, 3>(size.rows, all);
  return nullptr;
}

template <class T, int N> multiply_small square(const small_matrices& p) {
  using D = hn::CappedTag<T, N>;
  return p.stream ? multiply_square<D, N, true> : multiply_square<D, N, false>;
}

template <class T> multiply_small with_type(const small_matrices& p) {
  const std::int64_t n = p.columns, itemsize = sizeof(T);
  if (p.steps == n && p.x_step == itemsize) {
#if HWY_TARGET != HWY_SCALAR
    if constexpr (sizeof(T) == 4) {
      const bool dense = p.x_row == 16 && p.y_step == 16 && p.to_row == 16;
      if (n == 4 && p.rows == 4 && dense) return multiply_4x4<hn::CappedTag<T, 16>>;
    }
#endif
    if (n == 4 && p.rows % 4 == 0) return multiply_square<hn::CappedTag<T, 4>, 4, false>;
    if (n == 8 && p.rows % 8 == 0) return square<T, 8>(p);
    if (n == 16 && p.rows % 8 == 0) return square<T, 16>(p);
    if (n == 32 && p.rows % 8 == 0) return square<T, 32>(p);
  }
  return with_lanes<hn::ScalableTag<T>>(p);
}

multiply_small choose_multiply_small(dtype_code type, const small_matrices& p) {
  if (type == dtype_code::float32) return with_type<float>(p);
  if (type == dtype_code::float64) return with_type<double>(p);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_multiply_small);
multiply_small find_multiply_small(dtype type, const small_matrices& p) {
  return HWY_DYNAMIC_DISPATCH(choose_multiply_small)(type.code(), p);
}
}  // namespace tessera::detail::cpu
#endif
