// element_format: how the elements of one array are written so that they line up, NumPy's column rules.
#pragma once
#include <memory>
#include <vector>

#include "tessera/printing.hpp"

namespace tessera::detail {

class element_format {
 public:
  virtual ~element_format() = default;
  /// The text of the element of the measured dtype at `element` (any alignment).
  virtual std::string operator()(const std::byte* element) const = 0;
};

/// The elements whose widths count, and how they are written.
struct measured {
  std::vector<const std::byte*> elements;
  bool zero_d = false;         // they are a 0-d array's only one
  bool scalar_floats = false;  // floating-point numbers as str() of a scalar, as in a record that is one
};
/// The format that suits all of them.
std::unique_ptr<element_format> make_element_format(dtype type, const measured& all, const print_options& options);

/// Characters of UTF-8 text, as Python counts them.
int text_width(std::string_view text) noexcept;

/// The element as str() of a NumPy scalar writes it: numbers whatever the options; bytes as they are, without b'…'.
std::string scalar_text(dtype type, const std::byte* element, const print_options& options = get_printoptions());

}  // namespace tessera::detail
