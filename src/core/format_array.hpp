// Arrays as nested brackets: which elements are shown, where lines break.
#pragma once
#include "tessera/printing.hpp"

namespace tessera::detail {

/// What stands around and between the elements.
struct array_frame {
  std::string separator;  // " " or ", "
  int prefix_width = 0;   // characters before the first bracket, which later lines leave blank
  int suffix_width = 0;   // characters after the last bracket that must fit on its line
};

/// As numpy.array2string.
std::string format_array(const array& x, const print_options& options, const array_frame& frame);

}  // namespace tessera::detail
