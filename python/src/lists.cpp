// Arrays from nested lists and tuples of Python's objects and arrays.
#include <cmath>
#include <complex>
#include <limits>

#include "columns.hpp"
#include "elements.hpp"
#include "memory.hpp"

namespace tessera::python {
namespace {

/// How a sequence is walked: lists and tuples are, texts and dictionaries are not.
bool is_list(PyObject* x) { return PyList_Check(x) || PyTuple_Check(x) || PyRange_Check(x); }

nb::object items_of(PyObject* list) {
  nb::object items = nb::steal(PySequence_Fast(list, "expected a sequence"));
  if (!items.is_valid()) throw nb::python_error();
  return items;
}

// A list may change while it is walked, since what makes an entry an array can be anything: its length is asked for
// each time, and entries are owned.
Py_ssize_t entries_of(const nb::object& items) { return PySequence_Fast_GET_SIZE(items.ptr()); }
nb::object entry_of(const nb::object& items, Py_ssize_t i) {
  return nb::borrow(PySequence_Fast_GET_ITEM(items.ptr(), i));
}

dtype dtype_of_integer(PyObject* x) {
  int overflow = 0;
  PyLong_AsLongLongAndOverflow(x, &overflow);
  return overflow > 0 ? uint64 : int64;  // what is beyond both is found when it is written
}

/// Shape and common dtype of a nested list; every part must have the shape of the first.
class list_shape {
 public:
  explicit list_shape(bool of_rows) : of_rows_(of_rows) {}

  shape extents;
  dtype common;
  bool has_none = false, has_arrays = false;  // arrays with axes

  void visit(PyObject* x, int depth) {
    if (of_rows_ && PyTuple_Check(x)) return leaf({}, {}, depth);
    if (is_list(x)) return visit_list(x, depth);
    if (PyFloat_CheckExact(x)) return leaf({}, float64, depth);
    if (PyBool_Check(x)) return leaf({}, bool_, depth);
    if (PyLong_Check(x)) return leaf({}, dtype_of_integer(x), depth);
    if (PyComplex_CheckExact(x)) return leaf({}, complex128, depth);
    if (PyUnicode_Check(x)) return leaf({}, str_(PyUnicode_GET_LENGTH(x)), depth);
    if (PyBytes_Check(x)) return leaf({}, bytes_(PyBytes_GET_SIZE(x)), depth);
    if (x == Py_None) {
      has_none = true;
      return leaf({}, {}, depth);
    }
    if (is_python_time(x)) return leaf({}, dtype_of_time(x), depth);
    const array part = to_array(x);
    has_arrays = has_arrays || part.ndim() > 0;
    leaf(part.shape(), part.dtype(), depth);
  }

 private:
  void visit_list(PyObject* x, int depth) {
    if (depth >= max_ndim) throw shape_error("array: a list nested deeper than " + std::to_string(max_ndim));
    const nb::object items = items_of(x);
    const Py_ssize_t count = entries_of(items);
    extent_at(depth, count);
    for (Py_ssize_t i = 0; i < entries_of(items); ++i) visit(entry_of(items, i).ptr(), depth + 1);
    if (count == 0) end_at(depth + 1);
  }

  void leaf(const shape& inner, dtype type, int depth) {
    for (int axis = 0; axis < inner.size(); ++axis) extent_at(depth + axis, inner[axis]);
    end_at(depth + inner.size());
    if (type.is_set()) common = common.is_set() ? result_type(common, type) : type;
  }

  void extent_at(int depth, std::int64_t extent) {
    if (depth < extents.size()) {
      if (extents[depth] == extent) return;
      throw shape_error("array: ragged list: at depth " + std::to_string(depth) + " there are parts of " +
                        std::to_string(extents[depth]) + " and of " + std::to_string(extent) + " entries");
    }
    if (complete_) ragged(depth);
    extents.push_back(extent);
  }

