// Building recipes: dtype rules, weak scalars, broadcasting. What the front end's functions are made of.
#pragma once
#include <initializer_list>

#include "expr/node.hpp"
#include "expr/program.hpp"

namespace tessera::detail {

/// code(x…): promotes (NEP 50: C++ scalars are weak), broadcasts, inserts casts. Throws dtype_error, shape_error,
/// overflow_error (a C++ integer the array's dtype cannot hold), all naming op_table's name.
expr elementwise(op code, std::initializer_list<const operand*> x);
/// The same, taking over the operands' nodes: no counting.
expr elementwise(op code, operand&& a);
expr elementwise(op code, operand&& a, operand&& b);

/// How much of a dtype a C++ scalar brings along (NEP 50): its kind. bool is as strong as an array's.
enum class weak_kind : std::uint8_t { none, integer, floating, complex };
weak_kind weak_kind_of(const expr& x) noexcept;
/// An operand as the dtype rules see it.
struct operand_type {
  dtype type;  // a weak scalar's own
  weak_kind weak = weak_kind::none;
};
/// NumPy's result_type with weak scalars; with scalars alone each brings its own dtype.
dtype promote(std::initializer_list<operand_type> operands);
/// The dtype `code` computes in: the first of its loops that every operand casts to safely. Throws dtype_error.
dtype loop_dtype(op code, std::initializer_list<operand_type> operands, caller where);
dtype loop_dtype(op code, const operand_type* operands, int count, caller where);
dtype result_dtype(op code, dtype loop);
/// Whether operands that are all of this dtype are computed in it.
bool has_own_loop(op code, dtype type) noexcept;

/// One element of `type` from a C++ number. Throws overflow_error "NAME: 300 is out of bounds for uint8" for an integer that
/// does not fit, dtype_error for a complex number in a real dtype; value_error and overflow_error for NaN and infinity in an
/// integer dtype. Fractions are cut off.
constant make_constant(const scalar_value& value, dtype type, const char* name, caller where);

/// Folds x over axes. x must already have the dtype to accumulate in. Throws axis_error; value_error for a min, max or
/// arg fold over no elements.
expr reduction(fold by, expr x, const axes& over, bool keepdims, const char* name, caller where);

/// A view of an array. It must not copy: where x has no such view (some reshapes) it returns an array of another storage.
using view_function = array (*)(const array& x, const void* arguments, caller where);
/// Applies a view function of arrays to a recipe: pushes it down to the leaves through elementwise nodes (each input
/// broadcast to the node's shape first), or computes the recipe and views the result.
expr view_of(const expr& x, view_function f, const void* arguments, caller where);

}  // namespace tessera::detail
