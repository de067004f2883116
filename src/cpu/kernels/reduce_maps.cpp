// Sums of maps: of squares, products, squared differences, magnitudes and exponentials, with the bits of the operations
// themselves.
#include "cpu/kernels/reduce.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/reduce_maps.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/math-exponential-inl.hpp"
#include "cpu/kernels/reduce-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

struct square_of {
  template <class D, class V> HWY_INLINE V operator()(D, V x) const { return hn::Mul(x, x); }
  template <std::floating_point T> HWY_INLINE T operator()(T x) const { return x * x; }
};
struct magnitude_of {
  template <class D, class V> HWY_INLINE V operator()(D, V x) const { return hn::Abs(x); }
  template <std::floating_point T> HWY_INLINE T operator()(T x) const { return std::abs(x); }
};
struct product_of_pair {
  template <class D, class V> HWY_INLINE V operator()(D, V x, V y) const { return hn::Mul(x, y); }
  template <std::floating_point T> HWY_INLINE T operator()(T x, T y) const { return x * y; }
};
struct difference_squared_of {
  template <class D, class V> HWY_INLINE V operator()(D, V x, V y) const {
    return hn::Mul(hn::Sub(x, y), hn::Sub(x, y));
  }
  template <std::floating_point T> HWY_INLINE T operator()(T x, T y) const { return (x - y) * (x - y); }
};

#if TESSERA_AVX2
template <class T> struct exp_difference_of {
  hn::Vec<hn::ScalableTag<T>> y;
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    return detail::HWY_NAMESPACE::vector_math::exp{}(d, hn::Sub(x, y));
  }
  HWY_INLINE T operator()(T x) const {
    const hn::ScalableTag<T> d;
    return hn::GetLane((*this)(d, hn::Set(d, x)));
  }
};

template <class T> void exp_difference_rows(void* out, const void* x, const void* y, std::size_t rows, std::size_t n) {
  const auto* const from = static_cast<const std::byte*>(x);
  const auto row = [&](std::size_t r) HWY_ATTR {
    const std::byte* const first = from + r * n * sizeof(T);
    const auto of_row = hn::Set(hn::ScalableTag<T>(), load<T>(static_cast<const std::byte*>(y), r));
    return source<T, exp_difference_of<T>>{first, first, {of_row}};
  };
  fold_rows<T, 1, sum_of>(static_cast<T*>(out), row, rows, n);
}
#endif

template <class T> row_fold mapped_sum(fold_map map) {
  switch (map) {
    case fold_map::none: return rows_of<T, sum_of>;
    case fold_map::square: return mapped_rows<T, sum_of, square_of>;
    case fold_map::magnitude: return mapped_rows<T, sum_of, magnitude_of>;
    case fold_map::product: return mapped_rows<T, sum_of, product_of_pair>;
    case fold_map::difference_squared: return mapped_rows<T, sum_of, difference_squared_of>;
#if TESSERA_AVX2
    case fold_map::exp_difference: return exp_difference_rows<T>;
#else
    case fold_map::exp_difference: return nullptr;  // without vector functions: the C library's, block by block
#endif
  }
  return nullptr;
}

row_fold choose_mapped_sum(fold_map map, dtype_code type) {
  if (type == dtype_code::float32) return mapped_sum<float>(map);
  if (type == dtype_code::float64) return mapped_sum<double>(map);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_mapped_sum);

row_fold find_mapped_sum(fold_map map, dtype type) { return HWY_DYNAMIC_DISPATCH(choose_mapped_sum)(map, type.code()); }
}  // namespace tessera::detail::cpu
#endif
