// The loops of the folds over rows and over lanes.
//
//   rows    x   |  v  |  v  |  v  | tail      A row is added into 256 bytes of accumulators, position i into lane
//           acc |  v  |                       i % lanes: 8 vectors of AVX2, 4 of AVX-512, so that no addition waits for
//                                             the one before. Leaves of 4 KiB are combined in pairs, and at last the
//                                             upper half of the lanes with the lower one, and so on.
//   lanes   row 0  |  v  |  v  | …            Row after row is added into the accumulators, which are loaded and stored
//           row 1  |  v  |  v  | …            once for four of them.
//           acc    |  v  |  v  | …
//
// The order of combining is that of the picture whatever a vector's width.
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

namespace hn = hwy::HWY_NAMESPACE;

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

// On vectors operator() takes the tag first; where there is none, rows take the plain loop.
struct sum_of {
  template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const { return hn::Add(a, b); }
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
  template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const {
    if constexpr (!std::floating_point<hn::TFromD<D>>) return hn::Min(a, b);
    else return hn::IfThenElse(hn::Or(hn::Le(a, b), hn::IsNaN(a)), a, b);
  }
  template <class T> HWY_INLINE T operator()(T a, T b) const {
    return is_nan(a) || !(is_less(b, a) || is_nan(b)) ? a : b;
  }
};
struct greatest_of {
  template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const {
    if constexpr (!std::floating_point<hn::TFromD<D>>) return hn::Max(a, b);
    else return hn::IfThenElse(hn::Or(hn::Ge(a, b), hn::IsNaN(a)), a, b);
  }
  template <class T> HWY_INLINE T operator()(T a, T b) const {
    return is_nan(a) || !(is_less(a, b) || is_nan(b)) ? a : b;
  }
};
struct least_number_of {
  template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const {
    return hn::IfThenElse(hn::Or(hn::Le(a, b), hn::IsNaN(b)), a, b);
  }
  template <class T> HWY_INLINE T operator()(T a, T b) const {
    return is_nan(b) || is_less(a, b) || (!is_nan(a) && !is_less(b, a)) ? a : b;
  }
};
struct greatest_number_of {
  template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const {
    return hn::IfThenElse(hn::Or(hn::Ge(a, b), hn::IsNaN(b)), a, b);
  }
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
/// Accumulators of a long row and of a short one, and elements that are folded in one chain.
template <class T> inline constexpr std::size_t many_lanes = 256 / sizeof(T);
template <class T> inline constexpr std::size_t few_lanes = 64 / sizeof(T);
template <class T> inline constexpr std::size_t leaf = 4096 / sizeof(T);

template <class T> HWY_INLINE auto load_vector(hn::ScalableTag<T> d, const std::byte* x, std::size_t i) {
  return hn::LoadU(d, reinterpret_cast<const T*>(x + i * sizeof(T)));
}

/// Folds acc[0, Lanes) onto its first Step.
template <class T, std::size_t Lanes, std::size_t Step, class By> HWY_INLINE void fold_halves(T* acc, By by) {
  for (std::size_t half = Lanes / 2; half >= Step; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) acc[i] = by(acc[i], acc[i + half]);
  }
}

/// Accumulators in registers.
template <class T, std::size_t Lanes> struct lanes_in_registers {
  static constexpr std::size_t vector = hn::MaxLanes(hn::ScalableTag<T>()), count = Lanes / vector;
  hn::Vec<hn::ScalableTag<T>> v[count];

  HWY_INLINE void read(const std::byte* x) {
    for (std::size_t k = 0; k < count; ++k) v[k] = load_vector<T>(hn::ScalableTag<T>(), x, k * vector);
  }

  /// Each lane by f(its element) of `Lanes` elements.
  template <class By, class F> HWY_INLINE void add(const std::byte* x, By by, F f) {
    const hn::ScalableTag<T> d;
    for (std::size_t k = 0; k < count; ++k) v[k] = by(d, v[k], f(load_vector<T>(d, x, k * vector)));
  }

  /// The first n < Lanes lanes.
  template <class By, class F> HWY_INLINE void add_some(const std::byte* x, std::size_t n, By by, F f) {
    const hn::ScalableTag<T> d;
    for (std::size_t k = 0; k < count; ++k) {
      if (n < (k + 1) * vector) {
        const std::size_t left = n % vector;
        if (left == 0) return;
        alignas(64) T some[vector] = {};
        std::memcpy(some, x + k * vector * sizeof(T), left * sizeof(T));
        v[k] = hn::IfThenElse(hn::FirstN(d, left), by(d, v[k], f(hn::Load(d, some))), v[k]);
        return;
      }
      v[k] = by(d, v[k], f(load_vector<T>(d, x, k * vector)));
    }
  }

  /// The lanes folded onto Step of them.
  template <std::size_t Step, class By> HWY_INLINE void fold_into(T* out, By by) {
    const hn::ScalableTag<T> d;
    constexpr std::size_t left = vector > Step ? vector : Step;
    for (std::size_t half = count / 2; half * vector >= left; half /= 2) {
      for (std::size_t k = 0; k < half; ++k) v[k] = by(d, v[k], v[k + half]);
    }
    alignas(64) T last[left];
    for (std::size_t k = 0; k < left / vector; ++k) hn::Store(v[k], d, last + k * vector);
    fold_halves<T, left, Step>(last, by);
    for (std::size_t i = 0; i < Step; ++i) out[i] = last[i];
  }

  HWY_INLINE void write(T* out) const {
    for (std::size_t k = 0; k < count; ++k) hn::StoreU(v[k], hn::ScalableTag<T>(), out + k * vector);
  }
};

