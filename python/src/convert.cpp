// Python's numbers, tuples, dtypes and devices as the library's, and back.
#include "convert.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <complex>
#include <limits>

#include "columns.hpp"
#include "elements.hpp"
#include "functions.hpp"
#include "raise.hpp"
#include "memory.hpp"

namespace tessera::python {
namespace {

std::string class_name(nb::handle x) { return Py_TYPE(x.ptr())->tp_name; }

/// An int of any size as a weak scalar; beyond 64 bits a float beside what is floating.
expr integer_operand(PyObject* x, bool beside_floating) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(x, &overflow);
  if (overflow == 0) return expr(static_cast<std::int64_t>(value));
  if (beside_floating) {
    const double real = PyLong_AsDouble(x);
    if (real == -1.0 && PyErr_Occurred()) throw nb::python_error();
    return expr(real);
  }
  if (overflow > 0) {
    const unsigned long long wide = PyLong_AsUnsignedLongLong(x);
    if (wide != static_cast<unsigned long long>(-1) || !PyErr_Occurred()) return expr(static_cast<std::uint64_t>(wide));
    PyErr_Clear();
  }
  fail(PyExc_OverflowError,
       "Python integer " + std::string(nb::str(nb::handle(x)).c_str()) + " does not fit into 64 bits");
}

/// Python's own numbers; nothing for all else (a NumPy float64 is a float too, but not a weak one).
std::optional<expr> number_operand(PyObject* x, bool beside_floating) {
  if (PyFloat_CheckExact(x)) return expr(PyFloat_AS_DOUBLE(x));
  if (PyBool_Check(x)) return expr(x == Py_True);
  if (PyLong_Check(x)) return integer_operand(x, beside_floating);
  if (PyComplex_CheckExact(x)) return expr(std::complex<double>(PyComplex_RealAsDouble(x), PyComplex_ImagAsDouble(x)));
  return {};
}

/// Texts, and Python's times as arrays without axes; nothing for all else.
std::optional<expr> text_operand(PyObject* x) {
  if (PyUnicode_Check(x)) {
    Py_ssize_t size = 0;
    const char* const utf8 = PyUnicode_AsUTF8AndSize(x, &size);
    if (utf8 == nullptr) throw nb::python_error();
    return expr(std::string_view(utf8, static_cast<std::size_t>(size)));
  }
  if (PyBytes_Check(x) || is_python_time(x)) {
    return expr(column_of({nb::borrow(x)}, PyBytes_Check(x) ? bytes_(0) : dtype_of_time(x)).view_at({0}));
  }
  return {};
}

struct progress_call {
  nb::handle f;  // the caller's argument, which outlives the call

  bool operator()(std::int64_t done, std::int64_t of) const {
    const held_gil held;
    const nb::object answer = f(done, of);
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    return answer.is_none() || to_bool(answer, "progress");
  }
};
/// A list beside an array on a GPU goes there; other libraries' memory stays where it is.
array beside_of(const array& x, const array& other) {
  return x.device() == other.device() ? x : without_gil([&] { return x.to(other.device()); });
}

std::int64_t index_value(nb::handle x, const char* what) {
  const nb::object integer = nb::steal(PyNumber_Index(x.ptr()));
  if (!integer.is_valid()) throw nb::python_error();
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(integer.ptr(), &overflow);
  if (overflow != 0) fail(PyExc_OverflowError, std::string(what) + " does not fit into 64 bits");
  return value;
}

/// Arrays have __index__, too, but only those without axes are ints.
bool is_vector(nb::handle x) {
  return PySequence_Check(x.ptr()) && PyObject_Size(x.ptr()) >= 0 ? true : (PyErr_Clear(), false);
}

/// The ints of a sequence, or of one int.
shape int_list(nb::handle x, const char* what) {
  if (PyIndex_Check(x.ptr()) && !is_vector(x)) return shape(index_value(x, what));
  if (!PySequence_Check(x.ptr()))
    fail(PyExc_TypeError, "expected an int or a sequence of ints, not a " + class_name(x));
  const nb::object list = nb::steal(PySequence_Tuple(x.ptr()));  // which no __index__ can change
  if (!list.is_valid()) throw nb::python_error();
  const Py_ssize_t count = PyTuple_GET_SIZE(list.ptr());
  if (count > max_ndim) {
    throw shape_error("shape: " + std::to_string(count) + " axes, more than " + std::to_string(max_ndim));
  }
  shape result;
  for (Py_ssize_t i = 0; i < count; ++i) result.push_back(index_value(PyTuple_GET_ITEM(list.ptr(), i), what));
  return result;
}

}  // namespace

