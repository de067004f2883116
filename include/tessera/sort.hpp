// Sorting and searching along an axis.
#pragma once
#include "array.hpp"

namespace tessera {

struct sort_options {
  bool descending = false;
  bool stable = true;
};
/// Sorted copy along `axis`; NaN last. Complex numbers by real, then imaginary part.
TESSERA_API array sort(const operand& x, int axis = -1, const sort_options& options = {});
TESSERA_API array argsort(const operand& x, int axis = -1, const sort_options& options = {});
template <int = 0>
array sort(const operand& x, const sort_options& options) {
  return sort(x, -1, options);
}
template <int = 0>
array argsort(const operand& x, const sort_options& options) {
  return argsort(x, -1, options);
}

enum class side { left, right };
struct search_options {
  tessera::side side = tessera::side::left;
};
/// Where each value would be inserted to keep `sorted` (1-d, ascending) in order. int64, the shape of `values`.
TESSERA_API array searchsorted(const operand& sorted, const operand& values, const search_options& options = {});

}  // namespace tessera
