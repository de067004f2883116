// Indexing: views by basic indices, and elements picked by index arrays and masks.
#pragma once
#include <span>

#include "expr/node.hpp"
#include "ops/index_plan.hpp"

namespace tessera::detail {

/// The view that integers, slices, newaxis and an ellipsis pick. Throws index_error.
array basic_view(const array& x, std::span<const subscript> indices, caller where);

/// What a list of indices with masks or index arrays picks from `source`, checked: every position is in bounds.
///
/// The plan walks the axes of the broadcast index arrays first, then those that slices leave:
///     plan.extents = picked axes..., kept axes...        extents = kept[0, place), picked..., kept[place, ...)
/// `extents` is the order of NumPy's result: picked axes stay where the arrays stood if these were neighbours, else come first.
struct picked {
  array source;
  index_plan plan;             // without values
  int picked_axes = 0, place = 0;
  shape extents;
  std::vector<array> positions;  // keeps the plan's index arrays alive

  bool empty() const noexcept;
};
picked pick(const array& source, const std::vector<any_index>& indices, caller where);

/// A new array with the elements; x as the plan walks it is what gather writes.
array gather(const picked& p, caller where);
/// Writes `values` (source's dtype, broadcast to p.extents) and records the write. No overlap with the source.
void scatter(const picked& p, const array& values, caller where);
/// values.dtype(): the dtype to compute in; cast to and from the source's.
void accumulate(const picked& p, op code, const array& values, caller where);

/// The elements a selection picks.
array resolve_selection(const selection_node& s, caller where);

/// x as an int64 array of its own, C order, that check_positions may change.
array positions_of(const expr& x, caller where);
/// Throws index_error "NAME: 9 is out of bounds for axis 0 with extent 4"; negative positions become positive in place.
void check_positions(array& positions, std::int64_t extent, int axis, const char* name, caller where);
/// One int64 array per axis of x (which has at least one).
std::vector<array> nonzero_positions(const array& x, caller where);
/// `x`'s elements with `type` where they may not overlap `target`: x itself if it is such an array, else a copy.
array values_for(const expr& x, const array& target, tessera::dtype type, const char* name, caller where);
/// Whether an array of shape `from` broadcasts to `to` without enlarging it.
bool broadcasts_to(const shape& from, const shape& to) noexcept;

}  // namespace tessera::detail
