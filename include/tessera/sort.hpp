// Sorting and searching along an axis.
#pragma once
#include "array.hpp"

namespace tessera {

struct sort_options {
  bool descending = false;
  bool stable = true;  // false allows another order of equal elements, but does not ask for one
};
/// Sorted copy along `axis`, in x's shape and dtype; NaN last. Complex numbers by real, then imaginary part.
/// Throws axis_error.
TESSERA_API array sort(const operand& x, int axis = -1, const sort_options& options = {});
/// The positions along `axis` that sort x. int64, x's shape.
TESSERA_API array argsort(const operand& x, int axis = -1, const sort_options& options = {});
template <int = 0> array sort(const operand& x, const sort_options& options) { return sort(x, -1, options); }
template <int = 0> array argsort(const operand& x, const sort_options& options) { return argsort(x, -1, options); }

enum class side { left, right };
struct search_options {
  tessera::side side = tessera::side::left;
};
/// Where each value would be inserted to keep `sorted` (1-d, ascending, NaN last) in order: before equal elements, or after
/// them with side::right. int64, the shape of `values`; both promote to a common dtype. Throws value_error unless 1-d.
TESSERA_API array searchsorted(const operand& sorted, const operand& values, const search_options& options = {});

}  // namespace tessera