struct itself {
  template <class V> HWY_INLINE V operator()(V v) const { return v; }
};

/// Folds n >= Lanes elements.
template <class T, std::size_t Lanes, class By>
HWY_INLINE lanes_in_registers<T, Lanes> fold_chain(const std::byte* x, std::size_t n, By by) {
  using registers = lanes_in_registers<T, Lanes>;
  const hn::ScalableTag<T> d;
  registers acc;
  acc.read(x);
  std::size_t at = Lanes;
  for (; at + 4 * Lanes <= n; at += 4 * Lanes) {  // pairs of pairs: short chains of rounding errors
    for (std::size_t k = 0; k < registers::count; ++k) {
      const std::size_t i = at + k * registers::vector;
      const auto first = by(d, load_vector<T>(d, x, i), load_vector<T>(d, x, i + Lanes));
      const auto second = by(d, load_vector<T>(d, x, i + 2 * Lanes), load_vector<T>(d, x, i + 3 * Lanes));
      acc.v[k] = by(d, acc.v[k], by(d, first, second));
    }
  }
  for (; at + Lanes <= n; at += Lanes) acc.add(x + at * sizeof(T), by, itself());
  if (at < n) acc.add_some(x + at * sizeof(T), n - at, by, itself());
  return acc;
}

/// Folds any number of leaves in pairs, into many_lanes accumulators.
template <class T, class By> void fold_leaves(T* acc, const std::byte* x, std::size_t n, By by) {
  if (n < 2 * leaf<T>) return fold_chain<T, many_lanes<T>>(x, n, by).write(acc);
  const std::size_t half = n / 2 / leaf<T> * leaf<T>;
  alignas(64) T upper[many_lanes<T>];
  fold_leaves(acc, x, half, by);
  fold_leaves(upper, x + half * sizeof(T), n - half, by);
  for (std::size_t i = 0; i < many_lanes<T>; ++i) acc[i] = by(acc[i], upper[i]);
}

/// Products, which have no vectors of their own.
template <class T, class By> HWY_INLINE T fold_plainly(const std::byte* x, std::size_t n, By by) {
  constexpr std::size_t lanes = few_lanes<T>;
  T acc[lanes];
  if (n < lanes) {
    acc[0] = load<T>(x, 0);
    for (std::size_t i = 1; i < n; ++i) acc[0] = by(acc[0], load<T>(x, i));
    return acc[0];
  }
  for (std::size_t i = 0; i < lanes; ++i) acc[i] = load<T>(x, i);
  std::size_t at = lanes;
  for (; at + lanes <= n; at += lanes) {
    for (std::size_t i = 0; i < lanes; ++i) acc[i] = by(acc[i], load<T>(x, at + i));
  }
  for (std::size_t i = 0; i < n % lanes; ++i) acc[i] = by(acc[i], load<T>(x, at + i));
  fold_halves<T, lanes, 1>(acc, by);
  return acc[0];
}

/// Folds n elements into out[0, Step), element i into lane i % Step.
template <class T, std::size_t Step, class By> void fold_row(T* out, const std::byte* x, std::size_t n, By by) {
  if constexpr (std::same_as<By, product_of>) {
    out[0] = fold_plainly<T>(x, n, by);
  } else if (n < few_lanes<T>) {
    for (std::size_t i = 0; i < Step; ++i) out[i] = load<T>(x, i);
    for (std::size_t i = Step; i < n; ++i) out[i % Step] = by(out[i % Step], load<T>(x, i));
  } else if (n < 2 * many_lanes<T>) {
    fold_chain<T, few_lanes<T>>(x, n, by).template fold_into<Step>(out, by);
  } else if (n < 2 * leaf<T>) {
    fold_chain<T, many_lanes<T>>(x, n, by).template fold_into<Step>(out, by);
  } else {
    alignas(64) T acc[many_lanes<T>];
    fold_leaves(acc, x, n, by);
    lanes_in_registers<T, many_lanes<T>> all;
    all.read(reinterpret_cast<const std::byte*>(acc));
    all.template fold_into<Step>(out, by);
  }
}

