// Kernels of the casts from the floating dtypes, complex ones included, to every dtype.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/cast_floats.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/cast-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
void enter(kernel_table& table) {
  fill_casts<float16_t, bfloat16_t, float, double, complex_value<float>, complex_value<double>>(table);
}
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail {
HWY_EXPORT(enter);
void enter_cast_floats(kernel_table& table) { HWY_DYNAMIC_DISPATCH(enter)(table); }
}  // namespace tessera::detail
#endif
