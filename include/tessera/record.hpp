// Records: dtypes with named fields, C++ structs as elements, and single rows by value.
#pragma once
#include <cstddef>

#include "creation.hpp"

namespace tessera {

/// A field of a record: its name, its dtype, and the shape of the sub-array that it is.
struct TESSERA_API field {
  field(std::string_view name, tessera::dtype type, tessera::shape extents = {}, std::int64_t offset = -1);
  std::string name;
  tessera::dtype type;
  tessera::shape extents;
  std::int64_t offset;  // bytes from the record's beginning; -1 for record(): behind the field before
  /// Bytes, of all its elements.
  std::int64_t nbytes() const noexcept;
  friend bool operator==(const field&, const field&) = default;
};

struct record_options {
  bool aligned = false;        // offsets and itemsize as a C compiler chooses them
  std::int64_t itemsize = -1;  // bytes; -1: up to the end of the last field
};
/// A record dtype (as numpy.dtype of a list, or of a dict with offsets): fields one after the other, packed unless aligned or
/// given offsets. A field without a name is called f0, f1, … by its place. Equal layouts are equal dtypes. Throws value_error
/// for a name that stands twice, offsets that do not hold, or an itemsize that is too small, dtype_error for a field without
/// dtype.
TESSERA_API dtype record(std::initializer_list<field> fields, const record_options& options = {},
                         caller where = caller::current());
TESSERA_API dtype record(const std::vector<field>& fields, const record_options& options = {},
                         caller where = caller::current());

/// One record by value: an element of an array of records, apart from it.
class TESSERA_API row {
 public:
  /// Copies the one element of `x`, from its device. Throws value_error unless there is one, dtype_error unless a record.
  explicit row(const operand& x);
  tessera::dtype dtype() const noexcept { return element_.dtype(); }
  /// A field as a number or std::string; conversions as item(). Throws index_error for a name that is not there.
  template <class T> T get(std::string_view name, caller where = caller::current()) const {
    return at(name, where).template item<T>(where);
  }
  /// A field as an array: of a sub-array's shape, or without axes. Shares the row's memory.
  array at(std::string_view name, caller where = caller::current()) const;
  array at(int position, caller where = caller::current()) const;

 private:
  array element_;
};

namespace detail {
/// The field that a C++ member of type M at `offset` is: numbers, registered structs, arrays of either, char[n] as S, char32_t[n] as U.
template <class M> field member_field(const char* name, std::size_t offset) {
  const auto at = static_cast<std::int64_t>(offset);
  if constexpr (std::is_array_v<M>) {
    using element = std::remove_extent_t<M>;
    constexpr auto count = static_cast<std::int64_t>(std::extent_v<M>);
    if constexpr (std::same_as<element, char>) return field(name, bytes_(count), {}, at);
    else if constexpr (std::same_as<element, char32_t>) return field(name, str_(count), {}, at);
    else {
      field inner = member_field<element>(name, offset);
      inner.extents.insert(0, count);
      return inner;
    }
  } else if constexpr (registered<M>) {
    return field(name, element_traits<M>::type(), {}, at);
  } else if constexpr (requires {
                         std::tuple_size<M>::value;
                         typename M::value_type;
                       }) {
    field inner = member_field<typename M::value_type>(name, offset);
    inner.extents.insert(0, static_cast<std::int64_t>(std::tuple_size<M>::value));
    return inner;
  } else {
    static_assert(array_element<M>, "a member of a record is a number, a registered struct, or an array of them");
    return field(name, dtype_of<M>(), {}, at);
  }
}
/// Fields with their offsets as a dtype of `size` bytes.
TESSERA_API dtype registered_record(const std::vector<field>& fields, std::size_t size, std::size_t alignment);
}  // namespace detail

/// A span's elements by reference: nothing is copied, and the caller keeps them alive. Const elements are read-only. (n,)
template <class T>
  requires(array_element<std::remove_const_t<T>> || detail::registered<std::remove_const_t<T>>)
array from_span(std::span<T> elements, caller where = caller::current()) {
  const shape extents(static_cast<std::int64_t>(elements.size()));
  const dtype type = detail::element_dtype<std::remove_const_t<T>>();
  return from_pointer(elements.data(), extents, type, {}, where);
}

/// The dtype of T: a registered struct's record, a number's own.
template <class T> dtype dtype_of() { return detail::element_dtype<T>(); }

}  // namespace tessera

// F(T, first) then F(T, next) …, for up to 256 members.
#define TESSERA_DETAIL_PARENS ()
#define TESSERA_DETAIL_EXPAND(...) \
  TESSERA_DETAIL_EXPAND3(TESSERA_DETAIL_EXPAND3(TESSERA_DETAIL_EXPAND3(TESSERA_DETAIL_EXPAND3(__VA_ARGS__))))
#define TESSERA_DETAIL_EXPAND3(...) \
  TESSERA_DETAIL_EXPAND2(TESSERA_DETAIL_EXPAND2(TESSERA_DETAIL_EXPAND2(TESSERA_DETAIL_EXPAND2(__VA_ARGS__))))
#define TESSERA_DETAIL_EXPAND2(...) \
  TESSERA_DETAIL_EXPAND1(TESSERA_DETAIL_EXPAND1(TESSERA_DETAIL_EXPAND1(TESSERA_DETAIL_EXPAND1(__VA_ARGS__))))
#define TESSERA_DETAIL_EXPAND1(...) __VA_ARGS__
#define TESSERA_DETAIL_FIELD(T, member) \
  ::tessera::detail::member_field<decltype(T::member)>(#member, offsetof(T, member)),
#define TESSERA_DETAIL_FIELDS(T, member, ...) \
  TESSERA_DETAIL_FIELD(T, member) __VA_OPT__(TESSERA_DETAIL_MORE TESSERA_DETAIL_PARENS(T, __VA_ARGS__))
#define TESSERA_DETAIL_MORE() TESSERA_DETAIL_FIELDS

/// Makes a struct the element of arrays: TESSERA_RECORD(trade, name, price, volume), outside of any namespace, names its
/// members in any order. Then a.span<trade>() reads an array of records in place, from_span(trades) makes an array over
/// structs, both without a copy, and dtype_of<trade>() is the record. Members: numbers, registered structs, arrays of either,
/// char[n] (S), char32_t[n] (U).
#define TESSERA_RECORD(T, ...)                                                                    \
  template <> struct tessera::element_traits<T> {                                                 \
    static_assert(std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T>,                \
                  "records are structs of plain data");                                           \
    static ::tessera::dtype type() {                                                              \
      static const ::tessera::dtype made = ::tessera::detail::registered_record(                  \
          {TESSERA_DETAIL_EXPAND(TESSERA_DETAIL_FIELDS(T, __VA_ARGS__))}, sizeof(T), alignof(T)); \
      return made;                                                                                \
    }                                                                                             \
  }
