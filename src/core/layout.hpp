// Shape and stride algebra: pure functions on host values.
#pragma once
#include <cstdint>
#include <optional>

#include "core/inline_vector.hpp"
#include "tessera/error.hpp"
#include "tessera/shape.hpp"

namespace tessera::detail {

/// Product of the extents. Throws value_error "NAME: shape (…) has a negative extent" and, when the product with itemsize
/// overflows (extents of 0 left out, so that strides fit too), "NAME: shape (…) has more elements than fit in 64 bits"
/// ("more bytes" for an itemsize above 1).
std::int64_t element_count(const shape& extents, const char* name, caller where, std::int64_t itemsize = 1);
/// Product without a check, for shapes known to be valid.
std::int64_t element_count(const shape& extents) noexcept;

/// Byte strides in C or F order; an extent of 0 counts as 1.
shape contiguous_strides(const shape& extents, std::int64_t itemsize, order layout);
/// Byte strides of a fresh array that keeps the axis order of `like_strides` (order::K, as NumPy's copy(order='K')).
shape keep_order_strides(const shape& extents, const shape& like_strides, std::int64_t itemsize);
bool is_c_contiguous(const shape& extents, const shape& strides, std::int64_t itemsize) noexcept;
bool is_f_contiguous(const shape& extents, const shape& strides, std::int64_t itemsize) noexcept;

/// Broadcasting. Throws shape_error "NAME: shapes (…) and (…) do not broadcast: axis K has extents A and B",
/// K counted in the broadcast result.
shape broadcast(const shape& a, const shape& b, const char* name, caller where);
/// Whether `from` repeated along axes of extent 1 and new leading ones is `to`.
bool broadcasts_to(const shape& from, const shape& to) noexcept;
/// Strides of an operand of shape `from` walked as `to`: 0 on repeated axes. Assumes broadcasts_to(from, to).
shape broadcast_strides(const shape& from, const shape& strides, const shape& to);

/// 0 <= result < ndim. Throws axis_error "NAME: axis 3 is out of bounds for an array with 2 axes".
int normalize_axis(std::int64_t axis, int ndim, const char* name, caller where);
/// Some axes of an array.
using axis_list = inline_vector<int, 6>;
/// Sorted, unique axes; every axis for `over.every()`. Throws axis_error; value_error on duplicates.
axis_list normalize_axes(const axes& over, int ndim, const char* name, caller where);

/// Strides for the same elements walked as `to` without a copy, if there are such (NumPy's attempt_nocopy_reshape).
std::optional<shape> reshape_strides(const shape& from, const shape& strides, const shape& to, std::int64_t itemsize,
                                     order layout);
/// `to` with its -1 filled in. Throws shape_error naming both shapes.
shape resolve_reshape(const shape& from, const shape& to, const char* name, caller where);

}  // namespace tessera::detail
