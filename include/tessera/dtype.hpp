// Element types at run time, their names and NumPy's promotion.
#pragma once
#include <string>

#include "api.hpp"
#include "concepts.hpp"

namespace tessera {

/// The element types in promotion order within a kind.
enum class dtype_code : std::uint8_t {
  unset,
  bool_,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  bfloat16,
  float32,
  float64,
  complex64,
  complex128,
};
inline constexpr int dtype_count = 16;

/// An element type. Default constructed it is unset: "same as the input" in options.
class TESSERA_API dtype {
 public:
  constexpr dtype() = default;
  explicit constexpr dtype(dtype_code code) : code_(code) {}
  /// NumPy's codes and names: "f8", "<f8", "float64", "?", "b1", "i4", "c16", "bfloat16" … Throws dtype_error.
  template <string_like S> dtype(const S& text) : dtype(parse(std::string_view(text))) {}

  constexpr dtype_code code() const noexcept { return code_; }
  constexpr bool is_set() const noexcept { return code_ != dtype_code::unset; }
  /// Bytes of one element.
  int itemsize() const noexcept;
  /// 'b' bool, 'i' signed, 'u' unsigned, 'f' floating (also bfloat16), 'c' complex.
  char kind() const noexcept;
  /// "float64"
  const char* name() const noexcept;
  /// "<f8", "|b1" (bfloat16, which NumPy does not have: "bfloat16")
  std::string str() const;

  friend constexpr bool operator==(const dtype& a, const dtype& b) noexcept { return a.code_ == b.code_; }

 private:
  static dtype parse(std::string_view text);
  dtype_code code_ = dtype_code::unset;
};

inline constexpr dtype bool_{dtype_code::bool_}, int8{dtype_code::int8}, int16{dtype_code::int16},
    int32{dtype_code::int32}, int64{dtype_code::int64}, uint8{dtype_code::uint8}, uint16{dtype_code::uint16},
    uint32{dtype_code::uint32}, uint64{dtype_code::uint64}, float16{dtype_code::float16},
    bfloat16{dtype_code::bfloat16}, float32{dtype_code::float32}, float64{dtype_code::float64},
    complex64{dtype_code::complex64}, complex128{dtype_code::complex128};

/// How strict a cast is (as numpy.can_cast): no change; safe keeps every value; same_kind also float64 -> float32; unsafe any.
enum class casting { no, safe, same_kind, unsafe };

/// The smallest dtype both cast to safely (as numpy.result_type; bfloat16 as ml_dtypes promotes it).
TESSERA_API dtype result_type(dtype a, dtype b);
TESSERA_API bool can_cast(dtype from, dtype to, casting rule = casting::safe);

namespace detail {
/// The dtype whose element is a C++ T of this size and kind; int in a literal list is int64, see literal.
template <scalar T> constexpr dtype dtype_of() {
  if constexpr (std::same_as<T, bool>) {
    return bool_;
  } else if constexpr (complex_like<T>) {
    return sizeof(typename T::value_type) <= 4 ? complex64 : complex128;
  } else if constexpr (std::is_floating_point_v<T>) {
    return sizeof(T) <= 4 ? float32 : float64;
  } else {
    constexpr int log2 = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
    return dtype(
        static_cast<dtype_code>(static_cast<int>(std::is_signed_v<T> ? dtype_code::int8 : dtype_code::uint8) + log2));
  }
}
}  // namespace detail

}  // namespace tessera
