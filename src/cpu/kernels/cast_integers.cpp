// Kernels of the casts from bool and the integers to every dtype.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/cast_integers.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/cast-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
void enter(kernel_table& table) {
  fill_casts<bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t,
             std::uint64_t>(table);
}
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail {
HWY_EXPORT(enter);
void enter_cast_integers(kernel_table& table) { HWY_DYNAMIC_DISPATCH(enter)(table); }
}  // namespace tessera::detail
#endif
