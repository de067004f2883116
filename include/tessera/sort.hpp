// Sorting, selecting and searching along an axis. An axis that is not there is an axis_error; axes{} stands for NumPy's None:
// the flattened array. Everywhere NaN counts as greatest; complex numbers go by real, then imaginary part.
#pragma once
#include "array.hpp"

namespace tessera {

struct sort_options {
  names order = {};  // of records: the fields that compare first; the others follow in their order
  bool descending = false;
  bool stable = true;  // false allows another order of equal elements, but does not ask for one
};
/// One axis, or axes{} for none: no list, so that sort(x, {.order = {"a", "b"}}) can mean the options only.
struct sort_axis {
  sort_axis() = default;
  template <integer T> sort_axis(T axis) : list(axis) {}
  sort_axis(const axes& axis) : list(axis) {}
  axes list;
};
/// Sorted copy along `axis`, in x's shape and dtype; NaN last, descending first.
TESSERA_API array sort(const operand& x, const sort_axis& axis = -1, const sort_options& options = {});
/// The positions along `axis` that sort x. int64, x's shape.
TESSERA_API array argsort(const operand& x, const sort_axis& axis = -1, const sort_options& options = {});
template <int = 0> array sort(const operand& x, const sort_options& options) { return sort(x, -1, options); }
template <int = 0> array argsort(const operand& x, const sort_options& options) { return argsort(x, -1, options); }

/// Places along an axis, one or a list; negative ones count from the end.
struct places {
  template <integer T> places(T one) : list{static_cast<std::int64_t>(one)} {}
  places(std::initializer_list<std::int64_t> all) : list(all) {}
  places(std::vector<std::int64_t> all) : list(std::move(all)) {}
  std::vector<std::int64_t> list;
};
/// A copy in which the elements at the places `kth` are those of the sorted array, what is before each of them is not
/// greater and what is behind it not less, in any order. Throws value_error for places that x does not have, unless x is empty.
TESSERA_API array partition(const operand& x, const places& kth, const axes& axis = -1);
/// The positions along `axis` that partition x. int64, x's shape.
TESSERA_API array argpartition(const operand& x, const places& kth, const axes& axis = -1);

struct topk_options {
  bool largest = true;  // false: the smallest
  bool sorted = true;   // false allows another order, but does not ask for one
};
struct topk_result {
  array values, indices;  // x's dtype; int64
};
/// The k largest elements along `axis` in descending order (the smallest: in ascending order) and their positions; of equal
/// elements those that come first, in their order. x's shape with k along the axis (as torch.topk). Throws value_error unless
/// 0 <= k <= the extent.
TESSERA_API topk_result topk(const operand& x, std::int64_t k, const axes& axis = -1, const topk_options& options = {});

/// The positions along `axis` that sort by several keys of one shape: by the last one, where it is equal by the one before
/// it, and so on; stable. Keys as rows of an array: lexsort(unstack(rows)). int64, their shape. Throws value_error without
/// keys, shape_error unless their shapes agree.
TESSERA_API array lexsort(const expr_list& keys, int axis = -1, caller where = caller::current());

enum class side { left, right };
struct search_options {
  tessera::side side = tessera::side::left;
  std::vector<expr> sorter = {};  // none, or one: the integer positions that put `sorted` in order
};
/// Where each value would be inserted to keep `sorted` (1-d, ascending, NaN last) in order: before equal elements, or after
/// them with side::right. int64, the shape of `values`; both promote to a common dtype. In arrays that are not in order some
/// place between 0 and their size. Throws value_error unless `sorted` is 1-d and for a sorter of another size or with a
/// position out of bounds, dtype_error for a sorter of no integers.
TESSERA_API array searchsorted(const operand& sorted, const operand& values, const search_options& options = {});

}  // namespace tessera
