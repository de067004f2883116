// Folds of pieces of an axis, and of elements that share a key.
#include "functions.hpp"

namespace tessera::python {
namespace {

using piece_fold = array (*)(const operand&, const operand&, int);

void bind_pieces(nb::module_& m) {
  const auto bind = [&](const char* name, piece_fold f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle x, nb::handle indices, nb::handle axis) {
          const expr from = to_expr(x), at = to_expr(indices, array_or_null(x));
          const int along = to_axis(axis);
          return wrap(without_gil([&] { return f(from, at, along); }));
        },
        nb::arg("x"), nb::arg("indices"), nb::arg("axis") = 0, sentence);
  };
  bind("add_reduceat", add_reduceat,
       "Sums of the pieces of an axis that begin at the indices (as numpy.add.reduceat).");
  bind("multiply_reduceat", multiply_reduceat, "Products of the pieces of an axis that begin at the indices.");
  bind("maximum_reduceat", maximum_reduceat, "Largest elements of the pieces of an axis that begin at the indices.");
  bind("minimum_reduceat", minimum_reduceat, "Smallest elements of the pieces of an axis that begin at the indices.");
  bind("logical_and_reduceat", logical_and_reduceat, "Whether all of a piece is true, for the pieces of an axis.");
  bind("logical_or_reduceat", logical_or_reduceat, "Whether any of a piece is true, for the pieces of an axis.");
}

void bind_keys(nb::module_& core) {
  core.def("group_reduce", [](nb::handle keys, nb::handle values, const std::string& by) {
    using enum group_fold;
    const group_fold fold = word<group_fold>(by, "group_reduce: by",
                                             {{"sum", sum},
                                              {"prod", prod},
                                              {"min", min},
                                              {"max", max},
                                              {"mean", mean},
                                              {"count", count},
                                              {"any", any},
                                              {"all", all}});
    const expr by_key = to_expr(keys), from = to_expr(values);
    const group_result found = without_gil([&] { return group_reduce(by_key, from, fold); });
    return wrap(std::vector<array>{found.keys, found.values});
  });
}

}  // namespace

void bind_groups(nb::module_& m, nb::module_& core) {
  bind_pieces(m);
  bind_keys(core);
}

}  // namespace tessera::python
