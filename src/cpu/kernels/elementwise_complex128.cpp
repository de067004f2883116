// Kernels of every elementwise operation on complex128.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/elementwise_complex128.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/complex-inl.hpp"
#include "cpu/kernels/elementwise-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
void enter(kernel_table& table) {
  fill_elementwise<complex_value<double>>(table);
  fill_complex<double>(table);
}
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail {
HWY_EXPORT(enter);
void enter_elementwise_complex128(kernel_table& table) { HWY_DYNAMIC_DISPATCH(enter)(table); }
}  // namespace tessera::detail
#endif
