// Joining, splitting and moving elements.
// An axis that is not there is an axis_error, a list without arrays a value_error.
#pragma once
#include <optional>

#include "array.hpp"

namespace tessera {

/// Along an existing axis; dtypes promote. Throws shape_error unless the other extents agree, value_error for 0-d arrays.
TESSERA_API array concatenate(const expr_list& x, int axis = 0, caller where = caller::current());
TESSERA_API array concatenate_flat(const expr_list& x,
                                   caller where = caller::current());  // axis=None: all flattened first
/// Along a new axis, counted in the result. Throws shape_error unless all shapes are equal.
TESSERA_API array stack(const expr_list& x, int axis = 0, caller where = caller::current());
/// concatenate along axis 1 (hstack; vectors along 0), 0 (vstack) and 2 (dstack) of arrays given at least that many axes as
/// atleast_1d, atleast_2d and atleast_3d do; column_stack along axis 1 with vectors as columns.
TESSERA_API array hstack(const expr_list& x, caller where = caller::current());
TESSERA_API array vstack(const expr_list& x, caller where = caller::current());
TESSERA_API array dstack(const expr_list& x, caller where = caller::current());
TESSERA_API array column_stack(const expr_list& x, caller where = caller::current());
/// Views of consecutive parts of an axis: `sections` equal ones (split throws shape_error when the extent does not divide,
/// array_split makes the first ones longer by 1), or those that end before each position of `at`, clipped as slices are.
/// Throws value_error for less than one section or a 0-d array.
TESSERA_API std::vector<array> split(const array& x, std::int64_t sections, int axis = 0,
                                     caller where = caller::current());
TESSERA_API std::vector<array> split(const array& x, const std::vector<std::int64_t>& at, int axis = 0,
                                     caller where = caller::current());
TESSERA_API std::vector<array> array_split(const array& x, std::int64_t sections, int axis = 0,
                                           caller where = caller::current());
/// Views with `axis` taken away: one for each of its positions.
TESSERA_API std::vector<array> unstack(const array& x, int axis = 0, caller where = caller::current());
/// x repeated as a whole, repetitions[axis] times along each axis (as numpy.tile). Throws value_error when one is negative.
TESSERA_API array tile(const operand& x, const shape& repetitions);
/// Every element along an axis, or of the flattened array, repeated: `counts` is one integer for all or one for each
/// position. Throws shape_error for another number of counts, value_error for negative ones, dtype_error for no integers.
TESSERA_API array repeat(const operand& x, const operand& counts, const axes& axis = {});
/// Elements moved round by `shift`, one for all axes named or one for each (else value_error); over the flattened array
/// without axes. x's shape and dtype.
TESSERA_API array roll(const operand& x, const shape& shift, const axes& over = {});

/// Where insert and delete_ work along an axis: an integer, a slice, a list or index array, a mask. Positions may be negative.
class axis_places : public any_index {
 public:
  using any_index::any_index;
  axis_places(std::initializer_list<literal> list) : any_index(of_list(list)) {}

 private:
  TESSERA_API static expr of_list(std::initializer_list<literal> list);  // without entries: of integers
};
/// x with the values, cast to x's dtype, before positions of the axis, or of the flattened x (as numpy.insert): with one
/// position all of them there, those of an integer counted along their first axis; else one slice before each, equal
/// positions in order. Throws index_error for a position outside [-n, n], shape_error for values that do not fit,
/// value_error for places of several axes.
TESSERA_API array insert(const operand& x, const axis_places& where, const operand& values, const axes& axis = {});
/// x without these positions of the axis, or of the flattened x (numpy.delete; the word is C++'s). Throws index_error for
/// positions out of bounds, value_error for a mask of another extent.
TESSERA_API array delete_(const operand& x, const axis_places& where, const axes& axis = {});
/// concatenate({x, values}, axis); both flattened without an axis.
TESSERA_API array append(const operand& x, const operand& values, const axes& axis = {});

/// An array, or a list of blocks: block({{a, b}, {c, d}}).
class block_list {
 public:
  template <class T>
    requires std::convertible_to<const T&, expr>
  block_list(const T& x) : parts_{expr(x)} {}
  block_list(std::initializer_list<block_list> list) : blocks_(list), is_list_(true) {}
  block_list(std::vector<block_list> list) : blocks_(std::move(list)), is_list_(true) {}
  bool is_list() const noexcept { return is_list_; }
  const std::vector<block_list>& blocks() const noexcept { return blocks_; }
  const expr& part() const noexcept { return parts_.front(); }

 private:
  std::vector<expr> parts_;  // one, of what is no list
  std::vector<block_list> blocks_;
  bool is_list_ = false;
};
/// The innermost lists are joined along the last axis, those around them along the one before, … (as numpy.block); arrays of
/// fewer axes get leading ones. dtypes promote. Throws value_error for empty lists and lists of different depths, shape_error.
TESSERA_API array block(const block_list& blocks, caller where = caller::current());

/// x's elements in C order, repeated or cut off to fill an array of these extents (as numpy.resize); zeros if x has none.
TESSERA_API array resize(const operand& x, const shape& extents);
enum class trim { both, front, back };
/// x without the slices of zeros at the ends of its axes, all by default. A view.
TESSERA_API array trim_zeros(const array& x, trim ends = trim::both, const axes& over = {},
                             caller where = caller::current());

/// Widths: one for all sides, {before, after} for every axis, or a pair per axis.
struct pad_width {
  pad_width(std::int64_t all) : pairs{{all, all}} {}
  pad_width(int all) : pairs{{all, all}} {}
  pad_width(std::initializer_list<std::pair<std::int64_t, std::int64_t>> list) : pairs(list) {}
  pad_width(std::vector<std::pair<std::int64_t, std::int64_t>> list) : pairs(std::move(list)) {}
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
};
enum class pad_mode { constant, edge, reflect, symmetric, wrap, linear_ramp, maximum, minimum, mean, median, empty };
enum class reflection { even, odd };
struct pad_options {
  pad_mode mode = pad_mode::constant;
  /// constant; where linear_ramp ends. None (0), one number for all sides, {before, after} for every axis, or one array that
  /// broadcasts to (ndim, 2).
  std::vector<expr> constant_values = {}, end_values = {};
  std::optional<pad_width> stat_length = {};  // maximum, minimum, mean, median: of so many elements next to each border
  reflection reflect_type = reflection::even;  // odd: 2 * edge - element (reflect, symmetric)
};
/// x with borders of these widths, in x's dtype (as numpy.pad). Throws value_error for negative widths, a number of pairs
/// other than 1 and ndim, an axis of extent 0 that has nothing to repeat, or a maximum or minimum of no elements. Rounds the
/// borders of integers: means and medians to even, ramps down.
TESSERA_API array pad(const operand& x, const pad_width& width, const pad_options& options = {});

}  // namespace tessera
