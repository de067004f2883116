// Triangles, diagonals and grids as index arrays, positions in flattened arrays, what is written to a diagonal.
#include <algorithm>

#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/marks.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/scan.hpp"
#include "tessera/select.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// Throws unless what a function makes of a matrix fits into memory's addresses: positions or, if larger, its elements.
void check_matrix(std::int64_t rows, std::int64_t columns, const char* name, caller where, int itemsize = 8) {
  element_count({std::max<std::int64_t>(rows, 0), std::max<std::int64_t>(columns, 0)}, name, where,
                std::max(itemsize, 8));
}

/// Where column <= row + k.
expr lower(std::int64_t rows, std::int64_t columns, std::int64_t k, const device& on, caller where) {
  const range_options there{.dtype = int64, .device = on};
  const array row = arange(0, rows, 1, there, where), column = arange(0, columns, 1, there, where);
  return expand_dims(row, 1, where) + k >= column;
}

std::vector<array> triangle(bool is_lower, std::int64_t rows, std::int64_t columns, std::int64_t k, const device& on,
                            const char* name, caller where) {
  if (columns < 0) columns = rows;
  check_matrix(rows, columns, name, where);
  const expr below = lower(rows, columns, is_lower ? k : k - 1, on, where);
  return nonzero({is_lower ? below : logical_not({below, where}), where});
}

std::vector<array> triangle_from(bool is_lower, const operand& x, std::int64_t k, const char* name) {
  const shape extents = x->shape();
  if (extents.size() != 2) {
    throw shape_error(std::string(name) + ": shape " + to_string(extents) + " is not a matrix", x.where());
  }
  return triangle(is_lower, extents[0], extents[1], k, device_of(x.recipe(), x.where()), name, x.where());
}

void check_equal_extents(const shape& extents, const char* name, caller where) {
  if (extents.size() < 2) {
    throw shape_error(std::string(name) + ": shape " + to_string(extents) + " has fewer than two axes", where);
  }
  if (std::any_of(extents.begin(), extents.end(), [&](std::int64_t n) { return n != extents[0]; })) {
    throw shape_error(std::string(name) + ": the extents of shape " + to_string(extents) + " differ", where);
  }
}

}  // namespace

array tri(std::int64_t rows, const eye_options& options, caller where) {
  const device on = options.device ? *options.device : default_device(where);
  const dtype type = options.dtype.is_set() ? options.dtype : dtype(float64);
  const std::int64_t columns = options.columns < 0 ? rows : options.columns;
  check_matrix(rows, columns, "tri", where, type.itemsize());
  return lower(rows, columns, options.k, on, where).eval(where).astype(type, options.layout);
}

std::vector<array> tril_indices(std::int64_t rows, int k, std::int64_t columns, caller where) {
  return triangle(true, rows, columns, k, default_device(where), "tril_indices", where);
}
std::vector<array> triu_indices(std::int64_t rows, int k, std::int64_t columns, caller where) {
  return triangle(false, rows, columns, k, default_device(where), "triu_indices", where);
}
std::vector<array> tril_indices_from(const operand& x, int k) { return triangle_from(true, x, k, "tril_indices_from"); }
std::vector<array> triu_indices_from(const operand& x, int k) {
  return triangle_from(false, x, k, "triu_indices_from");
}

std::vector<array> diag_indices(std::int64_t n, int ndim, caller where) {
  element_count({std::max<std::int64_t>(n, 0)}, "diag_indices", where, 8);
  return std::vector<array>(static_cast<std::size_t>(std::max(ndim, 0)), arange(n, int64, where));
}

std::vector<array> diag_indices_from(const operand& x) {
  const shape extents = x->shape();
  check_equal_extents(extents, "diag_indices_from", x.where());
  const range_options there{.dtype = int64, .device = device_of(x.recipe(), x.where())};
  return std::vector<array>(static_cast<std::size_t>(extents.size()), arange(0, extents[0], 1, there, x.where()));
}

std::vector<array> sparse_indices(const shape& extents, const range_options& options, caller where) {
  const dtype type = options.dtype.is_set() ? options.dtype : dtype(int64);
  element_count(extents, "sparse_indices", where, type.itemsize());
  std::vector<array> result;
  for (int axis = 0; axis < extents.size(); ++axis) {
    shape along = shape::filled(extents.size(), 1);
    along[axis] = extents[axis];
    result.push_back(reshape(arange(0, extents[axis], 1, {type, options.device}, where), along, order::C, where));
  }
  return result;
}

array indices(const shape& extents, const range_options& options, caller where) {
  shape all = extents;
  all.insert(0, extents.size());
  const dtype type = options.dtype.is_set() ? options.dtype : dtype(int64);
  element_count(all, "indices", where, type.itemsize());
  array result = empty(all, {.dtype = type, .device = options.device}, where);
  const std::vector<array> each = sparse_indices(extents, options, where);
  for (int axis = 0; axis < extents.size(); ++axis) {
    evaluate_into(result.view_at({axis}, where), each[static_cast<std::size_t>(axis)], assign_rule::unsafe, "indices",
                  where);
  }
  return result;
}

