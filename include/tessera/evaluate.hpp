// Running several recipes in one pass.
#pragma once
#include <tuple>

#include "array.hpp"

namespace tessera {

/// eval of recipes in a list.
TESSERA_API std::vector<array> eval_list(std::initializer_list<operand> recipes);

namespace detail {
template <std::size_t... I> auto as_tuple(std::vector<array>&& v, std::index_sequence<I...>) {
  return std::make_tuple(std::move(v[I])...);
}
}  // namespace detail

/// Runs several recipes; those of equal shape share a fused pass: auto [low, high] = eval(x - 1, x + 1).
template <std::convertible_to<operand>... X>
  requires(sizeof...(X) > 1)
auto eval(const X&... x) {
  return detail::as_tuple(eval_list({operand(x)...}), std::index_sequence_for<X...>());
}

}  // namespace tessera
