// What other files use of DLPack in Python.
#pragma once
#include "bindings.hpp"

namespace tessera::python {

/// A stream of the runtime as DLPack numbers it; null is the legacy default stream.
inline std::intptr_t stream_number(void* stream) { return stream ? reinterpret_cast<std::intptr_t>(stream) : 1; }

/// DLPack's device as one that arrays are made on; dlpack_error "NAME: …" for others.
device device_of(std::int64_t type, std::int64_t index, const char* name);

/// Whether DLPack's kind of memory is one of a GPU: CUDA's own or managed.
bool is_of_gpu(std::int64_t type) noexcept;

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