bool is_floating(const dtype& type) { return type.is_set() && (type.kind() == 'f' || type.kind() == 'c'); }

// ---- operands

std::optional<expr> try_expr(nb::handle x, const array* beside) {
  if (is_array(x)) return expr(array_of(x));
  if (auto number = number_operand(x.ptr(), beside && is_floating(beside->dtype()))) return number;
  if (x.is_none()) return {};
  if (auto text = text_operand(x.ptr())) {
    const bool is_weak = PyUnicode_Check(x.ptr()) || !beside;  // goes where the others are by itself
    return is_weak ? *text : expr(beside_of(text->eval(), *beside));
  }
  if (auto shared = array_from_memory(x)) return expr(*shared);
  if (auto listed = array_from_list(x, {})) return expr(beside ? beside_of(*listed, *beside) : *listed);
  return {};
}

expr to_expr(nb::handle x, const array* beside) {
  if (auto found = try_expr(x, beside)) return *found;
  fail(PyExc_TypeError, "tessera: a " + class_name(x) + " is no operand");
}

std::vector<expr> to_exprs(nb::handle sequence) {
  std::vector<expr> result;
  if (is_array(sequence)) {
    for (const array& row : array_of(sequence)) result.push_back(row);
    return result;
  }
  const array* beside = nullptr;  // the first array among them: lists go where it is
  for (nb::handle x : sequence) {
    if (beside == nullptr && is_array(x)) beside = &array_of(x);
  }
  for (nb::handle x : sequence) result.push_back(to_expr(x, beside));
  return result;
}

namespace {

/// One Python object that is no array and no list, as an array without axes.
array element_of(nb::handle x, const dtype& type) {
  PyObject* const o = x.ptr();
  const dtype own = PyUnicode_Check(o)  ? str_(0)
                    : PyBytes_Check(o)  ? bytes_(0)
                    : is_python_time(o) ? dtype_of_time(o)
                                        : dtype();
  return column_of({nb::borrow(x)}, type.is_set() ? type : own).view_at({0});
}

}  // namespace

array to_array(nb::handle x) { return to_array(x, array_options()); }

array to_array(nb::handle x, const array_options& options) {
  const bool may_copy = options.copy.value_or(true);
  const auto refuse = [&](const char* why) {
    if (!may_copy) throw value_error(std::string("asarray: ") + why + " needs a copy, which copy=False forbids");
  };
  std::optional<array> found;
  bool fresh = false;
  if (is_array(x)) {
    found = array_of(x);
  } else if (auto number =
                 options.dtype.is_number() ? number_operand(x.ptr(), is_floating(options.dtype)) : std::nullopt) {
    refuse("a Python number");
    found = full({}, *number, {.dtype = options.dtype, .device = options.device});
    fresh = true;
  } else if (!options.dtype.is_number() && number_operand(x.ptr(), false)) {
    refuse("a Python number");
    found = element_of(x, options.dtype);
    fresh = true;
  } else if (PyUnicode_Check(x.ptr()) || PyBytes_Check(x.ptr()) || is_python_time(x.ptr()) ||
             (x.is_none() && options.dtype.is_set())) {
    refuse("a Python object");
    found = element_of(x, options.dtype);
    fresh = true;
  } else if (auto shared = array_from_memory(x, may_copy)) {
    found = shared;
  } else if (auto listed = array_from_list(x, options.dtype)) {
    refuse("a sequence");
    found = listed;
    fresh = true;
  } else {
    fail(PyExc_TypeError, "asarray: a " + class_name(x) + " is no array");
  }
  // "U" and "M8" alone are any texts and times.
  const bool any_size =
      options.dtype.is_set() && !options.dtype.is_number() && options.dtype.kind() == found->dtype().kind() &&
      (options.dtype.itemsize() == 0 || (options.dtype.itemsize() == 8 && options.dtype.unit_count() == 1 &&
                                         options.dtype.unit() == time_unit::generic));
  if (options.dtype.is_set() && options.dtype != found->dtype() && !any_size) {
    refuse("another dtype");
    found = without_gil([&] { return found->astype(options.dtype, options.layout); });
    fresh = true;
  }
  const bool foreign = fresh && !is_array(x);  // a list was made where arrays are made, other memory stays where it is
  const std::optional<device> on = options.device ? options.device : foreign ? default_device() : options.device;
  if (on && *on != found->device()) {
    refuse("another device");
    found = without_gil([&] { return found->to(*on); });
    fresh = true;
  }
  const flags_t flags = found->flags();
  const bool arranged = options.layout == order::C   ? flags.c_contiguous
                        : options.layout == order::F ? flags.f_contiguous
                                                     : true;
  if (!arranged || (options.copy.value_or(false) && !fresh)) {
    refuse("another memory order");
    found = without_gil([&] { return found->copy(options.layout); });
  }
  return *found;
}

