// Complex multiply, square and conj on whole vectors: the compiler's own loops take the parts apart and put them together
// again (Zen 3, complex64 in the L1 cache: 0.68 ns an element, here 0.2).
#include <hwy/highway.h>

#include "cpu/kernels/avx2-inl.hpp"
#include "cpu/kernels/element.hpp"
#include "cpu/kernels/families.hpp"

#if defined(TESSERA_COMPLEX_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_COMPLEX_INL_HPP
#undef TESSERA_COMPLEX_INL_HPP
#else
#define TESSERA_COMPLEX_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
#if TESSERA_AVX2
namespace hn = hwy::HWY_NAMESPACE;

/// The sign bit in the imaginary parts (every second lane from 1 on).
template <class D> HWY_INLINE hn::Vec<D> imaginary_signs(D d) { return hn::OddEven(hn::SignBit(d), hn::Zero(d)); }

struct complex_multiply {
  /// As the body in arithmetic-inl.hpp, to the bit: products are rounded before they are added.
  template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const {
    const V straight = hn::Mul(a, hn::DupEven(b));                 // re re, im re
    const V crossed = hn::Mul(hn::Reverse2(d, a), hn::DupOdd(b));  // im im, re im
    const V real_signs = hn::OddEven(hn::Zero(d), hn::SignBit(d));
    return hn::Add(straight, hn::Xor(crossed, real_signs));
  }
};

/// Parts of n numbers; the last ones are masked, so that nothing beyond is touched.
template <class Function, class Part>
void complex_binary(void* out, const void* a, const void* b, const void*, std::size_t n) {
  const hn::ScalableTag<Part> d;
  constexpr std::size_t lanes = hn::MaxLanes(d);
  const Part *x = static_cast<const Part*>(a), *y = static_cast<const Part*>(b);
  Part* to = static_cast<Part*>(out);
  std::size_t i = 0;
  for (; i + lanes <= 2 * n; i += lanes) hn::StoreU(Function{}(d, hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, to + i);
  if (i == 2 * n) return;
  const auto rest = hn::FirstN(d, 2 * n - i);
  hn::BlendedStore(Function{}(d, hn::MaskedLoad(rest, d, x + i), hn::MaskedLoad(rest, d, y + i)), rest, d, to + i);
}

template <class Part> void complex_square(void* out, const void* a, const void*, const void*, std::size_t n) {
  complex_binary<complex_multiply, Part>(out, a, a, nullptr, n);
}

struct complex_conjugate {
  template <class D, class V> HWY_INLINE V operator()(D d, V a, V) const { return hn::Xor(a, imaginary_signs(d)); }
};

template <class Part> void complex_conj(void* out, const void* a, const void*, const void*, std::size_t n) {
  complex_binary<complex_conjugate, Part>(out, a, a, nullptr, n);
}

/// In place of the scalar bodies' loops.
template <class Part> void fill_complex(kernel_table& table) {
  constexpr int column = static_cast<int>(code_of<complex_value<Part>>);
  table.elementwise[static_cast<int>(op::multiply)][column] = complex_binary<complex_multiply, Part>;
  table.elementwise[static_cast<int>(op::square)][column] = complex_square<Part>;
  table.elementwise[static_cast<int>(op::conj)][column] = complex_conj<Part>;
}

#else
template <class Part> void fill_complex(kernel_table&) {}
#endif
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
