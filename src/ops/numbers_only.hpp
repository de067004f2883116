// Functions that only numbers have.
#pragma once
#include <initializer_list>
#include <string>

#include "tessera/dtype.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {

/// Throws dtype_error "NAME: not supported for dtype <U3" for the first that is no number.
inline void check_numbers(std::initializer_list<dtype> types, const char* name, caller where) {
  for (const dtype type : types) {
    if (!type.is_number()) throw dtype_error(std::string(name) + ": not supported for dtype " + type.name(), where);
  }
}

}  // namespace tessera::detail
