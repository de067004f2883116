// What verbs with several or strided operands share: a common dtype, memory order and device, plain copies.
#pragma once
#include <vector>

#include "tessera/array.hpp"

namespace tessera::detail {

/// NumPy's result_type of the operands, C++ scalars among them weak.
dtype common_dtype(const std::vector<expr>& operands);

struct layout_operand {
  shape extents, strides;
};
/// The axes from the slowest to the fastest, as the operands' memory suggests; where they disagree or do not say, C order.
/// An axis says nothing where its extent is 1.
std::vector<int> memory_order(const std::vector<layout_operand>& operands);
/// Byte strides of a fresh array whose axes lie in this order.
shape strides_in_order(const shape& extents, const std::vector<int>& slowest_first, std::int64_t itemsize);

/// Throws device_error "NAME: operands on cpu and cuda:0; to() copies from one device to another".
[[noreturn]] void throw_devices(tessera::device first, tessera::device second, const char* name, caller where);
/// y where x is: from the host it goes there. Throws as throw_devices.
array beside(const array& x, const array& y, const char* name, caller where);

/// The operand computed; a C++ number or text lies on `on`.
array materialize_on(const operand& x, tessera::device on, caller where);

/// The axis of a list of one. Throws value_error "NAME: takes one axis, not 2".
std::int64_t only_axis(const axes& given, const char* name, caller where);
/// x and one of its axes.
struct array_along {
  array x;
  int axis;
};
/// x along the axis given, or flattened when none is.
array_along along(const array& x, const axes& given, const char* name, caller where);

/// The smallest and the largest of at least one integer or bool, found in one pass; of uint64 the bits.
struct integer_bounds {
  std::int64_t low, high;
};
integer_bounds bounds_of(const array& x, caller where);

/// Elements of the same dtype and shape from one array to another that shares none of them.
void copy_elements(const array& from, const array& to);

/// F order and not C order too: what NumPy's order A asks.
bool is_fortran(const array& x);

/// x(all, …, range, …) with `range` on one axis.
array slice_along(const array& x, int axis, const slice& range, caller where);

}  // namespace tessera::detail
