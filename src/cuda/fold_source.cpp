// Folds of a stage as text: their states, and how results are stored.
#include "cuda/fold_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/source.hpp"
#include "expr/fold.hpp"

namespace tessera::detail::cuda {
namespace {

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

const char* fold_type(fold by) {
  switch (by) {
    case fold::sum: return "sum_of";
    case fold::prod: return "prod_of";
    case fold::min: return "min_of";
    case fold::max: return "max_of";
    case fold::fmin: return "fmin_of";
    case fold::fmax: return "fmax_of";
    case fold::any: return "any_of";
    case fold::all: return "all_of";
    case fold::argmin: return "argmin_of";
    case fold::argmax: return "argmax_of";
    default: return "deviations_of";
  }
}

bool is_position(fold by) { return by == fold::argmin || by == fold::argmax; }

/// Size and alignment of a fold's state, as the device compiler lays it out.
struct state_layout {
  std::int64_t size, align;
};
state_layout state_of(fold by, dtype value) {
  if (by == deviations_fold) return {32, 8};
  if (by == fold::any || by == fold::all) return {1, 1};
  const bool half = value == float16 || value == bfloat16;
  const std::int64_t size = half ? 4 : itemsize_of(value);
  if (is_position(by)) return {divide_up(size, 8) * 8 + 8, 8};
  return {size, value.kind() == 'c' ? size / 2 : size};
}

/// Whether any order of joining gives the same bits: such folds need no leaves.
bool is_exact(fold by, dtype value) {
  const bool adds = by == fold::sum || by == fold::prod || by == deviations_fold;
  return !adds || value.kind() == 'i' || value.kind() == 'u' || value.kind() == 'b';
}

std::string members(const stage& s, const char* kind, bool leaf, bool has_leaves) {
  std::string fields, clear, join;
  for (std::size_t i = 0; i < s.results.size(); ++i) {
    const result& r = s.results[i];
    fields += fmt::format("    {}<{}>{} s{};\n", fold_type(r.by), type_name(s.register_types[r.value]),
                          leaf ? "::leaf" : "", i);
    clear += fmt::format(" s{}.clear();", i);
    join += fmt::format(" s{}.join(other.s{});", i, i);
  }
  std::string text = fmt::format("  struct {} {{\n{}    TESSERA_DEVICE void clear() {{{} }}\n", kind, fields, clear);
  if (!leaf) {
    text += fmt::format("    TESSERA_DEVICE void join(const states& other) {{{} }}\n", join);
    if (has_leaves) text += fmt::format("    TESSERA_DEVICE void join(const leaves& other) {{{} }}\n", join);
  }
  return text + "  };\n";
}

}  // namespace

std::int64_t state_bytes(const stage& s) {
  std::int64_t at = 0, most = 1;
  for (const result& r : s.results) {
    const state_layout x = state_of(r.by, s.register_types[r.value]);
    at = divide_up(at, x.align) * x.align + x.size;
    most = std::max(most, x.align);
  }
  return divide_up(at, most) * most;
}

int fold_weight(const stage& s) {
  int weight = weight_of(s);
  for (const result& r : s.results) {
    const bool complex_product = r.by == fold::prod && s.register_types[r.value].kind() == 'c';
    weight += is_position(r.by) || r.by == deviations_fold ? 14 : complex_product ? 12 : 2;
  }
  return weight;
}

std::string states_text(const stage& s) {
  const bool exact = std::all_of(s.results.begin(), s.results.end(),
                                 [&](const result& r) { return is_exact(r.by, s.register_types[r.value]); });
  if (exact) return members(s, "states", false, false) + "  using leaves = states;\n";
  return members(s, "leaves", true, true) + members(s, "states", false, true);
}

std::string deliver_text(const stage& s, const geometry& g, int axis) {
  std::string text = fmt::format(
      "  static TESSERA_DEVICE void deliver(const params& p, byte* const (&at)[{}], int k, const states& all) {{\n",
      g.operands.size());
  for (std::size_t i = 0; i < s.results.size(); ++i) {
    const std::size_t operand = s.inputs.size() + i;
    const operand_view& x = g.operands[operand];
    const std::string step = axis < 0 ? "" : fmt::format(" + k * p.stride[{}][{}]", operand, axis);
    text += fmt::format("    store_one<{}>(at[{}]{}, convert<{}>(all.s{}.result()));\n",
                        std::min(x.align, itemsize_of(x.type)), operand, step, type_name(x.type), i);
  }
  return text + "  }\n";
}

}  // namespace tessera::detail::cuda
