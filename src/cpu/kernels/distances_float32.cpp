// Tiles of distances of float32 rows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/distances_float32.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/kernels/distances-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {
const tile_kernel* choose_float32(metric_code what, bool weighted) { return choose<float>(what, weighted); }
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_float32);
const tile_kernel* find_distance_float32(metric_code what, bool weighted) {
  return HWY_DYNAMIC_DISPATCH(choose_float32)(what, weighted);
}
}  // namespace tessera::detail::cpu
#endif
