// One C++ number as one element of a dtype.
#include <cmath>

#include "core/element.hpp"
#include "expr/build.hpp"

namespace tessera::detail {

namespace {

template <class T> bool fits(const scalar_value& v) noexcept {
  return v.wide ? std::in_range<T>(static_cast<std::uint64_t>(v.integer)) : std::in_range<T>(v.integer);
}

/// Throws unless an integer of type T can be made of the number: it fits once its fraction is cut off.
template <class T> void check_integer(const scalar_value& v, dtype type, const char* name, caller where) {
  const std::string what = std::string(name) + ": ";
  if (v.is_integral()) {
    if (fits<T>(v)) return;
    throw overflow_error(what + to_string(v) + " is out of bounds for " + type.name(), where);
  }
  if (std::isnan(v.real)) throw value_error(what + "NaN is no " + type.name(), where);
  if (std::isinf(v.real)) throw overflow_error(what + "infinity is no " + type.name(), where);
  // 2^digits is exact in double for every integer type, unlike max().
  constexpr double limit = 2.0 * static_cast<double>(std::uint64_t{1} << (std::numeric_limits<T>::digits - 1));
  const double whole = std::trunc(v.real);
  if (whole >= limit || whole < (std::is_signed_v<T> ? -limit : 0.0)) {
    throw overflow_error(what + to_string(v) + " is out of bounds for " + type.name(), where);
  }
}

}  // namespace

constant make_constant(const scalar_value& v, dtype type, const char* name, caller where) {
  if (v.type.kind() == 'c' && type.kind() != 'c' && type.kind() != 'b') {
    throw dtype_error(std::string(name) + ": a complex number does not fit into " + type.name(), where);
  }
  with_type(type, [&]<class T>(type_tag<T>) {
    if constexpr (integer<T>) check_integer<T>(v, type, name, where);
  });
  constant result{type, {}};
  write_element(result.bytes, type, v);
  return result;
}

}  // namespace tessera::detail
