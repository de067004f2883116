// The loops around the vector functions of math-vector-inl.hpp, which replace the scalar bodies' loops in the table.
#include "cpu/kernels/element.hpp"
#include "cpu/kernels/families.hpp"
#include "cpu/kernels/halves-inl.hpp"
#include "cpu/kernels/math-vector-inl.hpp"
#include "cpu/kernels/vector_functions.hpp"

#if defined(TESSERA_MATH_KERNELS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_MATH_KERNELS_INL_HPP
#undef TESSERA_MATH_KERNELS_INL_HPP
#else
#define TESSERA_MATH_KERNELS_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
#if TESSERA_AVX2
namespace vector_math {

/// Vectors of T at any address, computed in float or double; the last ones masked, so that nothing beyond is touched.
template <class T> struct elements {
  using tag = hn::ScalableTag<T>;
  using vector = hn::Vec<tag>;
  static constexpr std::size_t lanes = hn::MaxLanes(tag());

  static HWY_INLINE vector load(const void* data, std::size_t i) {
    return hn::LoadU(tag(), static_cast<const T*>(data) + i);
  }
  static HWY_INLINE vector load(const void* data, std::size_t i, std::size_t count) {
    return hn::MaskedLoad(hn::FirstN(tag(), count), tag(), static_cast<const T*>(data) + i);
  }
  static HWY_INLINE void store(vector x, void* data, std::size_t i) { hn::StoreU(x, tag(), static_cast<T*>(data) + i); }
  static HWY_INLINE void store(vector x, void* data, std::size_t i, std::size_t count) {
    hn::BlendedStore(x, hn::FirstN(tag(), count), tag(), static_cast<T*>(data) + i);
  }
};

/// 16-bit floats are floats here. They have no masks: the last ones go through memory.
template <half T> struct elements<T> {
  using tag = hn::ScalableTag<float>;
  using vector = hn::Vec<tag>;
  static constexpr std::size_t lanes = hn::MaxLanes(tag());

  static HWY_INLINE vector load(const void* data, std::size_t i) {
    return load_halves(tag(), static_cast<const T*>(data) + i);
  }
  static HWY_INLINE vector load(const void* data, std::size_t i, std::size_t count) {
    T rest[lanes] = {};
    std::memcpy(rest, static_cast<const T*>(data) + i, count * sizeof(T));
    return load_halves(tag(), rest);
  }
  static HWY_INLINE void store(vector x, void* data, std::size_t i) {
    store_halves(tag(), x, static_cast<T*>(data) + i);
  }
  static HWY_INLINE void store(vector x, void* data, std::size_t i, std::size_t count) {
    T rest[lanes];
    store_halves(tag(), x, rest);
    std::memcpy(static_cast<T*>(data) + i, rest, count * sizeof(T));
  }
};

template <class Function, class T> void unary(void* out, const void* a, const void*, const void*, std::size_t n) {
  using in = elements<T>;
  const typename in::tag d;
  std::size_t i = 0;
  for (; i + in::lanes <= n; i += in::lanes) in::store(Function{}(d, in::load(a, i)), out, i);
  if (i < n) in::store(Function{}(d, in::load(a, i, n - i)), out, i, n - i);
}

template <class Function, class T> void binary(void* out, const void* a, const void* b, const void*, std::size_t n) {
  using in = elements<T>;
  const typename in::tag d;
  std::size_t i = 0;
  for (; i + in::lanes <= n; i += in::lanes) in::store(Function{}(d, in::load(a, i), in::load(b, i)), out, i);
  if (i < n) in::store(Function{}(d, in::load(a, i, n - i), in::load(b, i, n - i)), out, i, n - i);
}

/// Kernels of all functions on T.
template <class T> void fill(kernel_table& table) {
  constexpr int column = static_cast<int>(code_of<T>);
#define TESSERA_ROW(name, loop) table.elementwise[static_cast<int>(op::name)][column] = loop<name, T>;
  TESSERA_VECTOR_DIVISIONS(TESSERA_ROW)
  TESSERA_VECTOR_FUNCTIONS(TESSERA_ROW)
#undef TESSERA_ROW
}

}  // namespace vector_math
template <class T> void fill_math(kernel_table& table) { vector_math::fill<T>(table); }
#else
template <class T> void fill_math(kernel_table&) {}  // the C library's functions stay
#endif
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
