// Sets made of two arrays: sorts of both together whose neighbours tell what they share; membership by search.
#include "backend.hpp"
#include "core/access.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/marks.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "ops/convert.hpp"
#include "ops/sets_parts.hpp"
#include "ops/sort_keys.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/joining.hpp"
#include "tessera/reduce.hpp"
#include "tessera/select.hpp"
#include "tessera/sets.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// Both operands computed, flattened, on one device. What is no number is worked with as numbers, and elements() gives back
/// what results stand for.
struct two_vectors {
  two_vectors(const operand& a, const operand& b, const char* name) : where(a.where()) {
    x = materialize(a.recipe(), where);
    y = materialize_on(b, x.device(), where);
    if (x.device() != y.device()) throw_devices(x.device(), y.device(), name, where);
    x = ravel(x, order::C, where);
    y = ravel(y, order::C, where);
    if (x.dtype().is_number() && y.dtype().is_number()) return;
    const dtype type = result_type(x.dtype(), y.dtype());
    ranked both = rank(convert(x, type, name, where), convert(y, type, name, where), false, where);
    x = std::move(both.x);
    y = std::move(both.y);
    distinct = std::move(both.distinct);
    are_ranks = true;
  }
  operand as_operand(const array& a) const { return operand(a, where); }
  void make_unique() {
    x = unique(as_operand(x));
    y = unique(as_operand(y));
  }
  array joined() const { return concatenate({x, y}, 0, where); }
  array sorted() const { return sort(as_operand(joined())); }
  array elements(array result) const { return are_ranks ? elements_at(distinct, result, where) : std::move(result); }

  caller where;
  array x, y, distinct;
  bool are_ranks = false;
};

array first_part(const array& a, caller where) { return slice_along(a, 0, slice(-1), where); }
array last_part(const array& a, caller where) { return slice_along(a, 0, slice(1, none), where); }

/// Whether each element of a sorted vector equals the next one.
expr pairs_in(const array& sorted, caller where) {
  return equal(operand(last_part(sorted, where), where), operand(first_part(sorted, where), where));
}

/// Whether each element equals one of a vector of the same dtype that has elements: where a search says it would stand.
array found_in(const array& x, const array& test, bool invert, caller where) {
  const array sorted = sort(operand(test, where));
  const array places = searchsorted(operand(sorted, where), operand(x, where));
  evaluate_in_place(op::minimum, places, operand(sorted.size() - 1, where));
  const operand there(take_slices(sorted, places, 0, where), where);
  return array(invert ? not_equal(operand(x, where), there) : equal(operand(x, where), there), where);
}

array is_member(const array& x, array test, bool invert, caller where) {
  const dtype type = result_type(x.dtype(), test.dtype());
  if (!is_inexact(x.dtype()) && !is_inexact(test.dtype()) && is_inexact(type)) {
    // int64 beside uint64: no dtype holds both, but what they share is in uint64.
    const bool is_signed = x.dtype().kind() == 'i';
    if (!is_signed) test = compress(operand(greater_equal(operand(test, where), 0), where), operand(test, where), 0);
    const array found = is_member(x.astype(uint64), test.astype(uint64), invert, where);
    if (!is_signed) return found;
    const operand negative(less(operand(x, where), 0), where), inside(found, where);
    return array(invert ? logical_or(inside, negative) : logical_and(inside, logical_not(negative)), where);
  }
  if (test.size() == 0 || x.size() == 0) {
    return full(x.shape(), operand(invert, where), {.dtype = bool_, .device = x.device()});
  }
  return found_in(x.astype(type), test.astype(type), invert, where);
}

}  // namespace

array union1d(const operand& x, const operand& y) {
  const two_vectors both(x, y, "union1d");
  return both.elements(unique(both.as_operand(both.joined())));
}

array intersect1d(const operand& x, const operand& y, const set_options& options) {
  two_vectors both(x, y, "intersect1d");
  if (!options.assume_unique) both.make_unique();
  const array sorted = both.sorted();
  const caller where = both.where;
  if (sorted.size() == 0) return both.elements(sorted);
  return both.elements(compress(operand(pairs_in(sorted, where), where), operand(first_part(sorted, where), where), 0));
}

intersect1d_result intersect1d_indices(const operand& x, const operand& y, const set_options& options) {
  two_vectors both(x, y, "intersect1d_indices");
  const caller where = both.where;
  unique_all_result of_x, of_y;
  if (!options.assume_unique) {
    of_x = unique_all(both.as_operand(both.x), {.equal_nan = true});
    of_y = unique_all(both.as_operand(both.y), {.equal_nan = true});
    both.x = of_x.values;
    both.y = of_y.values;
  }
  const array joined = both.joined();
  if (joined.size() == 0) {
    const array none_there = access::make(0, int64, order::C, joined.device(), where);
    return {both.elements(joined), none_there, none_there.copy()};
  }
  const array order = argsort(operand(joined, where));
  const array sorted = take_slices(joined, order, 0, where);
  const array pairs = flat_positions(mark(pairs_in(sorted, where), where), where);
  array in_x = take_slices(first_part(order, where), pairs, 0, where);
  array in_y = take_slices(last_part(order, where), pairs, 0, where);
  evaluate_in_place(op::subtract, in_y, operand(both.x.size(), where));
  if (!options.assume_unique) {
    in_x = take_slices(of_x.indices, in_x, 0, where);
    in_y = take_slices(of_y.indices, in_y, 0, where);
  }
  return {both.elements(take_slices(sorted, pairs, 0, where)), std::move(in_x), std::move(in_y)};
}

array setdiff1d(const operand& x, const operand& y, const set_options& options) {
  two_vectors both(x, y, "setdiff1d");
  if (!options.assume_unique) both.x = unique(both.as_operand(both.x));
  const array others = is_member(both.x, both.y, true, both.where);
  const array rest = both.elements(compress(both.as_operand(others), both.as_operand(both.x), 0));
  return both.are_ranks ? convert(rest, x->dtype(), "setdiff1d", both.where) : rest;
}

array setxor1d(const operand& x, const operand& y, const set_options& options) {
  two_vectors both(x, y, "setxor1d");
  if (!options.assume_unique) both.make_unique();
  const caller where = both.where;
  const array sorted = both.sorted();
  if (sorted.size() == 0) return both.elements(sorted);
  const array starts = run_starts(sorted, false, where);
  array alone = starts.copy();  // and the next one begins a run too
  if (sorted.size() > 1)
    evaluate_in_place(op::logical_and, first_part(alone, where), operand(last_part(starts, where), where));
  return both.elements(compress(operand(alone, where), operand(sorted, where), 0));
}

array isin(const operand& x, const operand& test, const isin_options& options) {
  const array elements = materialize(x.recipe(), x.where());
  const two_vectors both(operand(elements, x.where()), test, "isin");
  return reshape(is_member(both.x, both.y, options.invert, both.where), elements.shape(), order::C, both.where);
}

}  // namespace tessera
