// SLEEF's functions on Highway vectors, for the instruction sets it has deterministic versions for.
//
// The versions named `finz` return the same bits whatever the vector width, so AVX2 and AVX-512 agree. sleef.h declares the
// wide ones only where the whole translation unit is compiled for them, so they are declared here.
#if defined(TESSERA_SLEEF_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_SLEEF_INL_HPP
#undef TESSERA_SLEEF_INL_HPP
#else
#define TESSERA_SLEEF_INL_HPP
#endif

#include <hwy/highway.h>

#include "cpu/kernels/avx2-inl.hpp"

#if TESSERA_AVX2
HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace sleef {

#if HWY_TARGET == HWY_AVX2
#define TESSERA_FLOATS(name, accuracy) Sleef_finz_##name##f8_##accuracy##avx2
#define TESSERA_DOUBLES(name, accuracy) Sleef_finz_##name##d4_##accuracy##avx2
using floats = __m256;
using doubles = __m256d;
#else
#define TESSERA_FLOATS(name, accuracy) Sleef_finz_##name##f16_##accuracy##avx512f
#define TESSERA_DOUBLES(name, accuracy) Sleef_finz_##name##d8_##accuracy##avx512f
using floats = __m512;
using doubles = __m512d;
#endif
namespace hn = hwy::HWY_NAMESPACE;
using float_vector = hn::VFromD<hn::ScalableTag<float>>;
using double_vector = hn::VFromD<hn::ScalableTag<double>>;

// clang 14 passes vectors in memory unless the whole file is compiled for them; SLEEF expects them in registers. There its
// scalar functions compute lane by lane.
#if defined(__clang__) && !defined(__AVX__)
template <class V, class F> HWY_INLINE V by_lanes(F f, V x, V y) {
  const hn::DFromV<V> d;
  constexpr std::size_t lanes = hn::MaxLanes(d);
  alignas(64) hn::TFromD<decltype(d)> a[lanes], b[lanes];
  hn::Store(x, d, a);
  hn::Store(y, d, b);
  for (std::size_t i = 0; i < lanes; ++i) a[i] = f(a[i], b[i]);
  return hn::Load(d, a);
}
#define TESSERA_UNARY(name, accuracy)                                                     \
  extern "C" float Sleef_##name##f_##accuracy(float);                                     \
  extern "C" double Sleef_##name##_##accuracy(double);                                    \
  HWY_INLINE float_vector name(float_vector x) {                                          \
    return by_lanes([](float a, float) { return Sleef_##name##f_##accuracy(a); }, x, x);  \
  }                                                                                       \
  HWY_INLINE double_vector name(double_vector x) {                                        \
    return by_lanes([](double a, double) { return Sleef_##name##_##accuracy(a); }, x, x); \
  }
#define TESSERA_BINARY(name, accuracy)                                                         \
  extern "C" float Sleef_##name##f_##accuracy(float, float);                                   \
  extern "C" double Sleef_##name##_##accuracy(double, double);                                 \
  HWY_INLINE float_vector name(float_vector x, float_vector y) {                               \
    return by_lanes([](float a, float b) { return Sleef_##name##f_##accuracy(a, b); }, x, y);  \
  }                                                                                            \
  HWY_INLINE double_vector name(double_vector x, double_vector y) {                            \
    return by_lanes([](double a, double b) { return Sleef_##name##_##accuracy(a, b); }, x, y); \
  }
#else
#define TESSERA_UNARY(name, accuracy)                                                                          \
  extern "C" floats TESSERA_FLOATS(name, accuracy)(floats);                                                    \
  extern "C" doubles TESSERA_DOUBLES(name, accuracy)(doubles);                                                 \
  HWY_INLINE float_vector name(float_vector x) { return float_vector{TESSERA_FLOATS(name, accuracy)(x.raw)}; } \
  HWY_INLINE double_vector name(double_vector x) { return double_vector{TESSERA_DOUBLES(name, accuracy)(x.raw)}; }
#define TESSERA_BINARY(name, accuracy)                                   \
  extern "C" floats TESSERA_FLOATS(name, accuracy)(floats, floats);      \
  extern "C" doubles TESSERA_DOUBLES(name, accuracy)(doubles, doubles);  \
  HWY_INLINE float_vector name(float_vector x, float_vector y) {         \
    return float_vector{TESSERA_FLOATS(name, accuracy)(x.raw, y.raw)};   \
  }                                                                      \
  HWY_INLINE double_vector name(double_vector x, double_vector y) {      \
    return double_vector{TESSERA_DOUBLES(name, accuracy)(x.raw, y.raw)}; \
  }
#endif
TESSERA_UNARY(acos, u10)
TESSERA_UNARY(asin, u10)
TESSERA_UNARY(atan, u10)
TESSERA_UNARY(cbrt, u10)
TESSERA_UNARY(cos, u10)
TESSERA_UNARY(sin, u10)
TESSERA_UNARY(tan, u10)
TESSERA_BINARY(atan2, u10)
TESSERA_BINARY(hypot, u05)
TESSERA_BINARY(pow, u10)
#undef TESSERA_UNARY
#undef TESSERA_BINARY
#undef TESSERA_FLOATS
#undef TESSERA_DOUBLES

}  // namespace sleef
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();
#endif

#endif
