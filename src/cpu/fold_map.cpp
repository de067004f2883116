// Recognises maps of folds.
#include "cpu/fold_map.hpp"

namespace tessera::detail::cpu {
namespace {

bool is_input(const stage& s, reg r) { return r < s.inputs.size(); }

/// Operands of an instruction that squares: the one that is squared, or none.
reg squared_by(const instruction& i) {
  const bool squares = i.code == op::square || (i.code == op::multiply && i.source[0] == i.source[1]);
  return squares ? i.source[0] : no_reg;
}

mapped_inputs of_one(const stage& s, const instruction& i) {
  const reg a = i.source[0], b = i.source[1];
  if (!is_input(s, a)) return {};
  if (squared_by(i) == a) return {fold_map::square, a, a};
  if (i.code == op::abs || i.code == op::fabs) return {fold_map::magnitude, a, a};
  if (i.code == op::multiply && is_input(s, b)) return {fold_map::product, a, b};
  return {};
}

mapped_inputs of_two(const stage& s, const instruction& first, const instruction& second) {
  if (first.code != op::subtract || second.source[0] != first.result) return {};
  if (!is_input(s, first.source[0]) || !is_input(s, first.source[1])) return {};
  if (squared_by(second) == first.result) return {fold_map::difference_squared, first.source[0], first.source[1]};
  const bool has_exp = find_mapped_sum(fold_map::exp_difference, second.loop) != nullptr;
  if (second.code != op::exp || !has_exp || first.source[0] == first.source[1]) return {};
  return {fold_map::exp_difference, first.source[0], first.source[1]};
}

}  // namespace

mapped_inputs find_fold_map(const stage& s, const result& r) {
  if (is_input(s, r.value)) return {fold_map::none, r.value, r.value};
  const std::size_t count = s.instructions.size();
  if (r.by != fold::sum || s.results.size() != 1 || count == 0 || s.instructions[count - 1].result != r.value)
    return {};
  for (const instruction& i : s.instructions) {
    if (i.code == op::cast || (i.loop != float32 && i.loop != float64)) return {};
  }
  if (count == 1) return of_one(s, s.instructions[0]);
  return count == 2 ? of_two(s, s.instructions[0], s.instructions[1]) : mapped_inputs{};
}

}  // namespace tessera::detail::cpu
