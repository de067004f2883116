// Element types at run time, their names and NumPy's promotion.
#pragma once
#include <string>
#include <vector>

#include "api.hpp"
#include "concepts.hpp"

namespace tessera {

/// The element types: numbers in promotion order within a kind, then texts, records and times.
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
  str_,         // NumPy's U: code points in 4 bytes each
  bytes_,       // NumPy's S
  void_,        // records, and raw bytes without fields
  datetime64,   // int64 units since 1970
  timedelta64,  // int64 units
};
/// The codes of numbers, `unset` among them: what arithmetic exists for.
inline constexpr int dtype_count = 16;

/// The unit of a datetime64 or timedelta64; generic: none said yet.
enum class time_unit : std::uint8_t { generic, Y, M, W, D, h, m, s, ms, us, ns, ps, fs, as };

struct field;

namespace detail {
struct record_layout;  // src/core/record_layout.hpp
struct dtype_parts;    // src/core/dtype_parts.hpp: the library's own door into dtype
}  // namespace detail

/// An element type. Default constructed it is unset: "same as the input" in options.
class TESSERA_API dtype {
 public:
  constexpr dtype() = default;
  explicit constexpr dtype(dtype_code code) : bits_(static_cast<std::uint64_t>(code)) {}
  /// NumPy's codes and names: "f8", "<f8", "float64", "?", "b1", "i4", "c16", "bfloat16", "U20", "S3", "V8", "M8[ns]" …, and
  /// descriptions of records: "[('price', '<f8'), ('volume', '<i8')]", "f8, i4". '>' is for files: arrays refuse it. Throws
  /// dtype_error.
  template <string_like S> dtype(const S& text) : dtype(parse(std::string_view(text))) {}

  constexpr dtype_code code() const noexcept { return static_cast<dtype_code>(bits_); }
  constexpr bool is_set() const noexcept { return code() != dtype_code::unset; }
  /// bool, an integer, floating or complex: what can be computed with.
  constexpr bool is_number() const noexcept { return code() <= dtype_code::complex128; }
  /// Bytes of one element.
  int itemsize() const noexcept;
  /// Bytes that an address of an aligned element is a multiple of; of a record 1 unless it was made aligned.
  int alignment() const noexcept;
  /// 'b' bool, 'i' signed, 'u' unsigned, 'f' floating (also bfloat16), 'c' complex, 'U', 'S', 'V' (records too), 'M', 'm'.
  char kind() const noexcept;
  /// As str(numpy.dtype): "float64", "<U20", "datetime64[ns]", "[('price', '<f8'), ('volume', '<i8')]".
  std::string name() const;
  /// "<f8", "|b1", "|V97" (bfloat16, which NumPy does not have: "bfloat16")
  std::string str() const;

  /// The fields of a record in order, with their offsets; empty for other dtypes. They live as long as the program.
  const std::vector<field>& fields() const noexcept;
  bool has_fields() const noexcept { return !fields().empty(); }
  /// Whether a record was made aligned.
  constexpr bool is_aligned() const noexcept { return (bits_ & aligned_bit) != 0; }
  /// Whether numbers have this machine's byte order, those of all fields too; false only for what lies in files.
  bool is_native() const noexcept;
  /// The unit of datetime64 and timedelta64, and how many of it a step is.
  constexpr time_unit unit() const noexcept { return static_cast<time_unit>(bits_ >> 8 & 15); }
  int unit_count() const noexcept;

  friend constexpr bool operator==(const dtype& a, const dtype& b) noexcept {
    return ((a.bits_ ^ b.bits_) & ~aligned_bit) == 0;
  }

 private:
  friend struct detail::dtype_parts;
  // bits 0-7 the code, 8-11 the unit, 12 the other byte order, 13 aligned, from 16 on: bytes of a text, units of a time, or
  // where the layout of a record is (user space ends at 2^47).
  static constexpr std::uint64_t swapped_bit = 1 << 12, aligned_bit = 1 << 13;
  static dtype parse(std::string_view text);
  std::uint64_t bits_ = 0;
};

inline constexpr dtype bool_{dtype_code::bool_}, int8{dtype_code::int8}, int16{dtype_code::int16},
    int32{dtype_code::int32}, int64{dtype_code::int64}, uint8{dtype_code::uint8}, uint16{dtype_code::uint16},
    uint32{dtype_code::uint32}, uint64{dtype_code::uint64}, float16{dtype_code::float16},
    bfloat16{dtype_code::bfloat16}, float32{dtype_code::float32}, float64{dtype_code::float64},
    complex64{dtype_code::complex64}, complex128{dtype_code::complex128};

/// Text of n code points (NumPy's U), of n bytes (S). Throw value_error for a negative n, and above 2^31 bytes.
TESSERA_API dtype str_(std::int64_t n, caller where = caller::current());
TESSERA_API dtype bytes_(std::int64_t n, caller where = caller::current());
/// Steps of `count` units since 1970, or between two times. Throw value_error for a count below 1.
TESSERA_API dtype datetime64(time_unit unit, int count = 1, caller where = caller::current());
TESSERA_API dtype timedelta64(time_unit unit, int count = 1, caller where = caller::current());

/// How strict a cast is (as numpy.can_cast): no change; safe keeps every value; same_kind also float64 -> float32; unsafe any.
enum class casting { no, safe, same_kind, unsafe };

/// The smallest dtype both cast to safely (as numpy.result_type; bfloat16 as ml_dtypes promotes it).
TESSERA_API dtype result_type(dtype a, dtype b);
TESSERA_API bool can_cast(dtype from, dtype to, casting rule = casting::safe);

/// Names the dtype of a C++ type whose objects lie in arrays: TESSERA_RECORD makes it for a struct, see record.hpp.
template <class T> struct element_traits;

/// One or several field names, owned.
class TESSERA_API names {
 public:
  names() = default;
  names(std::initializer_list<std::string_view> list);
  names(std::vector<std::string> list) : list_(std::move(list)) {}
  template <string_like S> names(const S& one) : names({std::string_view(one)}) {}
  const std::vector<std::string>& list() const noexcept { return list_; }
  bool empty() const noexcept { return list_.empty(); }

 private:
  std::vector<std::string> list_;
};

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

template <class T>
concept registered = requires {
  { element_traits<T>::type() } -> std::same_as<dtype>;
};

/// The dtype of what lies in an array as a T: numbers, registered structs; half-precision and other user types name theirs.
template <class T> constexpr dtype element_dtype() {
  if constexpr (array_element<T>) return dtype_of<T>();
  else if constexpr (registered<T>) return element_traits<T>::type();
  else return T::tessera_dtype;
}
}  // namespace detail

}  // namespace tessera
