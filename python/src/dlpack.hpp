// What other files use of DLPack in Python.
#pragma once
#include "bindings.hpp"

namespace tessera::python {

/// Whether x has __dlpack__.
bool exports_dlpack(nb::handle x);
/// from_dlpack(x), the elements shared.
array array_from_dlpack(nb::handle x);

void bind_dlpack(nb::module_& m, nb::class_<array>& c);
/// The buffer protocol, NumPy's array interface and __array__, and CUDA's array interface.
void bind_buffers(nb::class_<array>& c);

// Slots of the buffer protocol.
int get_buffer(PyObject* self, Py_buffer* view, int flags) noexcept;

}  // namespace tessera::python
