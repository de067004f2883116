// einsum: one or two operands go to contract.hpp at once, more of them in the order of a path.
#include "tessera/einsum.hpp"

#include <cstdio>

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/einsum_walk.hpp"
#include "ops/numbers_only.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"

namespace tessera {

using namespace detail;

namespace {

/// The product of all on the labels of the output and the summed ones, these folded: one pass, no intermediate array.
array in_one_pass(const einsum_equation& e, std::span<const labelled> x, const label_list& output, dtype type) {
  const label_list walked = walked_labels(e, x, output);
  element_count(e.extents_of(walked), e.name, e.where);
  expr product = astype(operand(over_labels(x[0], walked), e.where), type);
  for (const labelled& next : x.subspan(1)) {
    product = multiply(operand(product, e.where), astype(operand(over_labels(next, walked), e.where), type));
  }
  return array(sum_behind(product, static_cast<int>(output.size()), e.where), e.where);
}

/// More operands than one pass takes.
array two_at_a_time(const einsum_equation& e, std::span<const labelled> x, const label_list& output,
                    const contract_options& how) {
  labelled last = x.back();
  for (std::size_t k = x.size() - 1; k-- > 0;) {
    const label_set needed = set_of(output) | set_of(x.first(k));
    const labelled pair[] = {x[k], last};
    const label_list labels = k == 0 ? output : kept_labels(pair, needed);
    walked_labels(e, pair, labels);
    last = {contract(pair[0], pair[1], labels, how, e.name, e.where), labels};
  }
  return last.value;
}

array run_step(const einsum_equation& e, std::span<const labelled> x, const label_list& output,
               const contract_options& how) {
  if (is_explaining()) {
    const std::string text = "einsum: " + step_text(x, output, e.used) + " on " + x[0].value.device().name() + ": " +
                             call_text(x, output, how) + "\n";
    std::fputs(text.c_str(), stderr);
  }
  if (x.size() == 1) return contract(x[0], output, how, e.name, e.where);
  if (x.size() == 2) {
    if (x[0].labels.size() + x[1].labels.size() > max_ndim) walked_labels(e, x, output);
    return contract(x[0], x[1], output, how, e.name, e.where);
  }
  if (x.size() > most_in_one_pass) return two_at_a_time(e, x, output, how);
  return in_one_pass(e, x, output, how.dtype);
}

/// More than two operands, or a path that was given. Halves stay float32 up to the end.
array run_path(einsum_equation& e, const label_list& output, const einsum_options& options) {
  const dtype type = common_type(e);
  // Of one operand the steps may be views.
  const dtype working = e.operands.size() > 1 ? summing_type(type) : type;
  const contract_options how = {.tf32 = options.tf32, .dtype = working};
  const array* first = &e.operands[0].value;
  for (const labelled& x : e.operands) {
    check_devices(*first, x.value, e.name, e.where);
    if (first->ndim() == 0) first = &x.value;  // it may go with any device
  }
  const array result =
      walk(e, choose_path(e, options), output,
           [&](std::span<const labelled> x, const label_list& labels) { return run_step(e, x, labels, how); });
  return working == type ? result : array(astype(operand(result, e.where), type), e.where);
}

array run_distinct(einsum_equation& e, const label_list& output, const einsum_options& options) {
  if (e.operands.size() > 2 || !options.path.empty()) return run_path(e, output, options);
  return run_step(e, e.all(), output, {.tf32 = options.tf32, .dtype = common_type(e)});
}

/// x, whose axes are `labels`, on the diagonals of an array of zeros.
array spread(const array& x, const label_list& labels, const einsum_equation& e) {
  const shape extents = e.extents_of(e.output);
  element_count(extents, e.name, e.where, x.itemsize());
  const array result = zeros(extents, {.dtype = x.dtype(), .device = x.device()}, e.where);
  evaluate_into(over_labels({result, e.output}, labels), x, assign_rule::unsafe, e.name, e.where);
  return result;
}

array run(std::string_view equation, std::span<const operand> operands, const einsum_options& options) {
  einsum_equation e("einsum", equation, operands.empty() ? caller() : operands[0].where());
  for (const operand& x : operands) {
    check_numbers({x->dtype()}, "einsum", x.where());
    e.operands.push_back({materialize(x.recipe(), x.where()), {}});
  }
  e.read();
  const label_list output = e.distinct_output();
  const array result = run_distinct(e, output, options);
  return output.size() == e.output.size() ? result : spread(result, output, e);
}

/// The equation of lists of numbers, which become letters.
class numbered {
 public:
  template <class List> explicit numbered(const List& operands) {
    for (const labelled_operand& x : operands) {
      if (!operands_.empty()) text_ += ',';
      operands_.push_back(x.value);
      add(x.labels, "operand " + std::to_string(operands_.size() - 1));
    }
  }
  template <class List> numbered(const List& operands, const axis_labels& output) : numbered(operands) {
    text_ += "->";
    add(output, "the output");
  }
  array run(const einsum_options& options) const { return einsum_list(text_, operands_, options); }

 private:
  void add(const axis_labels& labels, const std::string& side) {
    for (const axis_label& l : labels) {
      if (!l.is_ellipsis && (l.value < 0 || l.value >= letter_count)) {
        throw value_error("einsum: label " + std::to_string(l.value) + " of " + side + " is not in 0 to " +
                              std::to_string(letter_count - 1),
                          operands_.empty() ? caller() : operands_[0].where());
      }
      if (l.is_ellipsis) text_ += "...";
      else text_ += letter_of(max_ndim + static_cast<label>(l.value));
    }
  }

  std::string text_;
  std::vector<operand> operands_;
};

}  // namespace

array einsum_list(std::string_view equation, std::initializer_list<operand> operands, const einsum_options& options) {
  return run(equation, {operands.begin(), operands.size()}, options);
}

array einsum_list(std::string_view equation, const std::vector<operand>& operands, const einsum_options& options) {
  return run(equation, operands, options);
}

array einsum(std::initializer_list<labelled_operand> operands) { return numbered(operands).run({}); }
array einsum(std::initializer_list<labelled_operand> operands, const axis_labels& output,
             const einsum_options& options) {
  return numbered(operands, output).run(options);
}
array einsum(const std::vector<labelled_operand>& operands) { return numbered(operands).run({}); }
array einsum(const std::vector<labelled_operand>& operands, const axis_labels& output, const einsum_options& options) {
  return numbered(operands, output).run(options);
}

}  // namespace tessera
