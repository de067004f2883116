// The loops that turn elements of one dtype into another's; table.hpp states the rules, element.hpp's convert() has them.
#include <hwy/highway.h>

#include "cpu/kernels/element.hpp"
#include "cpu/kernels/families.hpp"
#include "cpu/kernels/halves-inl.hpp"

#if defined(TESSERA_CAST_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_CAST_INL_HPP
#undef TESSERA_CAST_INL_HPP
#else
#define TESSERA_CAST_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {

template <class From, class To> void cast_loop(void* out, const void* a, const void*, const void*, std::size_t n) {
  TESSERA_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) store<To>(out, i, convert<To>(load<From>(a, i)));
}

/// A float that rounded to Half is x rounded once.
template <class Half, class From> float before_rounding(From x) {
  if constexpr (complex_number<From>) {
    return before_rounding<Half>(x.re);
  } else if constexpr (sizeof(From) == 8 && integer<From>) {
    return Half::odd_float(odd_double(x));
  } else if constexpr (std::same_as<From, double> || (sizeof(From) == 4 && integer<From>)) {
    return Half::odd_float(static_cast<double>(x));
  } else {
    return convert<float>(x);
  }
}
template <class Half, class From>
void before_rounding_loop(void* out, const void* a, const void*, const void*, std::size_t n) {
  TESSERA_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) store<float>(out, i, before_rounding<Half>(load<From>(a, i)));
}

template <class From, class To> constexpr kernel cast_of() {
  if constexpr (std::same_as<From, To> || (!half<From> && !half<To>)) {
    return cast_loop<From, To>;
  } else if constexpr (half<To>) {
    return through_float<before_rounding_loop<To, widened<From>>, To, From>;
  } else {
    return through_float<cast_loop<float, To>, To, From>;
  }
}

template <class From, class... To> void fill_row(kernel_table& table) {
  ((table.casts[static_cast<int>(code_of<From>)][static_cast<int>(code_of<To>)] = cast_of<From, To>()), ...);
}

/// The casts from each of these types to all.
template <class... From> void fill_casts(kernel_table& table) {
  (fill_row<From, bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
            std::uint32_t, std::uint64_t, float16_t, bfloat16_t, float, double, complex_value<float>,
            complex_value<double>>(table),
   ...);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
