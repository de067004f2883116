// What the tests of the public functions compare: elements with their dtype checked, errors as one line of text.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "array_values.hpp"

/// C order, wherever x lies. T must be the array's element type.
template <class T> std::vector<T> elements(const tessera::array& x) {
  EXPECT_EQ(x.dtype(), tessera::detail::dtype_of<T>());
  return tessera_test::values<T>(x.to(tessera::cpu()));
}

inline std::vector<std::int64_t> ints(const tessera::array& x) { return elements<std::int64_t>(x); }
using list = std::vector<std::int64_t>;

/// "KIND text" of the library's error that `call` throws, "no error" when it throws none.
inline std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const tessera::axis_error& e) {
    return std::string("axis_error ") + e.what();
  } catch (const tessera::index_error& e) {
    return std::string("index_error ") + e.what();
  } catch (const tessera::shape_error& e) {
    return std::string("shape_error ") + e.what();
  } catch (const tessera::value_error& e) {
    return std::string("value_error ") + e.what();
  } catch (const tessera::dtype_error& e) {
    return std::string("dtype_error ") + e.what();
  } catch (const tessera::overflow_error& e) {
    return std::string("overflow_error ") + e.what();
  } catch (const tessera::error& e) {
    return std::string("error ") + e.what();
  }
  return "no error";
}
