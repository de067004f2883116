// Views: other shapes and strides over the same elements. Of an array they are arrays that write through, of a recipe recipes.
// An axis that is not there is an axis_error, one named twice a value_error.
#pragma once
#include "array.hpp"

namespace tessera {

// The template makes the recipe overload the loser where both need a conversion (numbers, lists).

/// The same elements in another shape; one extent may be -1. A view whenever strides allow, else a copy.
/// Throws shape_error naming both shapes when they do not hold as many elements.
TESSERA_API array reshape(const array& x, const shape& extents, order layout = order::C,
                          caller where = caller::current());
template <int = 0>
expr reshape(const expr& x, const shape& extents, order layout = order::C, caller where = caller::current());
/// One axis: a view when possible.
TESSERA_API array ravel(const array& x, order layout = order::C, caller where = caller::current());
template <int = 0> expr ravel(const expr& x, order layout = order::C, caller where = caller::current());
/// One axis: always a copy.
TESSERA_API array flatten(const operand& x, order layout = order::C);

/// Axes reordered: axis i of the result is permutation[i] of x; all reversed without one.
TESSERA_API array transpose(const array& x, const axes& permutation = {}, caller where = caller::current());
template <int = 0> expr transpose(const expr& x, const axes& permutation = {}, caller where = caller::current());
/// Two axes in each other's place.
TESSERA_API array swapaxes(const array& x, int a, int b, caller where = caller::current());
template <int = 0> expr swapaxes(const expr& x, int a, int b, caller where = caller::current());
/// Axis from[i] of x becomes axis to[i]; the others keep their order.
TESSERA_API array moveaxis(const array& x, const axes& from, const axes& to, caller where = caller::current());
template <int = 0> expr moveaxis(const expr& x, const axes& from, const axes& to, caller where = caller::current());
/// Axes of extent 1 removed: all of them, or those named (shape_error if one is longer).
TESSERA_API array squeeze(const array& x, const axes& which = {}, caller where = caller::current());
template <int = 0> expr squeeze(const expr& x, const axes& which = {}, caller where = caller::current());
/// New axes of extent 1 at these positions of the result.
TESSERA_API array expand_dims(const array& x, const axes& where_to, caller where = caller::current());
template <int = 0> expr expand_dims(const expr& x, const axes& where_to, caller where = caller::current());
/// Repeated by stride 0, read-only. Throws shape_error unless axes of extent 1 and new leading ones make x's shape `extents`.
TESSERA_API array broadcast_to(const array& x, const shape& extents, caller where = caller::current());
template <int = 0> expr broadcast_to(const expr& x, const shape& extents, caller where = caller::current());
/// broadcast_to of each to their common shape; those that have it are returned as they are.
TESSERA_API std::vector<array> broadcast_arrays(const expr_list& x, caller where = caller::current());
/// The common shape of broadcasting; throws shape_error naming both shapes and the axis.
TESSERA_API shape broadcast_shapes(const std::vector<shape>& shapes, caller where = caller::current());

/// Reversed along the axes named, all by default.
TESSERA_API array flip(const array& x, const axes& which = {}, caller where = caller::current());
template <int = 0> expr flip(const expr& x, const axes& which = {}, caller where = caller::current());
/// Axis 1 and axis 0 reversed. Throws value_error when x does not have it.
TESSERA_API array fliplr(const array& x, caller where = caller::current());
TESSERA_API array flipud(const array& x, caller where = caller::current());
/// k quarter turns in the plane of two axes, from the first towards the second.
TESSERA_API array rot90(const array& x, int k = 1, const axes& plane = {0, 1}, caller where = caller::current());
/// The offset-th diagonal of two axes as the last axis; unlike NumPy's it is writable.
TESSERA_API array diagonal(const array& x, int offset = 0, int axis1 = 0, int axis2 = 1,
                           caller where = caller::current());
template <int = 0>
expr diagonal(const expr& x, int offset = 0, int axis1 = 0, int axis2 = 1, caller where = caller::current());
/// Real and imaginary part: views of a complex array, x itself or read-only zeros of a real one.
TESSERA_API array real(const array& x, caller where = caller::current());
template <int = 0> expr real(const expr& x, caller where = caller::current());
TESSERA_API array imag(const array& x, caller where = caller::current());
template <int = 0> expr imag(const expr& x, caller where = caller::current());

/// Any extents and byte strides over x's elements, checked to stay inside its storage (value_error).
TESSERA_API array as_strided(const array& x, const shape& extents, const shape& strides,
                             caller where = caller::current());
/// Windows of these extents at every position, as trailing axes. Read-only. `over` may name an axis twice.
TESSERA_API array sliding_window_view(const array& x, const shape& window, const axes& over = {},
                                      caller where = caller::current());

/// At least one, two or three axes.
TESSERA_API array atleast_1d(const array& x);
TESSERA_API array atleast_2d(const array& x);
TESSERA_API array atleast_3d(const array& x);

/// Whether two arrays have an element in common: exact, as numpy.shares_memory. Throws value_error when `max_work`
/// candidate solutions did not decide it (-1: no limit).
TESSERA_API bool shares_memory(const array& a, const array& b, std::int64_t max_work = -1,
                               caller where = caller::current());
/// Whether their byte ranges overlap.
TESSERA_API bool may_share_memory(const array& a, const array& b);

}  // namespace tessera
