// Positions of least and greatest elements.
//
//   rows    Blocks of 2 KiB are folded to their best element; only of the block that wins in the end is the place
//           looked for.
//   lanes   Each lane keeps its best element and the number of its row, as an integer of the element's size; the numbers
//           become positions after some rows.
#include <algorithm>

#include "cpu/kernels/reduce.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/reduce_positions.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/reduce-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

template <fold By, class T> HWY_INLINE bool is_better(T a, T b) {
  if (is_nan(b)) return false;
  return is_nan(a) || (By == fold::argmin ? is_less(a, b) : is_less(b, a));
}

/// Elements as they are compared: a bool, which may be any byte, as 0 or 1.
template <class T> using compared = std::conditional_t<std::same_as<T, bool>, std::uint8_t, T>;
template <class T> HWY_INLINE compared<T> element_of(const std::byte* x, std::size_t i) {
  return static_cast<compared<T>>(load<T>(x, i));
}
template <class T> HWY_INLINE auto elements_of(const std::byte* x, std::size_t i) {
  const hn::ScalableTag<compared<T>> d;
  const auto v = load_vector<compared<T>>(d, x, i);
  if constexpr (std::same_as<T, bool>) return hn::Min(v, hn::Set(d, std::uint8_t{1}));
  else return v;
}

/// As is_better, lane by lane.
template <fold By, class D, class V> HWY_INLINE auto better_lanes(D, V a, V b) {
  constexpr bool least = By == fold::argmin;
  if constexpr (std::floating_point<hn::TFromD<D>>) {
    return hn::And(hn::Not(least ? hn::Ge(a, b) : hn::Le(a, b)), hn::Eq(b, b));  // a may be NaN
  } else {
    return least ? hn::Lt(a, b) : hn::Lt(b, a);
  }
}

// ---- rows ---------------------------------------------------------------------------------------------------------
template <class T> inline constexpr std::size_t block = 2048 / sizeof(T);

/// The first element that equals `best`, or the first NaN if that is NaN. There is one.
template <class T> HWY_INLINE std::size_t find_first(const std::byte* x, std::size_t n, compared<T> best) {
  const hn::ScalableTag<compared<T>> d;
  constexpr std::size_t vector = hn::MaxLanes(hn::ScalableTag<compared<T>>());
  const auto wanted = hn::Set(d, best);
  const bool nan = is_nan(best);
  std::size_t i = 0;
  for (; i + vector <= n; i += vector) {
    const auto v = elements_of<T>(x, i);
    const auto equal = hn::Eq(v, nan ? v : wanted), found = nan ? hn::Not(equal) : equal;
    if (!hn::AllFalse(d, found)) return i + static_cast<std::size_t>(hn::FindFirstTrue(d, found));
  }
  while (nan ? !is_nan(element_of<T>(x, i)) : element_of<T>(x, i) != best) ++i;
  return i;
}

template <fold By, class T> compared<T> best_of_block(const std::byte* x, std::size_t n) {
  if constexpr (std::same_as<T, bool>) {
    return By == fold::argmax ? has_byte<false>(x, n) : !has_byte<true>(x, n);
  } else {
    T best[1][1];
    const auto from = elements_at<T>(x);
    fold_some_rows<T, 1>(best, &from, 1, n, std::conditional_t<By == fold::argmin, least_of, greatest_of>{});
    return best[0][0];
  }
}

/// Whether a whole block has an element that is better: what most blocks have not needs no folding of lanes.
template <fold By, class T> HWY_INLINE bool beats(const std::byte* x, compared<T> best) {
  if constexpr (std::same_as<T, bool>) {
    return (By == fold::argmax) != (best != 0) && best_of_block<By, T>(x, block<T>) != best;
  } else {
    const hn::ScalableTag<T> d;
    constexpr std::size_t vector = hn::MaxLanes(hn::ScalableTag<T>());
    const std::conditional_t<By == fold::argmin, least_of, greatest_of> by;
    auto a = load_vector<T>(d, x, 0), b = load_vector<T>(d, x, vector);
    auto c = load_vector<T>(d, x, 2 * vector), e = load_vector<T>(d, x, 3 * vector);
    for (std::size_t i = 4 * vector; i < block<T>; i += 4 * vector) {
      a = by(d, a, load_vector<T>(d, x, i));
      b = by(d, b, load_vector<T>(d, x, i + vector));
      c = by(d, c, load_vector<T>(d, x, i + 2 * vector));
      e = by(d, e, load_vector<T>(d, x, i + 3 * vector));
    }
    const auto all = by(d, by(d, a, b), by(d, c, e));
    return !hn::AllFalse(d, better_lanes<By>(d, all, hn::Set(d, best)));
  }
}

