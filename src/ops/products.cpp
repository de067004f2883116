// matmul and its kin: labels for the axes of matrices, vectors and stacks of them; contract.hpp computes.
#include "ops/numbers_only.hpp"
#include "ops/products.hpp"

#include <algorithm>

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "tessera/views.hpp"

namespace tessera {

namespace detail {

product_call::product_call(const char* function, const array& x, const array& y, const product_options& given,
                           caller line)
    : name(function), where(line) {
  check_numbers({x.dtype(), y.dtype()}, name, where);
  options.tf32 = given.tf32;
  options.dtype = given.dtype;
  if (!given.dtype.is_set()) return;
  for (const array* one : {&x, &y}) {
    if (can_cast(one->dtype(), given.dtype, casting::same_kind)) continue;
    throw dtype_error(std::string(name) + ": " + one->dtype().name() + " is not cast to " + given.dtype.name() +
                          " by casting::same_kind",
                      where);
  }
}

array product_call::operator()(const labelled& x, const labelled& y, const label_list& output,
                               const shape& extents) const {
  const dtype type = options.dtype.is_set() ? options.dtype : result_type(x.value.dtype(), y.value.dtype());
  element_count(extents, name, where, type.itemsize());
  return contract(x, y, output, options, name, where);
}

void product_call::fail_inner(const array& x, const array& y, std::int64_t m, std::int64_t n) const {
  throw shape_error(std::string(name) + ": inner extents differ: " + to_string(x.shape()) + " and " +
                        to_string(y.shape()) + ": " + std::to_string(m) + " against " + std::to_string(n),
                    where);
}

}  // namespace detail

using namespace detail;

namespace {

// Axes of matrices and vectors; those of the stacks come after them, counted from the last.
constexpr label rows = 0, summed = 1, columns = 2, stacks = 3;

/// One operand: its last axes and the stack before them.
struct stacked {
  labelled x;
  int stack;

  stacked(const array& value, std::initializer_list<label> last)
      : x{value, {}}, stack(value.ndim() - static_cast<int>(last.size())) {
    for (int k = stack; k-- > 0;) x.labels.push_back(stacks + k);
    x.labels.append(last.begin(), last.end());
  }
  /// Of the k-th stack axis from the last.
  std::int64_t stack_extent(int k) const { return k < stack ? x.value.shape()[stack - 1 - k] : 1; }
  /// Of one of the last axes; -1 when there is no such.
  std::int64_t extent(label l) const {
    for (int axis = stack; axis < x.value.ndim(); ++axis) {
      if (x.labels[axis] == l) return x.value.shape()[axis];
    }
    return -1;
  }
};

array product(const product_call& call, const stacked& x, const stacked& y, std::initializer_list<label> last) {
  const array &a = x.x.value, &b = y.x.value;
  if (x.extent(summed) != y.extent(summed)) call.fail_inner(a, b, x.extent(summed), y.extent(summed));
  label_list output;
  shape extents;
  const int stack = std::max(x.stack, y.stack);
  for (int k = stack; k-- > 0;) {
    const std::int64_t m = x.stack_extent(k), n = y.stack_extent(k);
    if (m != n && m != 1 && n != 1) {
      throw shape_error(std::string(call.name) + ": stacks of shapes " + to_string(a.shape()) + " and " +
                            to_string(b.shape()) + " do not broadcast: axis " + std::to_string(stack - 1 - k) +
                            " has extents " + std::to_string(m) + " and " + std::to_string(n),
                        call.where);
    }
    output.push_back(stacks + k);
    extents.push_back(m == 1 ? n : m);
  }
  for (label l : last) {
    output.push_back(l);
    extents.push_back(std::max(x.extent(l), y.extent(l)));
  }
  return call(x.x, y.x, output, extents);
}

void need_axes(const array& x, const array& y, int of_x, int of_y, const char* name, caller where) {
  if (x.ndim() >= of_x && y.ndim() >= of_y) return;
  const std::string needs = of_x == of_y ? "operands need at least one axis"
                                         : std::string("operands need at least ") + (of_x == 1 ? "one" : "two") +
                                               " and " + (of_y == 1 ? "one" : "two") + " axes";
  throw shape_error(
      std::string(name) + ": " + needs + "; shapes are " + to_string(x.shape()) + " and " + to_string(y.shape()),
      where);
}

}  // namespace

array detail::matrix_product(const product_call& call, const array& x, const array& y) {
  return product(call, {x, {rows, summed}}, {y, {summed, columns}}, {rows, columns});
}

array matmul(const operand& x, const operand& y, const product_options& options) {
  const caller where = x.where();
  const array a = materialize(x.recipe(), where), b = materialize(y.recipe(), y.where());
  need_axes(a, b, 1, 1, "matmul", where);
  const product_call call("matmul", a, b, options, where);
  if (a.ndim() == 1 && b.ndim() == 1) return product(call, {a, {summed}}, {b, {summed}}, {});
  if (a.ndim() == 1) return product(call, {a, {summed}}, {b, {summed, columns}}, {columns});
  if (b.ndim() == 1) return product(call, {a, {rows, summed}}, {b, {summed}}, {rows});
  return matrix_product(call, a, b);
}

array matvec(const operand& x, const operand& y, const product_options& options) {
  const caller where = x.where();
  const array a = materialize(x.recipe(), where), b = materialize(y.recipe(), y.where());
  need_axes(a, b, 2, 1, "matvec", where);
  return product({"matvec", a, b, options, where}, {a, {rows, summed}}, {b, {summed}}, {rows});
}

array vecmat(const operand& x, const operand& y, const product_options& options) {
  const caller where = x.where();
  const array a = materialize(x.recipe(), where), b = materialize(y.recipe(), y.where());
  need_axes(a, b, 1, 2, "vecmat", where);
  product_call call("vecmat", a, b, options, where);
  call.options.conjugate_x = true;
  return product(call, {a, {summed}}, {b, {summed, columns}}, {columns});
}

array vecdot(const operand& x, const operand& y, int axis, const product_options& options) {
  const caller where = x.where();
  array a = materialize(x.recipe(), where), b = materialize(y.recipe(), y.where());
  need_axes(a, b, 1, 1, "vecdot", where);
  product_call call("vecdot", a, b, options, where);
  call.options.conjugate_x = true;
  const int at = normalize_axis(axis, a.ndim(), "vecdot", where),
            at_y = normalize_axis(axis, b.ndim(), "vecdot", where);
  if (const std::int64_t m = a.shape()[at], n = b.shape()[at_y]; m != n) {
    throw shape_error("vecdot: shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) + ": axis " +
                          std::to_string(axis) + " has extents " + std::to_string(m) + " and " + std::to_string(n),
                      where);
  }
  if (at != a.ndim() - 1) a = moveaxis(a, at, -1, where);
  if (at_y != b.ndim() - 1) b = moveaxis(b, at_y, -1, where);
  return product(call, {a, {summed}}, {b, {summed}}, {});
}

}  // namespace tessera
