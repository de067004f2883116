// einsum_path: the order of an einsum's steps, what they cost and call, and its text.
#include <algorithm>
#include <cstdio>

#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "expr/node.hpp"
#include "ops/einsum_walk.hpp"

namespace tessera {

using namespace detail;

namespace {

array outline(const array& of, const shape& extents, dtype type) {
  double bytes = type.itemsize();
  for (std::int64_t e : extents) bytes *= static_cast<double>(e);
  // More than 64 bits count: the call's text will say so, strides are not needed.
  const shape strides =
      bytes < 9e18 ? contiguous_strides(extents, type.itemsize(), order::C) : shape::filled(extents.size(), 0);
  return access::view(of, access::data(of), type, extents, strides);
}

/// The operand, or what it would be if it were computed; nobody reads its elements.
array outline_of(const operand& x) {
  const node* n = access::node_of(x.recipe());
  if (n != nullptr && n->kind == node_kind::leaf) return materialize(x.recipe(), x.where());
  const array one = access::make({}, x->dtype(), order::C, device_of(x.recipe(), x.where()), x.where());
  return outline(one, x->shape(), x->dtype());
}

contraction_step step_of(const einsum_equation& e, std::span<const labelled> x, const label_list& labels,
                         const contract_options& how) {
  const label_set all = set_of(x);
  if (x.size() <= most_in_one_pass) walked_labels(e, x, labels);
  contraction_step step;
  step.equation = step_text(x, labels, e.used);
  step.labels = all.count();
  step.flops = flops_of(all, !(all - set_of(labels)).empty(), static_cast<int>(x.size()), e.extents);
  step.elements = size_of(set_of(labels), e.extents);
  step.call = call_text(x, labels, how);
  return step;
}

contraction_path naive(const einsum_equation& e) {
  contraction_path result;
  int labels = 0;  // of each operand, added up
  for (const labelled& x : e.operands) labels += set_of(x.labels).count();
  result.equation = step_text(e.all(), e.output, e.used);
  result.naive_labels = e.used.count();
  result.naive_flops = flops_of(e.used, labels > result.naive_labels, static_cast<int>(e.operands.size()), e.extents);
  return result;
}

contraction_path tell(std::string_view equation, std::span<const operand> operands, const einsum_options& options) {
  einsum_equation e("einsum_path", equation, operands.empty() ? caller() : operands[0].where());
  for (const operand& x : operands) e.operands.push_back({outline_of(x), {}});
  e.read();
  const dtype type = common_type(e);
  const path_choice path = choose_path(e, options);
  contraction_path result = naive(e);
  result.search = path.search;
  walk(e, path, e.distinct_output(), [&](std::span<const labelled> x, const label_list& labels) {
    contraction_step step = step_of(e, x, labels, {.tf32 = options.tf32, .dtype = type});
    const path_step& positions = path.steps[result.steps.size()];
    step.operands.assign(positions.begin(), positions.end());
    result.flops += step.flops;
    result.labels = std::max(result.labels, step.labels);
    result.largest = std::max(result.largest, step.elements);
    result.steps.push_back(std::move(step));
    return outline(x[0].value, e.extents_of(labels), type);
  });
  return result;
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 1e6 ? "%.0f" : "%.3e", value);
  return text;
}

void pad_to(std::string& text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
}

}  // namespace

contraction_path einsum_path_list(std::string_view equation, std::initializer_list<operand> operands,
                                  const einsum_options& options) {
  return tell(equation, {operands.begin(), operands.size()}, options);
}

contraction_path einsum_path_list(std::string_view equation, const std::vector<operand>& operands,
                                  const einsum_options& options) {
  return tell(equation, operands, options);
}

std::vector<std::vector<int>> contraction_path::path() const {
  std::vector<std::vector<int>> result;
  for (const contraction_step& step : steps) result.push_back(step.operands);
  return result;
}

std::string to_string(const contraction_path& path) {
  std::string text = path.equation + ", " + path.search + "\n";
  text += "  in one pass: " + number_text(path.naive_flops) + " operations over " + std::to_string(path.naive_labels) +
          " labels\n";
  text += "  these steps: " + number_text(path.flops) + " operations over at most " + std::to_string(path.labels) +
          " labels, at most " + number_text(path.largest) + " elements in a result\n";
  std::vector<std::vector<std::string>> rows = {{"step", "operands", "contraction", "operations", "elements", "calls"}};
  for (const contraction_step& step : path.steps) {
    std::string operands;
    for (int k : step.operands) operands += (operands.empty() ? "" : ", ") + std::to_string(k);
    rows.push_back({std::to_string(rows.size()), operands, step.equation, number_text(step.flops),
                    number_text(step.elements), step.call});
  }
  std::vector<std::size_t> widths(rows[0].size(), 0);
  for (const auto& row : rows) {
    for (std::size_t k = 0; k < row.size(); ++k) widths[k] = std::max(widths[k], row[k].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t k = 0, end = 0; k < row.size(); ++k) {
      line += "  " + row[k];
      pad_to(line, end += 2 + widths[k]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace tessera
