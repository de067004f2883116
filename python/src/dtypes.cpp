// The class tessera.dtype: made of whatever NumPy takes as a dtype, and turned into NumPy's.
#include "dtypes.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>

#include "core/dtype_parts.hpp"
#include "functions.hpp"
#include "raise.hpp"

namespace tessera::python {
namespace {

PyObject* number_objects[dtype_count] = {};  // one for each code

std::string text_of(nb::handle x, const char* what) {
  if (!PyUnicode_Check(x.ptr()))
    fail(PyExc_TypeError, std::string("dtype: ") + what + " is a " + Py_TYPE(x.ptr())->tp_name + ", not a text");
  return nb::cast<std::string>(x);
}

nb::object items_of(nb::handle x, const char* what) {
  nb::object items = nb::steal(PySequence_Tuple(x.ptr()));
  if (!items.is_valid()) {
    PyErr_Clear();
    fail(PyExc_TypeError, std::string("dtype: ") + what + " is a " + Py_TYPE(x.ptr())->tp_name + ", not a sequence");
  }
  return items;
}

// ---- from Python

/// (title, name) or a name; titles are left out.
std::string name_of(nb::handle x) {
  if (PyTuple_Check(x.ptr()) && PyTuple_GET_SIZE(x.ptr()) == 2)
    return text_of(PyTuple_GET_ITEM(x.ptr(), 1), "the name of a field");
  return text_of(x, "the name of a field");
}

field make_field(const std::string& name, nb::handle type, bool align, std::int64_t offset = -1) {
  const field_type found = to_field_type(type, align);
  return field(name, found.element, found.extents, offset);
}

/// Extents of a sub-array before those of its elements.
field_type nested(const shape& outer, field_type inner) {
  shape extents = outer;
  for (std::int64_t e : inner.extents) extents.push_back(e);
  return {inner.element, std::move(extents)};
}

field_type type_of_pair(nb::handle pair, bool align);

/// [("name", "U20"), ("price", "f8", (2, 3))]
dtype record_of_list(nb::handle list, bool align) {
  std::vector<field> fields;
  const nb::object items = items_of(list, "a list of fields");
  for (nb::handle item : items) {
    const Py_ssize_t count = PyTuple_Check(item.ptr()) ? PyTuple_GET_SIZE(item.ptr()) : 0;
    if (count != 2 && count != 3) {
      fail(PyExc_TypeError, "dtype: a field is a tuple (name, dtype) or (name, dtype, shape), not " +
                                std::string(nb::repr(item).c_str()));
    }
    const nb::object type = count == 3 ? nb::object(nb::make_tuple(item[1], item[2])) : nb::object(item[1]);
    fields.push_back(make_field(name_of(item[0]), type, align));
  }
  return record(fields, {.aligned = align});
}

/// {"names": […], "formats": […]}, with "offsets", "itemsize" and "aligned" where they are said.
dtype record_of_parts(const nb::dict& parts, bool align) {
  const auto part = [&](const char* key) { return nb::borrow(parts.contains(key) ? parts[key] : nb::none()); };
  const nb::object names = items_of(part("names"), "names"), formats = items_of(part("formats"), "formats");
  const nb::object offsets = part("offsets").is_none() ? nb::none() : items_of(part("offsets"), "offsets");
  const std::size_t count = nb::len(names);
  if (nb::len(formats) != count || (!offsets.is_none() && nb::len(offsets) != count)) {
    fail(PyExc_ValueError, "dtype: names, formats and offsets are not of one length");
  }
  if (!part("aligned").is_none()) align = to_bool(part("aligned"), "dtype: aligned");
  std::vector<field> fields;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t offset = offsets.is_none() ? -1 : to_int(offsets[i]);
    if (!offsets.is_none() && offset < 0)
      fail(PyExc_ValueError, "dtype: offset " + std::to_string(offset) + " is negative");
    fields.push_back(make_field(name_of(names[i]), formats[i], align, offset));
  }
  record_options options{.aligned = align};
  if (!part("itemsize").is_none()) {
    options.itemsize = to_int(part("itemsize"));
    if (options.itemsize < 0)
      fail(PyExc_ValueError, "dtype: itemsize " + std::to_string(options.itemsize) + " is negative");
  }
  return record(fields, options);
}

/// {"name": (dtype, offset)}, by offset.
dtype record_of_dict(const nb::dict& entries, bool align) {
  if (entries.contains("names") && entries.contains("formats")) return record_of_parts(entries, align);
  std::vector<field> fields;
  for (const auto& [name, value] : entries) {
    const nb::object entry = nb::borrow(value);
    if (!PyTuple_Check(entry.ptr()) || PyTuple_GET_SIZE(entry.ptr()) < 2) {
      fail(PyExc_ValueError, "dtype: a dict has names and formats, or for each name a tuple (dtype, offset)");
    }
    const std::int64_t offset = to_int(entry[1]);
    if (offset < 0) fail(PyExc_ValueError, "dtype: offset " + std::to_string(offset) + " is negative");
    fields.push_back(make_field(text_of(name, "the name of a field"), entry[0], align, offset));
  }
  std::stable_sort(fields.begin(), fields.end(), [](const field& a, const field& b) { return a.offset < b.offset; });
  return record(fields, {.aligned = align});
}

/// ("f8", (2, 3)), or (str, 20) for what has no size yet.
field_type type_of_pair(nb::handle pair, bool align) {
  if (PyTuple_GET_SIZE(pair.ptr()) != 2) fail(PyExc_TypeError, "dtype: a tuple is (dtype, shape)");
  const field_type base = to_field_type(pair[0], align);
  const bool sized = base.element.is_number() || base.element.itemsize() > 0 || !base.extents.empty();
  if (sized || !PyIndex_Check(nb::handle(pair[1]).ptr())) return nested(to_shape(pair[1]), base);
  const std::int64_t size = to_int(pair[1]);
  if (base.element.kind() == 'V') return {dtype("V" + std::to_string(size)), {}};
  return {base.element.kind() == 'U' ? str_(size) : bytes_(size), {}};
}

/// A dtype with fields in NumPy.
dtype record_of_foreign(nb::handle x, bool align) {
  std::vector<field> fields;
  const nb::object entries = x.attr("fields");
  for (nb::handle name : items_of(x.attr("names"), "names")) {
    const nb::object entry = entries[name];
    fields.push_back(make_field(text_of(name, "the name of a field"), entry[0], align, to_int(entry[1])));
  }
  const bool aligned = to_bool(nb::getattr(x, "isalignedstruct", nb::bool_(false)), "dtype: isalignedstruct");
  return record(fields, {.aligned = aligned, .itemsize = to_int(x.attr("itemsize"))});
}

/// A dtype of NumPy or ml_dtypes, or a class that they name one by.
field_type foreign_type(nb::handle x, bool align) {
  const bool is_class = PyType_Check(x.ptr());
  const nb::object name = nb::getattr(x, is_class ? "__name__" : "name", nb::none());
  if (!PyUnicode_Check(name.ptr()))
    fail(PyExc_TypeError, std::string("dtype: cannot interpret a ") + Py_TYPE(x.ptr())->tp_name);
  const auto text = nb::cast<std::string>(name);
  if (is_class) return {dtype(text == "void" ? "V" : text), {}};
  if (!nb::getattr(x, "names", nb::none()).is_none()) return {record_of_foreign(x, align), {}};
  if (const nb::object parts = nb::getattr(x, "subdtype", nb::none()); !parts.is_none()) {
    return nested(to_shape(parts[1]), to_field_type(parts[0], align));
  }
  const nb::object code = nb::getattr(x, "str", nb::none());
  const auto says = [&](const char* attribute, std::string_view letters) {
    const nb::object value = nb::getattr(x, attribute, nb::none());
    const std::string letter = PyUnicode_Check(value.ptr()) ? nb::cast<std::string>(value) : "";
    return letter.size() == 1 && letters.find(letter[0]) != letters.npos;
  };
  const bool by_code = says("byteorder", ">") || says("kind", "USMm") || text.starts_with("void");
  return {dtype(by_code && PyUnicode_Check(code.ptr()) ? nb::cast<std::string>(code) : text), {}};
}

/// The fields of a text, laid out again.
dtype aligned_text(const dtype& type) {
  if (!type.has_fields()) return type;
  std::vector<field> fields = type.fields();
  for (field& f : fields) f.offset = -1;
  return record(fields, {.aligned = true});
}

dtype type_of_class(PyObject* type) {
  const auto is = [type](PyTypeObject& other) { return type == reinterpret_cast<PyObject*>(&other); };
  return is(PyBool_Type)      ? bool_
         : is(PyLong_Type)    ? int64
         : is(PyFloat_Type)   ? float64
         : is(PyComplex_Type) ? complex128
         : is(PyUnicode_Type) ? str_(0)
         : is(PyBytes_Type)   ? bytes_(0)
                              : dtype();
}

// ---- to Python

/// What numpy.dtype and ours are made of: a text, (type, shape), or a dict.
nb::object sub_array(nb::object type, const shape& extents) {
  return extents.empty() ? type : nb::object(nb::make_tuple(type, to_python(extents)));
}

/// The parts of a record, its fields' dtypes made by `of`.
template <class Of> nb::dict parts_of(const dtype& type, Of&& of) {
  nb::list names, formats, offsets;
  for (const field& f : type.fields()) {
    names.append(f.name.c_str());
    formats.append(sub_array(of(f.type), f.extents));
    offsets.append(f.offset);
  }
  nb::dict parts;
  parts["names"] = names;
  parts["formats"] = formats;
  parts["offsets"] = offsets;
  parts["itemsize"] = type.itemsize();
  return parts;
}

nb::object numpy_dtype_class() { return nb::module_::import_("numpy").attr("dtype"); }

/// A sub-array's dtype as the fields of a dtype have it: NumPy's too, when it is asked.
struct sub_array_dtype {
  field_type type;
};

nb::object wrap_field(const field& f) {
  return f.extents.empty() ? wrap(f.type) : nb::cast(sub_array_dtype{{f.type, f.extents}});
}

nb::object fields_of(const dtype& type) {
  if (!type.has_fields()) return nb::none();
  nb::dict result;
  for (const field& f : type.fields()) result[f.name.c_str()] = nb::make_tuple(wrap_field(f), f.offset);
  return nb::module_::import_("types").attr("MappingProxyType")(result);
}

nb::object names_of(const dtype& type) {
  if (!type.has_fields()) return nb::none();
  nb::list result;
  for (const field& f : type.fields()) result.append(f.name.c_str());
  return nb::tuple(result);
}

/// NumPy's attribute `name`: "float64", "str640", "void776".
std::string short_name(const dtype& type) {
  const int bits = 8 * type.itemsize();
  const char* const kind = type.kind() == 'U'   ? "str"
                           : type.kind() == 'S' ? "bytes"
                           : type.kind() == 'V' ? "void"
                                                : nullptr;
  if (kind != nullptr) return kind + (bits > 0 ? std::to_string(bits) : "");
  return detail::dtype_parts::with_swapped(type, false).name();
}

/// As NumPy: a record's list or dict, and that it is aligned; what has a name in quotes.
std::string repr_of(const dtype& type) {
  if (type.has_fields()) {
    std::string text = type.name();
    const std::string_view said = ", 'aligned': True}";
    if (text.ends_with(said)) text.replace(text.size() - said.size(), said.size(), "}");
    return "dtype(" + text + (type.is_aligned() ? ", align=True)" : ")");
  }
  std::string text = type.is_number() ? type.name() : type.str();
  if (text.starts_with('|')) text.erase(0, 1);
  if (type.itemsize() == 0) text.pop_back();  // "<U"
  return "dtype('" + text + "')";
}

std::string byteorder_of(const dtype& type) {
  if (type.kind() == 'S' || type.kind() == 'V' || type.itemsize() == 1) return "|";
  return type.is_native() ? "=" : ">";
}

/// A record of some fields of another one, where they were.
dtype chosen_fields(const dtype& type, nb::handle list) {
  std::vector<field> fields;
  for (nb::handle name : list) fields.push_back(field_of(type, name));
  return record(fields, {.aligned = type.is_aligned(), .itemsize = type.itemsize()});
}

nb::object item_of(const dtype& type, nb::handle key) {
  if (PyList_Check(key.ptr())) return wrap(chosen_fields(type, key));
  return wrap_field(field_of(type, key));
}

nb::object pickled(const dtype& type) {
  const nb::handle cls = nb::type<dtype>();
  if (!type.has_fields()) return nb::make_tuple(cls, nb::make_tuple(type.str()));
  const auto whole = [](const dtype& part) { return wrap(part); };
  return nb::make_tuple(cls, nb::make_tuple(parts_of(type, whole), type.is_aligned()));
}

/// Equal dtypes have one hash, aligned or not.
std::size_t hash_of(const dtype& type) {
  const auto layout = static_cast<std::size_t>(detail::dtype_parts::detail(type));
  return layout * 1021 + static_cast<std::size_t>(type.code()) * 31 + static_cast<std::size_t>(type.unit()) * 2 +
         (detail::dtype_parts::is_swapped(type) ? 1 : 0);
}

/// Python's `==` of dtypes: also with NumPy's, names and types; false for what names no dtype.
bool equal_dtypes(const dtype& a, nb::handle b) {
  if (nb::isinstance<dtype>(b)) return a == nb::cast<dtype>(b);
  if (b.is_none()) return false;
  try {
    return a == to_dtype(b);
  } catch (const tessera::error&) {
    return false;
  } catch (const nb::python_error&) {
    return false;
  }
}

/// float64(3), str_("text"), datetime64("2026-01-31", "D"): an array without axes; 0, "" or NaT without a value.
nb::object called(const dtype& type, const nb::args& arguments) {
  dtype wanted = type;
  if (arguments.size() > 2) fail(PyExc_TypeError, "dtype: expected a value, and for times a unit");
  if (arguments.size() == 2) {
    if (type.kind() != 'M' && type.kind() != 'm') fail(PyExc_TypeError, "dtype: only times have a unit");
    wanted = dtype(std::string(type.kind() == 'M' ? "M8[" : "m8[") + text_of(arguments[1], "a unit") + "]");
  }
  if (arguments.size() > 0) return wrap(to_array(arguments[0], {.dtype = wanted}));
  if (type.kind() == 'M') return wrap(to_array(nb::none(), {.dtype = wanted}));
  return wrap(zeros({}, {.dtype = wanted}));
}

void bind_parts(nb::class_<dtype>& type) {
  type.def_prop_ro("name", &short_name)
      .def_prop_ro("itemsize", &dtype::itemsize)
      .def_prop_ro("alignment", &dtype::alignment)
      .def_prop_ro("kind", [](const dtype& d) { return std::string(1, d.kind()); })
      .def_prop_ro("str", &dtype::str)
      .def_prop_ro("byteorder", &byteorder_of)
      .def_prop_ro("isnative", &dtype::is_native)
      .def_prop_ro("isalignedstruct", &dtype::is_aligned)
      .def_prop_ro("hasobject", [](const dtype&) { return false; })
      .def_prop_ro("names", &names_of, "The names of a record's fields, or None.")
      .def_prop_ro("fields", &fields_of, "A record's fields: {name: (dtype, offset)}, or None.")
      .def_prop_ro("descr", &descr_of)
      .def_prop_ro("shape", [](const dtype&) { return nb::make_tuple(); })
      .def_prop_ro("ndim", [](const dtype&) { return 0; })
      .def_prop_ro("subdtype", [](const dtype&) { return nb::none(); })
      .def_prop_ro("base", [](const dtype& d) { return wrap(d); })
      .def_prop_ro("__numpy_dtype__", &numpy_dtype)
      .def_prop_ro("dtype", &numpy_dtype, "NumPy's dtype: numpy.dtype(x) asks for it.");
}

void bind_sub_array(nb::module_& m) {
  const auto whole = [](const sub_array_dtype& d) { return field("", d.type.element, d.type.extents).nbytes(); };
  const auto numpy = [](const sub_array_dtype& d) {
    return numpy_dtype_class()(sub_array(numpy_dtype(d.type.element), d.type.extents));
  };
  const auto equal = [](const sub_array_dtype& d, nb::handle other) {
    try {
      const field_type them = to_field_type(other);
      return d.type.element == them.element && d.type.extents == them.extents;
    } catch (const tessera::error&) {
      return false;
    } catch (const nb::python_error&) {
      return false;
    }
  };
  nb::class_<sub_array_dtype> type(m, "_sub_array_dtype", "The dtype of a field that is an array itself.");
  type.def_prop_ro("base", [](const sub_array_dtype& d) { return wrap(d.type.element); })
      .def_prop_ro("shape", [](const sub_array_dtype& d) { return to_python(d.type.extents); })
      .def_prop_ro("ndim", [](const sub_array_dtype& d) { return d.type.extents.size(); })
      .def_prop_ro(
          "subdtype",
          [](const sub_array_dtype& d) { return nb::make_tuple(wrap(d.type.element), to_python(d.type.extents)); })
      .def_prop_ro("itemsize", whole)
      .def_prop_ro("kind", [](const sub_array_dtype&) { return "V"; })
      .def_prop_ro("str", [whole](const sub_array_dtype& d) { return "|V" + std::to_string(whole(d)); })
      .def_prop_ro("names", [](const sub_array_dtype&) { return nb::none(); })
      .def_prop_ro("fields", [](const sub_array_dtype&) { return nb::none(); })
      .def_prop_ro("__numpy_dtype__", numpy)
      .def_prop_ro("dtype", numpy)
      .def("__eq__", equal, nb::arg().none(), nb::is_operator())
      .def("__hash__",
           [](const sub_array_dtype& d) {
             return hash_of(d.type.element) + static_cast<std::size_t>(d.type.extents.size());
           })
      .def("__repr__", [](const sub_array_dtype& d) {
        std::string text = nb::repr(sub_array(nb::str(d.type.element.str().c_str()), d.type.extents)).c_str();
        return "dtype(" + text + ")";
      });
  type.attr("__module__") = "tessera";
}

}  // namespace

