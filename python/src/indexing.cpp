// x[index] and x[index] = value with NumPy's rules: basic indices make views, index arrays and masks pick elements.
//
// One difference to C++: integers alone, one for each axis, give an array of its own, as NumPy gives a number there, so
// that x[0], x[1] = x[1], x[0] exchanges two elements. A record is a view, as in NumPy: x[0]["price"] = 5 writes to x.
#include "memory.hpp"
#include "operators.hpp"

namespace tessera::python {
namespace {

/// One index of x[i, j, …]: basic, or an array.
bool is_integer(PyObject* i) {
  return PyLong_CheckExact(i) || (PyIndex_Check(i) && !PyBool_Check(i) && !PySequence_Check(i));  // NumPy's scalars
}
bool is_basic(PyObject* i) { return is_integer(i) || PySlice_Check(i) || i == Py_None || i == Py_Ellipsis; }

std::int64_t position_of(PyObject* i) {
  const Py_ssize_t position = PyNumber_AsSsize_t(i, PyExc_IndexError);
  if (position == -1 && PyErr_Occurred()) throw nb::python_error();
  return position;
}

subscript slice_of(PyObject* i) {
  Py_ssize_t begin = 0, end = 0, step = 0;
  if (PySlice_Unpack(i, &begin, &end, &step) != 0) throw nb::python_error();
  return slice(begin, end, step);
}

subscript basic_index_of(PyObject* i) {
  if (PySlice_Check(i)) return slice_of(i);
  if (i == Py_None) return newaxis;
  if (i == Py_Ellipsis) return ellipsis;
  return position_of(i);
}

[[noreturn]] void throw_no_index(PyObject* i) {
  throw index_error("index: expected integers, slices, None, ..., or arrays of integers or bool, not a " +
                    std::string(Py_TYPE(i)->tp_name));
}

array array_of_list(PyObject* list) {
  try {
    const array found = *array_from_list(list, {});
    if (found.dtype().is_number()) return found.size() == 0 ? found.astype(int64) : found;
  } catch (const dtype_error&) {
  } catch (nb::python_error& e) {
    if (!e.matches(PyExc_TypeError)) throw;
  }
  throw_no_index(list);
}

/// Lists, arrays, NumPy's scalars and bools.
any_index array_index_of(PyObject* i) {
  if (PyBool_Check(i)) return array(i == Py_True);
  if (is_array(i)) return array_of(i);
  if (PyFloat_Check(i)) throw_no_index(i);
  if (PyList_Check(i) || PyTuple_Check(i) || PyRange_Check(i)) return array_of_list(i);
  if (std::optional<array> found = PyUnicode_Check(i) ? std::nullopt : array_from_memory(i)) return *found;
  if (PyIndex_Check(i)) return subscript(position_of(i));
  throw_no_index(i);
}

/// The indices between the brackets, and whether all are basic.
class index_list {
 public:
  explicit index_list(PyObject* index) {
    if (PyTuple_Check(index)) {
      items_ = reinterpret_cast<PyTupleObject*>(index)->ob_item;
      count_ = PyTuple_GET_SIZE(index);
    } else {
      single_ = index;
      items_ = &single_;
      count_ = 1;
    }
    for (Py_ssize_t i = 0; i < count_; ++i) {
      all_basic_ = all_basic_ && is_basic(items_[i]);
      all_integers_ = all_integers_ && is_integer(items_[i]);
    }
  }
  index_list(const index_list&) = delete;

  bool all_basic() const noexcept { return all_basic_; }
  bool is_one_element(const array& x) const noexcept { return all_integers_ && count_ == x.ndim(); }

  std::vector<subscript> basic() const {
    std::vector<subscript> result;
    result.reserve(static_cast<std::size_t>(count_));
    for (Py_ssize_t i = 0; i < count_; ++i) result.push_back(basic_index_of(items_[i]));
    return result;
  }
  std::vector<any_index> any() const {
    std::vector<any_index> result;
    for (Py_ssize_t i = 0; i < count_; ++i) {
      if (is_basic(items_[i])) result.push_back(basic_index_of(items_[i]));
      else result.push_back(array_index_of(items_[i]));
    }
    return result;
  }

 private:
  PyObject* single_ = nullptr;
  PyObject** items_;
  Py_ssize_t count_;
  bool all_basic_ = true, all_integers_ = true;
};

// ---- fields

/// Whether the index is a field's name or a list of them.
bool names_fields(PyObject* index) {
  if (!PyList_Check(index)) return PyUnicode_Check(index);
  return PyList_GET_SIZE(index) > 0 && PyUnicode_Check(PyList_GET_ITEM(index, 0));
}

std::string field_name(const array& x, nb::handle name) {
  if (!PyUnicode_Check(name.ptr())) throw_no_index(name.ptr());
  const auto text = nb::cast<std::string>(name);
  for (const field& f : x.dtype().fields())
    if (f.name == text) return text;
  if (!x.dtype().has_fields()) throw_no_index(name.ptr());
  throw value_error("no field of name " + text);
}

/// x["price"], x[["name", "price"]]
array fields_of(array x, PyObject* index) {
  if (PyUnicode_Check(index)) return x[field_name(x, index)];
  std::vector<std::string> list;
  for (nb::handle name : nb::borrow<nb::list>(index)) list.push_back(field_name(x, name));
  return x[names(std::move(list))];
}

/// The value of an assignment: lists are read as the target's dtype, as NumPy does.
expr value_of(PyObject* value, const array& target) {
  const bool element = !target.dtype().is_number() && !is_array(value) && !array_from_memory(value);
  if (element && !PyList_Check(value) && !PyTuple_Check(value)) {
    return to_array(value, {.dtype = target.dtype(), .device = target.device()});
  }
  if (PyList_Check(value) || PyTuple_Check(value)) {
    return without_gil([x = *array_from_list(value, target.dtype()), &target] { return x.to(target.device()); });
  }
  return to_expr(value, &target);
}

}  // namespace

std::vector<any_index> to_indices(nb::handle index) { return index_list(index.ptr()).any(); }

PyObject* get_item(PyObject* self, PyObject* index) noexcept {
  return guarded([&] {
    const array& x = array_of(self);
    if (names_fields(index)) return wrap(fields_of(x, index)).release().ptr();
    const index_list indices(index);
    if (indices.all_basic()) {
      array view = x.view_at(indices.basic());
      return wrap(indices.is_one_element(x) && x.dtype().kind() != 'V' ? view.copy() : std::move(view)).release().ptr();
    }
    const std::vector<any_index> picked = indices.any();
    return wrap(without_gil([&] { return x.select_at(picked).eval(); })).release().ptr();
  });
}

int set_item(PyObject* self, PyObject* index, PyObject* value) noexcept {
  return guarded(
      [&] {
        const array& x = array_of(self);
        if (value == nullptr) throw value_error("index: elements of an array cannot be deleted");
        if (names_fields(index)) {
          array view = fields_of(x, index);
          const expr values = value_of(value, view);
          without_gil([&] { std::move(view) = values; });
          return 0;
        }
        const index_list indices(index);
        if (indices.all_basic()) {
          const std::vector<subscript> basic = indices.basic();
          const expr values = value_of(value, x);
          without_gil([&] { x.view_at(basic) = values; });
        } else {
          const std::vector<any_index> picked = indices.any();
          const expr values = value_of(value, x);
          without_gil([&] { x.select_at(picked) = values; });
        }
        return 0;
      },
      -1);
}

}  // namespace tessera::python
