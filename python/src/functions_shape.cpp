// Views of other shapes, and functions that join, split and move elements.
#include "functions.hpp"

namespace tessera::python {
namespace {

/// The arrays of a list or tuple, or of the rows of an array.
std::vector<expr> arrays_of(nb::handle list, const char* name) {
  if (!is_array(list) && !PyList_Check(list.ptr()) && !PyTuple_Check(list.ptr())) {
    throw dtype_error(std::string(name) + ": expected a list or tuple of arrays");
  }
  return to_exprs(list);
}

nb::object reshaped(nb::handle x, nb::handle extents, nb::handle copy, nb::handle layout) {
  const array from = to_array(x);
  const shape s = to_shape(extents);
  const order arrangement = to_order(layout);
  const bool always = !copy.is_none() && to_bool(copy, "copy"), never = !copy.is_none() && !always;
  array result = without_gil([&] {
    array view = reshape(from, s, arrangement);
    return always && may_share_memory(view, from) ? view.copy(arrangement) : view;
  });
  if (never && from.size() > 0 && !may_share_memory(result, from)) {
    throw value_error("reshape: shape " + to_string(s) + " of an array of shape " + to_string(from.shape()) +
                      " with strides " + to_string(from.strides()) + " needs a copy, which copy=False forbids");
  }
  return wrap(std::move(result));
}

void bind_views(nb::module_& m) {
  m.def("reshape", &reshaped, nb::arg("x"), nb::arg("shape"), nb::kw_only(), optional("copy"), nb::arg("order") = "C",
        "The same elements in another shape, of which one extent may be -1: a view where possible, else a copy.");
  m.def(
      "ravel",
      [](nb::handle x, nb::handle layout) {
        const array from = to_array(x);
        const order arrangement = to_order(layout);
        return wrap(without_gil([&] { return ravel(from, arrangement); }));
      },
      nb::arg("x"), nb::arg("order") = "C", "One axis: a view where possible, else a copy.");
  m.def(
      "permute_dims", [](nb::handle x, nb::handle axes) { return wrap(transpose(to_array(x), to_axes(axes))); },
      nb::arg("x"), nb::arg("axes"), "Axes reordered: axis i of the result is axes[i] of x.");
  m.def(
      "transpose", [](nb::handle x, nb::handle axes) { return wrap(transpose(to_array(x), to_axes(axes))); },
      nb::arg("x"), optional("axes"), "Axes reordered, all reversed by default.");
  m.def(
      "matrix_transpose", [](nb::handle x) { return wrap(to_array(x).mT()); }, nb::arg("x"),
      "The last two axes swapped.");
  m.def(
      "swapaxes",
      [](nb::handle x, nb::handle a, nb::handle b) { return wrap(swapaxes(to_array(x), to_axis(a), to_axis(b))); },
      nb::arg("x"), nb::arg("axis1"), nb::arg("axis2"), "Two axes in each other's place.");
  m.def(
      "moveaxis",
      [](nb::handle x, nb::handle from, nb::handle to) {
        return wrap(moveaxis(to_array(x), to_axes(from), to_axes(to)));
      },
      nb::arg("x"), nb::arg("source"), nb::arg("destination"), "Axes moved to other places, the rest in order.");
  m.def(
      "squeeze", [](nb::handle x, nb::handle axis) { return wrap(squeeze(to_array(x), to_axes(axis))); }, nb::arg("x"),
      optional("axis"), "Axes of extent 1 removed: all of them, or those named.");
  m.def(
      "expand_dims", [](nb::handle x, nb::handle axis) { return wrap(expand_dims(to_array(x), to_axes(axis))); },
      nb::arg("x"), nb::arg("axis"), "New axes of extent 1 at these positions of the result.");
  m.def(
      "flip", [](nb::handle x, nb::handle axis) { return wrap(flip(to_array(x), to_axes(axis))); }, nb::arg("x"),
      nb::kw_only(), optional("axis"), "Reversed along the axes, all by default: a view.");
  m.def(
      "fliplr", [](nb::handle x) { return wrap(fliplr(to_array(x))); }, nb::arg("x"), "Axis 1 reversed: a view.");
  m.def(
      "flipud", [](nb::handle x) { return wrap(flipud(to_array(x))); }, nb::arg("x"), "Axis 0 reversed: a view.");
  m.def(
      "rot90", [](nb::handle x, int k, nb::handle axes) { return wrap(rot90(to_array(x), k, to_axes(axes))); },
      nb::arg("x"), nb::arg("k") = 1, nb::arg("axes") = nb::make_tuple(0, 1), "k quarter turns in a plane: a view.");
  m.def(
      "diagonal",
      [](nb::handle x, nb::handle offset, nb::handle a, nb::handle b) {
        return wrap(diagonal(to_array(x), diagonal_of(offset), to_axis(a), to_axis(b)));
      },
      nb::arg("x"), nb::arg("offset") = 0, nb::arg("axis1") = 0, nb::arg("axis2") = 1,
      "The offset-th diagonal of two axes as the last axis: a view, and writable.");
}

void bind_broadcasting(nb::module_& m) {
  m.def(
      "broadcast_to",
      [](nb::handle x, nb::handle extents) { return wrap(broadcast_to(to_array(x), to_shape(extents))); }, nb::arg("x"),
      nb::arg("shape"), "Repeated by stride 0: a read-only view.");
  m.def(
      "broadcast_arrays", [](const nb::args& x) { return wrap(broadcast_arrays(to_exprs(x))); }, nb::arg("arrays"),
      "All with their common shape: read-only views.");
  m.def(
      "broadcast_shapes",
      [](const nb::args& shapes) {
        std::vector<shape> list;
        for (nb::handle s : shapes) list.push_back(to_shape(s));
        return to_python(broadcast_shapes(list));
      },
      nb::arg("shapes"), "The common shape of broadcasting.");
  m.def(
      "as_strided",
      [](nb::handle x, nb::handle extents, nb::handle strides) {
        return wrap(as_strided(to_array(x), to_shape(extents), to_shape(strides)));
      },
      nb::arg("x"), nb::arg("shape"), nb::arg("strides"),
      "Any extents and byte strides over x's elements, checked to stay inside its memory.");
  m.def(
      "sliding_window_view",
      [](nb::handle x, nb::handle window, nb::handle axis) {
        return wrap(sliding_window_view(to_array(x), to_shape(window), to_axes(axis)));
      },
      nb::arg("x"), nb::arg("window_shape"), optional("axis"),
      "Windows of this shape at every position, as trailing axes: a read-only view.");
  const auto bind = [&](const char* name, array (*f)(const array&), const char* sentence) {
    m.def(
        name,
        [f](const nb::args& x) {
          if (x.size() == 1) return wrap(f(to_array(x[0])));
          std::vector<array> list;
          for (nb::handle one : x) list.push_back(f(to_array(one)));
          return wrap(list);
        },
        nb::arg("arrays"), sentence);
  };
  bind("atleast_1d", atleast_1d, "Given an axis if it has none; of several arrays a tuple.");
  bind("atleast_2d", atleast_2d, "Given leading axes up to two; of several arrays a tuple.");
  bind("atleast_3d", atleast_3d, "Given axes up to three; of several arrays a tuple.");
  m.def(
      "shares_memory",
      [](nb::handle a, nb::handle b, std::int64_t max_work) {
        return shares_memory(to_array(a), to_array(b), max_work);
      },
      nb::arg("a"), nb::arg("b"), nb::arg("max_work") = -1, "Whether two arrays have an element in common.");
  m.def(
      "may_share_memory", [](nb::handle a, nb::handle b) { return may_share_memory(to_array(a), to_array(b)); },
      nb::arg("a"), nb::arg("b"), "Whether the byte ranges of two arrays overlap.");
}

using stacking = array (*)(const expr_list&, caller);

void bind_joining(nb::module_& m) {
  m.def(
      "concat",
      [](nb::handle arrays, nb::handle axis) {
        const std::vector<expr> list = arrays_of(arrays, "concat");
        if (axis.is_none()) return wrap(without_gil([&] { return concatenate_flat(list); }));
        const int along = to_axis(axis);
        return wrap(without_gil([&] { return concatenate(list, along); }));
      },
      nb::arg("arrays"), nb::arg("axis").none() = 0, "Joined along an axis; with axis=None flattened first.");
  m.def(
      "stack",
      [](nb::handle arrays, nb::handle axis) {
        const std::vector<expr> list = arrays_of(arrays, "stack");
        const int along = to_axis(axis);
        return wrap(without_gil([&] { return stack(list, along); }));
      },
      nb::arg("arrays"), nb::arg("axis") = 0, "Joined along a new axis.");
  const auto bind = [&](const char* name, stacking f, const char* sentence) {
    m.def(
        name,
        [f, name](nb::handle arrays) {
          const std::vector<expr> list = arrays_of(arrays, name);
          return wrap(without_gil([&] { return f(list, caller()); }));
        },
        nb::arg("arrays"), sentence);
  };
  bind("hstack", hstack, "Joined along axis 1, vectors along axis 0.");
  bind("vstack", vstack, "Joined along axis 0, vectors as rows.");
  bind("dstack", dstack, "Joined along axis 2.");
  bind("column_stack", column_stack, "Joined along axis 1, vectors as columns.");
}

/// The parts that `array_split` or `split` makes of x.
nb::object parts(nb::handle x, nb::handle how, nb::handle axis, bool exact) {
  const array from = to_array(x);
  const int along = to_axis(axis);
  if (is_integer(how)) {
    const std::int64_t sections = to_int(how);
    return wrap(exact ? split(from, sections, along) : array_split(from, sections, along));
  }
  std::vector<std::int64_t> at;
  for (nb::handle position : how) at.push_back(to_int(position));
  return wrap(split(from, at, along));
}

void bind_splitting(nb::module_& m) {
  m.def(
      "split", [](nb::handle x, nb::handle how, nb::handle axis) { return parts(x, how, axis, true); }, nb::arg("x"),
      nb::arg("indices_or_sections"), nb::arg("axis") = 0,
      "Views of that many equal parts of an axis, or of the parts that end before each position of a list.");
  m.def(
      "array_split", [](nb::handle x, nb::handle how, nb::handle axis) { return parts(x, how, axis, false); },
      nb::arg("x"), nb::arg("indices_or_sections"), nb::arg("axis") = 0,
      "split whose first parts may be longer by one.");
  m.def(
      "unstack", [](nb::handle x, nb::handle axis) { return wrap(unstack(to_array(x), to_axis(axis))); }, nb::arg("x"),
      nb::kw_only(), nb::arg("axis") = 0, "Views with an axis taken away: one for each of its positions.");
}

void bind_moving(nb::module_& m) {
  m.def(
      "tile",
      [](nb::handle x, nb::handle repetitions) {
        const expr operand = to_expr(x);
        const shape counts = to_shape(repetitions);
        return wrap(without_gil([&] { return tile(operand, counts); }));
      },
      nb::arg("x"), nb::arg("repetitions"), "x repeated as a whole along each axis.");
  m.def(
      "repeat",
      [](nb::handle x, nb::handle repeats, nb::handle axis) {
        const expr operand = to_expr(x), counts = to_expr(repeats, array_or_null(x));
        const axes along = to_axes(axis);
        return wrap(without_gil([&] { return repeat(operand, counts, along); }));
      },
      nb::arg("x"), nb::arg("repeats"), optional("axis"),
      "Every element along an axis, or of the flattened array, repeated.");
  m.def(
      "roll",
      [](nb::handle x, nb::handle shift, nb::handle axis) {
        const expr operand = to_expr(x);
        const shape by = to_shape(shift);
        const axes along = to_axes(axis);
        return wrap(without_gil([&] { return roll(operand, by, along); }));
      },
      nb::arg("x"), nb::arg("shift"), optional("axis"), "Elements moved round along axes, or of the flattened array.");
}

}  // namespace

void bind_shapes(nb::module_& m) {
  bind_views(m);
  bind_broadcasting(m);
  bind_joining(m);
  bind_splitting(m);
  bind_moving(m);
}

}  // namespace tessera::python
