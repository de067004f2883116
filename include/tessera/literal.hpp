// What stands between braces: a number, a text or a nested list of them.
#pragma once
#include <initializer_list>

#include "scalar.hpp"

namespace tessera {

/// Never constructible from array or expr: else array b{a} is a one-element list under g++ and a copy under clang (CWG 2137).
/// The list lives to the end of the full expression.
class literal {
 public:
  enum class kind : std::uint8_t { number, text, list };
  template <scalar T> constexpr literal(T v) : kind_(kind::number), number_(v) {}
  template <string_like S> constexpr literal(const S& s) : kind_(kind::text), text_(s) {}
  constexpr literal(std::initializer_list<literal> list) : kind_(kind::list), list_(list) {}

  constexpr kind which() const noexcept { return kind_; }
  constexpr const detail::scalar_value& number() const noexcept { return number_; }
  constexpr std::string_view text() const noexcept { return text_; }
  constexpr std::initializer_list<literal> list() const noexcept { return list_; }

 private:
  kind kind_;
  union {
    detail::scalar_value number_;
    std::string_view text_;
    std::initializer_list<literal> list_;
  };
};

}  // namespace tessera
