// Tiles of contractions for every kind of sums.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/contraction.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/kernels/contraction-inl.hpp"
#include "cpu/kernels/contraction.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

/// Without FMA (the plain x86-64 target) products are rounded before they are added.
template <class T> struct real_sums : plain_sums<T> {
  template <class V> static HWY_INLINE void add(V& acc, V x, V y) { acc = hn::MulAdd(x, y, acc); }
};

struct int32_sums : plain_sums<std::int32_t> {
  template <class V> static HWY_INLINE void add(V& acc, V x, V y) { acc = hn::Add(acc, hn::Mul(x, y)); }
};

/// Bytes 0 and 1: whether any pair is 1 and 1.
struct any_sums : plain_sums<std::uint8_t> {
  template <class V> static HWY_INLINE void add(V& acc, V x, V y) { acc = hn::Or(acc, hn::And(x, y)); }
  template <class V> static HWY_INLINE V merge(V a, V b) { return hn::Or(a, b); }
};

#if HWY_TARGET == HWY_SCALAR
struct int64_sums : plain_sums<std::uint64_t> {
  template <class V> static HWY_INLINE void add(V& acc, V x, V y) { acc.raw += x.raw * y.raw; }
};
#else
/// There is no product of 64-bit lanes before AVX-512. With x = x1 * 2^32 + x0, modulo 2^64,
///
///     x * y = x0 * y0 + (x1 * y0 + x0 * y1) * 2^32
///
/// and the sums in parentheses are needed modulo 2^32 only: one product of 32-bit lanes makes both of them.
struct int64_sums : plain_sums<std::uint64_t> {
  template <class V> struct running {
    V low, cross;  // cross: either half a sum modulo 2^32
  };
  template <class D> static HWY_INLINE running<hn::Vec<D>> zero(D d) { return {hn::Zero(d), hn::Zero(d)}; }
  template <class V> static HWY_INLINE void add(running<V>& acc, V x, V y) {
    const hn::DFromV<V> d;
    const hn::Repartition<std::uint32_t, decltype(d)> halves;
    const auto a = hn::BitCast(halves, x), b = hn::BitCast(halves, y);
    acc.low = hn::Add(acc.low, hn::MulEven(a, b));
    const auto products = hn::Mul(a, hn::Shuffle2301(b));
    acc.cross = hn::BitCast(d, hn::Add(hn::BitCast(halves, acc.cross), products));
  }
  template <class V> static HWY_INLINE V total(const running<V>& acc) {
    return hn::Add(acc.low, hn::ShiftLeft<32>(hn::Add(acc.cross, hn::ShiftRight<32>(acc.cross))));
  }
};
#endif

inline constexpr int most_rows = HWY_TARGET <= HWY_AVX3 ? 8 : 4;

const contraction_kernels* choose_contraction(dtype_code type) {
  switch (type) {
    case dtype_code::bool_: return tiles_of<any_sums, most_rows, 3>();
    case dtype_code::int32: return tiles_of<int32_sums, most_rows, 3>();
    case dtype_code::int64: return tiles_of<int64_sums, most_rows, 1>();  // two registers a sum
    case dtype_code::float32: return tiles_of<real_sums<float>, most_rows, 3>();
    case dtype_code::float64: return tiles_of<real_sums<double>, most_rows, 3>();
    default: return nullptr;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_contraction);
const contraction_kernels* find_contraction(dtype type) {
  return HWY_DYNAMIC_DISPATCH(choose_contraction)(type.code());
}
}  // namespace tessera::detail::cpu
#endif