field_type to_field_type(nb::handle x, bool align) {
  if (x.is_none()) return {};
  if (nb::isinstance<dtype>(x)) return {nb::cast<dtype>(x), {}};
  if (PyUnicode_Check(x.ptr())) {
    const dtype named(nb::cast<std::string_view>(x));
    return {align ? aligned_text(named) : named, {}};
  }
  if (const dtype known = type_of_class(x.ptr()); known.is_set()) return {known, {}};
  if (nb::isinstance<sub_array_dtype>(x)) return nb::cast<sub_array_dtype>(x).type;
  const recursive_call limited(" by a dtype");  // lists may be entries of themselves
  if (PyTuple_Check(x.ptr())) return type_of_pair(x, align);
  if (PyList_Check(x.ptr())) return {record_of_list(x, align), {}};
  if (PyDict_Check(x.ptr())) return {record_of_dict(nb::borrow<nb::dict>(x), align), {}};
  return foreign_type(x, align);
}

dtype to_dtype(nb::handle x) {
  const field_type found = to_field_type(x);
  if (found.extents.empty()) return found.element;
  throw dtype_error("dtype: (" + found.element.name() + ", " + to_string(found.extents) +
                    ") is a sub-array: the type of a field, not of elements");
}

const field& field_of(const dtype& type, nb::handle key) {
  const std::vector<field>& fields = type.fields();
  if (PyUnicode_Check(key.ptr())) {
    const auto name = nb::cast<std::string>(key);
    for (const field& f : fields)
      if (f.name == name) return f;
    fail(PyExc_KeyError, fields.empty() ? "There are no fields in dtype " + type.name() + "."
                                        : "Field named '" + name + "' not found.");
  }
  if (fields.empty()) fail(PyExc_KeyError, "There are no fields in dtype " + type.name() + ".");
  const std::int64_t at = to_int(key), count = static_cast<std::int64_t>(fields.size());
  if (at < -count || at >= count) fail(PyExc_IndexError, "Field index " + std::to_string(at) + " out of range.");
  return fields[static_cast<std::size_t>(at < 0 ? at + count : at)];
}

