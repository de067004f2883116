// Between Python objects and the library's types: what the bindings of functions are made of.
//
// Everything here needs the GIL but what without_gil() runs. Errors are the library's own or nb::python_error; both
// become Python exceptions at the boundary (errors.cpp).
#pragma once
#include <nanobind/nanobind.h>

#include <optional>
#include <vector>

#include "tessera/tessera.hpp"

namespace tessera::python {

namespace nb = nanobind;

// ---- arrays as Python objects

/// Whether x is a tessera.array.
bool is_array(nb::handle x) noexcept;
/// The array of a Python object that is one.
array& array_of(nb::handle x) noexcept;
nb::object wrap(array x);
nb::object wrap(const std::vector<array>& list);  // a tuple
nb::object wrap(const dtype& type);               // always the same object for a dtype

/// The GIL is not held while it lives.
class released_gil {
 public:
  released_gil() : state_(PyEval_SaveThread()) {}
  ~released_gil();
  released_gil(const released_gil&) = delete;
  released_gil& operator=(const released_gil&) = delete;

 private:
  PyThreadState* state_;
};

/// The GIL is held while it lives, on a thread that let it go.
class held_gil {
 public:
  held_gil();
  ~held_gil() { PyGILState_Release(state_); }
  held_gil(const held_gil&) = delete;
  held_gil& operator=(const held_gil&) = delete;

 private:
  PyGILState_STATE state_;
};

/// What f() returns, run without the GIL: for everything that computes.
template <class F> auto without_gil(F&& f) {
  const released_gil released;
  return f();
}

/// Runs a recipe: arrays in Python are eager.
inline nb::object run(const expr& recipe) {
  return wrap(without_gil([&] { return recipe.eval(); }));
}

bool is_floating(const dtype& type);  // or complex

// ---- operands

/// A Python object as an operand: arrays as they are; Python's bool, int, float and complex as weak scalars; scalars
/// and arrays of other libraries share their memory; lists are copied. An int beyond int64 is a uint64, one beyond that
/// an OverflowError unless `beside` (the other operand) is floating. TypeError for the rest.
expr to_expr(nb::handle x, const array* beside = nullptr);
/// The same, or nothing for objects that are no operands.
std::optional<expr> try_expr(nb::handle x, const array* beside = nullptr);
/// A list or tuple of operands.
std::vector<expr> to_exprs(nb::handle sequence);

/// A Python object as an array: arrays as they are, scalars with their own dtype, others' memory shared where it can
/// be.
array to_array(nb::handle x);
struct array_options {
  tessera::dtype dtype = {};
  std::optional<tessera::device> device = {};
  std::optional<bool> copy = {};  // as numpy.asarray: false refuses to copy (value_error)
  order layout = order::K;
};
array to_array(nb::handle x, const array_options& options);

// ---- other arguments; `name` is the function's, for messages

shape to_shape(nb::handle x);                  // an int or a sequence of ints
axes to_axes(nb::handle x);                    // None: every axis; an int or a sequence of ints, () no axis
int to_axis(nb::handle x);                     // one int
std::int64_t to_int(nb::handle x);             // whatever has __index__
bool to_bool(nb::handle x, const char* name);  // whatever is true or false but texts
dtype to_dtype(nb::handle x);  // None: unset; ours, NumPy's, text ("f4"), Python's bool, int, float and complex
std::optional<device> to_device(nb::handle x);  // None: none; ours or text ("cuda:0")
order to_order(nb::handle x);                   // "C", "F", "A", "K"
number to_number(nb::handle x);                 // a Python scalar or a 0-d array

// ---- values as Python objects

nb::object to_python(const shape& tuple);  // a tuple of ints
/// The element of a one-element array as a Python object: elements.hpp says which.
nb::object item(const array& x);

}  // namespace tessera::python
