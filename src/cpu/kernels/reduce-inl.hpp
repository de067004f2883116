// The loops of the folds, plain ones that the compiler vectorises for each instruction set.
//
//   x   |  v  |  v  |  v  | tail      A row is added into `lanes` accumulators, position i into lane i % lanes; then the
//   acc |  v  |                       upper half of the lanes is added to the lower one, and so on. 256 lanes leave no
//                                     addition waiting for the one before, and keep chains of rounding errors short:
//                                     4 + 8 additions deep for a row of 1024. Short rows take 16 lanes.
#include <hwy/highway.h>

#include <utility>

#include "cpu/kernels/element.hpp"
#include "cpu/kernels/reduce.hpp"

#if defined(TESSERA_REDUCE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_REDUCE_INL_HPP
#undef TESSERA_REDUCE_INL_HPP
#else
#define TESSERA_REDUCE_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

// ---- what is folded: operator() combines two, in order ------------------------------------------------------------
template <class T> HWY_INLINE bool is_nan(T x) {
  if constexpr (complex_number<T>) {
    return x.re != x.re || x.im != x.im;
  } else {
    return x != x;
  }
}

template <class T> HWY_INLINE bool is_less(T a, T b) {
  if constexpr (complex_number<T>) {
    return a.re < b.re || (a.re == b.re && a.im < b.im);
  } else {
    return a < b;
  }
}

struct sum_of {
  template <class T> HWY_INLINE T operator()(T a, T b) const {
    if constexpr (complex_number<T>) {
      return {a.re + b.re, a.im + b.im};
    } else {
      return static_cast<T>(a + b);
    }
  }
};

struct product_of {
  template <class T> HWY_INLINE T operator()(T a, T b) const {
    if constexpr (complex_number<T>) {
      return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
    } else if constexpr (integer<T>) {
      return static_cast<T>(1u * a * b);  // uint16 would multiply as int, and overflow
    } else {
      return a * b;
    }
  }
};

// Of equal ones and of two NaNs the first.
struct least_of {
  template <class T> HWY_INLINE T operator()(T a, T b) const {
    return is_nan(a) || !(is_less(b, a) || is_nan(b)) ? a : b;
  }
};
struct greatest_of {
  template <class T> HWY_INLINE T operator()(T a, T b) const {
    return is_nan(a) || !(is_less(a, b) || is_nan(b)) ? a : b;
  }
};
struct least_number_of {
  template <class T> HWY_INLINE T operator()(T a, T b) const {
    return is_nan(b) || is_less(a, b) || (!is_nan(a) && !is_less(b, a)) ? a : b;
  }
};
struct greatest_number_of {
  template <class T> HWY_INLINE T operator()(T a, T b) const {
    return is_nan(b) || is_less(b, a) || (!is_nan(a) && !is_less(a, b)) ? a : b;
  }
};
// Bytes that are 0 or 1.
struct any_of {
  HWY_INLINE std::uint8_t operator()(std::uint8_t a, std::uint8_t b) const { return a | b; }
};
struct all_of {
  HWY_INLINE std::uint8_t operator()(std::uint8_t a, std::uint8_t b) const { return a & b; }
};

// ---- one row ------------------------------------------------------------------------------------------------------
/// Element i as it is folded: a bool, which may be any byte, as 0 or 1.
template <class T, class Stored> HWY_INLINE T element(const void* x, std::size_t i) {
  return static_cast<T>(load<Stored>(x, i));
}

/// Folds n elements into acc[0, Step), element i into lane i % Step.
template <class T, class Stored, std::size_t Lanes, std::size_t Step, class By>
HWY_INLINE void fold_lanes(T* acc, const void* x, std::size_t n, By by) {
  const std::size_t width = n < Lanes ? n : Lanes;
  for (std::size_t i = 0; i < width; ++i) acc[i] = element<T, Stored>(x, i);
  std::size_t at = Lanes;
  for (; at + Lanes <= n; at += Lanes) {
    for (std::size_t i = 0; i < Lanes; ++i) acc[i] = by(acc[i], element<T, Stored>(x, at + i));
  }
  for (std::size_t i = 0; at + i < n; ++i) acc[i] = by(acc[i], element<T, Stored>(x, at + i));
  for (std::size_t half = Lanes / 2; half >= Step; half /= 2) {
    if (width == Lanes) {
      for (std::size_t i = 0; i < half; ++i) acc[i] = by(acc[i], acc[i + half]);
    } else {
      for (std::size_t i = 0; i < half && i + half < width; ++i) acc[i] = by(acc[i], acc[i + half]);
    }
  }
}

inline constexpr std::size_t long_row = 256;

template <class T, class Stored, std::size_t Step, class By>
void fold_rows(T* out, const void* x, std::size_t rows, std::size_t n) {
  const auto* from = static_cast<const std::byte*>(x);
  for (std::size_t r = 0; r < rows; ++r, from += n * sizeof(Stored)) {
    T acc[256];
    if (n < long_row) {
      fold_lanes<T, Stored, 16, Step>(acc, from, n, By{});
    } else {
      fold_lanes<T, Stored, 256, Step>(acc, from, n, By{});
    }
    for (std::size_t i = 0; i < Step; ++i) store(out, r * Step + i, acc[i]);
  }
}

template <class T, class By> void rows_of(void* out, const void* x, std::size_t rows, std::size_t n) {
  fold_rows<T, T, 1, By>(static_cast<T*>(out), x, rows, n);
}

