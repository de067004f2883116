// Vectors of 16-bit floats, widened to float and rounded from it as core/half.hpp does, to the bit.
#include <hwy/highway.h>

#include "core/half.hpp"

#if defined(TESSERA_HALVES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_HALVES_INL_HPP
#undef TESSERA_HALVES_INL_HPP
#else
#define TESSERA_HALVES_INL_HPP
#endif

#undef TESSERA_VECTOR_HALVES
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
#define TESSERA_VECTOR_HALVES 1  // the processor converts float16 itself (F16C)
#else
#define TESSERA_VECTOR_HALVES 0
#endif

#if TESSERA_VECTOR_HALVES
HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {

/// As many as d has lanes, from any address.
template <class D> HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> load_halves(D d, const float16_t* from) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<hwy::float16_t, D> halves;
  return hn::PromoteTo(d, hn::LoadU(halves, reinterpret_cast<const hwy::float16_t*>(from)));
}
template <class D> HWY_INLINE void store_halves(D, hwy::HWY_NAMESPACE::Vec<D> x, float16_t* to) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<hwy::float16_t, D> halves;
  hn::StoreU(hn::DemoteTo(halves, x), halves, reinterpret_cast<hwy::float16_t*>(to));
}

template <class D> HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> load_halves(D d, const bfloat16_t* from) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<std::uint16_t, D> halves;
  const hn::RebindToUnsigned<D> bits;
  const auto all = hn::PromoteTo(bits, hn::LoadU(halves, reinterpret_cast<const std::uint16_t*>(from)));
  return hn::BitCast(d, hn::ShiftLeft<16>(all));
}
/// Highway's own conversion cuts the low bits off.
template <class D> HWY_INLINE void store_halves(D d, hwy::HWY_NAMESPACE::Vec<D> x, bfloat16_t* to) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<std::uint16_t, D> halves;
  const hn::RebindToUnsigned<D> bits;
  const auto all = hn::BitCast(bits, x), high = hn::ShiftRight<16>(all);
  const auto odd = hn::And(high, hn::Set(bits, 1));
  const auto rounded = hn::ShiftRight<16>(hn::Add(all, hn::Add(odd, hn::Set(bits, 0x7fff))));
  const auto no_number = hn::RebindMask(bits, hn::IsNaN(x));
  const auto chosen = hn::IfThenElse(no_number, hn::Or(high, hn::Set(bits, 0x40)), rounded);
  (void)d;
  hn::StoreU(hn::DemoteTo(halves, hn::BitCast(hn::RebindToSigned<D>(), chosen)), halves,
             reinterpret_cast<std::uint16_t*>(to));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();
#endif

#endif
