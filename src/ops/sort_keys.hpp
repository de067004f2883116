// Texts, records and times in order: by numbers that compare like them, most significant first, only as many as it takes.
#pragma once
#include <optional>
#include <vector>

#include "tessera/array.hpp"

namespace tessera::detail {

struct order_request {
  bool descending = false;
  bool starts = false;
  std::int64_t lanes = 1;  // the elements are this many vectors one behind the other, each put in order alone
};
struct ordering {
  array order;   // int64: the positions that sort; equal elements stay as they lie
  array starts;  // if asked for, bool: whether the element at this place of the order differs from the one before
};
/// The order of vectors of one length on one device, of any dtypes, together: by the first, where it is equal by the next one,
/// and so on. NaN and NaT come last and are equal; descending first.
ordering order_of(const std::vector<array>& columns, const order_request& request, caller where);

/// What decides the order of an array: of records the fields `first`, then the others. Throws value_error unless x has fields,
/// for a field that is named twice, index_error for one that is not there.
std::vector<array> order_columns(const array& x, const names& first, const char* name, caller where);

/// The order of one vector.
ordering order_of(const array& x, const order_request& request, caller where);

/// The numbers that times compare as: int64 with NaT as the greatest. And back.
array numbers_of_times(const array& x, caller where);
array times_of_numbers(const array& numbers, dtype type, caller where);

/// Which elements have a NaN or NaT somewhere, so that they equal nothing; nothing where none can. bool, x's shape.
std::optional<array> unequal_to_themselves(const array& x, caller where);

/// The order with the runs of equal elements: NaN and NaT equal nothing, but with equal_nan each other in a vector of times.
ordering runs_of(const array& x, bool equal_nan, caller where);

/// Numbers that compare like the elements, in x's shape: int64, places in the list of the distinct ones.
array places_in_order(const array& x, caller where);

/// Two vectors of one dtype as numbers that compare like their elements: places in the list of the distinct ones. NaT is NaN,
/// elements that equal nothing have numbers of their own; not so with `by_order`, as far as the order says nothing else.
struct ranked {
  array x, y, distinct;
};
ranked rank(const array& x, const array& y, bool by_order, caller where);
/// The elements that such numbers stand for.
array elements_at(const array& distinct, const array& numbers, caller where);

/// target[positions] = values, all vectors; no position stands there twice.
void scatter_distinct(const array& target, const array& positions, const array& values, caller where);

}  // namespace tessera::detail
