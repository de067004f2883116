// Iteration axes of a stage: which order to walk them in, and which of them to walk as one.
#pragma once
#include <span>

#include "core/module_api.hpp"
#include "expr/program.hpp"

namespace tessera::detail {

/// The axes from outermost to innermost so that memory is walked forward where the operands agree; C order where they do
/// not (NumPy's order='K'). `fixed` axes keep their order among themselves.
small_vector<int> walking_order(int ndim, std::span<const shape* const> strides, const axis_flags& fixed);

/// Byte strides of a fresh array whose axes lie in memory in the order that walking_order() gives for these operands.
shape fresh_strides(const shape& extents, std::span<const shape* const> operand_strides, std::int64_t itemsize);

/// Reorders, flips, drops and merges the axes of a stage in place: extents, folded, and the data and strides of its inputs
/// and targets. Folded axes of positions (argmin, argmax) keep their order and direction.
/// The axis of rows of a stage in a row group stays, unmerged and in its direction.
TESSERA_MODULE_API void simplify_axes(stage& s);

/// As simplify_axes, for the stages of a row group together: `row_axes` of each are the axes that they share, in the same
/// order. Merges those where every stage allows it, and chooses one as the axis of rows.
void simplify_group(std::span<stage> group, small_vector<small_vector<int>> row_axes);

}  // namespace tessera::detail
