// Functions that make arrays.
#include "bindings.hpp"

namespace tessera::python {

void bind_creation(nb::module_& m) {
  m.def(
      "zeros",
      [](nb::handle extents, nb::handle type, nb::handle device) {
        const shape s = to_shape(extents);
        const creation_options options{.dtype = to_dtype(type), .device = to_device(device)};
        return wrap(without_gil([&] { return zeros(s, options); }));
      },
      nb::arg("shape"), nb::kw_only(), nb::arg("dtype").none() = nb::none(), nb::arg("device").none() = nb::none());
}

}  // namespace tessera::python
