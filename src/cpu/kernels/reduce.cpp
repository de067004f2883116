// Which loop folds what, for each instruction set.
#include "cpu/kernels/reduce.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/reduce.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/reduce-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

/// The loops of one fold.
struct loops {
  row_fold rows = nullptr;
  lane_fold lanes = nullptr;
};

template <class T, class By> constexpr loops plain = {rows_of<T, By>, lanes_of<T, By>};
template <class By> constexpr loops of_bytes = {rows_of_bool<By>, lanes_of_bool<By>};
template <class T, class By> constexpr loops in_order = {rows_in_order<T, By>, lanes_of<T, By>};

/// Integers fold as unsigned numbers: sums and products wrap.
template <class T> loops wrapping(fold by) {
  return by == fold::sum ? plain<T, sum_of> : loops{products_of_rows<T>, lanes_of<T, product_of>};
}

template <class T> loops ordering(fold by) {
  switch (by) {
    case fold::min: return plain<T, least_of>;
    case fold::max: return plain<T, greatest_of>;
    case fold::fmin: return plain<T, std::conditional_t<integer<T>, least_of, least_number_of>>;
    case fold::fmax: return plain<T, std::conditional_t<integer<T>, greatest_of, greatest_number_of>>;
    default: return {};
  }
}

template <class T> loops of_integer(fold by) {
  return by == fold::sum || by == fold::prod ? wrapping<std::make_unsigned_t<T>>(by) : ordering<T>(by);
}

template <class T> loops of_floating(fold by) {
  return by == fold::sum || by == fold::prod ? wrapping<T>(by) : ordering<T>(by);
}

template <class T> loops of_complex(fold by) {
  using number = complex_value<T>;
  switch (by) {
    case fold::sum: return {sums_of_parts<T>, lanes_of_parts<T>};
    case fold::prod: return {products_in_order<number>, lanes_of<number, product_of>};
    case fold::min: return in_order<number, least_of>;
    case fold::max: return in_order<number, greatest_of>;
    case fold::fmin: return in_order<number, least_number_of>;
    case fold::fmax: return in_order<number, greatest_number_of>;
    default: return {};
  }
}

loops of_bool(fold by) {
  switch (by) {
    case fold::any:
    case fold::sum:
    case fold::max:
    case fold::fmax: return of_bytes<any_of>;
    case fold::all:
    case fold::prod:
    case fold::min:
    case fold::fmin: return of_bytes<all_of>;
    default: return {};
  }
}

loops choose_loops(fold by, dtype_code type) {
  switch (type) {
    case dtype_code::bool_: return of_bool(by);
    case dtype_code::int8: return of_integer<std::int8_t>(by);
    case dtype_code::int16: return of_integer<std::int16_t>(by);
    case dtype_code::int32: return of_integer<std::int32_t>(by);
    case dtype_code::int64: return of_integer<std::int64_t>(by);
    case dtype_code::uint8: return of_integer<std::uint8_t>(by);
    case dtype_code::uint16: return of_integer<std::uint16_t>(by);
    case dtype_code::uint32: return of_integer<std::uint32_t>(by);
    case dtype_code::uint64: return of_integer<std::uint64_t>(by);
    case dtype_code::float32: return of_floating<float>(by);
    case dtype_code::float64: return of_floating<double>(by);
    case dtype_code::complex64: return of_complex<float>(by);
    case dtype_code::complex128: return of_complex<double>(by);
    default: return {};
  }
}

row_fold choose_row_fold(fold by, dtype_code type) { return choose_loops(by, type).rows; }
lane_fold choose_lane_fold(fold by, dtype_code type) { return choose_loops(by, type).lanes; }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_row_fold);
HWY_EXPORT(choose_lane_fold);

row_fold find_row_fold(fold by, dtype type) { return HWY_DYNAMIC_DISPATCH(choose_row_fold)(by, type.code()); }
lane_fold find_lane_fold(fold by, dtype type) { return HWY_DYNAMIC_DISPATCH(choose_lane_fold)(by, type.code()); }
}  // namespace tessera::detail::cpu
#endif
