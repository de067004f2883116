// Element types as kernels see them: concepts, the complex number, reading and writing at any address.
//
// Everything here is compiled for the baseline and inlined into the loops of each instruction set; nothing here may call
// into HWY_NAMESPACE.
#pragma once
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/half.hpp"
#include "tessera/dtype.hpp"

// Before a loop of a kernel: operands are the result itself or apart from it: there is nothing to check before vectorising.
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"  // not every body can be vectorised
#define TESSERA_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define TESSERA_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace tessera::detail {

template <class T> struct complex_value {
  using part = T;
  T re, im;
};

template <class T> concept half = std::same_as<T, float16_t> || std::same_as<T, bfloat16_t>;
template <class T>
concept complex_number = std::same_as<T, complex_value<float>> || std::same_as<T, complex_value<double>>;
template <class T> concept real_number = std::same_as<T, bool> || integer<T> || std::floating_point<T>;

/// The dtype of an element, and its loop kind in op_table.
template <class T> inline constexpr dtype_code code_of = dtype_of<T>().code();
template <> inline constexpr dtype_code code_of<float16_t> = dtype_code::float16;
template <> inline constexpr dtype_code code_of<bfloat16_t> = dtype_code::bfloat16;
template <> inline constexpr dtype_code code_of<complex_value<float>> = dtype_code::complex64;
template <> inline constexpr dtype_code code_of<complex_value<double>> = dtype_code::complex128;

template <class T> struct real_part {
  using type = T;
};
template <complex_number T> struct real_part<T> {
  using type = typename T::part;
};
template <class T> using real_part_of = typename real_part<T>::type;

/// Element i of what starts at `data`, aligned or not. A bool is any byte.
template <class T> T load(const void* data, std::size_t i) {
  if constexpr (std::same_as<T, bool>) {
    return load<std::uint8_t>(data, i) != 0;
  } else if constexpr (complex_number<T>) {
    return {load<typename T::part>(data, 2 * i), load<typename T::part>(data, 2 * i + 1)};
  } else {
    T value;
    std::memcpy(&value, static_cast<const std::byte*>(data) + i * sizeof(T), sizeof(T));
    return value;
  }
}

template <class T> void store(void* data, std::size_t i, T value) {
  if constexpr (complex_number<T>) {
    store(data, 2 * i, value.re);
    store(data, 2 * i + 1, value.im);
  } else {
    std::memcpy(static_cast<std::byte*>(data) + i * sizeof(T), &value, sizeof(T));
  }
}

/// The type arithmetic is done in: float for the 16-bit ones, itself for the others.
template <class T> auto widen(T value) {
  if constexpr (half<T>) {
    return static_cast<float>(value);
  } else {
    return value;
  }
}

/// A floating number as an integer as x86 converts it (see find_cast): never undefined.
template <integer To, std::floating_point From> To to_integer(From x) {
  if constexpr (sizeof(To) < 4) {
    return static_cast<To>(to_integer<std::int32_t>(x));
  } else if constexpr (std::is_unsigned_v<To>) {
    constexpr From half_range = static_cast<From>(To(1) << (8 * sizeof(To) - 1));
    const bool large = x >= half_range;
    const auto low = to_integer<std::make_signed_t<To>>(large ? x - half_range : x);
    return static_cast<To>(low) ^ (large ? To(1) << (8 * sizeof(To) - 1) : To(0));
  } else {
    constexpr To minimum = std::numeric_limits<To>::min();
    constexpr From limit = -static_cast<From>(minimum);
    // Between minimum - 1 and minimum a double would be cut to the minimum: the same value.
    const bool fits = x >= -limit && x < limit;
    const To value = static_cast<To>(fits ? x : From(0));
    return fits ? value : minimum;
  }
}

/// One element as another type, by find_cast's rules.
template <class To, class From> To convert(From x) {
  if constexpr (std::same_as<To, From>) {
    return x;
  } else if constexpr (complex_number<To>) {
    using part = typename To::part;
    if constexpr (complex_number<From>) {
      return {static_cast<part>(x.re), static_cast<part>(x.im)};
    } else {
      return {convert<part>(x), part(0)};
    }
  } else if constexpr (complex_number<From>) {
    if constexpr (std::same_as<To, bool>) {
      return x.re != 0 || x.im != 0;
    } else {
      return convert<To>(x.re);
    }
  } else if constexpr (half<From>) {
    return convert<To>(static_cast<float>(x));
  } else if constexpr (half<To>) {
    if constexpr (std::same_as<From, float>) {
      return To(x);
    } else if constexpr (sizeof(From) == 8 && integer<From>) {
      return To(odd_double(x));
    } else if constexpr (std::same_as<From, double> || sizeof(From) == 4) {
      return To(static_cast<double>(x));
    } else {
      return To(static_cast<float>(x));
    }
  } else if constexpr (std::same_as<To, bool>) {
    return x != 0;
  } else if constexpr (std::same_as<From, bool> && std::floating_point<To>) {
    return static_cast<To>(static_cast<std::int32_t>(x));
  } else if constexpr (integer<To> && std::floating_point<From>) {
    return to_integer<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

}  // namespace tessera::detail
