// One element in memory and as a number; the C++ type behind each dtype.
#pragma once
#include <complex>
#include <cstddef>

#include "core/half.hpp"
#include "tessera/scalar.hpp"

namespace tessera::detail {

template <class T> struct type_tag {
  using type = T;
};

/// f(type_tag<T>()) with the C++ type of a number's dtype; times are int64.
template <class F> decltype(auto) with_type(dtype type, F&& f) {
  switch (type.code()) {
    case dtype_code::bool_: return f(type_tag<bool>());
    case dtype_code::int8: return f(type_tag<std::int8_t>());
    case dtype_code::int16: return f(type_tag<std::int16_t>());
    case dtype_code::int32: return f(type_tag<std::int32_t>());
    case dtype_code::int64: return f(type_tag<std::int64_t>());
    case dtype_code::uint8: return f(type_tag<std::uint8_t>());
    case dtype_code::uint16: return f(type_tag<std::uint16_t>());
    case dtype_code::uint32: return f(type_tag<std::uint32_t>());
    case dtype_code::uint64: return f(type_tag<std::uint64_t>());
    case dtype_code::float16: return f(type_tag<float16_t>());
    case dtype_code::bfloat16: return f(type_tag<bfloat16_t>());
    case dtype_code::float32: return f(type_tag<float>());
    case dtype_code::complex64: return f(type_tag<std::complex<float>>());
    case dtype_code::complex128: return f(type_tag<std::complex<double>>());
    case dtype_code::datetime64:
    case dtype_code::timedelta64: return f(type_tag<std::int64_t>());
    default: break;  // float64; unset, texts and records never come here
  }
  return f(type_tag<double>());
}

/// The element at `from`, which may be misaligned.
scalar_value read_element(const std::byte* from, dtype type) noexcept;
/// Casts as astype does: integers wrap, fractions are cut off, imaginary parts and what does not fit are lost.
void write_element(std::byte* to, dtype type, const scalar_value& value) noexcept;

/// "300", "2.5", "1+2j", "True": as Python writes the number.
std::string to_string(const scalar_value& value);

}  // namespace tessera::detail
