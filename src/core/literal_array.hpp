// Nested lists of numbers, texts and rows as arrays.
#pragma once
#include "tessera/array.hpp"

namespace tessera::detail {

/// The list as an array in C or F order, of the elements' common dtype if `type` is unset. `rows`: lists of numbers and texts
/// together are records without a name for their dtype. Throws shape_error for a ragged list, dtype_error for numbers and texts
/// together, and for a `type` given what make_constant throws, naming "array".
array array_from_literal(std::initializer_list<literal> list, dtype type, order layout, caller where,
                         bool rows = false);

/// A list of rows, of lists of rows …, or one row: each a list of one entry a field.
array array_from_rows(std::initializer_list<literal> list, dtype type, order layout, caller where);
/// The record that holds rows of numbers and texts: fields f0, f1, …
dtype dtype_of_rows(std::initializer_list<literal> list, caller where);

/// A number or a text as one element of a dtype that is no record; a number that has to fit it if `checked`.
void write_literal(std::byte* to, dtype type, const literal& entry, bool checked, caller where);
dtype dtype_of_text(std::string_view text, caller where);

}  // namespace tessera::detail
