// Einstein summation.
#pragma once
#include "array.hpp"

namespace tessera {

/// einsum of operands in a list, or of a number of them known at run time only.
TESSERA_API array einsum_list(std::string_view equation, std::initializer_list<operand> operands);
TESSERA_API array einsum_list(std::string_view equation, const std::vector<operand>& operands);
/// Sums of products over repeated labels (as numpy.einsum): einsum("ij,jk->ik", a, b). Explicit and implicit output,
/// ellipsis, repeated labels; einsum("ii->i", a) of one array is a writable view. dtypes promote, and sums keep the common
/// one (float16 and bfloat16 are summed in float32). Throws value_error for an equation that does not fit its operands,
/// shape_error naming the label and both extents.
template <std::convertible_to<operand>... X> array einsum(std::string_view equation, const X&... x) {
  return einsum_list(equation, {operand(x)...});
}

}  // namespace tessera
