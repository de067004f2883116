// Plans as text.
//
//   stage 1 of 2: extents (4, 60), folded (0,)
//     r0 = load float64, strides (480, 8)
//     r1 = 2 (float64)
//     r2 = multiply(r0, r1) in float64
//     sum(r2) -> float64, strides (0, 8)
//     reads 1920 bytes, writes 480 bytes
//
// Bytes are those of the operands, whether they come from memory or, within a row group, from cache.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/element.hpp"
#include "expr/evaluate.hpp"

namespace tessera::detail {

namespace {

constexpr const char* fold_names[] = {"store", "sum", "prod", "min",    "max",    "fmin",
                                      "fmax",  "any", "all",  "argmin", "argmax", "deviations"};

std::string register_name(reg r) {
  std::string text = std::to_string(r);
  return text.insert(0, 1, 'r');
}

/// Bytes of the distinct elements that an operand walks.
std::int64_t bytes_walked(const stage& s, const strided& operand) {
  std::int64_t bytes = operand.type.itemsize();
  for (int axis = 0; axis < s.extents.size(); ++axis) {
    if (operand.strides[axis] != 0) bytes *= s.extents[axis];
  }
  return bytes;
}

std::string axes_text(const stage& s) {
  std::string text = "extents " + to_string(s.extents);
  shape folded;
  for (int axis = 0; axis < s.extents.size(); ++axis) {
    if (s.folded[axis]) folded.push_back(axis);
  }
  if (!folded.empty()) text += ", folded " + to_string(folded);
  return s.row_axis < 0 ? text : text + ", rows along " + std::to_string(s.row_axis);
}

std::string operand_text(const strided& operand) {
  return std::string(operand.temporary < 0 ? "" : "temporary ") + operand.type.name() + ", strides " +
         to_string(operand.strides);
}

std::string instruction_text(const instruction& i) {
  std::string text = register_name(i.result) + " = " + info(i.code).name + "(";
  for (int k = 0; k < info(i.code).arity; ++k) text += (k == 0 ? "" : ", ") + register_name(i.source[k]);
  return text + ") in " + i.loop.name();
}

std::string result_text(const result& r) {
  std::string text =
      std::string(fold_names[static_cast<int>(r.by)]) + "(" + register_name(r.value) + ") -> " + operand_text(r.target);
  return r.mask == no_reg ? text : text + ", where " + register_name(r.mask);
}

std::string stage_text(const stage& s) {
  std::string text = axes_text(s) + "\n";
  std::int64_t reads = 0, writes = 0;
  reg next = 0;
  for (const strided& input : s.inputs) {
    text += "  " + register_name(next++) + " = load " + operand_text(input) + "\n";
    reads += bytes_walked(s, input);
  }
  for (const constant& c : s.constants) {
    text +=
        "  " + register_name(next++) + " = " + to_string(read_element(c.bytes, c.type)) + " (" + c.type.name() + ")\n";
  }
  for (const instruction& i : s.instructions) text += "  " + instruction_text(i) + "\n";
  for (const result& r : s.results) {
    text += "  " + result_text(r) + "\n";
    writes += bytes_walked(s, r.target);
  }
  return text + "  reads " + std::to_string(reads) + " bytes, writes " + std::to_string(writes) + " bytes\n";
}

}  // namespace

std::string to_string(const program& plan) {
  std::string text;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const std::size_t together = group_at(plan.stages, i).size();
    if (!plan.stages[i].joins && together > 1) {
      text += "stages " + std::to_string(i + 1) + " to " + std::to_string(i + together) +
              " run together on a range of rows at a time\n";
    }
    text += "stage " + std::to_string(i + 1) + " of " + std::to_string(plan.stages.size()) + ": " +
            stage_text(plan.stages[i]);
  }
  return text.empty() ? "nothing to run\n" : text;
}

bool is_explaining() noexcept {
  static const bool asked = [] {
    const char* value = std::getenv("TESSERA_EXPLAIN");
    return value != nullptr && std::string_view(value) == "1";
  }();
  return asked;
}

void explain_run(const program& steps) {
  // One call a program: the lines of two threads do not mix.
  std::fputs(to_string(steps).c_str(), stderr);
}

}  // namespace tessera::detail

namespace tessera {

std::string explain(const operand& x) { return detail::to_string(detail::plan(x.recipe(), nullptr, x.where())); }

}  // namespace tessera
