// {fmt} formatters: fmt::print("{}", x) writes arrays, recipes, shapes, dtypes and flags as print() does. Include it where {fmt} is used.
#pragma once
#include <fmt/format.h>

#include "printing.hpp"

namespace tessera::detail {

/// Formats a T as its text; the specification is that of strings: {:>40}.
template <class T> struct text_formatter : fmt::formatter<fmt::string_view> {
  template <class Context> auto format(const T& x, Context& context) const {
    return fmt::formatter<fmt::string_view>::format(printable(x).text(), context);
  }
};

}  // namespace tessera::detail

// Each for exactly one type: fmt/ranges.h has a partial specialisation for whatever can be iterated.
template <> struct fmt::formatter<tessera::array> : tessera::detail::text_formatter<tessera::array> {};
template <> struct fmt::formatter<tessera::expr> : tessera::detail::text_formatter<tessera::expr> {};
template <> struct fmt::formatter<tessera::selection> : tessera::detail::text_formatter<tessera::expr> {};
template <> struct fmt::formatter<tessera::shape> : tessera::detail::text_formatter<tessera::shape> {};
template <> struct fmt::formatter<tessera::dtype> : tessera::detail::text_formatter<tessera::dtype> {};
template <> struct fmt::formatter<tessera::flags_t> : tessera::detail::text_formatter<tessera::flags_t> {};
