// Groups: folds of consecutive pieces of an axis, and of elements that share a key.
#pragma once
#include "array.hpp"

namespace tessera {

/// Piece i of `axis` reaches from indices[i] to indices[i + 1], the last one to the end; where that is not behind it it is the
/// one element at indices[i] (as numpy.ufunc.reduceat). x's shape with as many elements along the axis as there are indices.
/// add and multiply accumulate in the dtype of sum; sums are pairwise. Logical ones give bool.
/// Throws index_error for an index out of bounds (there is no counting from the end), shape_error unless indices have one
/// axis, dtype_error unless they cast to int64 safely and for a 0-d x, axis_error.
TESSERA_API array add_reduceat(const operand& x, const operand& indices, int axis = 0);
TESSERA_API array multiply_reduceat(const operand& x, const operand& indices, int axis = 0);
TESSERA_API array maximum_reduceat(const operand& x, const operand& indices, int axis = 0);
TESSERA_API array minimum_reduceat(const operand& x, const operand& indices, int axis = 0);
TESSERA_API array logical_and_reduceat(const operand& x, const operand& indices, int axis = 0);
TESSERA_API array logical_or_reduceat(const operand& x, const operand& indices, int axis = 0);

enum class group_fold { sum, prod, min, max, mean, count, any, all };
struct group_result {
  array keys;    // (groups,) distinct, sorted; all NaN are one
  array values;  // (groups, ...)
};
/// The values whose keys are equal folded: values[i] belongs to keys[i].
///   keys (n,), values (n, ...)  ->  (groups,), (groups, ...)
/// dtypes as those of the reductions, count is int64. The elements of a group are taken in their order; sums are pairwise: the
/// same bits at any number of threads. Throws shape_error unless keys have one axis, as long as values' first.
TESSERA_API group_result group_reduce(const operand& keys, const operand& values, group_fold by);

}  // namespace tessera
