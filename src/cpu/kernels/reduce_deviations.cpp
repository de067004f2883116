// Squared deviations from the mean, in one pass.
//
//   rows    A leaf of 4 KiB is taken relative to the mean c of its first quarter: s = sum(x - c) and q = sum((x - c)²),
//           then mean = c + s / n and squares = q - s² / n. As c comes from a quarter of the elements, s² / n is at most a
//           few times the squares that are left, whatever the elements are: nothing is lost by the subtraction.
//   lanes   The same of each lane of 16 rows, c from the first 8.
//
// Leaves are combined in float64 (Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample
// variances", 1979):  mean = m1 + (m2 - m1) n2 / n,  squares = q1 + q2 + (m2 - m1)² n1 n2 / n.  A mean is kept as a
// centre, which is an element's size, and an offset, which is a deviation's: differences of means are as exact as those
// of elements. Elements are first taken relative to one of them, so that equal ones give exactly 0 and large ones do not
// overflow.
#include "cpu/kernels/reduce.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/reduce_deviations.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/reduce-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

struct deviation {
  double count, centre, offset, squares;
};

HWY_INLINE deviation together(const deviation& a, const deviation& b) {
  const double count = a.count + b.count, part = b.count / count;
  const double apart = (b.centre - a.centre) + (b.offset - a.offset);
  return {count, a.centre, a.offset + apart * part, a.squares + b.squares + apart * apart * (a.count * part)};
}

/// From sums relative to c.
HWY_INLINE deviation deviation_of(double count, double c, double sum, double squares) {
  const double offset = sum / count, left = squares - sum * offset;
  return {count, c, offset, left < 0 ? 0 : left};  // NaN stays
}

HWY_INLINE deviation read(const deviations& from, std::size_t i) {
  return {from.count[i], from.centre[i], from.offset[i], from.squares[i]};
}
HWY_INLINE void write(const deviations& to, std::size_t i, const deviation& d) {
  to.count[i] = d.count;
  to.centre[i] = d.centre;
  to.offset[i] = d.offset;
  to.squares[i] = d.squares;
}

// ---- rows ---------------------------------------------------------------------------------------------------------
/// Half of many_lanes: two sets of accumulators share the registers.
template <class T> inline constexpr std::size_t deviation_lanes = many_lanes<T> / 2;

template <class T> struct apart_from {
  hn::Vec<hn::ScalableTag<T>> centre;
  template <class D, class V> HWY_INLINE V operator()(D, V x) const { return hn::Sub(x, centre); }
};
template <class T> struct squared_apart_from {
  apart_from<T> apart;
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const { return hn::Mul(apart(d, x), apart(d, x)); }
};

/// Sums of x - c and of its square, over n elements.
template <class T> HWY_INLINE void sum_apart(const std::byte* x, std::size_t n, T c, T& sum, T& squares) {
  constexpr std::size_t lanes = deviation_lanes<T>;
  if (n < lanes) {
    sum = squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const T apart = load<T>(x, i) - c;
      sum += apart;
      squares += apart * apart;
    }
    return;
  }
  using registers = lanes_in_registers<T, lanes>;
  const hn::ScalableTag<T> d;
  const source<T, apart_from<T>> apart = {x, x, {hn::Set(d, c)}};
  const source<T, squared_apart_from<T>> squared = {x, x, {apart.map}};
  registers s, q;
  for (std::size_t k = 0; k < registers::count; ++k) s.v[k] = q.v[k] = hn::Zero(d);
  std::size_t at = 0;
  for (; at + 2 * lanes <= n; at += 2 * lanes) {
    for (std::size_t k = 0; k < registers::count; ++k) {
      const std::size_t i = at + k * registers::vector;
      const auto a = apart.at(d, i), b = apart.at(d, i + lanes);
      s.v[k] = hn::Add(s.v[k], hn::Add(a, b));
      q.v[k] = hn::Add(q.v[k], hn::Add(hn::Mul(a, a), hn::Mul(b, b)));
    }
  }
  s.add_rest(apart, at, n, sum_of{});
  q.add_rest(squared, at, n, sum_of{});
  s.template fold_into<1>(&sum, sum_of{});
  q.template fold_into<1>(&squares, sum_of{});
}

template <class T> HWY_INLINE deviation deviation_of_leaf(const std::byte* x, std::size_t n) {
  const std::size_t quarter = n < 64 ? n : n / 4;
  const T first = load<T>(x, 0);
  T sum, squares;
  sum_apart(x, quarter, first, sum, squares);
  const T c = first + sum / static_cast<T>(quarter);
  sum_apart(x, n, c, sum, squares);
  return deviation_of(static_cast<double>(n), static_cast<double>(c), static_cast<double>(sum),
                      static_cast<double>(squares));
}

