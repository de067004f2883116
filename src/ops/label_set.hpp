// A set of einsum's labels: letters, and axes of the ellipsis.
#pragma once
#include <bit>
#include <cstdint>
#include <span>

#include "ops/contract.hpp"

namespace tessera::detail {

/// Labels are numbers in the order of NumPy's implicit output: the axes of the ellipsis, the last one last, then A to Z and
/// a to z.
inline constexpr int letter_count = 52, label_count = max_ndim + letter_count;
constexpr label ellipsis_axis(int from_the_end) { return max_ndim - from_the_end; }
constexpr bool is_letter(label l) { return l >= max_ndim; }
constexpr char letter_of(label l) {
  const int k = l - max_ndim;
  return static_cast<char>(k < 26 ? 'A' + k : 'a' + k - 26);
}

class label_set {
 public:
  constexpr label_set() noexcept = default;
  constexpr bool has(label l) const noexcept { return word(l) >> (l & 63) & 1; }
  constexpr void add(label l) noexcept { word(l) |= std::uint64_t{1} << (l & 63); }
  constexpr bool empty() const noexcept { return (first_ | second_) == 0; }
  constexpr int count() const noexcept { return std::popcount(first_) + std::popcount(second_); }

  friend constexpr label_set operator|(label_set a, label_set b) noexcept {
    return {a.first_ | b.first_, a.second_ | b.second_};
  }
  friend constexpr label_set operator&(label_set a, label_set b) noexcept {
    return {a.first_ & b.first_, a.second_ & b.second_};
  }
  /// Those of a that are not in b.
  friend constexpr label_set operator-(label_set a, label_set b) noexcept {
    return {a.first_ & ~b.first_, a.second_ & ~b.second_};
  }
  friend constexpr bool operator==(label_set a, label_set b) noexcept = default;

  /// In ascending order.
  template <class F> constexpr void for_each(F&& f) const {
    for (std::uint64_t rest = first_; rest != 0; rest &= rest - 1) f(std::countr_zero(rest));
    for (std::uint64_t rest = second_; rest != 0; rest &= rest - 1) f(64 + std::countr_zero(rest));
  }

 private:
  constexpr label_set(std::uint64_t first, std::uint64_t second) noexcept : first_(first), second_(second) {}
  constexpr std::uint64_t& word(label l) noexcept { return l < 64 ? first_ : second_; }
  constexpr const std::uint64_t& word(label l) const noexcept { return l < 64 ? first_ : second_; }

  std::uint64_t first_ = 0, second_ = 0;
};
static_assert(label_count <= 128);

inline label_set set_of(const label_list& labels) {
  label_set all;
  for (label l : labels) all.add(l);
  return all;
}
inline label_set set_of(std::span<const labelled> operands) {
  label_set all;
  for (const labelled& x : operands) all = all | set_of(x.labels);
  return all;
}

}  // namespace tessera::detail
