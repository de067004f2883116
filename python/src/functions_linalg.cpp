// Linear algebra: what python/tessera/linalg.py gives names, results with names and NumPy's arguments.
#include "functions.hpp"

namespace tessera::python {
namespace {

linalg::norm_order to_order_of_norm(nb::handle ord) {
  if (ord.is_none()) return {};
  if (PyUnicode_Check(ord.ptr())) return nb::cast<std::string>(ord);
  return nb::cast<double>(ord);
}

linalg::triangle_options triangle(bool upper) { return {.upper = upper}; }

/// A function of one array that gives one.
void unary(nb::module_& m, const char* name, array (*function)(const operand&)) {
  m.def(name, [function](nb::handle x) {
    const expr in = to_expr(x);
    return wrap(without_gil([&] { return function(in); }));
  });
}

nb::object pair(const array& first, const array& second) { return wrap(std::vector<array>{first, second}); }

void bind_systems(nb::module_& m) {
  unary(m, "inv", linalg::inv);
  unary(m, "det", linalg::det);
  m.def("slogdet", [](nb::handle x) {
    const expr in = to_expr(x);
    const auto [sign, logabsdet] = without_gil([&] { return linalg::slogdet(in); });
    return pair(sign, logabsdet);
  });
  m.def("solve", [](nb::handle x1, nb::handle x2) {
    const expr a = to_expr(x1), b = to_expr(x2);
    return wrap(without_gil([&] { return linalg::solve(a, b); }));
  });
  m.def(
      "lstsq",
      [](nb::handle x1, nb::handle x2, nb::handle rcond) {
        const expr a = to_expr(x1), b = to_expr(x2);
        linalg::lstsq_options options;
        if (!rcond.is_none()) options.rcond = nb::cast<double>(rcond);
        const linalg::lstsq_result fit = without_gil([&] { return linalg::lstsq(a, b, options); });
        return wrap(std::vector<array>{fit.solution, fit.residuals, fit.rank, fit.singular_values});
      },
      nb::arg("x1"), nb::arg("x2"), optional("rcond"));
}

void bind_factors(nb::module_& m) {
  m.def("cholesky", [](nb::handle x, bool upper) {
    const expr in = to_expr(x);
    return wrap(without_gil([&] { return linalg::cholesky(in, triangle(upper)); }));
  });
  m.def("qr", [](nb::handle x, const std::string& mode) {
    using enum linalg::qr_mode;
    const auto chosen =
        word<linalg::qr_mode>(mode, "qr: mode", {{"reduced", reduced}, {"complete", complete}, {"r", r}, {"raw", raw}});
    const expr in = to_expr(x);
    const auto [q, triangle] = without_gil([&] { return linalg::qr(in, chosen); });
    return pair(q, triangle);
  });
  m.def("svd", [](nb::handle x, bool full_matrices, bool hermitian) {
    const expr in = to_expr(x);
    const linalg::svd_result found =
        without_gil([&] { return linalg::svd(in, {.full_matrices = full_matrices, .hermitian = hermitian}); });
    return wrap(std::vector<array>{found.u, found.s, found.vh});
  });
  unary(m, "svdvals", linalg::svdvals);
  m.def("eigh", [](nb::handle x, bool upper) {
    const expr in = to_expr(x);
    const auto [w, v] = without_gil([&] { return linalg::eigh(in, triangle(upper)); });
    return pair(w, v);
  });
  m.def("eigvalsh", [](nb::handle x, bool upper) {
    const expr in = to_expr(x);
    return wrap(without_gil([&] { return linalg::eigvalsh(in, triangle(upper)); }));
  });
  m.def("eig", [](nb::handle x) {
    const expr in = to_expr(x);
    const auto [w, v] = without_gil([&] { return linalg::eig(in); });
    return pair(w, v);
  });
  unary(m, "eigvals", linalg::eigvals);
}

void bind_norms(nb::module_& m) {
  m.def(
      "pinv",
      [](nb::handle x, nb::handle rtol, bool hermitian) {
        const expr in = to_expr(x);
        const linalg::pinv_options options{.rtol = one_or_none(rtol, x), .hermitian = hermitian};
        return wrap(without_gil([&] { return linalg::pinv(in, options); }));
      },
      nb::arg("x"), nb::arg("rtol").none(), nb::arg("hermitian"));
  m.def(
      "matrix_rank",
      [](nb::handle x, nb::handle rtol, nb::handle tol, bool hermitian) {
        const expr in = to_expr(x);
        const linalg::rank_options options{
            .rtol = one_or_none(rtol, x), .tol = one_or_none(tol, x), .hermitian = hermitian};
        return wrap(without_gil([&] { return linalg::matrix_rank(in, options); }));
      },
      nb::arg("x"), nb::arg("rtol").none(), nb::arg("tol").none(), nb::arg("hermitian"));
  m.def(
      "cond",
      [](nb::handle x, nb::handle ord) {
        const expr in = to_expr(x);
        const linalg::norm_order order = to_order_of_norm(ord);
        return wrap(without_gil([&] { return linalg::cond(in, order); }));
      },
      nb::arg("x"), nb::arg("ord").none());
  m.def(
      "norm",
      [](nb::handle x, nb::handle ord, nb::handle axis, bool keepdims) {
        const expr in = to_expr(x);
        const linalg::norm_order order = to_order_of_norm(ord);
        const axes over = to_axes(axis);
        return wrap(without_gil([&] { return linalg::norm(in, order, over, {.keepdims = keepdims}).eval(); }));
      },
      nb::arg("x"), nb::arg("ord").none(), nb::arg("axis").none(), nb::arg("keepdims"));
  m.def(
      "matrix_norm",
      [](nb::handle x, nb::handle ord, bool keepdims) {
        const expr in = to_expr(x);
        const linalg::norm_order order = to_order_of_norm(ord);
        return wrap(without_gil([&] { return linalg::matrix_norm(in, order, {.keepdims = keepdims}).eval(); }));
      },
      nb::arg("x"), nb::arg("ord").none(), nb::arg("keepdims"));
  m.def("cross", [](nb::handle x1, nb::handle x2, nb::handle axis) {
    const expr a = to_expr(x1), b = to_expr(x2);
    const int along = to_axis(axis);
    return wrap(without_gil([&] { return linalg::cross(a, b, along); }));
  });
  m.def("multi_dot", [](nb::handle arrays) {
    const std::vector<expr> list = to_exprs(arrays);
    return wrap(without_gil([&] { return linalg::multi_dot(list); }));
  });
  m.def("matrix_power", [](nb::handle x, nb::handle n) {
    const expr in = to_expr(x);
    const std::int64_t power = to_int(n);
    return wrap(without_gil([&] { return linalg::matrix_power(in, power); }));
  });
}

}  // namespace

void bind_linalg(nb::module_& m) {
  nb::module_ part = m.def_submodule("_linalg", "What tessera.linalg is made of.");
  bind_systems(part);
  bind_factors(part);
  bind_norms(part);
}

}  // namespace tessera::python
