// Einstein summation.
#pragma once
#include "array.hpp"

namespace tessera {

/// How the order is found in which more than two operands are contracted, two at a time.
///   automatic  optimal for up to 6 operands, greedy above; all at once where pairs save nothing
///   none       all at once (more than 16 operands: two at a time, from the end)
///   greedy     the pair that takes most elements away, again and again (NumPy's)
///   optimal    the fewest operations; up to 12 operands, greedy above
enum class einsum_search { automatic, none, greedy, optimal };

struct einsum_options {
  einsum_search optimize = einsum_search::automatic;
  /// Most elements of what a step makes, the result included; -1: no limit. What does not fit is contracted all at once.
  std::int64_t memory_limit = -1;
  /// Products of float32 may be rounded to TF32 first, where a device has it.
  bool tf32 = false;
  /// The order itself, as einsum_path gives it: positions in the list of what is left; a result goes to the list's end.
  std::vector<std::vector<int>> path = {};
};

/// einsum of operands in a list, or of a number of them known at run time only.
TESSERA_API array einsum_list(std::string_view equation, std::initializer_list<operand> operands,
                              const einsum_options& options = {});
TESSERA_API array einsum_list(std::string_view equation, const std::vector<operand>& operands,
                              const einsum_options& options = {});
/// Sums of products over repeated labels (as numpy.einsum): einsum("ij,jk->ik", a, b). Explicit and implicit output,
/// ellipsis, repeated labels; einsum("ii->i", a) of one array is a writable view. Beyond NumPy a label of the output may be
/// repeated: zeros off the diagonal. dtypes promote, and sums keep the common one (float16 and bfloat16 are summed in
/// float32). Throws value_error for an equation that does not fit its operands, shape_error naming the label and both extents.
template <std::convertible_to<operand>... X> array einsum(std::string_view equation, const X&... x) {
  return einsum_list(equation, {operand(x)...});
}

/// One label of an axis given by number: 0 to 51 stand for A to Z and a to z, also in messages; or `ellipsis`.
struct axis_label {
  template <integer T> constexpr axis_label(T number) : value(static_cast<std::int64_t>(number)) {}
  constexpr axis_label(ellipsis_t) : value(0), is_ellipsis(true) {}
  std::int64_t value;
  bool is_ellipsis = false;
};
using axis_labels = std::vector<axis_label>;
struct labelled_operand {
  operand value;
  axis_labels labels;
};
/// The same without letters: einsum({{a, {0, 1}}, {b, {1, 2}}}, {0, 2}). Without the last list the output is implicit.
TESSERA_API array einsum(std::initializer_list<labelled_operand> operands);
TESSERA_API array einsum(std::initializer_list<labelled_operand> operands, const axis_labels& output,
                         const einsum_options& options = {});
TESSERA_API array einsum(const std::vector<labelled_operand>& operands);
TESSERA_API array einsum(const std::vector<labelled_operand>& operands, const axis_labels& output,
                         const einsum_options& options = {});

/// One contraction of some operands, or of results of earlier ones.
struct contraction_step {
  std::vector<int> operands;  // positions in the list of what is left, ascending; the result goes to the list's end
  std::string equation;       // "jk,kl->jl"
  std::string call;           // what computes it
  int labels = 0;             // that it walks
  double flops = 0;           // as numpy.einsum_path counts them
  double elements = 0;        // of the result
};
/// How einsum goes about an equation.
struct contraction_path {
  std::string equation;  // with its output, axes of an ellipsis as letters
  std::string search;    // which found the path; why not the one asked for
  std::vector<contraction_step> steps;
  int naive_labels = 0, labels = 0;   // walked in one pass over all operands, and at most by a step
  double naive_flops = 0, flops = 0;  // of that pass, and of all steps
  double largest = 0;                 // elements of a result
  /// For einsum_options.
  TESSERA_API std::vector<std::vector<int>> path() const;
};
/// A table of the steps.
TESSERA_API std::string to_string(const contraction_path& path);
TESSERA_API contraction_path einsum_path_list(std::string_view equation, std::initializer_list<operand> operands,
                                              const einsum_options& options = {});
TESSERA_API contraction_path einsum_path_list(std::string_view equation, const std::vector<operand>& operands,
                                              const einsum_options& options = {});
/// The steps of einsum(equation, x...), what they cost and call (as numpy.einsum_path); computes nothing. Throws as einsum does.
template <std::convertible_to<operand>... X> contraction_path einsum_path(std::string_view equation, const X&... x) {
  return einsum_path_list(equation, {operand(x)...});
}

}  // namespace tessera
