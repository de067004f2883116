// Products of a matrix and a vector at the speed of memory.
//
//   dots       rows of x along the summed axis: four at a time, each element of y is read once for them
//   add_rows   rows of x across it: eight at a time, each sum is read and written once for them
//
// Without FMA (the plain x86-64 target) products are rounded before they are added.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/contraction_vector.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "cpu/kernels/contraction_vector.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T> HWY_INLINE const T* at(const std::byte* from) { return reinterpret_cast<const T*>(from); }

template <class T> HWY_INLINE void write(std::byte* to, T value) { std::memcpy(to, &value, sizeof value); }
template <class T> HWY_INLINE T read(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Single elements too may be misaligned.
template <class D> HWY_INLINE hn::Vec<D> load(D d, const std::byte* from) {
  if constexpr (hn::MaxLanes(d) == 1) return hn::Set(d, read<hn::TFromD<D>>(from));
  return hn::LoadU(d, at<hn::TFromD<D>>(from));
}

// ---- dots ---------------------------------------------------------------------------------------------------------
constexpr std::int64_t leaf = 4096;

/// Adds the products of up to `leaf` elements of each of `Rows` rows to sums. Each row has y_next = 0 or is alone.
template <class T, int Rows>
HWY_INLINE void add_leaf(double (&sums)[Rows], const std::byte* x, std::int64_t x_next, const std::byte* y,
                         std::int64_t steps) {
  const hn::ScalableTag<T> d;
  constexpr int unroll = Rows == 1 ? 4 : 2;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  hn::Vec<decltype(d)> acc[Rows][unroll];
  for (auto& row : acc)
    for (auto& each : row) each = hn::Zero(d);
  std::int64_t k = 0;
  for (; k + unroll * lanes <= steps; k += unroll * lanes) {
    for (int u = 0; u < unroll; ++u) {
      const auto common = hn::LoadU(d, at<T>(y) + k + u * lanes);
      for (int r = 0; r < Rows; ++r) {
        acc[r][u] = hn::MulAdd(hn::LoadU(d, at<T>(x + r * x_next) + k + u * lanes), common, acc[r][u]);
      }
    }
  }
  for (; k + lanes <= steps; k += lanes) {
    const auto common = hn::LoadU(d, at<T>(y) + k);
    for (int r = 0; r < Rows; ++r) {
      acc[r][0] = hn::MulAdd(hn::LoadU(d, at<T>(x + r * x_next) + k), common, acc[r][0]);
    }
  }
  if (k < steps) {
    const auto rest = hn::FirstN(d, static_cast<std::size_t>(steps - k));
    const auto common = hn::MaskedLoad(rest, d, at<T>(y) + k);
    for (int r = 0; r < Rows; ++r) {
      acc[r][1] = hn::MulAdd(hn::MaskedLoad(rest, d, at<T>(x + r * x_next) + k), common, acc[r][1]);
    }
  }
  for (int r = 0; r < Rows; ++r) {
    for (int u = unroll / 2; u > 0; u /= 2)
      for (int i = 0; i < u; ++i) acc[r][i] = hn::Add(acc[r][i], acc[r][i + u]);
    sums[r] += hn::GetLane(hn::SumOfLanes(d, acc[r][0]));
  }
}

template <class T, int Rows>
HWY_INLINE void dots_of(const row_products& p, const std::byte* x, const std::byte* y, std::byte* to) {
  double sums[Rows] = {};
  for (std::int64_t k = 0; k < p.steps; k += leaf) {
    constexpr std::int64_t itemsize = sizeof(T);
    add_leaf<T, Rows>(sums, x + k * itemsize, p.x_next, y + k * itemsize, std::min(leaf, p.steps - k));
  }
  for (int r = 0; r < Rows; ++r) write(to + r * p.to_next, static_cast<T>(sums[r]));
}

template <class T>
void dots(const row_products& p, const std::byte* x, const std::byte* y, std::byte* to, std::int64_t count) {
  std::int64_t i = 0;
  if (p.y_next == 0) {
    for (; i + 4 <= count; i += 4) dots_of<T, 4>(p, x + i * p.x_next, y, to + i * p.to_next);
  }
  for (; i < count; ++i) dots_of<T, 1>(p, x + i * p.x_next, y + i * p.y_next, to + i * p.to_next);
}

// ---- rows with weights --------------------------------------------------------------------------------------------
template <class D, int Rows>
HWY_INLINE std::int64_t add_some_rows(D d, std::byte* sums, const std::byte* x, std::int64_t x_row,
                                      const std::byte* weights, std::int64_t first, std::int64_t columns) {
  using T = hn::TFromD<D>;
  constexpr std::int64_t itemsize = sizeof(T);
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  hn::Vec<D> weight[Rows];
  for (int r = 0; r < Rows; ++r) weight[r] = hn::Set(d, read<T>(weights + r * itemsize));
  std::int64_t j = first;
  for (; j + lanes <= columns; j += lanes) {
    std::byte* const to = sums + j * itemsize;
    auto sum = load(d, to);
    for (int r = 0; r < Rows; ++r) sum = hn::MulAdd(weight[r], load(d, x + r * x_row + j * itemsize), sum);
    if constexpr (hn::MaxLanes(d) == 1) {
      write(to, hn::GetLane(sum));
    } else {
      hn::StoreU(sum, d, reinterpret_cast<T*>(to));
    }
  }
  return j;
}

template <class T, int Rows>
HWY_INLINE void add_rows_of(std::byte* sums, const std::byte* x, std::int64_t x_row, const std::byte* weights,
                            std::int64_t columns) {
  const std::int64_t done =
      add_some_rows<hn::ScalableTag<T>, Rows>(hn::ScalableTag<T>(), sums, x, x_row, weights, 0, columns);
  add_some_rows<hn::CappedTag<T, 1>, Rows>(hn::CappedTag<T, 1>(), sums, x, x_row, weights, done, columns);
}

template <class T>
void add_rows(std::byte* sums, const std::byte* x, std::int64_t x_row, const std::byte* weights, std::int64_t rows,
              std::int64_t columns) {
  constexpr std::int64_t itemsize = sizeof(T);
  std::int64_t i = 0;
  for (; i + 8 <= rows; i += 8) add_rows_of<T, 8>(sums, x + i * x_row, x_row, weights + i * itemsize, columns);
  for (; i + 2 <= rows; i += 2) add_rows_of<T, 2>(sums, x + i * x_row, x_row, weights + i * itemsize, columns);
  if (i < rows) add_rows_of<T, 1>(sums, x + i * x_row, x_row, weights + i * itemsize, columns);
}

template <class T> void add(std::byte* to, const std::byte* sums, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    constexpr std::int64_t itemsize = sizeof(T);
    write(to + i * itemsize, static_cast<T>(read<T>(to + i * itemsize) + read<T>(sums + i * itemsize)));
  }
}

const vector_kernels* choose_vector_kernels(dtype_code type) {
  static const vector_kernels of_float = {dots<float>, add_rows<float>, add<float>};
  static const vector_kernels of_double = {dots<double>, add_rows<double>, add<double>};
  return type == dtype_code::float32 ? &of_float : type == dtype_code::float64 ? &of_double : nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_vector_kernels);
const vector_kernels* find_vector_kernels(dtype type) {
  return HWY_DYNAMIC_DISPATCH(choose_vector_kernels)(type.code());
}
}  // namespace tessera::detail::cpu
#endif
