// Tiles of distances of float64 rows and of rows of bits, and the choice between the dtypes.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/distances_float64.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/kernels/distances-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {
const tile_kernel* choose_float64(metric_code what, bool weighted) {
  return what == metric_code::bitwise_hamming ? choose<std::uint64_t>(what, weighted) : choose<double>(what, weighted);
}
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_float64);
const tile_kernel* find_distance_float64(metric_code what, bool weighted) {
  return HWY_DYNAMIC_DISPATCH(choose_float64)(what, weighted);
}

const tile_kernel* find_distance_float32(metric_code what, bool weighted);
const tile_kernel* find_distance(metric_code what, dtype type, bool weighted) {
  return type == float32 ? find_distance_float32(what, weighted) : find_distance_float64(what, weighted);
}
}  // namespace tessera::detail::cpu
#endif
