// The steps of an einsum, one after the other: for running them, and for telling of them.
#pragma once
#include "ops/contraction_path.hpp"
#include "ops/einsum_equation.hpp"

namespace tessera::detail {

/// NumPy's result_type of all operands. Throws dtype_error when there is none.
dtype common_type(const einsum_equation& e);

/// The path asked for, or found. Throws value_error for one that is none.
path_choice choose_path(const einsum_equation& e, const einsum_options& options);

/// What the result of a step keeps: the labels that are needed later; those of several operands first.
label_list kept_labels(std::span<const labelled> operands, label_set needed);

/// The labels that one pass over a step's operands walks, the output's first. Throws value_error for more than an array has axes.
label_list walked_labels(const einsum_equation& e, std::span<const labelled> operands, const label_list& output);

/// "jk,kl->jl"; axes of the ellipsis get letters that are free.
std::string step_text(std::span<const labelled> operands, const label_list& output, label_set used);

/// What a step calls; nothing is computed.
std::string call_text(std::span<const labelled> operands, const label_list& output, const contract_options& how);

/// How many of some operands have each label.
class label_counts {
 public:
  void add(const label_list& labels, int by) {
    set_of(labels).for_each([&](label l) { counts_[l] += by; });
  }
  label_set present() const {
    label_set result;
    for (label l = 0; l < label_count; ++l) {
      if (counts_[l] > 0) result.add(l);
    }
    return result;
  }

 private:
  int counts_[label_count] = {};
};

/// For each step, result = step(its operands, labels of the result), which are `output` in the last. Takes e's operands.
template <class Step> array walk(einsum_equation& e, const path_choice& path, const label_list& output, Step&& step) {
  auto& left = e.operands;
  label_counts counts;
  for (const labelled& x : left) counts.add(x.labels, 1);
  for (const path_step& positions : path.steps) {
    inline_vector<labelled, 2> taken;
    for (int k : positions) {
      counts.add(left[k].labels, -1);
      taken.push_back(std::move(left[k]));
    }
    for (std::size_t k = positions.size(); k-- > 0;) left.erase(left.begin() + positions[k]);
    const std::span<const labelled> operands(taken.data(), taken.size());
    const label_list labels = left.empty() ? output : kept_labels(operands, e.kept | counts.present());
    left.push_back({step(operands, labels), labels});
    counts.add(labels, 1);
  }
  return left[0].value;
}

}  // namespace tessera::detail
