// Nested lists of numbers as arrays.
#pragma once
#include "tessera/array.hpp"

namespace tessera::detail {

/// The list as an array in C or F order, of the elements' common dtype if `type` is unset. Throws shape_error for a ragged
/// list, dtype_error for text, and for a `type` given what make_constant throws, naming "array".
array array_from_literal(std::initializer_list<literal> list, dtype type, order layout, caller where);

}  // namespace tessera::detail
