// Products of arrays, as einsum.
#include "functions.hpp"
#include "operators.hpp"

namespace tessera::python {
namespace {

/// Which axes tensordot sums: the last n of x1 with the first n of x2, or those named.
std::pair<shape, shape> summed_axes(nb::handle axes, int ndim1, int ndim2) {
  if (PyIndex_Check(axes.ptr())) {
    const std::int64_t count = to_int(axes);
    if (count < 0 || count > ndim1 || count > ndim2) {
      throw value_error("tensordot: axes=" + std::to_string(count) + " for arrays with " + std::to_string(ndim1) +
                        " and " + std::to_string(ndim2) + " axes");
    }
    std::pair<shape, shape> result;
    for (std::int64_t i = 0; i < count; ++i) {
      result.first.push_back(ndim1 - count + i);
      result.second.push_back(i);
    }
    return result;
  }
  if (nb::len(axes) != 2) throw value_error("tensordot: axes: expected a number or two lists of axes");
  return {to_shape(axes[0]), to_shape(axes[1])};
}

/// Where the axis is, counted from the front; axis_error "NAME: …" when it is none.
int position_of(std::int64_t axis, const array& x, const char* name) {
  if (axis < -x.ndim() || axis >= x.ndim()) {
    throw axis_error(std::string(name) + ": axis " + std::to_string(axis) + " is out of bounds for an array with " +
                     std::to_string(x.ndim()) + " axes");
  }
  return static_cast<int>(axis < 0 ? axis + x.ndim() : axis);
}

std::string labels(int first, int count) {
  std::string result;
  for (int i = first; i < first + count; ++i) result += static_cast<char>(i < 26 ? 'a' + i : 'A' + i - 26);
  return result;
}

array tensordot(const array& a, const array& b, const std::pair<shape, shape>& summed) {
  const auto& [left, right] = summed;
  if (left.size() != right.size()) {
    throw value_error("tensordot: " + std::to_string(left.size()) + " axes of x1 with " + std::to_string(right.size()) +
                      " of x2");
  }
  if (a.ndim() + b.ndim() > 52) throw value_error("tensordot: more than 52 axes in all");
  std::string in1 = labels(0, a.ndim()), in2 = labels(a.ndim(), b.ndim()), out1 = in1, out2 = in2;
  for (int i = 0; i < left.size(); ++i) {
    const auto p = static_cast<std::size_t>(position_of(left[i], a, "tensordot"));
    const auto q = static_cast<std::size_t>(position_of(right[i], b, "tensordot"));
    const std::int64_t m = a.shape()[static_cast<int>(p)], n = b.shape()[static_cast<int>(q)];
    if (m != n) {
      throw shape_error("tensordot: shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) + ": axis " +
                        std::to_string(p) + " of x1 has extent " + std::to_string(m) + ", axis " + std::to_string(q) +
                        " of x2 " + std::to_string(n));
    }
    if (out1[p] == ' ' || out2[q] == ' ') throw value_error("tensordot: an axis is named twice");
    in2[q] = in1[p];
    out1[p] = out2[q] = ' ';
  }
  return einsum(in1 + "," + in2 + "->" + out1 + out2, a, b);
}

array vecdot(const array& a, const array& b, int axis) {
  const auto lane = [axis](const array& x) { return moveaxis(x, position_of(axis, x, "vecdot"), -1); };
  const array x = lane(a), y = lane(b);
  const std::int64_t m = x.shape()[x.ndim() - 1], n = y.shape()[y.ndim() - 1];
  if (m != n) {
    throw shape_error("vecdot: shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) + ": axis " +
                      std::to_string(axis) + " has extents " + std::to_string(m) + " and " + std::to_string(n));
  }
  const array first = x.dtype().kind() == 'c' ? array(conj(x)) : x;
  return einsum("...i,...i->...", first, y);
}

}  // namespace

void bind_products(nb::module_& m) {
  m.def(
      "einsum",
      [](const std::string& equation, const nb::args& x) {
        std::vector<operand> operands;
        for (const expr& one : to_exprs(x)) operands.emplace_back(one);
        return wrap(without_gil([&] { return einsum_list(equation, operands); }));
      },
      nb::arg("subscripts"), nb::arg("operands"),
      "Sums of products over repeated labels; of one array that is only rearranged a writable view.");
  m.def(
      "matmul",
      [](nb::handle x1, nb::handle x2) {
        const expr a = to_expr(x1, array_or_null(x2)), b = to_expr(x2, array_or_null(x1));
        return wrap(without_gil([&] { return matmul(a, b); }));
      },
      nb::arg("x1"), nb::arg("x2"), "Products of matrices, stacks of matrices and vectors.");
  m.def(
      "tensordot",
      [](nb::handle x1, nb::handle x2, nb::handle axes) {
        const array a = to_array(x1), b = to_array(x2);
        const std::pair<shape, shape> summed = summed_axes(axes, a.ndim(), b.ndim());
        return wrap(without_gil([&] { return tensordot(a, b, summed); }));
      },
      nb::arg("x1"), nb::arg("x2"), nb::kw_only(), nb::arg("axes") = 2,
      "Products summed over pairs of axes: the last n of x1 with the first n of x2, or two lists.");
  m.def(
      "vecdot",
      [](nb::handle x1, nb::handle x2, nb::handle axis) {
        const array a = to_array(x1), b = to_array(x2);
        const int along = to_axis(axis);
        return wrap(without_gil([&] { return vecdot(a, b, along); }));
      },
      nb::arg("x1"), nb::arg("x2"), nb::kw_only(), nb::arg("axis") = -1, "sum(conj(x1) * x2) along an axis.");
}

}  // namespace tessera::python
