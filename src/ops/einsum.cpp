// einsum: one or two operands go to contract.hpp at once, more of them in the order of a path.
#include "tessera/einsum.hpp"

#include <cstdio>

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/einsum_walk.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"

namespace tessera {

using namespace detail;

namespace {

bool is_half(dtype type) { return type == float16 || type == bfloat16; }

/// The product of all on the labels of the output and the summed ones, these folded: one pass, no intermediate array.
array in_one_pass(const einsum_equation& e, std::span<const labelled> x, const label_list& output, dtype type) {
  const label_list walked = walked_labels(e, x, output);
  shape extents;
  for (label l : walked) extents.push_back(e.extents[l]);
  element_count(extents, e.name, e.where);
  expr product = astype(operand(over_labels(x[0], walked), e.where), type);
  for (const labelled& next : x.subspan(1)) {
    product = multiply(operand(product, e.where), astype(operand(over_labels(next, walked), e.where), type));
  }
  std::vector<int> summed;
  for (int axis = static_cast<int>(output.size()); axis < product.ndim(); ++axis) summed.push_back(axis);
  if (summed.empty()) return array(product, e.where);
  const axes over(summed);
  return array(
      type == bool_ ? any(operand(product, e.where), over) : sum(operand(product, e.where), over, {.dtype = type}),
      e.where);
}

array run_step(const einsum_equation& e, std::span<const labelled> x, const label_list& output,
               const contract_options& how) {
  if (is_explaining()) {
    const std::string text = "einsum: " + step_text(x, output, e.used) + " on " + x[0].value.device().name() + ": " +
                             call_text(x, output, how) + "\n";
    std::fputs(text.c_str(), stderr);
  }
  if (x.size() == 1) return contract(x[0], output, how, e.name, e.where);
  walked_labels(e, x, output);
  if (x.size() == 2) return contract(x[0], x[1], output, how, e.name, e.where);
  return in_one_pass(e, x, output, how.dtype);
}

/// More than two operands, or a path that was given. Halves stay float32 up to the end.
array run_path(einsum_equation& e, const label_list& output, const einsum_options& options) {
  const dtype type = common_type(e);
  const contract_options how = {.tf32 = options.tf32, .dtype = is_half(type) ? float32 : type};
  const array* first = &e.operands[0].value;
  for (const labelled& x : e.operands) {
    check_devices(*first, x.value, e.name, e.where);
    if (first->ndim() == 0) first = &x.value;  // it may go with any device
  }
  const array result =
      walk(e, choose_path(e, options), output,
           [&](std::span<const labelled> x, const label_list& labels) { return run_step(e, x, labels, how); });
  return is_half(type) ? array(astype(operand(result, e.where), type), e.where) : result;
}

array run_distinct(einsum_equation& e, const label_list& output, const einsum_options& options) {
  if (e.operands.size() > 2 || !options.path.empty()) return run_path(e, output, options);
  return run_step(e, {e.operands.data(), e.operands.size()}, output, {.tf32 = options.tf32, .dtype = common_type(e)});
}

/// x, whose axes are `labels`, on the diagonals of an array of zeros.
array spread(const array& x, const label_list& labels, const einsum_equation& e) {
  shape extents;
  for (label l : e.output) extents.push_back(e.extents[l]);
  element_count(extents, e.name, e.where, x.itemsize());
  const array result = zeros(extents, {.dtype = x.dtype(), .device = x.device()}, e.where);
  evaluate_into(over_labels({result, e.output}, labels), x, assign_rule::unsafe, e.name, e.where);
  return result;
}

array run(std::string_view equation, std::span<const operand> operands, const einsum_options& options) {
  einsum_equation e("einsum", equation, operands.empty() ? caller() : operands[0].where());
  for (const operand& x : operands) e.operands.push_back({materialize(x.recipe(), x.where()), {}});
  e.read();
  if (e.kept.count() == static_cast<int>(e.output.size())) return run_distinct(e, e.output, options);
  label_list once;
  e.kept.for_each([&](label l) { once.push_back(l); });
  return spread(run_distinct(e, once, options), once, e);
}

}  // namespace

array einsum_list(std::string_view equation, std::initializer_list<operand> operands, const einsum_options& options) {
  return run(equation, {operands.begin(), operands.size()}, options);
}

array einsum_list(std::string_view equation, const std::vector<operand>& operands, const einsum_options& options) {
  return run(equation, operands, options);
}

}  // namespace tessera
