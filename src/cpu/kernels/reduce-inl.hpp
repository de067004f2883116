// The loops of the folds over rows and over lanes.
//
//   rows    x   |  v  |  v  |  v  | tail      A row is added into 256 bytes of accumulators, position i into lane
//           acc |  v  |                       i % lanes: 8 vectors of AVX2, 4 of AVX-512, so that no addition waits for
//                                             the one before. Leaves of 4 KiB are combined in pairs, and at last the
//                                             upper half of the lanes with the lower one, and so on. Four rows, or
//                                             quarters of a row, are read in turn.
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

/// What is folded: map of the elements of x, or of those of x and y.
template <class T, class Map> struct source {
  const std::byte *x = nullptr, *y = nullptr;
  Map map = {};

  static constexpr bool has_pairs =
      std::is_invocable_v<Map, hn::ScalableTag<T>, hn::Vec<hn::ScalableTag<T>>, hn::Vec<hn::ScalableTag<T>>>;
  HWY_INLINE auto at(hn::ScalableTag<T> d, std::size_t i) const {
    if constexpr (has_pairs) return map(d, load_vector<T>(d, x, i), load_vector<T>(d, y, i));
    else return map(d, load_vector<T>(d, x, i));
  }
  /// The first n < a vector's lanes; the map of zeros after them.
  HWY_INLINE auto some_at(hn::ScalableTag<T> d, std::size_t i, std::size_t n) const {
    alignas(64) T some[2][hn::MaxLanes(hn::ScalableTag<T>())] = {};
    std::memcpy(some[0], x + i * sizeof(T), n * sizeof(T));
    if constexpr (!has_pairs) return map(d, hn::Load(d, some[0]));
    std::memcpy(some[1], y + i * sizeof(T), n * sizeof(T));
    return source{reinterpret_cast<const std::byte*>(some[0]), reinterpret_cast<const std::byte*>(some[1]), map}.at(d,
                                                                                                                    0);
  }
  HWY_INLINE T one(std::size_t i) const {
    if constexpr (has_pairs) return map(load<T>(x, i), load<T>(y, i));
    else return map(load<T>(x, i));
  }
  HWY_INLINE source from(std::size_t i) const { return {x + i * sizeof(T), y + (has_pairs ? i * sizeof(T) : 0), map}; }
};

struct itself {
  template <class D, class V> HWY_INLINE V operator()(D, V v) const { return v; }
  template <class T> HWY_INLINE T operator()(T x) const { return x; }
};
template <class T> HWY_INLINE source<T, itself> elements_at(const std::byte* x) { return {x, x, {}}; }

/// Folds acc[0, Lanes) onto its first Step.
template <class T, std::size_t Lanes, std::size_t Step, class By> HWY_INLINE void fold_halves(T* acc, By by) {
  for (std::size_t half = Lanes / 2; half >= Step; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) acc[i] = by(acc[i], acc[i + half]);
  }
}

// Greatest and least of floating numbers take four operations a vector, for the sake of NaN. The x86 processor's own
// operation takes one: it gives the second operand if one is NaN or both are equal, so it keeps what is first unless what
// comes next is NaN. That is looked for in sums of four vectors, which may also be NaN where infinities meet.
template <class T, class By>
inline constexpr bool has_quick_form =
    HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128 && std::floating_point<T> &&
    (std::same_as<By, least_of> || std::same_as<By, greatest_of>);
template <class D, class V> HWY_INLINE V quick(D, V a, V b, least_of) { return hn::Min(b, a); }
template <class D, class V> HWY_INLINE V quick(D, V a, V b, greatest_of) { return hn::Max(b, a); }
/// By without its quick form.
template <class By> struct exactly : By {};

