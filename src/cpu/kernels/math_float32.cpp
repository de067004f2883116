// Kernels of the mathematical functions on float32, where the instruction set has vector versions.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/math_float32.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/math-kernels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
void enter(kernel_table& table) { fill_math<float>(table); }
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail {
HWY_EXPORT(enter);
void enter_math_float32(kernel_table& table) { HWY_DYNAMIC_DISPATCH(enter)(table); }
}  // namespace tessera::detail
#endif
