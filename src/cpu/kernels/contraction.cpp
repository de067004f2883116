// Tiles of contractions of floating-point numbers.
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
template <class T> struct real_sums {
  using type = T;
  template <class V> static HWY_INLINE V add(V acc, V x, V y) { return hn::MulAdd(x, y, acc); }
  template <class V> static HWY_INLINE V merge(V a, V b) { return hn::Add(a, b); }
};

inline constexpr int real_rows = HWY_TARGET <= HWY_AVX3 ? 8 : 4;

const contraction_kernels* choose_contraction(dtype_code type) {
  if (type == dtype_code::float32) return tiles_of<real_sums<float>, real_rows, 3>();
  if (type == dtype_code::float64) return tiles_of<real_sums<double>, real_rows, 3>();
  return nullptr;
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
