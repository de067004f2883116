// Places of numbers among evenly spaced edges, by vectors: a subtraction and a multiplication; what is too near to an edge is
// left to the caller.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/histogram.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/kernels/histogram.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T> bool find_places(std::int32_t* to, const void* from, std::size_t count, const even_edges& edges) {
  const hn::ScalableTag<T> d;
  const hn::Rebind<std::int32_t, decltype(d)> places;
  using V = hn::Vec<decltype(d)>;
  const T* const x = static_cast<const T*>(from);
  const std::size_t lanes = hn::Lanes(d);
  const V low = hn::Set(d, static_cast<T>(edges.low)), high = hn::Set(d, static_cast<T>(edges.high));
  const V scale = hn::Set(d, static_cast<T>(edges.scale)), off = hn::Set(d, static_cast<T>(edges.off));
  const V last = hn::Set(d, static_cast<T>(1) - static_cast<T>(edges.off));
  const V outside = hn::Set(d, static_cast<T>(edges.bins)), unknown = hn::Set(d, static_cast<T>(place_unknown));
  V lowest = outside;
  const auto place = [&](V v) {
    const V g = hn::Mul(hn::Sub(v, low), scale);
    const V whole = hn::Trunc(g), part = hn::Sub(g, whole);
    const V known = hn::IfThenElse(hn::And(hn::Gt(part, off), hn::Lt(part, last)), whole, unknown);
    const V chosen = hn::IfThenElse(hn::And(hn::Ge(v, low), hn::Le(v, high)), known, outside);
    lowest = hn::Min(lowest, chosen);
    if constexpr (sizeof(T) == 4) return hn::ConvertTo(places, chosen);
    else return hn::DemoteTo(places, chosen);
  };
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(place(hn::LoadU(d, x + i)), places, to + i);
  if (i < count) {
    HWY_ALIGN T rest[HWY_MAX_BYTES / sizeof(T)] = {};
    HWY_ALIGN std::int32_t rest_places[HWY_MAX_BYTES / sizeof(T)];
    for (std::size_t k = i; k < count; ++k) rest[k - i] = x[k];
    hn::StoreU(place(hn::LoadU(d, rest)), places, rest_places);
    for (std::size_t k = i; k < count; ++k) to[k] = rest_places[k - i];
  }
  return hn::AllTrue(d, hn::Ge(lowest, hn::Zero(d)));
}

place_kernel choose_place_kernel(dtype_code type) {
  return type == dtype_code::float32 ? find_places<float> : find_places<double>;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_place_kernel);
place_kernel find_place_kernel(dtype type) { return HWY_DYNAMIC_DISPATCH(choose_place_kernel)(type.code()); }
}  // namespace tessera::detail::cpu
#endif
