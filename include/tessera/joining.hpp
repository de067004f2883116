// Joining, splitting and moving elements.
#pragma once
#include "array.hpp"

namespace tessera {

/// Along an existing axis; dtypes promote. Shapes must agree elsewhere (shape_error).
TESSERA_API array concatenate(const expr_list& x, int axis = 0, caller where = caller::current());
TESSERA_API array concatenate_flat(const expr_list& x, caller where = caller::current());  // axis=None: all flattened first
/// Along a new axis.
TESSERA_API array stack(const expr_list& x, int axis = 0, caller where = caller::current());
TESSERA_API array hstack(const expr_list& x, caller where = caller::current());
TESSERA_API array vstack(const expr_list& x, caller where = caller::current());
TESSERA_API array dstack(const expr_list& x, caller where = caller::current());
TESSERA_API array column_stack(const expr_list& x, caller where = caller::current());
/// Views of equal sections; split throws shape_error when they are not equal.
TESSERA_API std::vector<array> split(const array& x, std::int64_t sections, int axis = 0, caller where = caller::current());
TESSERA_API std::vector<array> split(const array& x, const std::vector<std::int64_t>& at, int axis = 0, caller where = caller::current());
TESSERA_API std::vector<array> array_split(const array& x, std::int64_t sections, int axis = 0, caller where = caller::current());
/// Views with `axis` taken away.
TESSERA_API std::vector<array> unstack(const array& x, int axis = 0, caller where = caller::current());
TESSERA_API array tile(const operand& x, const shape& repetitions);
/// Every element `count` times along an axis, or of the flattened array.
TESSERA_API array repeat(const operand& x, const operand& counts, const axes& axis = {});
/// Elements moved round by `shift`; over the flattened array without axes.
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
TESSERA_API array pad(const operand& x, const pad_width& width, const pad_options& options = {});

}  // namespace tessera
