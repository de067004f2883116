// Functions that pick and place elements.
#include "functions.hpp"
#include "operators.hpp"

namespace tessera::python {
namespace {

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
  m.def(
      "choose",
      [](nb::handle index, nb::handle choices, const std::string& mode) {
        const std::vector<expr> list = operands_or_rows(choices);
        const expr number = to_expr(index);
        const take_mode rule = mode_of(mode, "choose: mode");
        return wrap(without_gil([&] { return choose(number, list, rule); }));
      },
      nb::arg("x"), nb::arg("choices"), nb::kw_only(), nb::arg("mode") = "raise",
      "The choice that each element of x numbers; out of bounds: 'raise', 'wrap' or 'clip'.");
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
  using mask_write = void (*)(array, const operand&, const operand&);
  const auto bind_masked = [&](const char* name, mask_write f, const char* sentence) {
    m.def(
        name,
        [f, name](nb::handle x, nb::handle mask, nb::handle values) {
          array& target = target_of(x, name);
          const expr where = to_expr(mask, &target), value = to_expr(values, &target);
          without_gil([&] { f(target, where, value); });
        },
        nb::arg("x"), nb::arg("mask"), nb::arg("values"), sentence);
  };
  bind_masked("place", place, "Writes the next value, over and over, to each element where the mask is true.");
  bind_masked("putmask", putmask, "Writes value i, modulo their number, to element i where the mask is true.");
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
  bind("logical_and_at", logical_and_at,
       "x[indices] = logical_and(x[indices], values), for every time a position is named.");
  bind("logical_or_at", logical_or_at,
       "x[indices] = logical_or(x[indices], values), for every time a position is named.");
  bind("logical_xor_at", logical_xor_at,
       "x[indices] = logical_xor(x[indices], values), for every time a position is named.");
}

}  // namespace

void bind_selection(nb::module_& m) {
  bind_picking(m);
  bind_positions(m);
  bind_placing(m);
}

}  // namespace tessera::python
