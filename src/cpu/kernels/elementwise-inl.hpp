// The loops around the bodies: one simple loop per operation and dtype, which the compiler vectorises for each instruction
// set. Included once per instruction set by every elementwise_*.cpp.
//
// Every name here has internal linkage, so two files compiled for different instruction sets never share code.
#include <hwy/highway.h>

#include "cpu/kernels/element.hpp"
#include "cpu/kernels/families.hpp"
#include "cpu/kernels/avx2-inl.hpp"
#include "cpu/kernels/halves-inl.hpp"
#include "cpu/kernels/vector_functions.hpp"

#if defined(TESSERA_ELEMENTWISE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_ELEMENTWISE_INL_HPP
#undef TESSERA_ELEMENTWISE_INL_HPP
#else
#define TESSERA_ELEMENTWISE_INL_HPP
#endif

#include "cpu/kernels/arithmetic-inl.hpp"
#include "cpu/kernels/math-inl.hpp"
#include "cpu/kernels/parts-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {

template <class Body, class Result, class A>
void unary(void* out, const void* a, const void*, const void*, std::size_t n) {
  TESSERA_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) store<Result>(out, i, Body{}(load<A>(a, i)));
}

template <class Body, class Result, class A, class B>
void binary(void* out, const void* a, const void* b, const void*, std::size_t n) {
  TESSERA_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) store<Result>(out, i, Body{}(load<A>(a, i), load<B>(b, i)));
}

template <class Body, class Result, class A, class B>
void ternary(void* out, const void* a, const void* b, const void* c, std::size_t n) {
  TESSERA_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) store<Result>(out, i, Body{}(load<A>(a, i), load<B>(b, i), load<B>(c, i)));
}

template <op Code, class T> struct result_of {
  static constexpr gives what = info(Code).result;
  using type = std::conditional_t<
      what == gives::bool_, bool,
      std::conditional_t<what == gives::real, real_part_of<T>,
                         std::conditional_t<what == gives::uint8, std::uint8_t,
                                            std::conditional_t<what == gives::int32, std::int32_t, T>>>>;
};

/// A body without an overload for 16-bit floats computes in float and is rounded once.
template <op Code, class Body, class T> constexpr kernel kernel_of() {
  constexpr loop_kind kind = std::same_as<T, bool> ? B : integer<T> ? I : complex_number<T> ? C : F;
  if constexpr (Code == op::cast || (info(Code).loops & kind) == 0) {
    return nullptr;
  } else if constexpr (TESSERA_AVX2 && kind == F && has_vector_function(Code)) {
    return nullptr;  // math_*.cpp enters it
  } else {
    using R = typename result_of<Code, T>::type;
    using A = std::conditional_t<Code == op::where, bool, T>;
    using B = std::conditional_t<info(Code).notes == note::integer_second, std::int64_t, T>;
    if constexpr (info(Code).arity == 1) {
      if constexpr (std::is_invocable_v<Body, A>) return unary<Body, R, A>;
      else return through_float<unary<Body, widened<R>, widened<A>>, R, A>;
    }
    if constexpr (info(Code).arity == 2) {
      if constexpr (std::is_invocable_v<Body, A, B>) return binary<Body, R, A, B>;
      else return through_float<binary<Body, widened<R>, widened<A>, widened<B>>, R, A, B>;
    }
    if constexpr (info(Code).arity == 3) {
      if constexpr (std::is_invocable_v<Body, A, B, B>) return ternary<Body, R, A, B>;
      else return through_float<ternary<Body, widened<R>, widened<A>, widened<B>>, R, A, B, B>;
    }
  }
}

/// Every operation's kernel for loops in T.
template <class T> void fill_elementwise(kernel_table& table) {
  table.target = hwy::TargetName(HWY_TARGET);
  constexpr int column = static_cast<int>(code_of<T>);
#define TESSERA_ROW(name, ...) \
  table.elementwise[static_cast<int>(op::name)][column] = kernel_of<op::name, bodies::name, T>();
  TESSERA_OPS(TESSERA_ROW)
#undef TESSERA_ROW
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
