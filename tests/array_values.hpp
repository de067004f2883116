// For oracles: an array's elements read by a plain loop over its strides, and errors as text.
#pragma once
#include <cstring>
#include <string>
#include <vector>

#include <tessera/tessera.hpp>

namespace tessera_test {

/// The elements in C order as T, which must be the C++ type of x's dtype.
template <class T> std::vector<T> values(const tessera::array& x) {
  std::vector<T> result;
  std::vector<std::int64_t> index(static_cast<std::size_t>(x.ndim()), 0);
  for (std::int64_t n = x.size(); n > 0; --n) {
    const char* element = static_cast<const char*>(x.data());
    for (int axis = 0; axis < x.ndim(); ++axis) element += index[static_cast<std::size_t>(axis)] * x.strides()[axis];
    T value;
    std::memcpy(&value, element, sizeof value);
    result.push_back(value);
    for (int axis = x.ndim() - 1; axis >= 0; --axis) {
      if (++index[static_cast<std::size_t>(axis)] < x.shape()[axis]) break;
      index[static_cast<std::size_t>(axis)] = 0;
    }
  }
  return result;
}

/// The elements of an array of any dtype, wherever it lies.
inline std::vector<double> doubles(const tessera::array& x) {
  return values<double>(x.to(tessera::cpu()).astype(tessera::float64));
}

/// what() of the Error that f throws; says so when it throws none.
template <class Error, class F> std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  } catch (const std::exception& e) {
    return std::string("another type of error: ") + e.what();
  }
  return "nothing was thrown";
}

}  // namespace tessera_test
