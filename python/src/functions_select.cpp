// Functions that pick, place, sort and search elements.
#include "functions.hpp"
#include "operators.hpp"

namespace tessera::python {
namespace {

array& target_of(nb::handle x, const char* name) {
  if (!is_array(x)) throw dtype_error(std::string(name) + ": expected a tessera.array to write to");
  return array_of(x);
}

take_mode mode_of(const std::string& mode, const char* argument) {
  return word<take_mode>(mode, argument,
                         {{"raise", take_mode::raise}, {"wrap", take_mode::wrap}, {"clip", take_mode::clip}});
}

void bind_picking(nb::module_& m) {
  m.def(
      "take",
      [](nb::handle x, nb::handle indices, nb::handle axis, const std::string& mode) {
        const expr from = to_expr(x), at = to_expr(indices, array_or_null(x));
        const axes along = to_axes(axis);
        const take_mode rule = mode_of(mode, "take: mode");
        return wrap(without_gil([&] { return take(from, at, along, rule); }));
      },
      nb::arg("x"), nb::arg("indices"), optional("axis"), nb::kw_only(), nb::arg("mode") = "raise",
      "Elements at positions along an axis, or of the flattened array; out of bounds: 'raise', 'wrap' or 'clip'.");
  m.def(
      "take_along_axis",
      [](nb::handle x, nb::handle indices, nb::handle axis) {
        const expr from = to_expr(x), at = to_expr(indices, array_or_null(x));
        const axes along = to_axes(axis);
        return wrap(without_gil([&] { return take_along_axis(from, at, along); }));
      },
      nb::arg("x"), nb::arg("indices"), nb::arg("axis").none() = -1,
      "Elements at positions along an axis, for every lane.");
  m.def(
      "compress",
      [](nb::handle condition, nb::handle x, nb::handle axis) {
        const expr chosen = to_expr(condition, array_or_null(x)), from = to_expr(x);
        const axes along = to_axes(axis);
        return wrap(without_gil([&] { return compress(chosen, from, along); }));
      },
      nb::arg("condition"), nb::arg("x"), optional("axis"), "Slices of an axis where a vector is true.");
  m.def(
      "extract",
      [](nb::handle condition, nb::handle x) {
        const expr chosen = to_expr(condition, array_or_null(x)), from = to_expr(x);
        return wrap(without_gil([&] { return extract(chosen, from); }));
      },
      nb::arg("condition"), nb::arg("x"), "Elements where the condition is true.");
  m.def(
      "select",
      [](nb::handle conditions, nb::handle choices, nb::handle otherwise) {
        const std::vector<expr> when = to_exprs(conditions), then = to_exprs(choices);
        const expr rest = to_expr(otherwise);
        return wrap(without_gil([&] { return select(when, then, rest); }));
      },
      nb::arg("condlist"), nb::arg("choicelist"), nb::arg("default") = 0,
      "The choice of the first condition that is true, or the default.");
}

void bind_positions(nb::module_& m) {
  m.def(
      "nonzero",
      [](nb::handle x) {
        const expr from = to_expr(x);
        return wrap(without_gil([&] { return nonzero(from); }));
      },
      nb::arg("x"), "Positions of what is not zero: one array for each axis.");
  const auto bind = [&](const char* name, array (*f)(const operand&), const char* sentence) {
    m.def(
        name,
        [f](nb::handle x) {
          const expr from = to_expr(x);
          return wrap(without_gil([&] { return f(from); }));
        },
        nb::arg("x"), sentence);
  };
  bind("argwhere", argwhere, "Positions of what is not zero, one in each row.");
  bind("flatnonzero", flatnonzero, "Positions of what is not zero in the flattened array.");
}

using accumulation = void (*)(array, const std::vector<any_index>&, const operand&);

void bind_placing(nb::module_& m) {
  m.def(
      "put",
      [](nb::handle x, nb::handle indices, nb::handle values, const std::string& mode) {
        array& target = target_of(x, "put");
        const expr at = to_expr(indices, &target), value = to_expr(values, &target);
        const take_mode rule = mode_of(mode, "put: mode");
        without_gil([&] { put(target, at, value, rule); });
      },
      nb::arg("x"), nb::arg("indices"), nb::arg("values"), nb::kw_only(), nb::arg("mode") = "raise",
      "Writes values at positions of the flattened array.");
  m.def(
      "put_along_axis",
      [](nb::handle x, nb::handle indices, nb::handle values, nb::handle axis) {
        array& target = target_of(x, "put_along_axis");
        const expr at = to_expr(indices, &target), value = to_expr(values, &target);
        const axes along = to_axes(axis);
        without_gil([&] { put_along_axis(target, at, value, along); });
      },
      nb::arg("x"), nb::arg("indices"), nb::arg("values"), nb::arg("axis").none(),
      "Writes values at positions along an axis, for every lane.");
  const auto bind = [&](const char* name, accumulation f, const char* sentence) {
    m.def(
        name,
        [f, name](nb::handle x, nb::handle indices, nb::handle values) {
          array& target = target_of(x, name);
          const std::vector<any_index> at = to_indices(indices);
          const expr value = to_expr(values, &target);
          without_gil([&] { f(target, at, value); });
        },
        nb::arg("x"), nb::arg("indices"), nb::arg("values"), sentence);
  };
  bind("add_at", add_at, "x[indices] += values, where positions named twice count twice (as numpy.add.at).");
  bind("subtract_at", subtract_at, "x[indices] -= values, where positions named twice count twice.");
  bind("multiply_at", multiply_at, "x[indices] *= values, where positions named twice count twice.");
  bind("maximum_at", maximum_at, "x[indices] = maximum(x[indices], values), for every time a position is named.");
  bind("minimum_at", minimum_at, "x[indices] = minimum(x[indices], values), for every time a position is named.");
}

using sorting = array (*)(const operand&, const axes&, const sort_options&);

void bind_sorting(nb::module_& m) {
  const auto bind = [&](const char* name, sorting f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle x, nb::handle axis, bool descending, bool stable) {
          const bool flat = axis.is_none();
          const expr operand = flat ? expr(ravel(to_array(x))) : to_expr(x);
          const int along = flat ? 0 : to_axis(axis);
          const sort_options options{.descending = descending, .stable = stable};
          return wrap(without_gil([&] { return f(operand, along, options); }));
        },
        nb::arg("x"), nb::arg("axis").none() = -1, nb::kw_only(), nb::arg("descending") = false,
        nb::arg("stable") = true, sentence);
  };
  bind("sort", sort, "Sorted along an axis, or flattened with axis=None; NaN last.");
  bind("argsort", argsort, "The positions that sort along an axis.");
  m.def(
      "searchsorted",
      [](nb::handle x1, nb::handle x2, const std::string& which, nb::handle sorter) {
        const array sorted = sorter.is_none() ? to_array(x1) : take(to_expr(x1), to_expr(sorter, array_or_null(x1)), 0);
        const expr values = to_expr(x2, &sorted);
        const search_options options{
            .side = word<side>(which, "searchsorted: side", {{"left", side::left}, {"right", side::right}})};
        return wrap(without_gil([&] { return searchsorted(sorted, values, options); }));
      },
      nb::arg("x1"), nb::arg("x2"), nb::arg("side") = "left", nb::kw_only(), optional("sorter"),
      "Where values would be inserted to keep x1, a sorted vector, in order.");
}

}  // namespace

void bind_selection(nb::module_& m) {
  bind_picking(m);
  bind_positions(m);
  bind_placing(m);
  bind_sorting(m);
}

}  // namespace tessera::python
