// The small classes: device, flags, and the scope of a default device.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "dtypes.hpp"

namespace tessera::python {
namespace {

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

void bind_types(nb::module_& m) {
  bind_dtype(m);
  bind_device(m);
  bind_device_scope(m);
  bind_flags(m);
}

}  // namespace tessera::python