template <fold By, class T> std::size_t first_best(const std::byte* x, std::size_t n) {
  if constexpr (complex_number<T>) {
    std::size_t found = 0;
    T best = load<T>(x, 0);
    for (std::size_t i = 1; i < n; ++i) {
      const T value = load<T>(x, i);
      if (is_better<By>(value, best)) {
        best = value;
        found = i;
      }
    }
    return found;
  } else {
    std::size_t found = 0;
    compared<T> best = best_of_block<By, T>(x, n < block<T> ? n : block<T>);
    for (std::size_t at = block<T>; at < n && !is_nan(best); at += block<T>) {
      const std::byte* const here = x + at * sizeof(T);
      const std::size_t count = n - at < block<T> ? n - at : block<T>;
      if (count == block<T> && !beats<By, T>(here, best)) continue;
      const compared<T> other = best_of_block<By, T>(here, count);
      if (!is_better<By>(other, best)) continue;
      best = other;
      found = at;
    }
    return found + find_first<T>(x + found * sizeof(T), n - found, best);
  }
}

template <fold By, class T>
void position_rows(void* best, std::int64_t* where, const void* x, std::size_t rows, std::size_t n, const placing& at,
                   bool fresh) {
  const auto* from = static_cast<const std::byte*>(x);
  for (std::size_t r = 0; r < rows; ++r, from += n * sizeof(T)) {
    const std::size_t found = first_best<By, T>(from, n);
    const T value = load<T>(from, found);
    const std::int64_t place = at.first + static_cast<std::int64_t>(found) * at.step;
    if (!fresh) {
      const T old = load<T>(best, r);
      if (is_better<By>(old, value) || (!is_better<By>(value, old) && where[r] < place)) continue;
    }
    store(best, r, value);
    where[r] = place;
  }
}

// ---- lanes --------------------------------------------------------------------------------------------------------
inline constexpr std::size_t most_numbers = 240;  // row numbers that fit a byte, in whole groups of 4
inline constexpr std::size_t numbers_bytes = 16384;

/// Rows [0, rows) of the lanes into best, and the number of the row into `number` where that changed best.
template <fold By, class T, class Number>
HWY_INLINE void number_lanes(std::byte* best, Number* number, const std::byte* x, std::ptrdiff_t stride,
                             std::size_t rows, std::size_t n) {
  using value = compared<T>;
  const hn::ScalableTag<value> d;
  const hn::ScalableTag<Number> dn;
  constexpr std::size_t vector = hn::MaxLanes(hn::ScalableTag<value>());
  std::size_t r = 0;
  const auto take = [&](auto& b, auto& place, std::size_t row, std::size_t i) HWY_ATTR {
    const auto v = elements_of<T>(x + static_cast<std::ptrdiff_t>(row) * stride, i);
    const auto better = better_lanes<By>(d, v, b);
    b = hn::IfThenElse(better, v, b);
    place = hn::IfThenElse(hn::RebindMask(dn, better), hn::Set(dn, static_cast<Number>(row)), place);
  };
  const auto pass = [&]<std::size_t Count>(std::integral_constant<std::size_t, Count>) HWY_ATTR {
    std::size_t i = 0;
    for (; i + vector <= n; i += vector) {
      auto b = load_vector<value>(d, best, i);
      auto place = hn::LoadU(dn, number + i);
      take(b, place, r, i);
      if constexpr (Count == 4) {
        take(b, place, r + 1, i);
        take(b, place, r + 2, i);
        take(b, place, r + 3, i);
      }
      hn::StoreU(b, d, reinterpret_cast<value*>(best + i * sizeof(value)));
      hn::StoreU(place, dn, number + i);
    }
    for (; i < n; ++i) {
      for (std::size_t row = r; row < r + Count; ++row) {
        const value v = element_of<T>(x + static_cast<std::ptrdiff_t>(row) * stride, i);
        if (!is_better<By>(v, load<value>(best, i))) continue;
        store(best, i, v);
        number[i] = static_cast<Number>(row);
      }
    }
  };
  for (; r + 4 <= rows; r += 4) pass(std::integral_constant<std::size_t, 4>());
  for (; r < rows; ++r) pass(std::integral_constant<std::size_t, 1>());
}

