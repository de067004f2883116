// Making arrays: filled, over C++ memory, diagonals, triangles and coordinate matrices.
#include "tessera/creation.hpp"

#include <cstring>

#include "backend.hpp"
#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "expr/node.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/views.hpp"

namespace tessera {

using detail::access;

namespace {

/// Not initialised; the name is for the message about extents that cannot be.
array make(const shape& extents, const creation_options& options, const char* name, caller where) {
  const dtype type = options.dtype.is_set() ? options.dtype : dtype(float64);
  detail::element_count(extents, name, where, type.itemsize());
  return access::make(extents, type, options.layout, options.device ? *options.device : default_device(where), where);
}

void set_zero(const array& fresh) {
  if (fresh.size() > 0) detail::backend_of(fresh.device()).fill_zero(access::data(fresh), fresh.nbytes());
}

void fill(const array& target, const expr& value, const char* name, caller where) {
  detail::evaluate_into(target, value, detail::assign_rule::unsafe, name, where);
}

array make_like(const operand& like, const like_options& options) {
  const expr& x = like.recipe();
  const detail::node* const n = access::node_of(x);
  if (n && n->kind == detail::node_kind::selection) return make_like(detail::materialize(x, like.where()), options);
  const dtype type = options.dtype.is_set() ? options.dtype : x.dtype();
  const device on = options.device ? *options.device : detail::device_of(x, like.where());
  if (n && n->kind == detail::node_kind::leaf) {
    const array& leaf = static_cast<const detail::leaf_node*>(n)->value;
    return access::make_strided(leaf.shape(), detail::fresh_strides(leaf, type.itemsize(), options.layout), type, on,
                                like.where());
  }
  return access::make(x.shape(), type, options.layout, on, like.where());
}

/// Where column <= row + k, for the last two axes of x; a vector's rows are its length.
array lower_triangle(const array& x, std::int64_t k, const char* name, caller where) {
  if (x.ndim() == 0) throw axis_error(std::string(name) + ": a 0-d array has no triangle", where);
  const std::int64_t columns = x.shape()[x.ndim() - 1], rows = x.ndim() == 1 ? columns : x.shape()[x.ndim() - 2];
  const device_scope beside(x.device());
  const array row = arange(rows), column = arange(columns);
  return (expand_dims(row, 1) + k >= column).eval(where);
}

}  // namespace

// ---- Filled

array zeros(const shape& extents, const creation_options& options, caller where) {
  array result = make(extents, options, "zeros", where);
  set_zero(result);
  return result;
}

array ones(const shape& extents, const creation_options& options, caller where) {
  array result = make(extents, options, "ones", where);
  fill(result, 1, "ones", where);
  return result;
}

array empty(const shape& extents, const creation_options& options, caller where) {
  return make(extents, options, "empty", where);
}

array full(const shape& extents, const operand& value, const creation_options& options) {
  creation_options complete = options;
  if (!complete.dtype.is_set()) complete.dtype = value.recipe().dtype();
  array result = make(extents, complete, "full", value.where());
  fill(result, value.recipe(), "full", value.where());
  return result;
}

array zeros(const shape& extents, const dtype& type, order layout, caller where) {
  return zeros(extents, {.dtype = type, .layout = layout}, where);
}
array ones(const shape& extents, const dtype& type, order layout, caller where) {
  return ones(extents, {.dtype = type, .layout = layout}, where);
}
array empty(const shape& extents, const dtype& type, order layout, caller where) {
  return empty(extents, {.dtype = type, .layout = layout}, where);
}
array full(const shape& extents, const operand& value, const dtype& type, order layout) {
  return full(extents, value, creation_options{.dtype = type, .layout = layout});
}

array zeros_like(const operand& like, const like_options& options) {
  array result = make_like(like, options);
  set_zero(result);
  return result;
}

array ones_like(const operand& like, const like_options& options) {
  array result = make_like(like, options);
  fill(result, 1, "ones_like", like.where());
  return result;
}

array empty_like(const operand& like, const like_options& options) { return make_like(like, options); }

array full_like(const operand& like, const operand& value, const like_options& options) {
  array result = make_like(like, options);
  fill(result, value.recipe(), "full_like", value.where());
  return result;
}

array zeros_like(const operand& like, const dtype& type, order layout) {
  return zeros_like(like, {.dtype = type, .layout = layout});
}
array ones_like(const operand& like, const dtype& type, order layout) {
  return ones_like(like, {.dtype = type, .layout = layout});
}
array empty_like(const operand& like, const dtype& type, order layout) {
  return empty_like(like, {.dtype = type, .layout = layout});
}
array full_like(const operand& like, const operand& value, const dtype& type, order layout) {
  return full_like(like, value, {.dtype = type, .layout = layout});
}

// ---- Diagonals and triangles

array eye(std::int64_t rows, const eye_options& options, caller where) {
  const shape extents{rows, options.columns == -1 ? rows : options.columns};
  array result = make(extents, {options.dtype, options.layout, options.device}, "eye", where);
  set_zero(result);
  fill(diagonal(result, options.k), 1, "eye", where);
  return result;
}

array eye(std::int64_t rows, std::int64_t columns, int k, const dtype& type, caller where) {
  return eye(rows, {.columns = columns, .k = k, .dtype = type}, where);
}

array identity(std::int64_t n, const creation_options& options, caller where) {
  return eye(n, {n, 0, options.dtype, options.layout, options.device}, where);
}
array identity(std::int64_t n, const dtype& type, caller where) { return identity(n, {.dtype = type}, where); }

array tril(const operand& x, int k) {
  const array values = detail::materialize(x.recipe(), x.where());
  const array lower = lower_triangle(values, k, "tril", x.where());
  return where(lower, values, zeros({}, {.dtype = values.dtype(), .device = values.device()})).eval(x.where());
}

array triu(const operand& x, int k) {
  const array values = detail::materialize(x.recipe(), x.where());
  const array lower = lower_triangle(values, std::int64_t{k} - 1, "triu", x.where());
  return where(lower, zeros({}, {.dtype = values.dtype(), .device = values.device()}), values).eval(x.where());
}

array diag(const operand& v, int k) {
  const array values = detail::materialize(v.recipe(), v.where());
  if (values.ndim() == 2) return diagonal(values, k).copy();
  if (values.ndim() != 1) {
    throw shape_error("diag: shape " + to_string(values.shape()) + " is neither a vector nor a matrix", v.where());
  }
  const std::int64_t n = values.size() + (k < 0 ? -std::int64_t{k} : k);
  array result = make({n, n}, {.dtype = values.dtype(), .device = values.device()}, "diag", v.where());
  set_zero(result);
  fill(diagonal(result, k), values, "diag", v.where());
  return result;
}

std::vector<array> meshgrid(const expr_list& vectors, indexing rule, caller where) {
  std::vector<array> result;
  shape extents;
  for (const expr& x : vectors.list()) {
    const array vector = detail::materialize(x, where);
    result.push_back(vector.ndim() == 1 ? vector : vector.copy());  // contiguous, so that it can be walked as one axis
    extents.push_back(vector.size());
  }
  const bool swapped = rule == indexing::xy && extents.size() > 1;
  if (swapped) std::swap(extents[0], extents[1]);
  for (int i = 0; i < extents.size(); ++i) {
    array& x = result[static_cast<std::size_t>(i)];
    shape strides = shape::filled(extents.size(), 0);
    strides[swapped && i < 2 ? 1 - i : i] = x.ndim() == 1 ? x.strides()[0] : x.itemsize();
    x = access::view(x, access::data(x), x.dtype(), extents, strides).copy();
  }
  return result;
}

// ---- Over C++ memory

array copy_of(const void* data, const shape& extents, const creation_options& options, caller where) {
  const dtype type = options.dtype;
  if (!type.is_set()) throw dtype_error("copy_of: the elements' dtype is not given", where);
  array result = make(extents, options, "copy_of", where);
  if (result.size() == 0) return result;
  if (!data) throw value_error("copy_of: a null pointer for shape " + to_string(extents), where);
  if (result.device() == cpu() && result.flags().c_contiguous) {  // also where data is not aligned
    std::memcpy(access::data(result), data, static_cast<std::size_t>(result.nbytes()));
    return result;
  }
  const detail::strided from{static_cast<std::byte*>(const_cast<void*>(data)), type,
                             detail::contiguous_strides(extents, type.itemsize(), order::C)};
  detail::copy_between(extents, from, cpu(), {access::data(result), type, result.strides()}, result.device());
  return result;
}

array copy_of(const void* data, const shape& extents, const dtype& type, caller where) {
  return copy_of(data, extents, creation_options{.dtype = type}, where);
}

array from_pointer(void* data, const shape& extents, const dtype& type, const from_pointer_options& options,
                   caller where) {
  if (!type.is_set()) throw dtype_error("from_pointer: the elements' dtype is not given", where);
  if (type.itemsize() == 0) throw dtype_error("from_pointer: " + type.name() + " has no bytes", where);
  const bool packed = options.strides.empty();
  if (!packed && options.strides.size() != extents.size()) {
    throw shape_error("from_pointer: shape " + to_string(extents) + " and strides " + to_string(options.strides) +
                          " have different lengths",
                      where);
  }
  const std::int64_t itemsize = type.itemsize();
  const std::int64_t count = detail::element_count(extents, "from_pointer", where, packed ? itemsize : 1);
  const shape strides = packed ? detail::contiguous_strides(extents, itemsize, order::C) : options.strides;
  if (count > 0 && !data) throw value_error("from_pointer: a null pointer for shape " + to_string(extents), where);
  if (!data) data = access::data(array());  // no elements, but arrays are never at null
  // 128 bits: neither the strides nor the extents can be trusted.
  __int128 begin = reinterpret_cast<std::uintptr_t>(data), end = begin + (count > 0 ? itemsize : 0);
  for (int axis = 0; axis < extents.size() && count > 0; ++axis) {
    const __int128 reach = __int128{extents[axis] - 1} * strides[axis];
    (reach < 0 ? begin : end) += reach;
    if (begin < 0 || end > INT64_MAX) {
      throw value_error("from_pointer: shape " + to_string(extents) + " with strides " + to_string(strides) +
                            " reaches outside the address space",
                        where);
    }
  }
  auto* const first = static_cast<std::byte*>(data);
  std::byte* const low = first - (reinterpret_cast<std::intptr_t>(data) - static_cast<std::intptr_t>(begin));
  auto bytes = detail::storage::adopt(
      {.data = low, .nbytes = static_cast<std::int64_t>(end - begin), .readonly = options.readonly});
  array result = access::adopt(bytes, first, type, extents, strides, options.readonly);
  bytes->free_with(options.free, options.context);  // last: before it, the caller owns the memory
  return result;
}

array from_pointer(const void* data, const shape& extents, const dtype& type, const from_pointer_options& options,
                   caller where) {
  from_pointer_options constant = options;
  constant.readonly = true;
  return from_pointer(const_cast<void*>(data), extents, type, constant, where);
}

}  // namespace tessera
