// Which loop folds what, for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/reduce.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/reduce-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

/// Integers fold as unsigned numbers: sums and products wrap.
template <class T> row_fold wrapping(fold by) {
  if (by == fold::sum) return rows_of<T, sum_of>;
  if (by == fold::prod) return rows_of<T, product_of>;
  return nullptr;
}

template <class T> row_fold ordering(fold by) {
  switch (by) {
    case fold::min: return rows_of<T, least_of>;
    case fold::max: return rows_of<T, greatest_of>;
    case fold::fmin: return rows_of<T, std::conditional_t<integer<T>, least_of, least_number_of>>;
    case fold::fmax: return rows_of<T, std::conditional_t<integer<T>, greatest_of, greatest_number_of>>;
    default: return nullptr;
  }
}

template <class T> row_fold of_integer(fold by) {
  return by == fold::sum || by == fold::prod ? wrapping<std::make_unsigned_t<T>>(by) : ordering<T>(by);
}

template <class T> row_fold of_floating(fold by) {
  return by == fold::sum || by == fold::prod ? wrapping<T>(by) : ordering<T>(by);
}

template <class T> row_fold of_complex(fold by) {
  using number = complex_value<T>;
  switch (by) {
    case fold::sum: return sums_of_parts<T>;
    case fold::prod: return products_in_order<number>;
    case fold::min: return rows_in_order<number, least_of>;
    case fold::max: return rows_in_order<number, greatest_of>;
    case fold::fmin: return rows_in_order<number, least_number_of>;
    case fold::fmax: return rows_in_order<number, greatest_number_of>;
    default: return nullptr;
  }
}

row_fold of_bool(fold by) {
  switch (by) {
    case fold::any:
    case fold::sum:
    case fold::max:
    case fold::fmax: return rows_of_bool<any_of>;
    case fold::all:
    case fold::prod:
    case fold::min:
    case fold::fmin: return rows_of_bool<all_of>;
    default: return nullptr;
  }
}

row_fold choose_row_fold(fold by, dtype_code type) {
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
    default: return nullptr;
  }
}

template <fold By, class T>
inline constexpr position_fold positions = {position_rows<By, T>, position_lanes<By, T>, position_combine<By, T>};

template <fold By> const position_fold* choose_positions(dtype_code type) {
  switch (type) {
    case dtype_code::bool_: return &positions<By, bool>;
    case dtype_code::int8: return &positions<By, std::int8_t>;
    case dtype_code::int16: return &positions<By, std::int16_t>;
    case dtype_code::int32: return &positions<By, std::int32_t>;
    case dtype_code::int64: return &positions<By, std::int64_t>;
    case dtype_code::uint8: return &positions<By, std::uint8_t>;
    case dtype_code::uint16: return &positions<By, std::uint16_t>;
    case dtype_code::uint32: return &positions<By, std::uint32_t>;
    case dtype_code::uint64: return &positions<By, std::uint64_t>;
    case dtype_code::float32: return &positions<By, float>;
    case dtype_code::float64: return &positions<By, double>;
    case dtype_code::complex64: return &positions<By, complex_value<float>>;
    case dtype_code::complex128: return &positions<By, complex_value<double>>;
    default: return nullptr;
  }
}

const position_fold* choose_position_fold(fold by, dtype_code type) {
  if (by == fold::argmin) return choose_positions<fold::argmin>(type);
  if (by == fold::argmax) return choose_positions<fold::argmax>(type);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_row_fold);
HWY_EXPORT(choose_position_fold);

row_fold find_row_fold(fold by, dtype type) { return HWY_DYNAMIC_DISPATCH(choose_row_fold)(by, type.code()); }
const position_fold* find_position_fold(fold by, dtype type) {
  return HWY_DYNAMIC_DISPATCH(choose_position_fold)(by, type.code());
}
}  // namespace tessera::detail::cpu
#endif
