// Indexing: views by basic indices, and elements picked by index arrays and masks.
#pragma once
#include <span>

#include "expr/node.hpp"
#include "ops/index_plan.hpp"

namespace tessera {
enum class take_mode;
}

namespace tessera::detail {

/// A record's field. Throws index_error "NAME: no field 'x'; there are 'a', 'b'".
const field& find_field(dtype type, std::string_view name, const char* operation, caller where);

/// The plan for elements that are no numbers, as words.
void as_words(index_plan& plan, caller where);

// ---- basic indices

/// Throws index_error "NAME: 9 is out of bounds for axis 0 with extent 4".
[[noreturn]] void throw_out_of_bounds(std::int64_t position, std::int64_t extent, int axis, const char* name,
                                      caller where);
[[noreturn]] void throw_too_many_indices(int given, const shape& extents, caller where);
[[noreturn]] void throw_two_ellipses(caller where);
/// 0 <= result < extent; negative positions count from the end.
std::int64_t checked_position(std::int64_t position, std::int64_t extent, int axis, const char* name, caller where);

/// A slice of an axis of known extent, as Python's slice.indices: begin is a position of the axis if count > 0.
struct resolved_slice {
  std::int64_t begin, step, count;
};
resolved_slice resolve(const slice& s, std::int64_t extent, caller where);

/// A step far beyond its axis leaves at most one element, and an array without elements has any strides: what is computed
/// from such strides has no meaning and may wrap.
inline std::int64_t wrapping_product(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
inline std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// A view in the making: byte offset from an array's first element, extents and strides.
struct strided_view {
  std::int64_t offset = 0;
  shape extents, strides;

  void move(std::int64_t positions, std::int64_t stride) noexcept {
    offset = wrapping_sum(offset, wrapping_product(positions, stride));
  }
  void push(std::int64_t extent, std::int64_t stride, caller where);
  void slice_axis(const slice& s, std::int64_t extent, std::int64_t stride, caller where);
  array of(const array& x) const;
};

/// The view that integers, slices, newaxis and an ellipsis pick. Throws index_error; value_error for a step of 0.
array basic_view(const array& x, std::span<const subscript> indices, caller where);

// ---- index arrays and masks

/// What a list of indices with masks or index arrays picks from `source`, checked: every position is in bounds.
///
///     plan.extents = picked axes..., kept axes...       extents = kept[0, place), picked..., kept[place, ...)
///
/// The picked axes are those of the broadcast index arrays, the kept ones those that slices and newaxis leave. `extents` is
/// the order of NumPy's result: picked axes stay where the arrays stood if these were neighbours, else they come first.
struct picked {
  array source;
  index_plan plan;  // without values
  int picked_axes = 0, place = 0;
  shape extents;
  std::vector<array> positions;  // keeps the plan's index arrays alive
};
/// Throws index_error; as NumPy's, shape_error for `values` to be written there before positions are looked at.
picked pick(const array& source, const std::vector<any_index>& indices, caller where, const array* values = nullptr);

/// A pick in which index arrays, added one by one with their strides over `extents`, walk all axes of the result. Positions on
/// the host are copied to the source's device; throws device_error for those on another one.
picked picked_by(const array& source, const shape& extents, const shape& source_strides);
void add_positions(picked& p, array positions, const shape& strides, std::int64_t source_stride, caller where);
/// Whole slices of `axis` at checked positions, a new array: the axis is replaced by those of `positions`.
array take_slices(const array& x, const array& positions, int axis, caller where);

/// A new array with the elements.
array gather(const picked& p, caller where);
/// The elements into an array of p's extents and dtype that shares none of them.
void gather_into(const picked& p, const array& out);
/// Writes `values` (source's dtype, broadcast to p.extents, none of the source's elements) and records the write.
void scatter(const picked& p, const array& values);
/// element = code(element, value), computed in values.dtype(), duplicates each in turn.
void accumulate(const picked& p, op code, const array& values);

/// The elements a selection picks.
array resolve_selection(const selection_node& s, caller where);
/// x, or what it picks if it is a selection, of which only then the extents are known.
expr without_selection(const expr& x, caller where);

/// The first element of an int64 array.
std::int64_t item_of(const array& x);
/// x as an int64 array in C order, which may be x itself: to be read only. Throws dtype_error unless x's dtype casts to
/// int64 by the rule.
array positions_of(const expr& x, casting rule, const char* name, caller where);
/// Throws index_error as throw_out_of_bounds; with negative ones `positions` becomes a copy that has none.
void check_positions(array& positions, std::int64_t extent, int axis, const char* name, caller where);
/// The modes wrap and clip: positions in [0, extent), extent > 0. With raise they stay as they are.
array folded_positions(array positions, std::int64_t extent, take_mode mode, caller where);
/// x's elements as `type`, apart from target's memory: x itself if it is such an array, else a copy.
array values_for(const expr& x, const array& target, dtype type, const char* name, caller where);
/// Throws shape_error "NAME: values of shape (2,) do not broadcast to (3,)" unless they do, as they are or after leading
/// axes too many are dropped: those of extent 1; of values without elements, to be written by index arrays, any.
array broadcast_values(const array& values, const shape& extents, const char* name, caller where,
                       bool by_arrays = false);

}  // namespace tessera::detail