// ---- positions in a flattened array

namespace {

void check_inside(const array& positions, std::int64_t extent, const std::string& of, const char* name, caller where) {
  if (const auto bad = first_outside(positions, extent, where)) {
    throw value_error(std::string(name) + ": " + std::to_string(*bad) + " is out of bounds for " + of, where);
  }
}

}  // namespace

std::vector<array> unravel_index(const operand& positions, const shape& extents, order layout) {
  const caller where = positions.where();
  const std::int64_t count = element_count(extents, "unravel_index", where);
  const array flat = positions_of(positions.recipe(), casting::same_kind, "unravel_index", where);
  check_inside(flat, count, "shape " + to_string(extents), "unravel_index", where);
  const shape strides = contiguous_strides(extents, 1, layout == order::F ? order::F : order::C);
  std::vector<array> result;
  for (int axis = 0; axis < extents.size(); ++axis) {  // no extent is 0 where there is a position
    const operand steps(floor_divide({flat, where}, {std::max<std::int64_t>(strides[axis], 1), where}), where);
    result.push_back(array(remainder(steps, {std::max<std::int64_t>(extents[axis], 1), where}), where));
  }
  return result;
}

array ravel_multi_index(const expr_list& positions, const shape& extents, order layout, caller where) {
  if (static_cast<int>(positions.size()) != extents.size() || extents.empty()) {
    throw value_error(
        "ravel_multi_index: " + std::to_string(positions.size()) + " index arrays for shape " + to_string(extents),
        where);
  }
  element_count(extents, "ravel_multi_index", where);
  const shape strides = contiguous_strides(extents, 1, layout == order::F ? order::F : order::C);
  expr sum = 0;
  for (int axis = 0; axis < extents.size(); ++axis) {
    const array along =
        positions_of(positions[static_cast<std::size_t>(axis)], casting::same_kind, "ravel_multi_index", where);
    check_inside(along, extents[axis], "axis " + std::to_string(axis) + " with extent " + std::to_string(extents[axis]),
                 "ravel_multi_index", where);
    const operand step(multiply({along, where}, {strides[axis], where}), where);
    sum = axis == 0 ? step.recipe() : add({sum, where}, step);
  }
  return array(sum, where);
}

// ---- matrices

array vander(const operand& x, std::int64_t columns, bool increasing) {
  const caller where = x.where();
  check_numbers({x->dtype()}, "vander", where);
  if (x->ndim() != 1) throw value_error("vander: x has shape " + to_string(x->shape()) + "; expected one axis", where);
  if (columns < 0) columns = x->size();
  const array base = materialize(x.recipe(), where).astype(result_type(x->dtype(), int64));
  array result = ones({base.size(), columns}, {.dtype = base.dtype(), .device = base.device()}, where);
  if (columns > 1) {
    const shape powers{base.size(), columns - 1};
    const operand repeated(broadcast_to(expand_dims(base, 1, where), powers, where), where);
    result(all, slice(1, none)) = cumprod(repeated, 1, base.dtype());
  }
  return increasing ? result : flip(result, 1, where);
}

namespace {

/// The elements (i, i, …, i) of an array.
array diagonal_of(const array& x, std::int64_t first, caller where) {
  std::int64_t count = x.shape()[0] - first, stride = 0;
  for (int axis = 1; axis < x.ndim(); ++axis) count = std::min(count, x.shape()[axis]);
  for (std::int64_t step : x.strides()) stride = wrapping_sum(stride, step);
  strided_view view;
  view.move(first, x.strides()[0]);
  view.push(count, stride, where);
  return view.of(x);
}

}  // namespace

void fill_diagonal(array target, const operand& values, const diagonal_options& options) {
  const caller where = values.where();
  if (target.ndim() != 2) check_equal_extents(target.shape(), "fill_diagonal", where);
  const array list = ravel(values_for(values.recipe(), target, target.dtype(), "fill_diagonal", where));
  check_writable(target, "fill_diagonal", where);
  if (target.size() == 0 || list.size() == 0) return;
  const bool is_matrix = target.ndim() == 2;
  const std::int64_t rows = target.shape()[0], period = is_matrix ? target.shape()[1] + 1 : rows + 1;
  std::int64_t given = 0;
  for (std::int64_t first = 0; first < rows; first += period) {
    const array diagonal = diagonal_of(target, first, where);
    const std::int64_t count = diagonal.size();
    expr piece = list;
    if (list.size() != 1) {
      const range_options there{.dtype = int64, .device = list.device()};
      const operand place(arange(given, given + count, 1, there, where), where);
      piece = take_slices(list, array(remainder(place, {list.size(), where}), where), 0, where);
    }
    evaluate_into(diagonal, piece, assign_rule::unsafe, "fill_diagonal", where);
    given += count;
    if (!options.wrap || !is_matrix) return;
  }
}

}  // namespace tessera