template <class T> deviation deviation_of_row(const std::byte* x, std::size_t n) {
  if (n < 2 * leaf<T>) return deviation_of_leaf<T>(x, n);
  const std::size_t half = n / 2 / leaf<T> * leaf<T>;
  const deviation lower = deviation_of_row<T>(x, half);
  return together(lower, deviation_of_row<T>(x + half * sizeof(T), n - half));
}

template <class T>
void deviations_in_rows(const deviations& out, const void* x, std::size_t rows, std::size_t n, bool fresh) {
  const auto* from = static_cast<const std::byte*>(x);
  for (std::size_t r = 0; r < rows; ++r, from += n * sizeof(T)) {
    const deviation found = deviation_of_row<T>(from, n);
    write(out, r, fresh ? found : together(read(out, r), found));
  }
}

// ---- lanes --------------------------------------------------------------------------------------------------------
inline constexpr std::size_t rows_at_once = 16, rows_of_centre = 8;

/// Up to 4 KiB of lanes at a time, whole pages for the prefetcher: sums of x - c and of its square.
template <class T> struct lane_sums {
  T c[leaf<T>], sum[leaf<T>], squares[leaf<T>];
};

template <class T>
void choose_centres(lane_sums<T>& out, const std::byte* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out.sum[i] = out.squares[i] = 0;
  if (rows < rows_of_centre) {
    for (std::size_t i = 0; i < n; ++i) out.c[i] = load<T>(x, i);
    return;
  }
  const std::byte* row[rows_of_centre];
  for (std::size_t r = 0; r < rows_of_centre; ++r) row[r] = x + static_cast<std::ptrdiff_t>(r) * stride;
  for (std::size_t i = 0; i < n; ++i) {
    const T first = load<T>(row[0], i);
    const auto apart = [&](std::size_t r) { return load<T>(row[r], i) - first; };
    const T early = (apart(1) + apart(2) + apart(3)) + ((apart(4) + apart(5)) + (apart(6) + apart(7)));
    out.c[i] = first + early / static_cast<T>(rows_of_centre);
  }
}

template <class T>
void sum_lanes_apart(lane_sums<T>& out, const std::byte* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n) {
  choose_centres(out, x, stride, rows, n);
  std::size_t r = 0;
  for (; r + 4 <= rows; r += 4, x += 4 * stride) {
    const std::byte *const x1 = x + stride, *const x2 = x1 + stride, *const x3 = x2 + stride;
    for (std::size_t i = 0; i < n; ++i) {
      const T c = out.c[i];
      const T a = load<T>(x, i) - c, b = load<T>(x1, i) - c, d = load<T>(x2, i) - c, e = load<T>(x3, i) - c;
      out.sum[i] += (a + b) + (d + e);
      out.squares[i] += (a * a + b * b) + (d * d + e * e);
    }
  }
  for (; r < rows; ++r, x += stride) {
    for (std::size_t i = 0; i < n; ++i) {
      const T apart = load<T>(x, i) - out.c[i];
      out.sum[i] += apart;
      out.squares[i] += apart * apart;
    }
  }
}

template <class T>
HWY_INLINE void take_lanes(const deviations& out, std::size_t at, const lane_sums<T>& sums, std::size_t rows,
                           std::size_t n, bool fresh) {
  const double count = static_cast<double>(rows);
  TESSERA_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) {
    const deviation found = deviation_of(count, static_cast<double>(sums.c[i]), static_cast<double>(sums.sum[i]),
                                         static_cast<double>(sums.squares[i]));
    write(out, at + i, fresh ? found : together(read(out, at + i), found));
  }
}

template <class T>
void deviations_in_lanes(const deviations& out, const void* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n,
                         bool fresh) {
  lane_sums<T> sums;
  for (std::size_t first = 0; first < rows; first += rows_at_once, fresh = false) {
    const std::size_t count = rows - first < rows_at_once ? rows - first : rows_at_once;
    const auto* from = static_cast<const std::byte*>(x) + static_cast<std::ptrdiff_t>(first) * stride;
    for (std::size_t at = 0; at < n; at += leaf<T>) {
      const std::size_t width = n - at < leaf<T> ? n - at : leaf<T>;
      sum_lanes_apart(sums, from + at * sizeof(T), stride, count, width);
      take_lanes(out, at, sums, count, width, fresh);
    }
  }
}

void combine_deviations(const deviations& out, const deviations& other, std::size_t n) {
  TESSERA_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) {
    write(out, i, together(read(out, i), read(other, i)));
  }
}

template <class T>
inline constexpr deviation_fold deviation_loops = {deviations_in_rows<T>, deviations_in_lanes<T>, combine_deviations};

const deviation_fold* choose_deviation_fold(dtype_code type) {
  if (type == dtype_code::float32) return &deviation_loops<float>;
  if (type == dtype_code::float64) return &deviation_loops<double>;
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_deviation_fold);

const deviation_fold* find_deviation_fold(dtype type) {
  return HWY_DYNAMIC_DISPATCH(choose_deviation_fold)(type.code());
}
}  // namespace tessera::detail::cpu
#endif
