// What the bindings of functions share: operands, results that go into `out`, words as enumerators.
#pragma once
#include <nanobind/stl/string.h>

#include <algorithm>
#include <limits>

#include "bindings.hpp"

namespace tessera::python {

/// The array that x is, for to_expr() of the operand beside it.
inline const array* array_or_null(nb::handle x) { return is_array(x) ? &array_of(x) : nullptr; }

/// Whether x is one number of something: arrays with axes have __index__, too.
inline bool is_integer(nb::handle x) { return PyIndex_Check(x.ptr()) && !(is_array(x) && array_of(x).ndim() > 0); }

/// The array that a function of this name writes to.
inline array& target_of(nb::handle x, const char* name) {
  if (!is_array(x)) throw dtype_error(std::string(name) + ": expected a tessera.array to write to");
  return array_of(x);
}

/// None: no option; else one operand beside an array. What options call `where`, `initial` or `weights`.
inline std::vector<expr> one_or_none(nb::handle x, nb::handle beside) {
  if (x.is_none()) return {};
  return {to_expr(x, array_or_null(beside))};
}

/// Runs the recipe into a new array, or into `out` where `where` (None: everywhere) is true; returns which.
nb::object finish(const expr& recipe, nb::handle out, nb::handle where);

/// The enumerator of a word; value_error naming the words for another one.
template <class Enum>
Enum word(const std::string& text, const char* argument, std::initializer_list<std::pair<const char*, Enum>> words) {
  std::string expected;
  for (const auto& [name, value] : words) {
    if (text == name) return value;
    expected += (expected.empty() ? "'" : ", '") + std::string(name) + "'";
  }
  throw value_error(std::string(argument) + ": expected one of " + expected + ", not '" + text + "'");
}

/// A diagonal's number: far outside of a matrix the number itself says nothing.
inline int diagonal_of(nb::handle k) {
  constexpr Py_ssize_t limit = std::numeric_limits<int>::max();
  const Py_ssize_t number = PyNumber_AsSsize_t(k.ptr(), nullptr);  // cut off at its limits, too
  if (number == -1 && PyErr_Occurred()) throw nb::python_error();
  return static_cast<int>(std::clamp(number, -limit, limit));
}

/// Extents of what a generator draws: None is one number.
inline shape size_of(nb::handle size) { return size.is_none() ? shape() : to_shape(size); }

inline random::float_options floats(nb::handle type, nb::handle device) {
  random::float_options options{.device = to_device(device)};
  if (!type.is_none()) options.dtype = to_dtype(type);
  return options;
}

/// None: not mapped; else 'r', 'c' or 'r+', for the function NAME.
mmap_mode mmap_of(nb::handle mode, const char* name);

/// None: nobody hears. A callable of (done, of) ends the call by what is false but None, and so does an interrupt.
progress_function to_progress(nb::handle x);

/// Arguments of a call as a list of operands: f(x) with a list, or f(*x).
std::vector<expr> operands_of(const nb::args& x);
/// A list or tuple of operands, or the rows of an array.
std::vector<expr> operands_or_rows(nb::handle x);

}  // namespace tessera::python
