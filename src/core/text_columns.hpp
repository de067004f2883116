// Fields of a text as elements: which reader each column of a dtype has, and where its values lie in a row.
#pragma once
#include <cstddef>
#include <vector>

#include "tessera/dtype.hpp"

namespace tessera::detail {

struct text_column {
  dtype type;
  std::int64_t offset;  // bytes from the row's beginning
  /// Writes what [first, last), valid UTF-8, says as an element of `type`; false where it says none.
  bool (*read)(const char* first, const char* last, std::byte* to, dtype type);
};

/// The columns that an element consists of: one of numbers and texts, of records one or several a field. Throws dtype_error "NAME: …"
/// for what is not read from text.
std::vector<text_column> text_columns(dtype type, const char* name, caller where);

/// A text without a width gets this one, at least one character; other dtypes stay.
dtype with_width(dtype type, std::int64_t points);

}  // namespace tessera::detail
