// tensordot and its kin: which axes of one operand are summed with which of the other, all others are free.
#include <algorithm>

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/products.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

array elements_of(const operand& x) { return materialize(x.recipe(), x.where()); }

/// Axes of x and y, from the front, each once.
struct axis_pairs {
  inline_vector<int, 8> of_x, of_y;
};

bool has(const inline_vector<int, 8>& list, int axis) {
  return std::find(list.begin(), list.end(), axis) != list.end();
}

/// The result has x's free axes, then y's.
array contract_pairs(const product_call& call, const array& x, const array& y, const axis_pairs& pairs) {
  const int left = x.ndim() + y.ndim() - 2 * static_cast<int>(pairs.of_x.size());
  if (left > max_ndim) {
    throw shape_error(std::string(call.name) + ": the result of shapes " + to_string(x.shape()) + " and " +
                          to_string(y.shape()) + " would have " + std::to_string(left) + " axes, more than " +
                          std::to_string(max_ndim),
                      call.where);
  }
  labelled a = {x, {}}, b = {y, {}};
  for (int axis = 0; axis < x.ndim(); ++axis) a.labels.push_back(axis);
  for (int axis = 0; axis < y.ndim(); ++axis) b.labels.push_back(x.ndim() + axis);
  for (std::size_t i = 0; i < pairs.of_x.size(); ++i) {
    const std::int64_t m = x.shape()[pairs.of_x[i]], n = y.shape()[pairs.of_y[i]];
    if (m != n) call.fail_inner(x, y, m, n);
    b.labels[pairs.of_y[i]] = pairs.of_x[i];
  }
  label_list output;
  shape extents;
  for (int axis = 0; axis < x.ndim(); ++axis) {
    if (has(pairs.of_x, axis)) continue;
    output.push_back(a.labels[axis]);
    extents.push_back(x.shape()[axis]);
  }
  for (int axis = 0; axis < y.ndim(); ++axis) {
    if (has(pairs.of_y, axis)) continue;
    output.push_back(b.labels[axis]);
    extents.push_back(y.shape()[axis]);
  }
  return call(a, b, output, extents);
}

/// All elements along one axis; a 0-d array as it is, which goes with any device. Vectors of any stride are not copied.
labelled flat(const array& x, label l) {
  if (x.ndim() == 0) return {x, {}};
  if (x.ndim() == 1) return {x, {l}};
  return {ravel(x), {l}};
}

array each_with_each(const product_call& call, const array& x, const array& y) {
  return call(flat(x, 0), flat(y, 1), {0, 1}, {x.size(), y.size()});
}

axis_pairs pairs_of(const summed_axes& over, const array& x, const array& y, caller where) {
  axis_pairs pairs;
  if (!over.named) {
    if (over.count < 0 || over.count > x.ndim() || over.count > y.ndim()) {
      throw value_error("tensordot: " + std::to_string(over.count) + " axes to sum over of shapes " +
                            to_string(x.shape()) + " and " + to_string(y.shape()),
                        where);
    }
    for (int i = 0; i < over.count; ++i) {
      pairs.of_x.push_back(x.ndim() - static_cast<int>(over.count) + i);
      pairs.of_y.push_back(i);
    }
    return pairs;
  }
  if (over.of_x.size() != over.of_y.size()) {
    throw value_error(
        "tensordot: axes " + to_string(over.of_x) + " of x and " + to_string(over.of_y) + " of y are not equally many",
        where);
  }
  const auto read = [&](const shape& list, const array& of, inline_vector<int, 8>& to) {
    for (std::int64_t axis : list) {
      const int at = normalize_axis(axis, of.ndim(), "tensordot", where);
      if (has(to, at)) throw value_error("tensordot: axis " + std::to_string(at) + " is repeated", where);
      to.push_back(at);
    }
  };
  read(over.of_x, x, pairs.of_x);
  read(over.of_y, y, pairs.of_y);
  return pairs;
}

void check_extents(const axis_pairs& pairs, const array& x, const array& y, caller where) {
  for (std::size_t i = 0; i < pairs.of_x.size(); ++i) {
    const int p = pairs.of_x[i], q = pairs.of_y[i];
    if (x.shape()[p] == y.shape()[q]) continue;
    throw shape_error("tensordot: shapes " + to_string(x.shape()) + " and " + to_string(y.shape()) + ": axis " +
                          std::to_string(p) + " of x has extent " + std::to_string(x.shape()[p]) + ", axis " +
                          std::to_string(q) + " of y " + std::to_string(y.shape()[q]),
                      where);
  }
}

}  // namespace

