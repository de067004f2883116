// Folds of a stage as text: their states, and how results are stored.
#include "cuda/fold_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/epilogue.hpp"
#include "cuda/source.hpp"
#include "expr/fold.hpp"

namespace tessera::detail::cuda {
namespace {

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

std::string deliver_text(const stage& s, const geometry& g, int axis, const epilogue* tail) {
  std::string text = fmt::format(
      "  static TESSERA_DEVICE void deliver(const params& p, byte* const (&at)[{}], int k, const states& all) {{\n",
      g.operands.size());
  std::size_t operand = s.inputs.size();
  const auto align = [&] { return std::min(g.operands[operand].align, itemsize_of(g.operands[operand].type)); };
  const auto address = [&] {
    return fmt::format("at[{}]", operand) + (axis < 0 ? "" : fmt::format(" + k * p.stride[{}][{}]", operand, axis));
  };
  for (std::size_t i = 0; i < s.results.size(); ++i, ++operand) {
    const char* const type = type_name(g.operands[operand].type);
    text += fmt::format("    const {} f{} = convert<{}>(all.s{}.result());\n", type, i, type, i);
    text += fmt::format("    store_one<{}>({}, f{});\n", align(), address(), i);
  }
  if (tail == nullptr) return text + "  }\n";
  const stage& steps = tail->steps;
  for (std::size_t i = 0; i < steps.inputs.size(); ++i) {
    const char* const type = type_name(steps.inputs[i].type);
    if (tail->fold_result[i] >= 0) {
      text += fmt::format("    const {} r{} = f{};\n", type, i, tail->fold_result[i]);
    } else {
      text += fmt::format("    const {} r{} = load_one<{}, {}>({});\n", type, i, type, align(), address());
      ++operand;
    }
  }
  const auto value = [&](reg r) {
    const bool is_constant = r >= steps.inputs.size() && r < steps.inputs.size() + steps.constants.size();
    return is_constant ? fmt::format("p.e{}", r - steps.inputs.size()) : fmt::format("r{}", r);
  };
  for (const instruction& i : steps.instructions) {
    text += fmt::format("    const {} r{} = {};\n", type_name(steps.register_types[i.result]), i.result,
                        call_text(steps, i, value));
  }
  for (const result& r : steps.results) {
    text +=
        fmt::format("    {}store_one<{}>({}, {});\n", r.mask == no_reg ? "" : fmt::format("if ({}) ", value(r.mask)),
                    align(), address(), value(r.value));
    ++operand;
  }
  return text + "  }\n";
}

}  // namespace tessera::detail::cuda
