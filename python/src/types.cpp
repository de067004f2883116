// The small classes: dtype, device, flags, and the scope of a default device.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"

namespace tessera::python {
namespace {

PyObject* dtype_objects[dtype_count] = {};  // one for each code

/// Python's `==` of dtypes: also with NumPy's, names and types; false for what names no dtype.
bool equal_dtypes(const dtype& a, nb::handle b) {
  if (nb::isinstance<dtype>(b)) return a == nb::cast<dtype>(b);
  if (b.is_none()) return false;
  try {
    return a == to_dtype(b);
  } catch (const dtype_error&) {
    return false;
  } catch (const nb::python_error&) {
    return false;
  }
}

nb::object numpy_dtype(const dtype& type) {
  if (type == bfloat16)
    return nb::module_::import_("numpy").attr("dtype")(nb::module_::import_("ml_dtypes").attr("bfloat16"));
  return nb::module_::import_("numpy").attr("dtype")(type.name());
}

void bind_dtype(nb::module_& m) {
  nb::class_<dtype> type(m, "dtype", "An element type. Made from NumPy's codes and names, dtypes, and Python's types.");
  type.def("__init__",
           [](dtype* self, nb::handle x) {
             const dtype made = to_dtype(x);
             new (self) dtype(made.is_set() ? made : float64);
           })
      .def_prop_ro("name", &dtype::name)
      .def_prop_ro("itemsize", &dtype::itemsize)
      .def_prop_ro("kind", [](const dtype& d) { return std::string(1, d.kind()); })
      .def_prop_ro("str", &dtype::str)
      .def_prop_ro("__numpy_dtype__", &numpy_dtype)
      .def_prop_ro("dtype", &numpy_dtype, "NumPy's dtype: numpy.dtype(x) asks for it.")
      .def("__eq__", &equal_dtypes, nb::arg().none(), nb::is_operator())
      .def(
          "__ne__", [](const dtype& a, nb::handle b) { return !equal_dtypes(a, b); }, nb::arg().none())
      .def("__hash__", [](const dtype& d) { return static_cast<int>(d.code()); })
      .def("__str__", &dtype::name)
      .def("__repr__", [](const dtype& d) { return "dtype('" + std::string(d.name()) + "')"; })
      .def("__reduce__", [](const dtype& d) { return nb::make_tuple(nb::type<dtype>(), nb::make_tuple(d.name())); });
  type.attr("__module__") = "tessera";
  for (int code = 1; code < dtype_count; ++code) {
    const dtype d(static_cast<dtype_code>(code));
    nb::object object = nb::cast(d);
    m.attr(d.name()) = object;
    dtype_objects[code] = object.release().ptr();
  }
}

void bind_device(nb::module_& m) {
  nb::class_<device> type(m, "device", "Where an array's elements lie: 'cpu', 'cuda', 'cuda:1' …");
  type.def("__init__", [](device* self, nb::handle x) { new (self) device(device_or_default(x)); })
      .def_prop_ro("type", [](const device& d) { return d.kind() == device_kind::cpu ? "cpu" : "cuda"; })
      .def_prop_ro("index", &device::index)
      .def(
          "__eq__",
          [](const device& d, nb::handle other) {
            if (nb::isinstance<device>(other)) return d == nb::cast<device>(other);
            return PyUnicode_Check(other.ptr()) && nb::cast<std::string>(other) == d.name();
          },
          nb::arg().none())
      .def("__hash__", [](const device& d) { return nb::hash(nb::str(d.name().c_str())); })
      .def("__str__", &device::name)
      .def("__repr__", [](const device& d) { return "device('" + d.name() + "')"; })
      .def("__reduce__", [](const device& d) { return nb::make_tuple(nb::type<device>(), nb::make_tuple(d.name())); });
  type.attr("__module__") = "tessera";

  m.def("devices", &devices, "All devices that can be used, the host first.");
  m.def(
      "default_device", [] { return default_device(); }, "Where new arrays are made.");
  m.def(
      "set_default_device", [](nb::handle on) { return set_default_device(to_device(on).value_or(cpu())); },
      nb::arg("device"), "Sets where new arrays are made; returns what was set before.");
  m.def(
      "synchronize",
      [](nb::handle on) {
        const device d = device_or_default(on);
        without_gil([&] { synchronize(d); });
      },
      optional("device"), "Waits for this thread's work on the device.");
}

/// `with device_scope("cuda"):`, which is entered and left on one thread.
struct python_device_scope {
  explicit python_device_scope(device d) : on(d) {}
  device on;
  entered_scopes<device_scope> scopes;
};

void bind_device_scope(nb::module_& m) {
  nb::class_<python_device_scope> type(m, "device_scope", "Where this thread makes new arrays until the scope ends.");
  type.def(
          "__init__",
          [](python_device_scope* self, nb::handle on) { new (self) python_device_scope(device_or_default(on)); },
          nb::arg("device"))
      .def("__enter__",
           [](nb::handle self) {
             auto& scope = nb::cast<python_device_scope&>(self);
             scope.scopes.enter(scope.on);
             return nb::borrow(self);
           })
      .def("__exit__", [](python_device_scope& scope, nb::args) { scope.scopes.leave(); });
  type.attr("__module__") = "tessera";
}

void bind_flags(nb::module_& m) {
  nb::class_<flags_t> type(m, "flags", "As numpy.ndarray.flags.");
  type.def_ro("c_contiguous", &flags_t::c_contiguous)
      .def_ro("f_contiguous", &flags_t::f_contiguous)
      .def_ro("owndata", &flags_t::owndata)
      .def_ro("writeable", &flags_t::writeable)
      .def_ro("aligned", &flags_t::aligned)
      .def("__getitem__",
           [](nb::handle self, const std::string& name) {
             std::string lower;
             for (char c : name) lower += static_cast<char>(std::tolower(c));
             return nb::getattr(self, lower.c_str());
           })
      .def("__repr__", [](const flags_t& f) { return to_string(f); });
  type.attr("__module__") = "tessera";
}

}  // namespace

nb::object wrap(const dtype& type) { return nb::borrow(dtype_objects[static_cast<int>(type.code())]); }

void bind_types(nb::module_& m) {
  bind_dtype(m);
  bind_device(m);
  bind_device_scope(m);
  bind_flags(m);
}

}  // namespace tessera::python