// ---- other arguments

shape to_shape(nb::handle x) { return int_list(x, "an extent"); }

axes to_axes(nb::handle x) {
  if (x.is_none()) return {};
  std::vector<int> list;
  for (std::int64_t axis : int_list(x, "an axis")) {
    constexpr std::int64_t limit = std::numeric_limits<int>::max();
    list.push_back(static_cast<int>(std::clamp(axis, -limit, limit)));  // far outside: an axis_error in any case
  }
  return axes(list);
}

int to_axis(nb::handle x) {
  constexpr std::int64_t limit = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp(index_value(x, "an axis"), -limit, limit));
}

std::int64_t to_int(nb::handle x) { return index_value(x, "an integer"); }

bool to_bool(nb::handle x, const char* name) {
  const int truth = PyUnicode_Check(x.ptr()) ? -1 : PyObject_IsTrue(x.ptr());
  if (truth >= 0) return truth != 0;
  if (PyErr_Occurred()) throw nb::python_error();
  throw value_error(std::string(name) + ": expected True, False or None, not a text");
}

std::optional<device> to_device(nb::handle x) {
  if (x.is_none()) return {};
  if (nb::isinstance<device>(x)) return nb::cast<device>(x);
  if (PyUnicode_Check(x.ptr())) return device(nb::cast<std::string_view>(x));
  fail(PyExc_TypeError, "device: a " + class_name(x) + " is no device");
}

order to_order(nb::handle x) {
  const std::string_view text = PyUnicode_Check(x.ptr()) ? nb::cast<std::string_view>(x) : "";
  if (text == "C" || text == "c") return order::C;
  if (text == "F" || text == "f") return order::F;
  if (text == "A" || text == "a") return order::A;
  if (text == "K" || text == "k") return order::K;
  throw value_error("order: expected 'C', 'F', 'A' or 'K'");
}

number to_number(nb::handle x) {
  const array value = to_array(x);
  if (value.ndim() != 0)
    throw shape_error("number: expected one number, not an array of shape " + to_string(value.shape()));
  switch (value.dtype().kind()) {
    case 'b': return number(value.item<bool>());
    case 'i': return number(value.item<std::int64_t>());
    case 'u': return number(value.item<std::uint64_t>());
    case 'f': return number(value.item<double>());
    case 'c': return number(value.item<std::complex<double>>());
    default: throw dtype_error("number: expected a number, not a " + value.dtype().name());
  }
}

progress_function to_progress(nb::handle x) {
  if (x.is_none()) return {};
  if (!PyCallable_Check(x.ptr())) throw nb::type_error("progress: expected a callable of (done, of)");
  return progress_call{x};
}

// ---- values as Python objects

nb::object to_python(const shape& tuple) {
  PyObject* const result = PyTuple_New(tuple.size());
  if (result == nullptr) throw nb::python_error();
  for (int i = 0; i < tuple.size(); ++i) PyTuple_SET_ITEM(result, i, PyLong_FromLongLong(tuple[i]));
  return nb::steal(result);
}

}  // namespace tessera::python
