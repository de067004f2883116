// Values of genfromtxt: what NumPy's converters make of a text, and what stands for missing ones.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tessera/scalar.hpp"
#include "tessera/text_file.hpp"

namespace tessera::detail {

/// What NumPy's converter for this dtype of numbers makes of the text; false where it raises.
bool read_value(std::string_view text, dtype type, scalar_value& value);
/// False, -1, NaN.
scalar_value default_value(dtype type);
/// Whether an integer is one of this dtype, if that is of integers.
bool fits(const scalar_value& value, dtype type);
/// What stands in a column of texts for a value that was read as `as`, or did not convert.
std::string shown(bool converts, const scalar_value& read, const std::optional<filling_value>& fill, dtype as);

}  // namespace tessera::detail
