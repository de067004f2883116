// Building recipes: dtype rules, weak scalars, broadcasting. What the front end's functions are made of.
#pragma once
#include <initializer_list>

#include "expr/node.hpp"

namespace tessera::detail {

/// code(x…): promotes (NEP 50: C++ scalars are weak), broadcasts, inserts casts. Throws dtype_error, shape_error,
/// overflow_error (a C++ integer the array's dtype cannot hold), all naming op_table's name.
expr elementwise(op code, std::initializer_list<const operand*> x);

/// The loop dtype that `code` computes in for operands of common dtype `promoted`; throws dtype_error.
dtype loop_dtype(op code, dtype promoted, caller where);
dtype result_dtype(op code, dtype loop);

/// Folds x over axes. x must already have the dtype to accumulate in. Throws axis_error; value_error for a min, max or
/// arg fold over no elements.
expr reduction(fold by, const expr& x, const axes& over, bool keepdims, const char* name, caller where);

/// The strided view (offset, strides in elements of x's C order) of a recipe: pushed down to the leaves where it can be,
/// else a view node.
using view_function = array (*)(const array& x, const void* arguments, caller where);
/// Applies a view function of arrays to a recipe: pushes it down to the leaves through elementwise nodes (each input
/// broadcast to the node's shape first), or computes the recipe and views the result.
expr view_of(const expr& x, view_function f, const void* arguments, caller where);

}  // namespace tessera::detail
