// NumPy's descriptions of dtypes: "<f8", lists of fields, dictionaries. What dtype takes as text and .npy files have in their
// headers.
#pragma once
#include "core/python_literal.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail {

/// Whether "<V2" is what ml_dtypes calls its bfloat16, as in files.
enum class descr_of : bool { text, file };
/// The dtype behind a string, list or dictionary. Throws literal_error: where it is none, and for what NumPy has and this library
/// lacks.
dtype read_descr(literal_reader& in, descr_of what);
/// "3i4, (2,3)f8": fields f0, f1, …
dtype read_comma_descr(literal_reader& in);
/// A code or a name, in which case the message says what the code means.
dtype dtype_of_code(std::string_view code, descr_of what);

/// numpy.dtype.descr as Python writes it: what stands in the header of a .npy file. Throws value_error "NAME: …" for fields that
/// overlap or are not in order.
std::string write_descr(dtype type, const char* name, caller where);

}  // namespace tessera::detail
