// Arrays with names: what files of several arrays hold.
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "array.hpp"

namespace tessera {

/// One array of a file of several. Without a name it is called arr_0, arr_1, … by its place, where the format has such names.
struct named_array {
  named_array(std::string n, array v) : name(std::move(n)), value(std::move(v)) {}
  named_array(array v) : value(std::move(v)) {}
  named_array(const expr& v) : value(v) {}
  std::string name;
  array value;
};

namespace detail {
/// A name in brackets that remembers the line it was written on.
struct located_name {
  template <string_like S>
  located_name(const S& name, caller w = caller::current()) : text(std::string_view(name)), where(w) {}
  std::string_view text;
  caller where;
};
}  // namespace detail

}  // namespace tessera