nb::object numpy_dtype(const dtype& type) {
  if (type == bfloat16) return numpy_dtype_class()(nb::module_::import_("ml_dtypes").attr("bfloat16"));
  if (!type.has_fields()) return numpy_dtype_class()(type.str());
  return numpy_dtype_class()(parts_of(type, numpy_dtype), nb::arg("align") = type.is_aligned());
}

nb::list descr_of(const dtype& type) {
  nb::list result;
  if (!type.has_fields()) {
    result.append(nb::make_tuple("", type.str()));
    return result;
  }
  std::int64_t end = 0;
  const auto pad = [&](std::int64_t to) {
    if (to > end) result.append(nb::make_tuple("", "|V" + std::to_string(to - end)));
  };
  for (const field& f : type.fields()) {
    if (f.offset < end) throw value_error("dtype: descr says nothing of fields that overlap or are out of order");
    pad(f.offset);
    const nb::object inner =
        f.type.has_fields() ? nb::object(descr_of(f.type)) : nb::object(nb::str(f.type.str().c_str()));
    if (f.extents.empty()) result.append(nb::make_tuple(f.name, inner));
    else result.append(nb::make_tuple(f.name, inner, to_python(f.extents)));
    end = f.offset + f.nbytes();
  }
  pad(type.itemsize());
  return result;
}

