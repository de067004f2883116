// Views: other shapes and strides over the same elements. Of a recipe, the same view of its leaves.
#include "tessera/views.hpp"

#include <algorithm>
#include <numeric>

#include "core/layout.hpp"
#include "expr/axes.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/operands.hpp"
#include "tessera/creation.hpp"

namespace tessera {

using namespace detail;

namespace {

array view(const array& x, const shape& extents, const shape& strides, std::int64_t offset = 0) {
  return access::view(x, access::data(x) + offset, x.dtype(), extents, strides);
}

/// The axes in the order given (every axis in its own), each once.
std::vector<int> ordered_axes(const axes& list, int ndim, const char* name, caller where) {
  std::vector<int> result;
  if (list.every()) {
    result.resize(ndim);
    std::iota(result.begin(), result.end(), 0);
  }
  for (std::int64_t axis : list.list()) {
    const int a = normalize_axis(axis, ndim, name, where);
    if (std::find(result.begin(), result.end(), a) != result.end()) {
      throw value_error(std::string(name) + ": axis " + std::to_string(a) + " is repeated", where);
    }
    result.push_back(a);
  }
  return result;
}

array permuted(const array& x, const std::vector<int>& order) {
  shape extents, strides;
  for (int axis : order) {
    extents.push_back(x.shape()[axis]);
    strides.push_back(x.strides()[axis]);
  }
  return view(x, extents, strides);
}

/// A copy of x's elements in the order that `strides` (of a fresh array of x's shape) lay them out, as `extents` in `layout`.
array copied(const array& x, const shape& strides, const shape& extents, order layout, caller where) {
  array result = access::make(extents, x.dtype(), layout, x.device(), where);
  copy_elements(x, access::view(result, access::data(result), x.dtype(), x.shape(), strides));
  return result;
}

/// Whether the elements lie without holes in some order of the axes, all strides positive.
bool fills_memory(const array& x) {
  const shape dense = keep_order_strides(x.shape(), x.strides(), x.itemsize());
  for (int axis = 0; axis < x.ndim(); ++axis) {
    if (x.shape()[axis] != 1 && x.strides()[axis] != dense[axis]) return false;
  }
  return true;
}

std::optional<array> reshape_view(const array& x, const shape& extents, order layout) {
  const auto strides = reshape_strides(x.shape(), x.strides(), extents, x.itemsize(), layout);
  if (!strides) return std::nullopt;
  return view(x, extents, *strides);
}

/// Applies `verb(array)` to a recipe; `verb` outlives the call only as a pointer.
template <class Verb> expr of_recipe(const expr& x, const Verb& verb, caller where) {
  return view_of(
      x, [](const array& leaf, const void* f, caller) { return (*static_cast<const Verb*>(f))(leaf); }, &verb, where);
}

}  // namespace

// ---- shape

array reshape(const array& x, const shape& extents, order layout, caller where) {
  if (layout == order::K) throw value_error("reshape: order K does not name an order to read elements in", where);
  if (layout == order::A) layout = is_fortran(x) ? order::F : order::C;
  const shape to = resolve_reshape(x.shape(), extents, "reshape", where);
  if (const auto strides = reshape_strides(x.shape(), x.strides(), to, x.itemsize(), layout))
    return view(x, to, *strides);
  return copied(x, contiguous_strides(x.shape(), x.itemsize(), layout), to, layout, where);
}

template <int> expr reshape(const expr& x, const shape& extents, order layout, caller where) {
  if (layout == order::A || layout == order::K) return reshape(materialize(x, where), extents, layout, where);
  if (layout == order::F) {  // the first axis fastest: C order of everything reversed
    shape reversed = resolve_reshape(x.shape(), extents, "reshape", where);
    std::reverse(reversed.begin(), reversed.end());
    return transpose(reshape(transpose(x, {}, where), reversed, order::C, where), {}, where);
  }
  const shape to = resolve_reshape(x.shape(), extents, "reshape", where);
  return of_recipe(
      x, [&](const array& leaf) { return reshape_view(leaf, to, order::C).value_or(array()); }, where);
}

array ravel(const array& x, order layout, caller where) {
  const flags_t flags = x.flags();
  const shape flat(x.size());
  if (layout == order::K && flags.c_contiguous) layout = order::C;
  if (layout == order::K && flags.f_contiguous) layout = order::F;
  if (layout == order::A) layout = is_fortran(x) ? order::F : order::C;
  if (layout == order::C && flags.c_contiguous) return view(x, flat, x.itemsize());
  if (layout == order::F && flags.f_contiguous) return view(x, flat, x.itemsize());
  if (layout == order::K && fills_memory(x)) return view(x, flat, x.itemsize());
  return flatten(operand(x, where), layout);
}

template <int> expr ravel(const expr& x, order layout, caller where) {
  if (layout == order::A || layout == order::K) return ravel(materialize(x, where), layout, where);
  return reshape(x, x.size(), layout, where);
}

array flatten(const operand& x, order layout) {
  const array elements = materialize(x.recipe(), x.where());
  if (layout == order::A) layout = is_fortran(elements) ? order::F : order::C;
  const shape* const own = &elements.strides();
  const shape strides = layout == order::K ? fresh_strides(elements.shape(), {&own, 1}, elements.itemsize())
                                           : contiguous_strides(elements.shape(), elements.itemsize(), layout);
  return copied(elements, strides, elements.size(), order::C, x.where());
}

array squeeze(const array& x, const axes& which, caller where) {
  const shape& named = which.list();
  if (x.ndim() == 0 && named.size() == 1 && (named[0] == 0 || named[0] == -1)) return view(x, {}, {});  // as NumPy
  std::vector<bool> dropped(x.ndim(), false);
  for (int axis : normalize_axes(which, x.ndim(), "squeeze", where)) {
    if (x.shape()[axis] == 1) {
      dropped[axis] = true;
    } else if (!which.every()) {
      throw shape_error("squeeze: axis " + std::to_string(axis) + " of shape " + to_string(x.shape()) + " has extent " +
                            std::to_string(x.shape()[axis]) + ", not 1",
                        where);
    }
  }
  std::vector<int> kept;
  for (int axis = 0; axis < x.ndim(); ++axis) {
    if (!dropped[axis]) kept.push_back(axis);
  }
  return permuted(x, kept);
}

template <int> expr squeeze(const expr& x, const axes& which, caller where) {
  return of_recipe(
      x, [&](const array& leaf) { return squeeze(leaf, which, where); }, where);
}

array expand_dims(const array& x, const axes& where_to, caller where) {
  const int added = where_to.list().size(), ndim = x.ndim() + added;
  if (ndim > max_ndim) throw shape_error("expand_dims: more than " + std::to_string(max_ndim) + " axes", where);
  std::vector<bool> is_new(ndim, false);
  for (int axis : normalize_axes(where_to.every() ? axes(std::vector<int>()) : where_to, ndim, "expand_dims", where))
    is_new[axis] = true;
  shape extents, strides;
  for (int axis = 0, from = 0; axis < ndim; ++axis) {
    extents.push_back(is_new[axis] ? 1 : x.shape()[from]);
    strides.push_back(is_new[axis] ? 0 : x.strides()[from]);
    from += is_new[axis] ? 0 : 1;
  }
  return view(x, extents, strides);
}

template <int> expr expand_dims(const expr& x, const axes& where_to, caller where) {
  return of_recipe(
      x, [&](const array& leaf) { return expand_dims(leaf, where_to, where); }, where);
}

array atleast_1d(const array& x) { return x.ndim() >= 1 ? x : x(newaxis); }
array atleast_2d(const array& x) { return x.ndim() >= 2 ? x : x.ndim() == 1 ? x(newaxis) : x(newaxis, newaxis); }
array atleast_3d(const array& x) {
  switch (x.ndim()) {
    case 0: return x(newaxis, newaxis, newaxis);
    case 1: return x(newaxis, all, newaxis);
    case 2: return x(all, all, newaxis);
    default: return x;
  }
}

// ---- order of axes

array transpose(const array& x, const axes& permutation, caller where) {
  if (!permutation.every() && permutation.list().size() != x.ndim()) {
    throw value_error(
        "transpose: axes " + to_string(permutation.list()) + " do not fit an array of shape " + to_string(x.shape()),
        where);
  }
  std::vector<int> order = ordered_axes(permutation, x.ndim(), "transpose", where);
  if (permutation.every()) std::reverse(order.begin(), order.end());
  return permuted(x, order);
}

template <int> expr transpose(const expr& x, const axes& permutation, caller where) {
  return of_recipe(
      x, [&](const array& leaf) { return transpose(leaf, permutation, where); }, where);
}

array swapaxes(const array& x, int a, int b, caller where) {
  std::vector<int> order = ordered_axes({}, x.ndim(), "swapaxes", where);
  std::swap(order[normalize_axis(a, x.ndim(), "swapaxes", where)],
            order[normalize_axis(b, x.ndim(), "swapaxes", where)]);
  return permuted(x, order);
}

template <int> expr swapaxes(const expr& x, int a, int b, caller where) {
  return of_recipe(
      x, [&](const array& leaf) { return swapaxes(leaf, a, b, where); }, where);
}

array moveaxis(const array& x, const axes& from, const axes& to, caller where) {
  const std::vector<int> sources = ordered_axes(from, x.ndim(), "moveaxis", where);
  const std::vector<int> targets = ordered_axes(to, x.ndim(), "moveaxis", where);
  if (sources.size() != targets.size()) {
    throw value_error("moveaxis: " + std::to_string(sources.size()) + " axes to move, but " +
                          std::to_string(targets.size()) + " places",
                      where);
  }
  std::vector<int> order(x.ndim(), -1);
  for (std::size_t i = 0; i < sources.size(); ++i) order[targets[i]] = sources[i];
  int next = 0;
  for (int& axis : order) {
    if (axis >= 0) continue;
    while (std::find(sources.begin(), sources.end(), next) != sources.end()) ++next;
    axis = next++;
  }
  return permuted(x, order);
}

template <int> expr moveaxis(const expr& x, const axes& from, const axes& to, caller where) {
  return of_recipe(
      x, [&](const array& leaf) { return moveaxis(leaf, from, to, where); }, where);
}

array flip(const array& x, const axes& which, caller where) {
  shape strides = x.strides();
  std::int64_t offset = 0;
  for (int axis : normalize_axes(which, x.ndim(), "flip", where)) {
    if (x.size() > 0) offset += (x.shape()[axis] - 1) * strides[axis];
    strides[axis] = wrapping_product(strides[axis], -1);
  }
  return view(x, x.shape(), strides, offset);
}

template <int> expr flip(const expr& x, const axes& which, caller where) {
  return of_recipe(
      x, [&](const array& leaf) { return flip(leaf, which, where); }, where);
}

array fliplr(const array& x, caller where) {
  if (x.ndim() < 2)
    throw value_error("fliplr: an array of shape " + to_string(x.shape()) + " has no second axis", where);
  return flip(x, 1, where);
}
array flipud(const array& x, caller where) {
  if (x.ndim() < 1) throw value_error("flipud: a 0-d array has no axis", where);
  return flip(x, 0, where);
}

array rot90(const array& x, int k, const axes& plane, caller where) {
  const std::vector<int> axes = plane.every() ? std::vector<int>() : ordered_axes(plane, x.ndim(), "rot90", where);
  if (axes.size() != 2) throw value_error("rot90: a plane has 2 axes, not " + std::to_string(axes.size()), where);
  switch ((k % 4 + 4) % 4) {
    case 1: return swapaxes(flip(x, axes[1], where), axes[0], axes[1], where);
    case 2: return flip(x, {axes[0], axes[1]}, where);
    case 3: return flip(swapaxes(x, axes[0], axes[1], where), axes[1], where);
    default: return view(x, x.shape(), x.strides());
  }
}

// ---- parts of the elements

array diagonal(const array& x, int offset, int axis1, int axis2, caller where) {
  if (x.ndim() < 2)
    throw value_error("diagonal: an array of shape " + to_string(x.shape()) + " has fewer than two axes", where);
  const int rows = normalize_axis(axis1, x.ndim(), "diagonal", where),
            columns = normalize_axis(axis2, x.ndim(), "diagonal", where);
  if (rows == columns) throw value_error("diagonal: axis " + std::to_string(rows) + " is repeated", where);
  shape extents, strides;
  for (int axis = 0; axis < x.ndim(); ++axis) {
    if (axis == rows || axis == columns) continue;
    extents.push_back(x.shape()[axis]);
    strides.push_back(x.strides()[axis]);
  }
  const std::int64_t down = offset < 0 ? -static_cast<std::int64_t>(offset) : 0, right = offset > 0 ? offset : 0;
  const std::int64_t count = std::max<std::int64_t>(0, std::min(x.shape()[rows] - down, x.shape()[columns] - right));
  extents.push_back(count);
  strides.push_back(wrapping_sum(x.strides()[rows], x.strides()[columns]));
  const bool empty = count == 0 || x.size() == 0;
  return view(x, extents, strides, empty ? 0 : down * x.strides()[rows] + right * x.strides()[columns]);
}

template <int> expr diagonal(const expr& x, int offset, int axis1, int axis2, caller where) {
  return of_recipe(
      x, [&](const array& leaf) { return diagonal(leaf, offset, axis1, axis2, where); }, where);
}

namespace {

array part_of_complex(const array& x, bool imaginary) {
  const dtype type = x.dtype() == complex64 ? float32 : float64;
  const bool shifted = imaginary && x.size() > 0;
  return access::view(x, access::data(x) + (shifted ? type.itemsize() : 0), type, x.shape(), x.strides());
}

}  // namespace

array real(const array& x, caller) { return x.dtype().kind() == 'c' ? part_of_complex(x, false) : x; }

template <int> expr real(const expr& x, caller where) {
  const operand complex(x, where);
  return x.dtype().kind() == 'c' ? elementwise(op::real, {&complex}) : x;
}

array imag(const array& x, caller where) {
  return x.dtype().kind() == 'c' ? part_of_complex(x, true) : zeros_like(operand(x, where)).readonly();
}

template <int> expr imag(const expr& x, caller where) {
  const operand complex(x, where);
  return elementwise(op::imag, {&complex});
}

// ---- repeated and overlapping elements

shape broadcast_shapes(const std::vector<shape>& shapes, caller where) {
  shape result;
  for (const shape& s : shapes) {
    for (std::int64_t extent : s) {
      if (extent < 0) throw value_error("broadcast_shapes: shape " + to_string(s) + " has a negative extent", where);
    }
    result = broadcast(result, s, "broadcast_shapes", where);
  }
  return result;
}

array broadcast_to(const array& x, const shape& extents, caller where) {
  for (std::int64_t extent : extents) {
    if (extent < 0) throw value_error("broadcast_to: shape " + to_string(extents) + " has a negative extent", where);
  }
  element_count(extents, "broadcast_to", where);
  if (!broadcasts_to(x.shape(), extents)) {
    throw shape_error("broadcast_to: shape " + to_string(x.shape()) + " does not broadcast to " + to_string(extents),
                      where);
  }
  array result = view(x, extents, broadcast_strides(x.shape(), x.strides(), extents));
  access::set_readonly(result, true);
  return result;
}

template <int> expr broadcast_to(const expr& x, const shape& extents, caller where) {
  return of_recipe(
      x, [&](const array& leaf) { return broadcast_to(leaf, extents, where); }, where);
}

std::vector<array> broadcast_arrays(const expr_list& x, caller where) {
  std::vector<array> result;
  shape extents;
  for (const expr& item : x.list()) {
    result.push_back(materialize(item, where));
    extents = broadcast(extents, result.back().shape(), "broadcast_arrays", where);
  }
  for (array& item : result) {
    if (!(item.shape() == extents)) item = broadcast_to(item, extents, where);
  }
  return result;
}

array as_strided(const array& x, const shape& extents, const shape& strides, caller where) {
  if (extents.size() != strides.size()) {
    throw value_error("as_strided: " + std::to_string(extents.size()) + " extents, but " +
                          std::to_string(strides.size()) + " strides",
                      where);
  }
  for (std::int64_t extent : extents) {
    if (extent < 0) throw value_error("as_strided: shape " + to_string(extents) + " has a negative extent", where);
  }
  if (element_count(extents, "as_strided", where) == 0) return view(x, extents, strides);
  const storage* const bytes = access::storage_of(x);
  const std::int64_t nbytes = bytes ? bytes->nbytes() : 0;
  std::int64_t low = bytes ? access::data(x) - bytes->data() : 0,
               high = low + x.itemsize();  // byte range of the view in the storage
  bool inside = true;
  for (int axis = 0; axis < extents.size(); ++axis) {
    std::int64_t reach = 0;
    std::int64_t& side = strides[axis] < 0 ? low : high;
    inside = inside && !__builtin_mul_overflow(extents[axis] - 1, strides[axis], &reach) &&
             !__builtin_add_overflow(side, reach, &side);
  }
  if (!inside || low < 0 || high > nbytes) {
    throw value_error("as_strided: shape " + to_string(extents) + " with strides " + to_string(strides) +
                          " leaves the array's " + std::to_string(nbytes) + " bytes",
                      where);
  }
  return view(x, extents, strides);
}

array sliding_window_view(const array& x, const shape& window, const axes& over, caller where) {
  std::vector<int> axes;  // may repeat
  if (over.every()) axes = ordered_axes({}, x.ndim(), "sliding_window_view", where);
  for (std::int64_t axis : over.list()) axes.push_back(normalize_axis(axis, x.ndim(), "sliding_window_view", where));
  if (static_cast<int>(axes.size()) != window.size()) {
    throw value_error("sliding_window_view: window " + to_string(window) + " has " + std::to_string(window.size()) +
                          " extents for " + std::to_string(axes.size()) + " axes",
                      where);
  }
  shape extents = x.shape(), strides = x.strides();
  for (int i = 0; i < window.size(); ++i) {
    if (window[i] < 0)
      throw value_error("sliding_window_view: window " + to_string(window) + " has a negative extent", where);
    const std::int64_t left = extents[axes[i]] - window[i] + 1;
    if (window[i] > extents[axes[i]]) {
      throw value_error("sliding_window_view: window " + to_string(window) + " is larger than shape " +
                            to_string(x.shape()) + " on axis " + std::to_string(axes[i]),
                        where);
    }
    extents[axes[i]] = left;
  }
  if (x.ndim() + window.size() > max_ndim)
    throw shape_error("sliding_window_view: more than " + std::to_string(max_ndim) + " axes", where);
  for (int i = 0; i < window.size(); ++i) {
    extents.push_back(window[i]);
    strides.push_back(x.strides()[axes[i]]);
  }
  element_count(extents, "sliding_window_view", where);
  array result = view(x, extents, strides);
  access::set_readonly(result, true);
  return result;
}

// ---- the recipe overloads, templates so that they lose ties

template TESSERA_API expr reshape<0>(const expr&, const shape&, order, caller);
template TESSERA_API expr ravel<0>(const expr&, order, caller);
template TESSERA_API expr transpose<0>(const expr&, const axes&, caller);
template TESSERA_API expr swapaxes<0>(const expr&, int, int, caller);
template TESSERA_API expr moveaxis<0>(const expr&, const axes&, const axes&, caller);
template TESSERA_API expr squeeze<0>(const expr&, const axes&, caller);
template TESSERA_API expr expand_dims<0>(const expr&, const axes&, caller);
template TESSERA_API expr broadcast_to<0>(const expr&, const shape&, caller);
template TESSERA_API expr flip<0>(const expr&, const axes&, caller);
template TESSERA_API expr diagonal<0>(const expr&, int, int, int, caller);
template TESSERA_API expr real<0>(const expr&, caller);
template TESSERA_API expr imag<0>(const expr&, caller);

}  // namespace tessera
