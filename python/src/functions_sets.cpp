// Sets: what _selection.py makes functions of.
#include "functions.hpp"

namespace tessera::python {
namespace {

void bind_unique(nb::module_& core) {
  core.def(
      "unique",
      [](nb::handle x, nb::handle axis, bool equal_nan) {
        const expr from = to_expr(x);
        const unique_options options{.axis = to_axes(axis), .equal_nan = equal_nan};
        return wrap(without_gil([&] { return unique(from, options); }));
      },
      nb::arg("x"), nb::arg("axis").none(), nb::arg("equal_nan"));
  core.def(
      "unique_all",
      [](nb::handle x, nb::handle axis, bool equal_nan) {
        const expr from = to_expr(x);
        const unique_parts_options options{.axis = to_axes(axis), .equal_nan = equal_nan};
        const unique_all_result found = without_gil([&] { return unique_all(from, options); });
        return wrap(std::vector<array>{found.values, found.indices, found.inverse_indices, found.counts});
      },
      nb::arg("x"), nb::arg("axis").none(), nb::arg("equal_nan"));
  core.def("unique_counts", [](nb::handle x) {
    const expr from = to_expr(x);
    const unique_counts_result found = without_gil([&] { return unique_counts(from); });
    return wrap(std::vector<array>{found.values, found.counts});
  });
  core.def("unique_inverse", [](nb::handle x) {
    const expr from = to_expr(x);
    const unique_inverse_result found = without_gil([&] { return unique_inverse(from); });
    return wrap(std::vector<array>{found.values, found.inverse_indices});
  });
}

using set_function = array (*)(const operand&, const operand&, const set_options&);

void bind_pairs(nb::module_& m, nb::module_& core) {
  m.def(
      "union1d",
      [](nb::handle x1, nb::handle x2) {
        const expr first = to_expr(x1, array_or_null(x2)), second = to_expr(x2, array_or_null(x1));
        return wrap(without_gil([&] { return union1d(first, second); }));
      },
      nb::arg("x1"), nb::arg("x2"), "The distinct elements of both arrays, sorted.");
  const auto bind = [&](nb::module_& where, const char* name, set_function f, const char* sentence) {
    where.def(
        name,
        [f](nb::handle x1, nb::handle x2, bool assume_unique) {
          const expr first = to_expr(x1, array_or_null(x2)), second = to_expr(x2, array_or_null(x1));
          return wrap(without_gil([&] { return f(first, second, {.assume_unique = assume_unique}); }));
        },
        nb::arg("x1"), nb::arg("x2"), nb::arg("assume_unique") = false, sentence);
  };
  bind(m, "setdiff1d", setdiff1d, "The distinct elements of x1 that are not in x2, sorted.");
  bind(m, "setxor1d", setxor1d, "The elements of one of the two arrays only, sorted.");
  bind(core, "intersect1d", intersect1d, "The elements of both arrays, sorted.");
  core.def("intersect1d_indices", [](nb::handle x1, nb::handle x2, bool assume_unique) {
    const expr first = to_expr(x1, array_or_null(x2)), second = to_expr(x2, array_or_null(x1));
    const intersect1d_result found =
        without_gil([&] { return intersect1d_indices(first, second, {.assume_unique = assume_unique}); });
    return wrap(std::vector<array>{found.values, found.x_indices, found.y_indices});
  });
  m.def(
      "isin",
      [](nb::handle x1, nb::handle x2, bool assume_unique, bool invert, nb::handle) {
        const expr first = to_expr(x1), second = to_expr(x2);
        const isin_options options{.assume_unique = assume_unique, .invert = invert};
        return wrap(without_gil([&] { return isin(first, second, options); }));
      },
      nb::arg("x1"), nb::arg("x2"), nb::arg("assume_unique") = false, nb::arg("invert") = false, nb::kw_only(),
      optional("kind"), "Which elements of x1 are in x2, or with invert are not.");
}

}  // namespace

void bind_sets(nb::module_& m, nb::module_& core) {
  bind_unique(core);
  bind_pairs(m, core);
}

}  // namespace tessera::python
