// Lists of what is no number: texts, times and rows of records.
//
// A list of rows is read field by field, each field of all rows as one list.
#include "columns.hpp"

#include <cstring>

#include "dtypes.hpp"
#include "elements.hpp"
#include "memory.hpp"
#include "raise.hpp"

namespace tessera::python {
namespace {

shape length_of(const entries& list) { return shape(static_cast<std::int64_t>(list.size())); }

array fresh(const entries& list, const dtype& type) { return zeros(length_of(list), {.dtype = type, .device = cpu()}); }

/// The memory of a fresh array, which is written through its first element.
std::byte* memory_of(const array& x) { return static_cast<std::byte*>(const_cast<void*>(x.data())); }

bool is_array_like(nb::handle x) {
  PyObject* const o = x.ptr();
  return !PyUnicode_Check(o) && !PyBytes_Check(o) && !PyTuple_Check(o) && !PyList_Check(o) && !PyLong_Check(o) &&
         !PyFloat_Check(o) && !PyComplex_Check(o) && !x.is_none() && !is_python_time(o);
}

// ---- texts

/// What an element of U says for an object: a text itself, ASCII for bytes, else what str() says.
nb::object unicode_of(nb::handle x) {
  if (PyUnicode_Check(x.ptr())) return nb::borrow(x);
  nb::object text = nb::steal(
      PyBytes_Check(x.ptr()) ? PyUnicode_DecodeASCII(PyBytes_AS_STRING(x.ptr()), PyBytes_GET_SIZE(x.ptr()), nullptr)
                             : PyObject_Str(is_array_like(x) ? item(to_array(x)).ptr() : x.ptr()));
  if (!text.is_valid()) throw nb::python_error();
  return PyUnicode_Check(text.ptr()) ? text : unicode_of(text);
}

nb::object bytes_of(nb::handle x) {
  if (PyBytes_Check(x.ptr())) return nb::borrow(x);
  if (is_array_like(x)) {
    const nb::object element = item(to_array(x));
    if (!is_array_like(element)) return bytes_of(element);
  }
  nb::object bytes = nb::steal(PyUnicode_AsASCIIString(unicode_of(x).ptr()));
  if (!bytes.is_valid()) throw nb::python_error();
  return bytes;
}

void write_unicode(nb::handle text, std::byte* to, std::int64_t points) {
  const void* const from = PyUnicode_DATA(text.ptr());
  const int kind = static_cast<int>(PyUnicode_KIND(text.ptr()));
  const std::int64_t count = std::min<std::int64_t>(points, PyUnicode_GET_LENGTH(text.ptr()));
  for (std::int64_t i = 0; i < count; ++i) {
    const Py_UCS4 point = PyUnicode_READ(kind, from, i);
    std::memcpy(to + 4 * i, &point, sizeof point);
  }
}

array texts_of(const entries& list, dtype type) {
  const bool wide = type.kind() == 'U';
  entries texts;
  std::int64_t longest = 1;
  for (const nb::object& x : list) {
    texts.push_back(wide ? unicode_of(x) : bytes_of(x));
    const Py_ssize_t length = wide ? PyUnicode_GET_LENGTH(texts.back().ptr()) : PyBytes_GET_SIZE(texts.back().ptr());
    longest = std::max<std::int64_t>(longest, length);
  }
  if (type.itemsize() == 0) type = wide ? str_(longest) : bytes_(longest);
  const array result = fresh(list, type);
  std::byte* at = memory_of(result);
  for (const nb::object& text : texts) {
    if (wide) write_unicode(text, at, type.itemsize() / 4);
    else
      std::memcpy(at, PyBytes_AS_STRING(text.ptr()),
                  static_cast<std::size_t>(std::min<Py_ssize_t>(type.itemsize(), PyBytes_GET_SIZE(text.ptr()))));
    at += type.itemsize();
  }
  return result;
}

array raw_of(const entries& list, dtype type) {
  if (type.itemsize() == 0) {
    for (const nb::object& x : list) {
      if (!PyBytes_Check(x.ptr()))
        fail(PyExc_TypeError, std::string("array: a ") + Py_TYPE(x.ptr())->tp_name + " is no raw bytes");
      if (PyBytes_GET_SIZE(x.ptr()) != PyBytes_GET_SIZE(list[0].ptr()))
        fail(PyExc_TypeError, "array: raw bytes of different lengths have no common dtype");
    }
    if (!list.empty()) type = dtype("V" + std::to_string(PyBytes_GET_SIZE(list[0].ptr())));
  }
  const array result = fresh(list, type);
  std::byte* at = memory_of(result);
  for (const nb::object& x : list) {
    const nb::object held = is_array_like(x) ? item(to_array(x)) : x;
    if (!PyBytes_Check(held.ptr()))
      fail(PyExc_TypeError, std::string("array: a ") + Py_TYPE(x.ptr())->tp_name + " is no raw bytes");
    std::memcpy(at, PyBytes_AS_STRING(held.ptr()),
                static_cast<std::size_t>(std::min<Py_ssize_t>(type.itemsize(), PyBytes_GET_SIZE(held.ptr()))));
    at += type.itemsize();
  }
  return result;
}

// ---- times

bool is_integer(nb::handle x) { return PyLong_Check(x.ptr()) && !PyBool_Check(x.ptr()); }

array ticks(const dtype& type, std::int64_t value) { return copy_of(&value, {}, {.dtype = type, .device = cpu()}); }

/// An entry with the unit that it says; without one the dtype asked for.
array time_of(nb::handle x, const dtype& type) {
  PyObject* const o = x.ptr();
  if (x.is_none()) return ticks(type, not_a_time);
  if (is_integer(x)) {
    const std::int64_t value = to_int(x);
    if (type.kind() == 'M' && type.unit() == time_unit::generic && value != not_a_time) {
      fail(PyExc_ValueError, "array: an integer is no datetime64 without a unit");
    }
    return ticks(type, value);
  }
  const auto refuse = [&](const std::string& what) {
    fail(PyExc_ValueError, "array: a " + what + " is no " + type.name());
  };
  if (is_python_time(o)) {
    if (dtype_of_time(o).kind() != type.kind()) refuse(Py_TYPE(o)->tp_name);
    return ticks(dtype_of_time(o), ticks_of_time(o));
  }
  if (PyUnicode_Check(o) || PyBytes_Check(o)) return texts_of({nb::borrow(x)}, str_(0)).view_at({0});
  if (!is_array_like(x)) refuse(Py_TYPE(o)->tp_name);
  const array part = to_array(x).to(cpu());
  const char kind = part.dtype().kind();
  if (kind == 'i' || kind == 'u' || kind == 'U' || kind == 'S') return time_of(item(part), type);
  if (kind != type.kind()) refuse(part.dtype().name());
  return part;
}

array times_of(const entries& list, const dtype& type) {
  std::vector<array> parts;
  bool all_texts = !list.empty();
  for (const nb::object& x : list) all_texts = all_texts && PyUnicode_Check(x.ptr());
  if (all_texts) {
    const array texts = texts_of(list, str_(0));
    return without_gil([&] { return texts.astype(type); });
  }
  parts.reserve(list.size());
  for (const nb::object& x : list) parts.push_back(time_of(x, type));
  dtype common = type;
  if (type.unit() == time_unit::generic) {
    for (array& part : parts) {
      if (part.dtype().kind() == 'U') part = part.astype(type);
      if (part.dtype() != type) common = common == type ? part.dtype() : result_type(common, part.dtype());
    }
  }
  const array result = fresh(list, common);
  std::byte* at = memory_of(result);
  for (const array& part : parts) {
    const bool plain = part.dtype() == common || part.dtype() == type;  // ints have the unit that is asked for
    const array converted = plain ? part : part.astype(common);
    std::memcpy(at, converted.data(), sizeof(std::int64_t));
    at += sizeof(std::int64_t);
  }
  return result;
}

// ---- records

/// Entries of sub-arrays, one after the other; what is no list stands for all.
void flatten(nb::handle x, const shape& extents, int axis, entries& to) {
  if (axis == extents.size()) return to.push_back(nb::borrow(x));
  nb::object list = nb::borrow(x);
  if (is_array_like(x)) {
    const array part = to_array(x);
    if (part.ndim() > 0) list = wrap(part);
  }
  const bool is_list =
      PyList_Check(list.ptr()) || PyTuple_Check(list.ptr()) || (is_array(list) && array_of(list).ndim() > 0);
  if (!is_list) {
    for (std::int64_t i = 0; i < extents[axis]; ++i) flatten(x, extents, axis + 1, to);
    return;
  }
  const nb::object items = nb::steal(PySequence_Tuple(list.ptr()));
  if (!items.is_valid()) throw nb::python_error();
  const Py_ssize_t count = PyTuple_GET_SIZE(items.ptr());
  if (count != extents[axis] && count != 1) {
    fail(PyExc_ValueError, "array: " + std::to_string(count) + " entries for a field of shape " + to_string(extents));
  }
  for (std::int64_t i = 0; i < extents[axis]; ++i) {
    flatten(PyTuple_GET_ITEM(items.ptr(), count == 1 ? 0 : i), extents, axis + 1, to);
  }
}

array field_column(const entries& list, const field& f) {
  if (f.extents.empty()) return column_of(list, f.type);
  entries all;
  for (const nb::object& x : list) flatten(x, f.extents, 0, all);
  shape whole = length_of(list);
  for (std::int64_t e : f.extents) whole.push_back(e);
  return reshape(column_of(all, f.type), whole);
}

array rows_of(const entries& list, const dtype& type) {
  const std::vector<field>& fields = type.fields();
  array result = fresh(list, type);
  bool has_arrays = false;  // entries that are records already
  std::vector<entries> columns(fields.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const nb::object& x = list[i];
    const bool is_row = PyTuple_Check(x.ptr());
    if (is_row && static_cast<std::size_t>(PyTuple_GET_SIZE(x.ptr())) != fields.size()) {
      fail(PyExc_ValueError, "array: a tuple of " + std::to_string(PyTuple_GET_SIZE(x.ptr())) + " entries for " +
                                 std::to_string(fields.size()) + " fields");
    }
    if (is_array_like(x)) has_arrays = true;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (is_row) columns[f].push_back(nb::borrow(PyTuple_GET_ITEM(x.ptr(), static_cast<Py_ssize_t>(f))));
      else if (!is_array_like(x)) columns[f].push_back(x);
    }
  }
  if (!has_arrays) {
    for (std::size_t f = 0; f < fields.size(); ++f) result[fields[f].name] = field_column(columns[f], fields[f]);
    return result;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const array one = is_array_like(list[i]) ? to_array(list[i]) : rows_of({list[i]}, type).view_at({0});
    result.view_at({static_cast<std::int64_t>(i)}) = one;
  }
  return result;
}

/// One element is no sequence.
void check_element(nb::handle x, const dtype& type) {
  const bool is_row = PyTuple_Check(x.ptr()) && type.has_fields();
  const bool is_sequence = PyList_Check(x.ptr()) || PyTuple_Check(x.ptr()) || PyRange_Check(x.ptr());
  if (is_sequence && !is_row) {
    fail(PyExc_TypeError,
         std::string("array: a ") + Py_TYPE(x.ptr())->tp_name + " in the place of one element of " + type.name());
  }
  if (is_array_like(x) && to_array(x).ndim() > 0) {
    fail(PyExc_ValueError, "array: an array with axes in the place of one element of " + type.name());
  }
}

}  // namespace

array column_of(const entries& list, const dtype& type) {
  for (const nb::object& x : list) check_element(x, type);
  switch (type.kind()) {
    case 'U':
    case 'S': return texts_of(list, type);
    case 'M':
    case 'm': return times_of(list, type);
    case 'V': return type.has_fields() ? rows_of(list, type) : raw_of(list, type);
    default: break;
  }
  nb::list numbers;
  for (const nb::object& x : list) numbers.append(x);
  return numbers_of(numbers, type);
}

}  // namespace tessera::python