template <class By> void rows_of_bool(void* out, const void* x, std::size_t rows, std::size_t n) {
  fold_rows<std::uint8_t, bool, 1, By>(static_cast<std::uint8_t*>(out), x, rows, n);
}

/// The parts of complex numbers as neighbouring lanes.
template <class T> void sums_of_parts(void* out, const void* x, std::size_t rows, std::size_t n) {
  fold_rows<T, T, 2, sum_of>(static_cast<T*>(out), x, rows, 2 * n);
}

/// One after the other from 1 on: with infinities among complex numbers the order decides which parts are NaN.
template <class T> void products_in_order(void* out, const void* x, std::size_t rows, std::size_t n) {
  for (std::size_t r = 0; r < rows; ++r) {
    T acc{1, 0};
    for (std::size_t i = 0; i < n; ++i) acc = product_of{}(acc, load<T>(x, r * n + i));
    store(out, r, acc);
  }
}

/// One after the other, where the first of several NaNs is wanted.
template <class T, class By> void rows_in_order(void* out, const void* x, std::size_t rows, std::size_t n) {
  for (std::size_t r = 0; r < rows; ++r) {
    T acc = load<T>(x, r * n);
    for (std::size_t i = 1; i < n; ++i) acc = By{}(acc, load<T>(x, r * n + i));
    store(out, r, acc);
  }
}

// ---- positions ----------------------------------------------------------------------------------------------------
template <fold By, class T> HWY_INLINE bool is_better(T a, T b) {
  if (is_nan(b)) return false;
  return is_nan(a) || (By == fold::argmin ? is_less(a, b) : is_less(b, a));
}

template <fold By, class T> HWY_INLINE std::size_t first_best(const void* x, std::size_t n) {
  std::size_t found = 0;
  T best = load<T>(x, 0);
  if constexpr (complex_number<T>) {
    for (std::size_t i = 1; i < n; ++i) {
      const T value = load<T>(x, i);
      if (is_better<By>(value, best)) {
        best = value;
        found = i;
      }
    }
  } else {
    // First the value, which takes vectors, then its place.
    rows_of<T, std::conditional_t<By == fold::argmin, least_of, greatest_of>>(&best, x, 1, n);
    if (is_nan(best)) {
      while (!is_nan(load<T>(x, found))) ++found;
    } else {
      while (load<T>(x, found) != best) ++found;
    }
  }
  return found;
}

template <fold By, class T>
void position_rows(void* best, std::int64_t* where, const void* x, std::size_t rows, std::size_t n, std::int64_t first,
                   bool fresh) {
  const auto* from = static_cast<const std::byte*>(x);
  for (std::size_t r = 0; r < rows; ++r, from += n * sizeof(T)) {
    const std::size_t found = first_best<By, T>(from, n);
    const T value = load<T>(from, found);
    if (fresh || is_better<By>(value, load<T>(best, r))) {
      store(best, r, value);
      where[r] = first + static_cast<std::int64_t>(found);
    }
  }
}

// Whether one of a few elements is better than what was found in its lane: mostly none is, and that vectors can see.
template <fold By, class T, std::size_t N> HWY_INLINE bool any_better(const std::byte* best, const std::byte* x) {
  unsigned better = 0;
  for (std::size_t i = 0; i < N; ++i) better |= is_better<By>(load<T>(x, i), load<T>(best, i)) ? 1u : 0u;
  return better != 0;
}

template <fold By, class T>
void take_better(std::byte* best, std::int64_t* where, const std::byte* x, std::size_t n, std::int64_t position) {
  for (std::size_t i = 0; i < n; ++i) {
    if (!is_better<By>(load<T>(x, i), load<T>(best, i))) continue;
    store(best, i, load<T>(x, i));
    where[i] = position;
  }
}

template <fold By, class T>
void position_lanes(void* best, std::int64_t* where, const void* x, std::size_t n, std::size_t lanes,
                    std::int64_t first, bool fresh) {
  constexpr std::size_t group = 64;
  for (std::size_t begin = 0; begin < n; begin += lanes, ++first) {
    const std::size_t count = begin + lanes < n ? lanes : n - begin;
    auto* mine = static_cast<std::byte*>(best) + begin * sizeof(T);
    const auto* theirs = static_cast<const std::byte*>(x) + begin * sizeof(T);
    if (fresh) {
      std::memcpy(mine, theirs, count * sizeof(T));
      for (std::size_t i = 0; i < count; ++i) where[begin + i] = first;
      continue;
    }
    std::size_t i = 0;
    for (; i + group <= count; i += group) {
      if (!any_better<By, T, group>(mine + i * sizeof(T), theirs + i * sizeof(T))) continue;
      take_better<By, T>(mine + i * sizeof(T), where + begin + i, theirs + i * sizeof(T), group, first);
    }
    take_better<By, T>(mine + i * sizeof(T), where + begin + i, theirs + i * sizeof(T), count - i, first);
  }
}

template <fold By, class T>
void position_combine(void* best, std::int64_t* where, const void* other, const std::int64_t* other_where,
                      std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const T mine = load<T>(best, i), theirs = load<T>(other, i);
    const bool as_good = !is_better<By>(mine, theirs);
    if (is_better<By>(theirs, mine) || (as_good && other_where[i] < where[i])) {
      store(best, i, theirs);
      where[i] = other_where[i];
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();
#endif  // TESSERA_REDUCE_INL_HPP
