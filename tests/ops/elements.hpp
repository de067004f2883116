// Elements of an array as a vector, read by a plain walk over its strides; errors as text.
#pragma once
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tessera/tessera.hpp"

/// C order. T must be the array's element type.
template <class T>
std::vector<T> elements(const tessera::array& x) {
  EXPECT_EQ(x.dtype(), tessera::detail::dtype_of<T>());
  std::vector<T> result;
  std::vector<std::int64_t> point(static_cast<std::size_t>(x.ndim()), 0);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    std::int64_t offset = 0;
    for (int axis = 0; axis < x.ndim(); ++axis) offset += point[axis] * x.strides()[axis];
    T value;
    std::memcpy(&value, static_cast<const std::byte*>(x.data()) + offset, sizeof value);
    result.push_back(value);
    for (int axis = x.ndim() - 1; axis >= 0 && ++point[axis] == x.shape()[axis]; --axis) point[axis] = 0;
  }
  return result;
}

inline std::vector<std::int64_t> ints(const tessera::array& x) { return elements<std::int64_t>(x); }
using list = std::vector<std::int64_t>;

/// "KIND: text" of the library's error that `call` throws, "no error" when it throws none.
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
