// Sets: the distinct elements of an array, sets made of two of them, and which elements belong to one.
// Results are sorted, NaN last; of equal elements (zeros of both signs) the first one stands for all.
#pragma once
#include "array.hpp"

namespace tessera {

/// Slices of `axis` count as elements, in the order of their first difference; all elements of x without one.
/// equal_nan: all NaN are one element, complex ones too; else each is its own, as it always is within a slice.
struct unique_options {
  axes axis = {};
  bool equal_nan = true;
  bool sorted = true;  // false allows another order, but does not ask for one
};
/// The same for the functions of the array API standard, whose NaN differ from each other.
struct unique_parts_options {
  axes axis = {};
  bool equal_nan = false;
};
struct unique_all_result {
  array values;
  array indices;          // where each value stands first
  array inverse_indices;  // which value each element is: x's shape, (n,) along an axis of extent n
  array counts;           // how often each occurs
};
struct unique_counts_result {
  array values, counts;
};
struct unique_inverse_result {
  array values, inverse_indices;
};
/// The distinct elements; indices are int64. Throws axis_error, value_error for more than one axis.
TESSERA_API array unique(const operand& x, const unique_options& options = {});
TESSERA_API array unique_values(const operand& x, const unique_parts_options& options = {});
TESSERA_API unique_all_result unique_all(const operand& x, const unique_parts_options& options = {});
TESSERA_API unique_counts_result unique_counts(const operand& x, const unique_parts_options& options = {});
TESSERA_API unique_inverse_result unique_inverse(const operand& x, const unique_parts_options& options = {});

/// Both arrays are flattened and promote. NaN equals nothing, but each operand has one at most.
/// assume_unique: neither has an element twice; where one has, the result is another.
struct set_options {
  bool assume_unique = false;
};
struct intersect1d_result {
  array values, x_indices, y_indices;
};
TESSERA_API array union1d(const operand& x, const operand& y);
TESSERA_API array intersect1d(const operand& x, const operand& y, const set_options& options = {});
/// With the positions at which each value stands first in the flattened operands.
TESSERA_API intersect1d_result intersect1d_indices(const operand& x, const operand& y, const set_options& options = {});
/// Elements of x that are not in y, in x's dtype; as they lie with assume_unique.
TESSERA_API array setdiff1d(const operand& x, const operand& y, const set_options& options = {});
/// Elements of one of the two only.
TESSERA_API array setxor1d(const operand& x, const operand& y, const set_options& options = {});

struct isin_options {
  bool assume_unique = false;
  bool invert = false;  // whether an element is missing instead
};
/// Which elements equal one of `test`: bool, the shape of x. NaN does not. Integers of any two dtypes compare as numbers.
TESSERA_API array isin(const operand& x, const operand& test, const isin_options& options = {});

}  // namespace tessera
