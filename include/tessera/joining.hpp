// Joining, splitting and moving elements.
// An axis that is not there is an axis_error, a list without arrays a value_error.
#pragma once
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

enum class pad_mode { constant, edge, reflect, symmetric, wrap, linear_ramp, maximum, minimum, mean, empty };
struct pad_options {
  pad_mode mode = pad_mode::constant;
  std::vector<expr> constant_values = {};  // none (0) or one
};
/// Widths: one for all sides, {before, after} for every axis, or a pair per axis.
struct pad_width {
  pad_width(std::int64_t all) : pairs{{all, all}} {}
  pad_width(int all) : pairs{{all, all}} {}
  pad_width(std::initializer_list<std::pair<std::int64_t, std::int64_t>> list) : pairs(list) {}
  pad_width(std::vector<std::pair<std::int64_t, std::int64_t>> list) : pairs(std::move(list)) {}
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
};
/// x with borders of these widths, in x's dtype (as numpy.pad). Throws value_error for negative widths, a number of pairs
/// other than 1 and ndim, or an axis of extent 0 that has nothing to repeat.
TESSERA_API array pad(const operand& x, const pad_width& width, const pad_options& options = {});

}  // namespace tessera
