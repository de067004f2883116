// Names of fields from texts, by the rules of numpy.genfromtxt.
#pragma once
#include <string>
#include <vector>

#include "tessera/text_file.hpp"

namespace tessera::detail {

/// The names without what must not be in them, each once; `count` of them, or as many as given if below 0: fewer are filled up with
/// defaults. Throws value_error for a default format that does not number.
std::vector<std::string> valid_names(std::vector<std::string> names, std::int64_t count, const field_names& rules,
                                     const char* name, caller where);
/// The default name number i.
std::string default_name(std::int64_t i, const field_names& rules, const char* name, caller where);

}  // namespace tessera::detail
