// Einstein summation.
#pragma once
#include "array.hpp"

namespace tessera {

/// How the order is found in which more than two operands are contracted, two at a time.
///   automatic  optimal for up to 6 operands, greedy above; all at once where pairs save nothing
///   none       all at once (more than 16 operands: left to right)
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

}  // namespace tessera
