// One contraction of two labelled arrays: what einsum, matmul and their kin are made of.
#pragma once
#include "core/inline_vector.hpp"
#include "ops/contraction_plan.hpp"
#include "tessera/array.hpp"

namespace tessera::detail {

/// A name of an axis; what the numbers are is the caller's business.
using label = int;
using label_list = inline_vector<label, 8>;

struct labelled {
  array value;
  label_list labels;  // one an axis; axes with the same label walk a diagonal and have the same extent
};

struct contract_options {
  bool conjugate_x = false;
  bool tf32 = false;
  tessera::dtype dtype = {};  // to compute in and of the result; unset: the operands' common one
};

/// The sum over all labels that are not in `output` of x * y, on `output`'s axes, which are distinct, in C order. The extents
/// of a label agree or are 1, which is repeated; a label in no operand has extent 1. Throws device_error "NAME: operands on …",
/// value_error when the result or the products are more than 64 bits count, and out_of_memory.
array contract(const labelled& x, const labelled& y, const label_list& output, const contract_options& options,
               const char* name, caller where);
/// The same of one operand: a view where nothing is summed and nothing cast.
array contract(const labelled& x, const label_list& output, const contract_options& options, const char* name,
               caller where);

/// What contract() does, for explain: "fused program", or what the backend calls its own.
std::string contract_text(const labelled& x, const labelled& y, const label_list& output,
                          const contract_options& options);

/// Throws device_error "NAME: operands on …" unless both are on one, or one is a 0-d array on the CPU.
void check_devices(const array& x, const array& y, const char* name, caller where);

/// In which dtype sums of products are made: float32 for float16 and bfloat16.
dtype summing_type(dtype type);

/// x summed over its axes from `first` on, in its own dtype; bool is any.
expr sum_behind(const expr& x, int first, caller where);

/// x over `labels`: absent ones get extent 1, repeated ones of x the sum of their strides.
array over_labels(const labelled& x, const label_list& labels);

}  // namespace tessera::detail
