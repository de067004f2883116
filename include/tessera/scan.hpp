// Scans: prefix folds along an axis.
#pragma once
#include "array.hpp"

namespace tessera {

/// Running sum and product along `axis`, in x's shape; of the flattened array without one. dtype as sum's unless given.
/// In nan… NaN counts as 0 or 1. Throws axis_error, dtype_error for more than one axis.
TESSERA_API array cumsum(const operand& x, const axes& axis = {}, const dtype& type = {});
TESSERA_API array cumprod(const operand& x, const axes& axis = {}, const dtype& type = {});
TESSERA_API array nancumsum(const operand& x, const axes& axis = {}, const dtype& type = {});
TESSERA_API array nancumprod(const operand& x, const axes& axis = {}, const dtype& type = {});
/// The n-th difference of neighbours along `axis`, which gets n shorter; bool gives bool. Throws value_error for a negative
/// n and for 0-d arrays, axis_error.
TESSERA_API expr diff(const operand& x, int n = 1, int axis = -1);
struct diff_options {
  std::vector<expr> prepend = {}, append = {};  // none or one: a number, or an array to join along the axis
};
TESSERA_API expr diff(const operand& x, int n, int axis, const diff_options& options);
/// Differences of neighbours of the flattened array. (n - 1,)
TESSERA_API array ediff1d(const operand& x);

}  // namespace tessera
