// The slots of tessera.array: operators, comparison, indexing, numbers, buffer.
#pragma once
#include "bindings.hpp"

namespace tessera::python {

// ---- indexing.cpp
PyObject* get_item(PyObject* self, PyObject* index) noexcept;
int set_item(PyObject* self, PyObject* index, PyObject* value) noexcept;
/// What stands between the brackets of x[index].
std::vector<any_index> to_indices(nb::handle index);

// ---- operators.cpp
extern const PyType_Slot operator_slots[];

}  // namespace tessera::python
