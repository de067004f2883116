// Functions that insert, delete, append and pad.
#include "functions.hpp"
#include "operators.hpp"

namespace tessera::python {
namespace {

/// Where insert and delete work along an axis: what is between the brackets of x[…], a tuple counts as a list.
axis_places axis_places_of(nb::handle x) {
  const nb::object index = PyTuple_Check(x.ptr()) ? nb::object(nb::list(x)) : nb::borrow(x);
  const any_index found = to_indices(index).front();
  return found.is_basic ? axis_places(found.basic) : axis_places(found.array);
}

void bind_changes(nb::module_& m) {
  m.def(
      "insert",
      [](nb::handle x, nb::handle where, nb::handle values, nb::handle axis) {
        const expr from = to_expr(x), added = to_expr(values, array_or_null(x));
        const axis_places at = axis_places_of(where);
        const axes along = to_axes(axis);
        return wrap(without_gil([&] { return insert(from, at, added, along); }));
      },
      nb::arg("x"), nb::arg("obj"), nb::arg("values"), optional("axis"),
      "x with values before positions of an axis, or of the flattened array.");
  m.def(
      "delete",
      [](nb::handle x, nb::handle where, nb::handle axis) {
        const expr from = to_expr(x);
        const axis_places at = axis_places_of(where);
        const axes along = to_axes(axis);
        return wrap(without_gil([&] { return delete_(from, at, along); }));
      },
      nb::arg("x"), nb::arg("obj"), optional("axis"), "x without positions of an axis, or of the flattened array.");
  m.def(
      "append",
      [](nb::handle x, nb::handle values, nb::handle axis) {
        const expr from = to_expr(x), added = to_expr(values, array_or_null(x));
        const axes along = to_axes(axis);
        return wrap(without_gil([&] { return append(from, added, along); }));
      },
      nb::arg("x"), nb::arg("values"), optional("axis"), "Joined along an axis; both flattened without one.");
  m.def(
      "resize",
      [](nb::handle x, nb::handle extents) {
        const expr from = to_expr(x);
        const shape s = to_shape(extents);
        return wrap(without_gil([&] { return resize(from, s); }));
      },
      nb::arg("x"), nb::arg("new_shape"), "x's elements, repeated or cut off to fill a shape.");
  m.def(
      "trim_zeros",
      [](nb::handle x, const std::string& ends, nb::handle axis) {
        const trim which = word<trim>(ends, "trim_zeros: trim",
                                      {{"fb", trim::both}, {"bf", trim::both}, {"f", trim::front}, {"b", trim::back}});
        return wrap(trim_zeros(to_array(x), which, to_axes(axis)));
      },
      nb::arg("x"), nb::arg("trim") = "fb", optional("axis"), "x without the slices of zeros at the ends of its axes.");
}

block_list blocks_of(nb::handle x, int depth = 0) {
  if (!PyList_Check(x.ptr())) return block_list(to_expr(x));
  if (depth >= max_ndim) throw value_error("block: a list nested deeper than " + std::to_string(max_ndim));
  std::vector<block_list> list;
  for (nb::handle part : x) list.push_back(blocks_of(part, depth + 1));
  return block_list(std::move(list));
}

void bind_blocks(nb::module_& m) {
  m.def(
      "block",
      [](nb::handle x) {
        const block_list blocks = blocks_of(x);
        return wrap(without_gil([&] { return block(blocks); }));
      },
      nb::arg("arrays"),
      "Lists of arrays joined: the innermost along the last axis, those around along the one before.");
}

/// numpy.pad's widths: one number, (before, after) of every axis, or a pair for each axis.
pad_width widths(nb::handle x) {
  if (is_integer(x)) return pad_width(to_int(x));
  const array list = to_array(x, {.dtype = int64, .device = cpu(), .layout = order::C});
  const std::span<const std::int64_t> values = list.span<const std::int64_t>();
  if (list.ndim() == 1 && values.size() == 1) return pad_width(values[0]);
  if (list.ndim() == 1 && values.size() == 2) return pad_width({{values[0], values[1]}});
  if (list.ndim() != 2 || (list.shape()[1] != 2 && list.shape()[1] != 1)) {
    throw value_error("pad: widths of shape " + to_string(list.shape()) +
                      ": expected a number, (before, after), or a pair for each axis");
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  const std::size_t columns = static_cast<std::size_t>(list.shape()[1]);
  for (std::size_t i = 0; i < values.size(); i += columns) pairs.emplace_back(values[i], values[i + columns - 1]);
  return pad_width(std::move(pairs));
}

pad_mode mode_of(const std::string& mode) {
  using enum pad_mode;
  return word<pad_mode>(mode, "pad: mode",
                        {{"constant", constant},
                         {"edge", edge},
                         {"reflect", reflect},
                         {"symmetric", symmetric},
                         {"wrap", wrap},
                         {"linear_ramp", linear_ramp},
                         {"maximum", maximum},
                         {"minimum", minimum},
                         {"mean", mean},
                         {"median", median},
                         {"empty", empty}});
}

void bind_pad(nb::module_& m) {
  m.def(
      "pad",
      [](nb::handle x, nb::handle width, const std::string& mode, nb::handle constants, nb::handle ends,
         nb::handle stat_length, const std::string& reflect_type) {
        const expr operand = to_expr(x);
        pad_options options{.mode = mode_of(mode),
                            .constant_values = one_or_none(constants, x),
                            .end_values = one_or_none(ends, x),
                            .reflect_type = word<reflection>(reflect_type, "pad: reflect_type",
                                                             {{"even", reflection::even}, {"odd", reflection::odd}})};
        if (!stat_length.is_none()) options.stat_length = widths(stat_length);
        const pad_width borders = widths(width);
        return wrap(without_gil([&] { return pad(operand, borders, options); }));
      },
      nb::arg("x"), nb::arg("pad_width"), nb::arg("mode") = "constant", nb::kw_only(), optional("constant_values"),
      optional("end_values"), optional("stat_length"), nb::arg("reflect_type") = "even",
      "x with borders of these widths.");
}

}  // namespace

void bind_joins(nb::module_& m) {
  bind_changes(m);
  bind_blocks(m);
  bind_pad(m);
}

}  // namespace tessera::python
