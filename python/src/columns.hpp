// Lists of what is no number: texts, times and rows of records, read as NumPy reads them.
#pragma once
#include "convert.hpp"

namespace tessera::python {

using entries = std::vector<nb::object>;

/// One element for each entry, on the host. Texts and times without a size or unit get the one they need.
array column_of(const entries& list, const dtype& type);

/// Numbers of a flat list as a vector; lists.cpp.
array numbers_of(nb::handle list, const dtype& type);

}  // namespace tessera::python