template <class T, std::size_t Step, class By> void fold_rows(T* out, const void* x, std::size_t rows, std::size_t n) {
  const auto* from = static_cast<const std::byte*>(x);
  for (std::size_t r = 0; r < rows; ++r, from += n * sizeof(T)) {
    T acc[Step];
    fold_row<T, Step>(acc, from, n, By{});
    for (std::size_t i = 0; i < Step; ++i) store(out, r * Step + i, acc[i]);
  }
}

template <class T, class By> void rows_of(void* out, const void* x, std::size_t rows, std::size_t n) {
  fold_rows<T, 1, By>(static_cast<T*>(out), x, rows, n);
}

/// The parts of complex numbers as neighbouring lanes.
template <class T> void sums_of_parts(void* out, const void* x, std::size_t rows, std::size_t n) {
  fold_rows<T, 2, sum_of>(static_cast<T*>(out), x, rows, 2 * n);
}

/// Whether one of n bytes is 0 (or is not); stops where that is decided.
template <bool Zero> HWY_INLINE bool has_byte(const std::byte* x, std::size_t n) {
  const hn::ScalableTag<std::uint8_t> d;
  constexpr std::size_t vector = hn::MaxLanes(hn::ScalableTag<std::uint8_t>()), at_once = 1024;
  std::size_t at = 0;
  for (; at + at_once <= n; at += at_once) {
    auto found = load_vector<std::uint8_t>(d, x, at);
    for (std::size_t i = vector; i < at_once; i += vector) {
      const auto next = load_vector<std::uint8_t>(d, x, at + i);
      if constexpr (Zero) found = hn::Min(found, next);
      else found = hn::Or(found, next);
    }
    const auto zero = hn::Eq(found, hn::Zero(d));
    if (Zero ? !hn::AllFalse(d, zero) : !hn::AllTrue(d, zero)) return true;
  }
  unsigned found = 0;
  for (; at < n; ++at) found |= (x[at] == std::byte{0}) == Zero ? 1u : 0u;
  return found != 0;
}

/// any and all of bools, which may be any byte.
template <class By> void rows_of_bool(void* out, const void* x, std::size_t rows, std::size_t n) {
  constexpr bool any = std::same_as<By, any_of>;
  const auto* from = static_cast<const std::byte*>(x);
  for (std::size_t r = 0; r < rows; ++r, from += n) store<std::uint8_t>(out, r, has_byte<!any>(from, n) == any);
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

// ---- lanes --------------------------------------------------------------------------------------------------------
/// Element i as it is folded: a bool, which may be any byte, as 0 or 1.
template <class T, class Stored> HWY_INLINE T element(const std::byte* x, std::size_t i) {
  return static_cast<T>(load<Stored>(x, i));
}

template <class T, class Stored, class By>
void fold_lanes(void* out, const void* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n, bool fresh) {
  auto* acc = static_cast<std::byte*>(out);
  const auto* from = static_cast<const std::byte*>(x);
  const By by;
  std::size_t r = 0;
  if (fresh) {
    TESSERA_INDEPENDENT
    for (std::size_t i = 0; i < n; ++i) store<T>(acc, i, element<T, Stored>(from, i));
    r = 1;
  }
  for (; r + 4 <= rows; r += 4) {
    const std::byte* const a = from + static_cast<std::ptrdiff_t>(r) * stride;
    const std::byte *const b = a + stride, *const c = b + stride, *const d = c + stride;
    TESSERA_INDEPENDENT
    for (std::size_t i = 0; i < n; ++i) {
      const T two = by(by(load<T>(acc, i), element<T, Stored>(a, i)), element<T, Stored>(b, i));
      store<T>(acc, i, by(by(two, element<T, Stored>(c, i)), element<T, Stored>(d, i)));
    }
  }
  for (; r < rows; ++r) {
    const std::byte* const a = from + static_cast<std::ptrdiff_t>(r) * stride;
    TESSERA_INDEPENDENT
    for (std::size_t i = 0; i < n; ++i) store<T>(acc, i, by(load<T>(acc, i), element<T, Stored>(a, i)));
  }
}

template <class T, class By>
void lanes_of(void* acc, const void* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n, bool fresh) {
  fold_lanes<T, T, By>(acc, x, stride, rows, n, fresh);
}

template <class By>
void lanes_of_bool(void* acc, const void* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n, bool fresh) {
  fold_lanes<std::uint8_t, bool, By>(acc, x, stride, rows, n, fresh);
}

template <class T>
void lanes_of_parts(void* acc, const void* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n, bool fresh) {
  fold_lanes<T, T, sum_of>(acc, x, stride, rows, 2 * n, fresh);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();
#endif  // TESSERA_REDUCE_INL_HPP
