// text_plan: texts compared element by element, the host value that compare_texts reads.
#pragma once
#include "expr/program.hpp"

namespace tessera::detail {

/// out = left code right, by characters; the shorter text continues in zeros. Texts of one kind (both str_ or both bytes_), of any
/// widths, at any addresses and strides.
struct text_plan {
  op code = op::equal;  // equal, not_equal, less, less_equal, greater, greater_equal
  shape extents;
  strided left, right;
  strided out;  // bool
};

}  // namespace tessera::detail