array dot(const operand& x, const operand& y, const product_options& options) {
  const array a = elements_of(x), b = elements_of(y);
  const product_call call("dot", a, b, options, x.where());
  if (a.ndim() == 0 || b.ndim() == 0) return contract_pairs(call, a, b, {});
  return contract_pairs(call, a, b, {{a.ndim() - 1}, {std::max(0, b.ndim() - 2)}});
}

array inner(const operand& x, const operand& y, const product_options& options) {
  const array a = elements_of(x), b = elements_of(y);
  const product_call call("inner", a, b, options, x.where());
  if (a.ndim() == 0 || b.ndim() == 0) return contract_pairs(call, a, b, {});
  return contract_pairs(call, a, b, {{a.ndim() - 1}, {b.ndim() - 1}});
}

array vdot(const operand& x, const operand& y) {
  const array a = elements_of(x), b = elements_of(y);
  product_call call("vdot", a, b, {}, x.where());
  call.options.conjugate_x = true;
  if (a.size() != b.size()) {
    throw shape_error("vdot: shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) + " have " +
                          std::to_string(a.size()) + " and " + std::to_string(b.size()) + " elements",
                      x.where());
  }
  const bool alike = a.shape() == b.shape();  // need not be flattened, which may copy
  const auto all_of = [alike](const array& of) {
    if (!alike) return flat(of, 0);
    labelled result = {of, {}};
    for (int axis = 0; axis < of.ndim(); ++axis) result.labels.push_back(axis);
    return result;
  };
  return call(all_of(a), all_of(b), {}, shape());
}

array outer(const operand& x, const operand& y) {
  const array a = elements_of(x), b = elements_of(y);
  return each_with_each({"outer", a, b, {}, x.where()}, a, b);
}

array tensordot(const operand& x, const operand& y, const summed_axes& over, const product_options& options) {
  const array a = elements_of(x), b = elements_of(y);
  const axis_pairs pairs = pairs_of(over, a, b, x.where());
  check_extents(pairs, a, b, x.where());
  return contract_pairs({"tensordot", a, b, options, x.where()}, a, b, pairs);
}

array kron(const operand& x, const operand& y) {
  const caller where = x.where();
  const array a = elements_of(x), b = elements_of(y);
  const product_call call("kron", a, b, {}, where);
  const int ndim = std::max(a.ndim(), b.ndim());
  const auto extent = [ndim](const array& of, int axis) {
    const int at = axis - (ndim - of.ndim());
    return at < 0 ? 1 : of.shape()[at];
  };
  // Each axis of the result is an axis of x and one of y; those of extent 1 have no label, so that there are few.
  labelled first = {a, {}}, second = {b, {}};
  label_list output;
  shape extents = shape::filled(ndim, 1), parts;
  for (int axis = 0; axis < ndim; ++axis) {
    const std::int64_t m = extent(a, axis), n = extent(b, axis);
    if (__builtin_mul_overflow(m, n, &extents[axis])) {
      throw value_error("kron: shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) +
                            ": an extent of the result does not fit in 64 bits",
                        where);
    }
  }
  if (element_count(extents, "kron", where) == 0)  // whatever the axes
    return reshape(each_with_each(call, a, b), extents, order::C, where);
  for (int axis = 0; axis < ndim; ++axis) {
    for (const array* of : {&a, &b}) {
      const std::int64_t own = extent(*of, axis);
      const label name = 2 * axis + (of == &b);
      if (axis >= ndim - of->ndim()) (of == &a ? first : second).labels.push_back(name);
      if (own == 1) continue;
      output.push_back(name);
      parts.push_back(own);
    }
  }
  return reshape(call(first, second, output, parts), extents, order::C, where);
}

expr trace(const operand& x, int offset, int axis1, int axis2, const dtype& type) {
  const caller where = x.where();
  const int ndim = x->ndim();
  if (ndim < 2)
    throw value_error("trace: an array of shape " + to_string(x->shape()) + " has fewer than two axes", where);
  const int down = normalize_axis(axis1, ndim, "trace", where), across = normalize_axis(axis2, ndim, "trace", where);
  if (down == across) throw value_error("trace: axis " + std::to_string(down) + " is repeated", where);
  return sum(operand(diagonal(x.recipe(), offset, down, across, where), where), -1, {.dtype = type});
}

}  // namespace tessera
