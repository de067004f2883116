// The class tessera.array: attributes, methods, text, pickling.
#include <nanobind/stl/complex.h>
#include <nanobind/stl/string.h>

#include <complex>

#include "dlpack.hpp"
#include "elements.hpp"
#include "operators.hpp"

namespace tessera::python {
namespace {

PyTypeObject* array_type = nullptr;

// ---- methods

/// x.reshape(2, 3), x.reshape((2, 3)): the ints of the arguments.
shape shape_of(const nb::args& extents) {
  if (extents.size() == 1) return to_shape(extents[0]);
  return to_shape(extents);
}

nb::object item_at(const array& x, const nb::args& position) {
  if (position.size() == 0) return item(x);
  std::vector<subscript> indices;
  for (std::int64_t i : shape_of(position)) indices.push_back(i);
  if (indices.size() == 1 && x.ndim() != 1) return item(ravel(x).view_at(indices));
  return item(x.view_at(indices));
}

array astype(const array& x, nb::handle type, nb::handle layout, bool copy, nb::handle device) {
  const dtype wanted = to_dtype(type);
  const order arrangement = to_order(layout);
  const std::optional<tessera::device> on = to_device(device);
  return without_gil([&] {
    const bool same = !copy && wanted == x.dtype();
    const array result = same ? x : x.astype(wanted, arrangement);
    return on ? result.to(*on) : result;
  });
}

array to_device_of(const array& x, nb::handle device, nb::handle stream) {
  if (!stream.is_none()) throw value_error("to_device: streams are chosen by the device; expected stream=None");
  const tessera::device on = device_or_default(device);
  return without_gil([&] { return x.to(on); });
}

nb::object base(const array& x) {
  const array root = x.base(), none;
  return root.data() == none.data() ? nb::none() : wrap(root);
}

/// (function, arguments) for pickle and copy: the elements' bytes in C order.
nb::object reduce(const array& x) {
  const array plain = without_gil([&] { return x.to(cpu()).copy(order::C); });
  const nb::bytes elements(static_cast<const char*>(plain.data()), static_cast<std::size_t>(plain.nbytes()));
  return nb::make_tuple(nb::module_::import_("tessera").attr("_rebuild"),
                        nb::make_tuple(elements, to_python(x.shape()), wrap(x.dtype()), x.device().name().c_str()));
}

array from_bytes(const nb::bytes& elements, nb::handle extents, nb::handle type, nb::handle device) {
  const shape s = to_shape(extents);
  const dtype d = to_dtype(type);
  array result = empty(s, {.dtype = d, .device = cpu()});
  if (static_cast<std::int64_t>(elements.size()) != result.nbytes()) {
    throw value_error("unpickle: " + std::to_string(elements.size()) + " bytes for shape " + to_string(s) + " of " +
                      d.name());
  }
  if (result.nbytes() > 0) result = copy_of(elements.data(), s, {.dtype = d, .device = cpu()});
  return result.to(to_device(device).value_or(cpu()));
}

/// Without axes the number, else text that takes no format.
nb::object formatted(nb::handle self, nb::handle form) {
  const array& x = array_of(self);
  if (x.ndim() == 0) return nb::steal(PyObject_Format(item(x).ptr(), form.ptr()));
  if (nb::len(form) > 0) {
    throw dtype_error("format: only arrays without axes take a format, not one of shape " + to_string(x.shape()));
  }
  return nb::str(self);
}

void bind_attributes(nb::class_<array>& c) {
  c.def_prop_ro("shape", [](const array& x) { return to_python(x.shape()); })
      .def_prop_ro(
          "strides", [](const array& x) { return to_python(x.strides()); }, "Bytes between neighbours.")
      .def_prop_ro("dtype", [](const array& x) { return wrap(x.dtype()); })
      .def_prop_ro("ndim", &array::ndim)
      .def_prop_ro("size", &array::size)
      .def_prop_ro("nbytes", &array::nbytes)
      .def_prop_ro("itemsize", &array::itemsize)
      .def_prop_ro("flags", &array::flags)
      .def_prop_ro("device", &array::device)
      .def_prop_ro("base", &base, "The array that this one is a view of, or None.")
      .def_prop_ro("T", [](const array& x) { return wrap(x.T()); })
      .def_prop_ro("mT", [](const array& x) { return wrap(x.mT()); })
      .def_prop_ro("real", [](const array& x) { return wrap(real(x)); })
      .def_prop_ro("imag", [](const array& x) { return wrap(imag(x)); });
}

void bind_methods(nb::class_<array>& c) {
  c.def("item", &item_at, "The element as Python's number; with positions, that one.")
      .def("tolist", &to_list)
      .def(
          "copy",
          [](const array& x, nb::handle layout) {
            const order arrangement = to_order(layout);
            return wrap(without_gil([&] { return x.copy(arrangement); }));
          },
          nb::arg("order") = "C")
      .def(
          "astype",
          [](const array& x, nb::handle type, nb::handle layout, bool copy, nb::handle device) {
            return wrap(astype(x, type, layout, copy, device));
          },
          nb::arg("dtype"), nb::arg("order") = "K", nb::kw_only(), nb::arg("copy") = true, optional("device"))
      .def(
          "to_device",
          [](const array& x, nb::handle device, nb::handle stream) { return wrap(to_device_of(x, device, stream)); },
          nb::arg("device"), nb::kw_only(), optional("stream"))
      .def(
          "to", [](const array& x, nb::handle device) { return wrap(to_device_of(x, device, nb::none())); },
          nb::arg("device"))
      .def(
          "view", [](const array& x, nb::handle type) { return wrap(x.view(to_dtype(type))); }, optional("dtype"))
      .def(
          "reshape",
          [](const array& x, const nb::args& extents, nb::handle layout) {
            return wrap(reshape(x, shape_of(extents), to_order(layout)));
          },
          nb::arg("shape"), nb::kw_only(), nb::arg("order") = "C")
      .def(
          "ravel", [](const array& x, nb::handle layout) { return wrap(ravel(x, to_order(layout))); },
          nb::arg("order") = "C")
      .def(
          "flatten", [](const array& x, nb::handle layout) { return wrap(flatten(x, to_order(layout))); },
          nb::arg("order") = "C")
      .def("transpose",
           [](const array& x, const nb::args& permutation) {
             if (permutation.size() == 0) return wrap(x.T());
             const nb::object only = permutation.size() == 1 ? nb::borrow(permutation[0]) : nb::object(permutation);
             return wrap(transpose(x, to_axes(only)));
           })
      .def(
          "squeeze", [](const array& x, nb::handle axis) { return wrap(squeeze(x, to_axes(axis))); }, optional("axis"))
      .def(
          "swapaxes",
          [](const array& x, nb::handle a, nb::handle b) { return wrap(swapaxes(x, to_axis(a), to_axis(b))); },
          nb::arg("axis1"), nb::arg("axis2"))
      .def(
          "fill", [](nb::handle self, nb::handle value) { self[nb::ellipsis()] = value; }, nb::arg("value"))
      .def(
          "readonly", [](const array& x) { return wrap(x.readonly()); }, "A view that refuses to be written.");
}

void bind_protocols(nb::class_<array>& c) {
  c.def("__repr__", [](const array& x) { return without_gil([&] { return repr(x); }); })
      .def("__str__", [](const array& x) { return without_gil([&] { return str(x); }); })
      .def("__complex__",
           [](nb::handle x) {
             if (array_of(x).ndim() != 0) throw dtype_error("complex: only 0-d arrays are numbers");
             return array_of(x).item<std::complex<double>>();
           })
      .def("__format__", &formatted)
      .def("__copy__", [](const array& x) { return wrap(x.copy()); })
      .def("__deepcopy__", [](const array& x, nb::handle) { return wrap(x.copy()); })
      .def("__reduce__", &reduce)
      .def(
          "__array_namespace__",
          [](nb::handle, nb::handle version) {
            if (!version.is_none() && nb::cast<std::string>(version) > "2025.12") {
              throw value_error("__array_namespace__: version " + nb::cast<std::string>(version) + " is not supported");
            }
            return nb::module_::import_("tessera");
          },
          nb::kw_only(), optional("api_version"));
  c.attr("__array_priority__") = 1000;
}

void construct(array* self, nb::handle object, nb::handle type, nb::handle copy, nb::handle layout, nb::handle device) {
  const std::optional<bool> copied = copy.is_none() ? std::nullopt : std::optional(to_bool(copy, "copy"));
  new (self) array(to_array(object, {to_dtype(type), to_device(device), copied, to_order(layout)}));
}

}  // namespace

bool is_array(nb::handle x) noexcept {
  return Py_TYPE(x.ptr()) == array_type || PyType_IsSubtype(Py_TYPE(x.ptr()), array_type);
}

array& array_of(nb::handle x) noexcept {
  static array none;  // what array.__new__(array) is, whose __init__ never ran
  return nb::inst_ready(x) ? *nb::inst_ptr<array>(x) : none;
}

nb::object wrap(array x) {
  nb::object result = nb::inst_alloc(nb::handle(reinterpret_cast<PyObject*>(array_type)));
  new (nb::inst_ptr<array>(result)) array(std::move(x));
  nb::inst_mark_ready(result);
  return result;
}

nb::object wrap(const std::vector<array>& list) {
  PyObject* const result = PyTuple_New(static_cast<Py_ssize_t>(list.size()));
  if (result == nullptr) throw nb::python_error();
  const nb::object owner = nb::steal(result);
  for (std::size_t i = 0; i < list.size(); ++i) PyTuple_SET_ITEM(result, i, wrap(list[i]).release().ptr());
  return owner;
}

void bind_array(nb::module_& m) {
  nb::class_<array> c(m, "array", nb::type_slots(operator_slots), nb::is_weak_referenceable(),
                      "A multidimensional array. Indexing gives views that write through; results are new arrays.");
  c.def("__init__", &construct, nb::arg("object"), optional("dtype"), nb::kw_only(), nb::arg("copy").none() = true,
        nb::arg("order") = "K", optional("device"));
  array_type = reinterpret_cast<PyTypeObject*>(c.ptr());
  bind_attributes(c);
  bind_methods(c);
  bind_file_methods(c);
  bind_protocols(c);
  bind_buffers(c);
  bind_dlpack(m, c);
  c.attr("__module__") = "tessera";
  m.def("_from_bytes", [](const nb::bytes& elements, nb::handle extents, nb::handle type, nb::handle device) {
    return wrap(from_bytes(elements, extents, type, device));
  });
  m.def(
      "asarray",
      [](nb::handle object, nb::handle type, nb::handle device, nb::handle copy, nb::handle layout) {
        const std::optional<bool> copied = copy.is_none() ? std::nullopt : std::optional(to_bool(copy, "copy"));
        return wrap(to_array(object, {to_dtype(type), to_device(device), copied, to_order(layout)}));
      },
      nb::arg("object"), nb::kw_only(), optional("dtype"), optional("device"), optional("copy"), nb::arg("order") = "K",
      "The object's memory as an array, or a copy where it cannot be shared or dtype, device or order differ.");
}

}  // namespace tessera::python
