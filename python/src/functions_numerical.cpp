// Triangles, positions as index arrays, and derivatives, integrals and phases of sampled functions.
#include "functions.hpp"

namespace tessera::python {
namespace {

void bind_matrices(nb::module_& m) {
  m.def(
      "tri",
      [](nb::handle rows, nb::handle columns, nb::handle k, nb::handle type, nb::handle device) {
        const eye_options options{.columns = columns.is_none() ? -1 : to_int(columns),
                                  .k = diagonal_of(k),
                                  .dtype = to_dtype(type),
                                  .device = to_device(device)};
        return wrap(tri(to_int(rows), options));
      },
      nb::arg("N"), optional("M"), nb::arg("k") = 0, optional("dtype"), nb::kw_only(), optional("device"),
      "Ones on and below the k-th diagonal, zeros above.");
  m.def(
      "vander",
      [](nb::handle x, nb::handle columns, bool increasing) {
        const expr from = to_expr(x);
        const std::int64_t count = columns.is_none() ? -1 : to_int(columns);
        return wrap(without_gil([&] { return vander(from, count, increasing); }));
      },
      nb::arg("x"), optional("N"), nb::arg("increasing") = false, "Powers of a vector's elements as columns.");
  m.def(
      "fill_diagonal",
      [](nb::handle x, nb::handle values, bool wraps) {
        array& target = target_of(x, "fill_diagonal");
        const expr value = to_expr(values, &target);
        without_gil([&] { fill_diagonal(target, value, {.wrap = wraps}); });
      },
      nb::arg("x"), nb::arg("val"), nb::arg("wrap") = false, "Writes values on the main diagonal.");
}

using triangle = std::vector<array> (*)(std::int64_t, int, std::int64_t, caller);
using triangle_from = std::vector<array> (*)(const operand&, int);

void bind_triangles(nb::module_& m) {
  const auto bind = [&](const char* name, triangle f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle rows, nb::handle k, nb::handle columns) {
          return wrap(f(to_int(rows), diagonal_of(k), columns.is_none() ? -1 : to_int(columns), caller()));
        },
        nb::arg("n"), nb::arg("k") = 0, optional("m"), sentence);
  };
  bind("tril_indices", tril_indices, "Rows and columns of the lower triangle of a matrix.");
  bind("triu_indices", triu_indices, "Rows and columns of the upper triangle of a matrix.");
  const auto bind_from = [&](const char* name, triangle_from f, const char* sentence) {
    m.def(
        name, [f](nb::handle x, nb::handle k) { return wrap(f(to_expr(x), diagonal_of(k))); }, nb::arg("x"),
        nb::arg("k") = 0, sentence);
  };
  bind_from("tril_indices_from", tril_indices_from, "tril_indices of this matrix.");
  bind_from("triu_indices_from", triu_indices_from, "triu_indices of this matrix.");
}

void bind_positions(nb::module_& m) {
  m.def(
      "diag_indices", [](nb::handle n, int ndim) { return wrap(diag_indices(to_int(n), ndim)); }, nb::arg("n"),
      nb::arg("ndim") = 2, "Positions of a main diagonal.");
  m.def(
      "diag_indices_from", [](nb::handle x) { return wrap(diag_indices_from(to_expr(x))); }, nb::arg("x"),
      "diag_indices of this array.");
  m.def(
      "indices",
      [](nb::handle extents, nb::handle type, bool sparse, nb::handle device) {
        const shape s = to_shape(extents);
        const range_options options{.dtype = to_dtype(type), .device = to_device(device)};
        return sparse ? wrap(sparse_indices(s, options)) : wrap(indices(s, options));
      },
      nb::arg("dimensions"), optional("dtype"), nb::arg("sparse") = false, nb::kw_only(), optional("device"),
      "Every position of an array with these extents; sparse: an array for each axis.");
  m.def(
      "unravel_index",
      [](nb::handle positions, nb::handle extents, nb::handle layout) {
        return wrap(unravel_index(to_expr(positions), to_shape(extents), to_order(layout)));
      },
      nb::arg("indices"), nb::arg("shape"), nb::arg("order") = "C",
      "Positions in a flattened array as one index array an axis.");
  m.def(
      "ravel_multi_index",
      [](nb::handle positions, nb::handle extents, nb::handle layout) {
        const std::vector<expr> list = operands_or_rows(positions);
        return wrap(ravel_multi_index(list, to_shape(extents), to_order(layout)));
      },
      nb::arg("multi_index"), nb::arg("dims"), nb::kw_only(), nb::arg("order") = "C",
      "Index arrays, one an axis, as positions in the flattened array.");
}

void bind_calculus(nb::module_& m) {
  m.def(
      "gradient",
      [](nb::handle x, const nb::args& spacing, nb::handle axis, int edge_order) {
        const expr from = to_expr(x);
        std::vector<expr> steps;
        for (nb::handle step : spacing) steps.push_back(to_expr(step, array_or_null(x)));
        const axes over = to_axes(axis);
        const std::vector<array> found =
            without_gil([&] { return gradient(from, steps, over, {.edge_order = edge_order}); });
        return found.size() == 1 ? wrap(found.front()) : wrap(found);
      },
      nb::arg("x"), nb::arg("spacing"), nb::kw_only(), optional("axis"), nb::arg("edge_order") = 1,
      "Derivatives along each axis, from central differences.");
  m.def(
      "trapezoid",
      [](nb::handle y, nb::handle x, double dx, nb::handle axis) {
        const trapezoid_options options{.x = one_or_none(x, y), .dx = dx, .axis = to_axis(axis)};
        return run(trapezoid(to_expr(y), options));
      },
      nb::arg("y"), optional("x"), nb::arg("dx") = 1.0, nb::arg("axis") = -1,
      "The integral along an axis by the trapezoidal rule.");
  m.def(
      "unwrap",
      [](nb::handle x, nb::handle discont, nb::handle axis, nb::handle period) {
        const expr from = to_expr(x);
        unwrap_options options{.discont = one_or_none(discont, x), .axis = to_axis(axis)};
        if (!period.is_none()) options.period = to_expr(period, array_or_null(x));
        return wrap(without_gil([&] { return unwrap(from, options); }));
      },
      nb::arg("x"), optional("discont"), nb::arg("axis") = -1, nb::kw_only(), optional("period"),
      "Phases without jumps: whole periods (two pi) are added.");
  m.def(
      "ediff1d",
      [](nb::handle x) {
        const expr from = to_expr(x);
        return wrap(without_gil([&] { return ediff1d(from); }));
      },
      nb::arg("x"), "Differences of neighbours of the flattened array.");
}

}  // namespace

void bind_numerical(nb::module_& m) {
  bind_matrices(m);
  bind_triangles(m);
  bind_positions(m);
  bind_calculus(m);
}

}  // namespace tessera::python
