// marks: the points of a space that a condition picks, as bits on its device, and what is done with them.
#pragma once
#include <optional>
#include <vector>

#include "ops/mark_plan.hpp"
#include "tessera/array.hpp"

namespace tessera::detail {

/// Its arrays live as long as it does.
struct marks {
  shape extents;           // of the condition
  std::int64_t count = 0;  // points that are picked
  tessera::device on;
  array words, before;
  mark_bits bits;  // no points where the condition has no elements
};

/// Where `condition`, of any dtype, is not zero. A recipe of many elements is run block by block and never stored.
marks mark(const expr& condition, caller where);

/// The elements of x, whose points in C order are those of the marks, one after the other: (count,).
array compress(const marks& m, const array& x, caller where);
/// The same for a condition of x's shape, on its device. Large ones go slab by slab.
array compress(const expr& condition, const array& x, caller where);
/// The reverse: values (count,) of target's dtype to the marked points of target, which shares none of their elements.
void expand(const marks& m, const array& target, const array& values);
/// The coordinates of the marked points, one int64 array per axis; the condition has at least one.
std::vector<array> positions(const marks& m, caller where);
/// Their places in C order: (count,).
array flat_positions(const marks& m, caller where);

/// The first of some int64 positions that is not in [0, end).
std::optional<std::int64_t> first_outside(const array& positions, std::int64_t end, caller where);

}  // namespace tessera::detail