dtype record_of_descr(nb::handle descr) {
  const recursive_call limited(" by descr");  // lists may be entries of themselves
  std::vector<field> fields;
  std::int64_t end = 0;
  for (nb::handle item : items_of(descr, "descr")) {
    const Py_ssize_t count = PyTuple_Check(item.ptr()) ? PyTuple_GET_SIZE(item.ptr()) : 0;
    if (count != 2 && count != 3)
      fail(PyExc_TypeError, "descr: a field is a tuple (name, dtype) or (name, dtype, shape)");
    const std::string name = name_of(item[0]);
    const dtype type = PyList_Check(nb::object(item[1]).ptr()) ? record_of_descr(item[1]) : to_dtype(item[1]);
    field made(name, type, count == 3 ? to_shape(item[2]) : shape(), end);
    const dtype checked = record({made});  // extents and bytes that exist
    end = checked.itemsize();
    if (!name.empty() || type.kind() != 'V' || type.has_fields()) fields.push_back(std::move(made));
  }
  return record(fields, {.itemsize = end});
}

nb::object wrap(const dtype& type) {
  if (type.is_number() && type.is_native()) return nb::borrow(number_objects[static_cast<int>(type.code())]);
  return nb::cast(type);
}

void bind_dtype(nb::module_& m) {
  nb::class_<dtype> type(m, "dtype",
                         "An element type. Made of whatever NumPy takes as a dtype, and of Python's types.");
  type.def(
          "__init__",
          [](dtype* self, nb::handle x, bool align, bool) {
            const field_type made = to_field_type(x, align);
            if (!made.extents.empty()) to_dtype(x);  // throws
            new (self) dtype(made.element.is_set() ? made.element : float64);
          },
          nb::arg("dtype").none(), nb::arg("align") = false, nb::arg("copy") = false)
      .def("__eq__", &equal_dtypes, nb::arg().none(), nb::is_operator())
      .def(
          "__ne__", [](const dtype& a, nb::handle b) { return !equal_dtypes(a, b); }, nb::arg().none())
      .def("__hash__", &hash_of)
      .def("__len__", [](const dtype& d) { return d.fields().size(); })
      .def("__bool__", [](const dtype&) { return true; })
      .def("__getitem__", &item_of)
      .def("__call__", &called)
      .def("__str__", &dtype::name)
      .def("__repr__", &repr_of)
      .def("__reduce__", &pickled);
  bind_parts(type);
  type.attr("__module__") = "tessera";
  bind_sub_array(m);
  for (int code = 1; code < dtype_count; ++code) {
    const dtype d(static_cast<dtype_code>(code));
    nb::object object = nb::cast(d);
    m.attr(d.name().c_str()) = object;
    number_objects[code] = object.release().ptr();
  }
  m.attr("str_") = nb::cast(str_(0));
  m.attr("bytes_") = nb::cast(bytes_(0));
  m.attr("void") = nb::cast(dtype("V"));
  m.attr("datetime64") = nb::cast(dtype("M8"));
  m.attr("timedelta64") = nb::cast(dtype("m8"));
}

}  // namespace tessera::python
