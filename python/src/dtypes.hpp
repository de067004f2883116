// What other files use of dtypes as Python objects.
#pragma once
#include "convert.hpp"

namespace tessera::python {

/// The type of a field: an element's, or a sub-array of them.
struct field_type {
  dtype element;
  shape extents;
};
/// What NumPy takes as a dtype, sub-arrays too: ("f8", (2, 3)). None: unset.
field_type to_field_type(nb::handle x, bool align = false);

/// NumPy's dtype for ours.
nb::object numpy_dtype(const dtype& type);
/// As numpy.dtype.descr. Throws value_error where fields overlap or stand in another order.
nb::list descr_of(const dtype& type);
/// The record that such a list describes: raw bytes without a name lie between fields.
dtype record_of_descr(nb::handle descr);
/// The field of a record, by its name or position. Throws nb::key_error, index_error.
const field& field_of(const dtype& type, nb::handle key);

void bind_dtype(nb::module_& m);

}  // namespace tessera::python