/// Accumulators in registers.
template <class T, std::size_t Lanes> struct lanes_in_registers {
  static constexpr std::size_t vector = hn::MaxLanes(hn::ScalableTag<T>()), count = Lanes / vector;
  using vec = hn::Vec<hn::ScalableTag<T>>;
  vec v[count];

  template <class Source> HWY_INLINE void read(const Source& x) {
    for (std::size_t k = 0; k < count; ++k) v[k] = x.at(hn::ScalableTag<T>(), k * vector);
  }

  /// `Lanes` elements from i on.
  template <class Source, class By> HWY_INLINE void add(const Source& x, std::size_t i, By by) {
    const hn::ScalableTag<T> d;
    const Source here = x.from(i);
    for (std::size_t k = 0; k < count; ++k) v[k] = by(d, v[k], here.at(d, k * vector));
  }

  /// 4 * Lanes elements from i on, as pairs of pairs: short chains of rounding errors. With a quick form `bad` gets lanes
  /// that are not zero if there may be NaN among them; the result is worth nothing then.
  template <class Source, class By>
  HWY_INLINE void add_four(const Source& x, std::size_t i, By by, [[maybe_unused]] vec& bad) {
    const hn::ScalableTag<T> d;
    const Source here = x.from(i);  // one pointer and constants: g++ 12 keeps 32 sums of i on the stack
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t at = k * vector;
      const vec a = here.at(d, at), b = here.at(d, at + Lanes);
      const vec c = here.at(d, at + 2 * Lanes), e = here.at(d, at + 3 * Lanes);
      if constexpr (has_quick_form<T, By>) {
        const vec sum = hn::Add(hn::Add(a, b), hn::Add(c, e));
        bad = hn::Or(bad, hn::VecFromMask(d, hn::IsNaN(sum)));
        v[k] = quick(d, v[k], quick(d, quick(d, a, b, by), quick(d, c, e, by), by), by);
      } else {
        v[k] = by(d, v[k], by(d, by(d, a, b), by(d, c, e)));
      }
    }
  }

  /// The first n < Lanes lanes.
  template <class Source, class By> HWY_INLINE void add_some(const Source& x, std::size_t i, std::size_t n, By by) {
    const hn::ScalableTag<T> d;
    for (std::size_t k = 0; k < count; ++k, i += vector) {
      if (n < (k + 1) * vector) {
        const std::size_t left = n % vector;
        if (left != 0) v[k] = hn::IfThenElse(hn::FirstN(d, left), by(d, v[k], x.some_at(d, i, left)), v[k]);
        return;
      }
      v[k] = by(d, v[k], x.at(d, i));
    }
  }

  /// Elements from i on to the n-th, which are fewer than 4 * Lanes.
  template <class Source, class By> HWY_INLINE void add_rest(const Source& x, std::size_t i, std::size_t n, By by) {
    for (; i + Lanes <= n; i += Lanes) add(x, i, by);
    if (i < n) add_some(x, i, n - i, by);
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

/// Folds n >= Lanes elements.
template <class T, std::size_t Lanes, class Source, class By>
HWY_INLINE lanes_in_registers<T, Lanes> fold_chain(const Source& x, std::size_t n, By by) {
  const hn::ScalableTag<T> d;
  lanes_in_registers<T, Lanes> acc;
  acc.read(x);
  auto bad = hn::Zero(d);
  std::size_t at = Lanes;
  for (; at + 4 * Lanes <= n; at += 4 * Lanes) acc.add_four(x, at, by, bad);
  if constexpr (has_quick_form<T, By>) {
    if (!hn::AllFalse(d, hn::MaskFromVec(bad))) return fold_chain<T, Lanes>(x, n, exactly<By>{});
  }
  acc.add_rest(x, at, n, by);
  return acc;
}

// Several streams of memory, in turn some 1 KiB of each: the processor prefetches within a page of 4 KiB, so that one
// stream waits for memory at the start of each page. Zen 3, 64 MiB: one stream 17 to 23 GB/s, four that are 16 KiB apart 27.
inline constexpr std::size_t most_streams = 4;
template <class T> using accumulators = T[many_lanes<T>];

/// Folds n >= many_lanes elements of each x.
template <class T, class Source, class By>
HWY_INLINE void fold_chains(accumulators<T>* acc, const Source* x, std::size_t streams, std::size_t n, By by) {
  constexpr std::size_t lanes = many_lanes<T>;
  const hn::ScalableTag<T> d;
  lanes_in_registers<T, lanes> of_one;
  hn::Vec<hn::ScalableTag<T>> bad[most_streams];
  for (std::size_t s = 0; s < streams; ++s) {
    of_one.read(x[s]);
    of_one.write(acc[s]);
    bad[s] = hn::Zero(d);
  }
  const auto resume = [&](std::size_t s)
                          HWY_ATTR { of_one.read(elements_at<T>(reinterpret_cast<std::byte*>(acc[s]))); };
  std::size_t at = lanes;
  for (; at + 4 * lanes <= n; at += 4 * lanes) {
    for (std::size_t s = 0; s < streams; ++s) {
      resume(s);
      of_one.add_four(x[s], at, by, bad[s]);
      of_one.write(acc[s]);
    }
  }
  for (std::size_t s = 0; s < streams; ++s) {
    if constexpr (has_quick_form<T, By>) {
      if (!hn::AllFalse(d, hn::MaskFromVec(bad[s]))) {
        fold_chain<T, lanes>(x[s], n, exactly<By>{}).write(acc[s]);
        continue;
      }
    }
    resume(s);
    of_one.add_rest(x[s], at, n, by);
    of_one.write(acc[s]);
  }
}

/// acc = acc by other.
template <class T, class By> HWY_INLINE void join(accumulators<T>& acc, const accumulators<T>& other, By by) {
  for (std::size_t i = 0; i < many_lanes<T>; ++i) acc[i] = by(acc[i], other[i]);
}

/// Folds any number of leaves of each x in pairs.
template <class T, class Source, class By>
void fold_leaves(accumulators<T>* acc, const Source* x, std::size_t streams, std::size_t n, By by) {
  if (n < 2 * leaf<T>) return fold_chains<T>(acc, x, streams, n, by);
  const std::size_t half = n / 2 / leaf<T> * leaf<T>;
  alignas(64) accumulators<T> upper[most_streams];
  Source rest[most_streams];
  for (std::size_t s = 0; s < streams; ++s) rest[s] = x[s].from(half);
  fold_leaves<T>(acc, x, streams, half, by);
  fold_leaves<T>(upper, rest, streams, n - half, by);
  for (std::size_t s = 0; s < streams; ++s) join<T>(acc[s], upper[s], by);
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

/// Folds n < 2 * many_lanes elements into out[0, Step), element i into lane i % Step.
template <class T, std::size_t Step, class Source, class By>
HWY_INLINE void fold_short_row(T* out, const Source& x, std::size_t n, By by) {
  if (n >= few_lanes<T>) return fold_chain<T, few_lanes<T>>(x, n, by).template fold_into<Step>(out, by);
  for (std::size_t i = 0; i < Step; ++i) out[i] = x.one(i);
  for (std::size_t i = Step; i < n; ++i) out[i % Step] = by(out[i % Step], x.one(i));
}

/// Folds each x, as fold_short_row does short ones; one row of many leaves as the four streams that its halves' halves are.
template <class T, std::size_t Step, class Source, class By>
void fold_some_rows(T (*out)[Step], const Source* x, std::size_t rows, std::size_t n, By by) {
  if (n < 2 * many_lanes<T>) {
    for (std::size_t r = 0; r < rows; ++r) fold_short_row<T, Step>(out[r], x[r], n, by);
    return;
  }
  alignas(64) accumulators<T> acc[most_streams];
  if (rows == 1 && n >= 8 * leaf<T> && n % (4 * leaf<T>) == 0) {
    const Source quarters[most_streams] = {x[0], x[0].from(n / 4), x[0].from(n / 2), x[0].from(n / 4 * 3)};
    fold_leaves<T>(acc, quarters, most_streams, n / 4, by);
    join<T>(acc[0], acc[1], by);
    join<T>(acc[2], acc[3], by);
    join<T>(acc[0], acc[2], by);
  } else {
    fold_leaves<T>(acc, x, rows, n, by);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    lanes_in_registers<T, many_lanes<T>> all;
    all.read(elements_at<T>(reinterpret_cast<const std::byte*>(acc[r])));
    all.template fold_into<Step>(out[r], by);
  }
}

/// Rows r, r + rows / 4, …: streams that are as far apart as may be. `row(r)` is the source that row r is.
template <class T, std::size_t Step, class By, class Rows>
HWY_INLINE void fold_rows(T* out, Rows row, std::size_t rows, std::size_t n) {
  using Source = decltype(row(std::size_t{0}));
  const std::size_t apart = (rows + most_streams - 1) / most_streams;
  for (std::size_t first = 0; first < apart; ++first) {
    Source some[most_streams];
    T folded[most_streams][Step];
    std::size_t count = 0;
    for (std::size_t r = first; r < rows; r += apart) some[count++] = row(r);
    fold_some_rows<T, Step>(folded, some, count, n, By{});
    for (std::size_t s = 0; s < count; ++s) {
      for (std::size_t i = 0; i < Step; ++i) store(out, (first + s * apart) * Step + i, folded[s][i]);
    }
  }
}

template <class T, std::size_t Step, class By, class Source>
void fold_rows_of(T* out, const Source& x, std::size_t rows, std::size_t n) {
  fold_rows<T, Step, By>(
      out, [&](std::size_t r) HWY_ATTR { return x.from(r * n); }, rows, n);
}

template <class T, class By> void rows_of(void* out, const void* x, const void*, std::size_t rows, std::size_t n) {
  fold_rows_of<T, 1, By>(static_cast<T*>(out), elements_at<T>(static_cast<const std::byte*>(x)), rows, n);
}

/// Of what a map makes of the elements.
template <class T, class By, class Map>
void mapped_rows(void* out, const void* x, const void* y, std::size_t rows, std::size_t n) {
  const source<T, Map> from = {static_cast<const std::byte*>(x), static_cast<const std::byte*>(y), {}};
  fold_rows_of<T, 1, By>(static_cast<T*>(out), from, rows, n);
}

template <class T> void products_of_rows(void* out, const void* x, const void*, std::size_t rows, std::size_t n) {
  const auto* from = static_cast<const std::byte*>(x);
  for (std::size_t r = 0; r < rows; ++r, from += n * sizeof(T)) store(out, r, fold_plainly<T>(from, n, product_of{}));
}

/// The parts of complex numbers as neighbouring lanes.
template <class T> void sums_of_parts(void* out, const void* x, const void*, std::size_t rows, std::size_t n) {
  fold_rows_of<T, 2, sum_of>(static_cast<T*>(out), elements_at<T>(static_cast<const std::byte*>(x)), rows, 2 * n);
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
template <class By> void rows_of_bool(void* out, const void* x, const void*, std::size_t rows, std::size_t n) {
  constexpr bool any = std::same_as<By, any_of>;
  const auto* from = static_cast<const std::byte*>(x);
  for (std::size_t r = 0; r < rows; ++r, from += n) store<std::uint8_t>(out, r, has_byte<!any>(from, n) == any);
}

/// One after the other from 1 on: with infinities among complex numbers the order decides which parts are NaN.
template <class T> void products_in_order(void* out, const void* x, const void*, std::size_t rows, std::size_t n) {
  for (std::size_t r = 0; r < rows; ++r) {
    T acc{1, 0};
    for (std::size_t i = 0; i < n; ++i) acc = product_of{}(acc, load<T>(x, r * n + i));
    store(out, r, acc);
  }
}

/// One after the other, where the first of several NaNs is wanted.
template <class T, class By>
void rows_in_order(void* out, const void* x, const void*, std::size_t rows, std::size_t n) {
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