template <fold By, class T>
void position_lanes(void* best, std::int64_t* where, const void* x, std::ptrdiff_t stride, std::size_t rows,
                    std::size_t n, const placing& at, bool fresh) {
  using number = hwy::MakeUnsigned<compared<T>>;
  constexpr std::size_t columns = numbers_bytes / sizeof(number);
  constexpr number none = static_cast<number>(-1);
  alignas(64) number numbers[columns];
  for (std::size_t first = 0; first < rows; first += most_numbers) {
    const std::size_t count = rows - first < most_numbers ? rows - first : most_numbers;
    for (std::size_t begin = 0; begin < n; begin += columns) {
      const std::size_t width = n - begin < columns ? n - begin : columns;
      auto* mine = static_cast<std::byte*>(best) + begin * sizeof(T);
      const auto* theirs = static_cast<const std::byte*>(x) + static_cast<std::ptrdiff_t>(first) * stride +
                           static_cast<std::ptrdiff_t>(begin * sizeof(T));
      const bool first_time = fresh && first == 0;
      for (std::size_t i = 0; i < width; ++i) {
        if (first_time) store(mine, i, element_of<T>(theirs, i));
        numbers[i] = first_time ? number{0} : none;
      }
      number_lanes<By, T>(mine, numbers, theirs, stride, count, width);
      // Each run of at.lanes elements has one place along the step.
      for (std::size_t i = 0; i < width;) {
        const std::size_t step = (begin + i) / at.lanes, end = std::min(width, (step + 1) * at.lanes - begin);
        const std::int64_t base =
            at.first + static_cast<std::int64_t>(step) * at.step + static_cast<std::int64_t>(first) * at.row;
        for (; i < end; ++i) {
          const std::int64_t place = base + static_cast<std::int64_t>(numbers[i]) * at.row;
          where[begin + i] = numbers[i] == none ? where[begin + i] : place;
        }
      }
    }
  }
}

template <fold By, class T>
void position_lanes_plainly(void* best, std::int64_t* where, const void* x, std::ptrdiff_t stride, std::size_t rows,
                            std::size_t n, const placing& at, bool fresh) {
  for (std::size_t r = 0; r < rows; ++r) {
    const auto* from = static_cast<const std::byte*>(x) + static_cast<std::ptrdiff_t>(r) * stride;
    for (std::size_t i = 0; i < n; ++i) {
      const T value = load<T>(from, i);
      if (!(fresh && r == 0) && !is_better<By>(value, load<T>(best, i))) continue;
      store(best, i, value);
      where[i] = at.first + static_cast<std::int64_t>(i / at.lanes) * at.step + static_cast<std::int64_t>(r) * at.row;
    }
  }
}

template <fold By, class T>
void position_combine(void* best, std::int64_t* where, const void* other, const std::int64_t* other_where,
                      std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const T mine = load<T>(best, i), theirs = load<T>(other, i);
    const bool earlier = other_where[i] < where[i];
    const bool better = is_better<By>(theirs, mine), worse = is_better<By>(mine, theirs);
    const bool take = better || (!worse && earlier);
    store(best, i, take ? theirs : mine);
    where[i] = take ? other_where[i] : where[i];
  }
}

template <fold By, class T>
inline constexpr position_fold positions = {position_rows<By, T>, position_lanes<By, T>, position_combine<By, T>};
template <fold By, class T>
inline constexpr position_fold complex_positions = {position_rows<By, complex_value<T>>,
                                                    position_lanes_plainly<By, complex_value<T>>,
                                                    position_combine<By, complex_value<T>>};

template <fold By> const position_fold* choose_positions(dtype_code type) {
  switch (type) {
    case dtype_code::bool_: return &positions<By, bool>;
    case dtype_code::int8: return &positions<By, std::int8_t>;
    case dtype_code::int16: return &positions<By, std::int16_t>;
    case dtype_code::int32: return &positions<By, std::int32_t>;
    case dtype_code::int64: return &positions<By, std::int64_t>;
    case dtype_code::uint8: return &positions<By, std::uint8_t>;
    case dtype_code::uint16: return &positions<By, std::uint16_t>;
    case dtype_code::uint32: return &positions<By, std::uint32_t>;
    case dtype_code::uint64: return &positions<By, std::uint64_t>;
    case dtype_code::float32: return &positions<By, float>;
    case dtype_code::float64: return &positions<By, double>;
    case dtype_code::complex64: return &complex_positions<By, float>;
    case dtype_code::complex128: return &complex_positions<By, double>;
    default: return nullptr;
  }
}

const position_fold* choose_position_fold(fold by, dtype_code type) {
  if (by == fold::argmin) return choose_positions<fold::argmin>(type);
  if (by == fold::argmax) return choose_positions<fold::argmax>(type);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_position_fold);

const position_fold* find_position_fold(fold by, dtype type) {
  return HWY_DYNAMIC_DISPATCH(choose_position_fold)(by, type.code());
}
}  // namespace tessera::detail::cpu
#endif