  /// Elements lie at this depth.
  void end_at(int depth) {
    if (complete_ && depth != extents.size()) ragged(depth);
    complete_ = true;
  }

  [[noreturn]] static void ragged(int depth) {
    throw shape_error("array: ragged list: at depth " + std::to_string(depth) + " there are lists and numbers");
  }

  const bool of_rows_;     // tuples are elements
  bool complete_ = false;  // the number of axes is known
};

[[noreturn]] void throw_changed() { throw value_error("array: the list changed while it was read"); }

/// Writes numbers of a nested list as T, the widest type of the dtype's kind, one after the other.
template <class T> class list_writer {
 public:
  list_writer(std::span<T> to, dtype type) : to_(to.data()), end_(to.data() + to.size()), type_(type) {}

  void write(PyObject* x, int depth = 0) {
    if (is_list(x)) {
      if (depth >= max_ndim) throw_changed();
      const nb::object items = items_of(x);
      for (Py_ssize_t i = 0; i < entries_of(items); ++i) write(entry_of(items, i).ptr(), depth + 1);
    } else if (PyFloat_CheckExact(x) || PyLong_Check(x) || PyComplex_CheckExact(x)) {
      put(number(x));
    } else if (PyUnicode_Check(x) || PyBytes_Check(x) || x == Py_None) {
      put(number_of_text(x));
    } else {
      const array part = to_array(x).to(cpu()).astype(detail::dtype_of<T>(), order::C);
      for (const T& value : part.template span<const T>()) put(value);
    }
  }

  bool complete() const noexcept { return to_ == end_; }

 private:
  void put(const T& value) {
    if (to_ == end_) throw_changed();
    *to_++ = value;
  }

  T number(PyObject* x) const {
    if constexpr (std::same_as<T, bool>) {
      const int truth = PyObject_IsTrue(x);
      if (truth < 0) throw nb::python_error();
      return truth != 0;
    } else if constexpr (integer<T>) {
      return integer_of(x);
    } else if constexpr (std::same_as<T, double>) {
      if (PyComplex_Check(x))
        throw dtype_error("array: a complex number does not fit into " + std::string(type_.name()));
      const double value = PyFloat_AsDouble(x);
      if (value == -1.0 && PyErr_Occurred()) throw nb::python_error();
      return value;
    } else {
      const Py_complex value = PyComplex_AsCComplex(x);
      if (value.real == -1.0 && PyErr_Occurred()) throw nb::python_error();
      return {value.real, value.imag};
    }
  }

  /// What a text says, as int(), float() and complex() read it; None is NaN.
  T number_of_text(PyObject* x) const {
    if constexpr (std::same_as<T, bool>) {
      return number(x);
    } else if constexpr (integer<T>) {
      return integer_of(x);
    } else {
      constexpr double nan = std::numeric_limits<double>::quiet_NaN();
      if (x == Py_None) return T(nan);
      PyObject* const type = reinterpret_cast<PyObject*>(std::same_as<T, double> ? &PyFloat_Type : &PyComplex_Type);
      const nb::object text =
          PyBytes_Check(x) ? nb::steal(PyUnicode_FromEncodedObject(x, "ascii", nullptr)) : nb::borrow(x);
      const nb::object value = nb::steal(text.is_valid() ? PyObject_CallOneArg(type, text.ptr()) : nullptr);
      if (!value.is_valid()) throw nb::python_error();
      return number(value.ptr());
    }
  }

  T integer_of(PyObject* x) const {
    if (PyComplex_Check(x)) throw dtype_error("array: a complex number does not fit into " + std::string(type_.name()));
    const nb::object whole = nb::steal(PyNumber_Long(x));  // ValueError for NaN, OverflowError for infinity
    if (!whole.is_valid()) throw nb::python_error();
    const int bits = type_.itemsize() * 8 - (std::is_signed_v<T> ? 1 : 0);
    const T highest = static_cast<T>(std::numeric_limits<T>::max() >> (std::numeric_limits<T>::digits - bits));
    const T lowest = std::is_signed_v<T> ? static_cast<T>(-highest - 1) : T(0);
    T value = 0;
    if constexpr (std::is_signed_v<T>) value = PyLong_AsLongLong(whole.ptr());
    else value = PyLong_AsUnsignedLongLong(whole.ptr());
    if (PyErr_Occurred()) PyErr_Clear();
    else if (value >= lowest && value <= highest) return value;
    throw overflow_error("array: " + std::string(nb::str(whole).c_str()) + " is out of bounds for " + type_.name());
  }

  T* to_;
  T* const end_;
  const dtype type_;
};

template <class T> array written(nb::handle x, const shape& extents, dtype type) {
  array wide = empty(extents, {.dtype = detail::dtype_of<T>(), .device = cpu()});
  list_writer<T> writer(wide.span<T>(), type);
  writer.write(x.ptr());
  if (!writer.complete()) throw_changed();
  return wide.dtype() == type ? wide : without_gil([&] { return wide.astype(type); });
}

array written(nb::handle x, const shape& extents, const dtype& type) {
  switch (type.kind()) {
    case 'b': return written<bool>(x, extents, type);
    case 'i': return written<std::int64_t>(x, extents, type);
    case 'u': return written<std::uint64_t>(x, extents, type);
    case 'f': return written<double>(x, extents, type);
    default: return written<std::complex<double>>(x, extents, type);
  }
}

/// What a nested list holds that is no list, in order; tuples, too, where they are rows.
void collect(nb::handle x, bool of_rows, entries& to, int depth = 0) {
  if (!is_list(x.ptr()) || (of_rows && PyTuple_Check(x.ptr()))) return to.push_back(nb::borrow(x));
  if (depth >= max_ndim) throw_changed();
  const nb::object items = items_of(x.ptr());
  for (Py_ssize_t i = 0; i < entries_of(items); ++i) collect(entry_of(items, i), of_rows, to, depth + 1);
}

/// A list with arrays among its entries: each entry is read by itself.
array joined(nb::handle x, const shape& extents, const dtype& type) {
  const array result = zeros(extents, {.dtype = type, .device = cpu()});
  const nb::object items = items_of(x.ptr());
  if (entries_of(items) != extents[0]) throw_changed();
  for (std::int64_t i = 0; i < extents[0]; ++i) {
    if (i >= entries_of(items)) throw_changed();
    const array part = to_array(entry_of(items, i), {.dtype = type, .device = cpu()});
    without_gil([&] { result.view_at({i}) = part; });
  }
  return result;
}

array others_of(nb::handle x, const list_shape& found, const dtype& type) {
  if (found.has_arrays) return joined(x, found.extents, type);
  entries all;
  collect(x, type.has_fields(), all);
  const array column = column_of(all, type);
  std::int64_t count = 1;
  for (std::int64_t e : found.extents) count *= e;
  if (column.size() != count) throw_changed();
  return reshape(column, found.extents);
}

}  // namespace

array numbers_of(nb::handle list, const dtype& type) {
  return written(list, shape(static_cast<std::int64_t>(nb::len(list))), type);
}

std::optional<array> array_from_list(nb::handle x, const dtype& type) {
  if (!is_list(x.ptr())) return {};
  list_shape found(type.has_fields());
  found.visit(x.ptr(), 0);
  if (found.has_none && !type.is_set()) throw dtype_error("array: None has no dtype; expected one for the list");
  const dtype wanted = type.is_set() ? type : found.common.is_set() ? found.common : float64;
  if (!wanted.is_number()) {
    // Of no size or unit: that of the elements.
    const bool sized = wanted.itemsize() > 0 && !(wanted.kind() == 'M' && wanted.unit() == time_unit::generic);
    const bool same = found.common.is_set() && found.common.kind() == wanted.kind();
    return others_of(x, found, !sized && same && found.has_arrays ? found.common : wanted);
  }
  return written(x, found.extents, wanted);
}

}  // namespace tessera::python
