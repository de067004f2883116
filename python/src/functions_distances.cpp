// Distances between rows, and nearest rows.
#include "functions.hpp"

namespace tessera::python {
namespace {

std::string text_of(nb::handle x, const char* argument) {
  if (!PyUnicode_Check(x.ptr())) throw nb::type_error((std::string(argument) + ": expected a name").c_str());
  return nb::cast<std::string>(x);
}

double number_of(nb::handle x, const char* argument) {
  const double value = PyFloat_AsDouble(x.ptr());
  if (value == -1 && PyErr_Occurred()) {
    PyErr_Clear();
    throw nb::type_error((std::string(argument) + ": expected a number").c_str());
  }
  return value;
}

/// What _distances.py hands over: (metric, p, w, V, VI, base, method, dtype, progress), for operands beside `x`.
struct arguments {
  arguments(const nb::tuple& list, nb::handle x) {
    metric_options of;
    of.p = number_of(list[1], "p");
    of.w = one_or_none(nb::object(list[2]), x);
    of.V = one_or_none(nb::object(list[3]), x);
    of.VI = one_or_none(nb::object(list[4]), x);
    if (!nb::object(list[5]).is_none()) of.base = number_of(list[5], "base");
    by = tessera::metric(text_of(list[0], "metric"), of);
    method = text_of(list[6], "method");
    type = to_dtype(list[7]);
    progress = to_progress(nb::object(list[8]));
  }

  distance_options options() const { return {.method = method, .dtype = type, .progress = progress}; }
  nearest_options nearest(nb::handle exclude_self) const {
    return {.metric = by,
            .exclude_self = to_bool(exclude_self, "exclude_self"),
            .method = method,
            .dtype = type,
            .progress = progress};
  }

  metric by = "euclidean";
  std::string method;
  dtype type;
  progress_function progress;
};

/// An argument that _distances.py passes on: None is refused by what reads it.
auto passed(const char* name) { return nb::arg(name).none(); }

void bind_matrices(nb::module_& m) {
  m.def(
      "cdist",
      [](nb::handle x, nb::handle y, const nb::tuple& how) {
        const expr from = to_expr(x), to = to_expr(y, array_or_null(x));
        const arguments a(how, x);
        return wrap(without_gil([&] { return cdist(from, to, a.by, a.options()); }));
      },
      passed("x"), passed("y"), nb::arg("how"));
  m.def(
      "pdist",
      [](nb::handle x, const nb::tuple& how) {
        const expr from = to_expr(x);
        const arguments a(how, x);
        return wrap(without_gil([&] { return pdist(from, a.by, a.options()); }));
      },
      passed("x"), nb::arg("how"));
  m.def(
      "squareform",
      [](nb::handle x) {
        const expr from = to_expr(x);
        return wrap(without_gil([&] { return squareform(from); }));
      },
      passed("x"));
  m.def(
      "pairwise_reduce",
      [](nb::handle x, nb::handle y, nb::handle reducer, nb::handle parameter, const nb::tuple& how) {
        const expr from = to_expr(x), to = to_expr(y, array_or_null(x));
        const arguments a(how, x);
        const distance_reducer by(text_of(reducer, "reducer"), number_of(parameter, "parameter"));
        return wrap(without_gil([&] { return pairwise_reduce(from, to, a.by, by, a.options()); }));
      },
      passed("x"), passed("y"), passed("reducer"), passed("parameter"), nb::arg("how"));
  m.def(
      "for_each_row_block",
      [](nb::handle x, nb::handle y, nb::handle f, const nb::tuple& how) {
        const expr from = to_expr(x), to = to_expr(y, array_or_null(x));
        const arguments a(how, x);
        if (!PyCallable_Check(f.ptr())) throw nb::type_error("f: expected a callable of (first, block)");
        const auto hand_over = [f](std::int64_t first, const array& block) {
          const held_gil held;
          f(first, wrap(block));
          if (PyErr_CheckSignals() != 0) throw nb::python_error();
        };
        without_gil([&] { for_each_row_block(from, to, a.by, hand_over, a.options()); });
      },
      passed("x"), passed("y"), passed("f"), nb::arg("how"));
}

void bind_neighbours(nb::module_& m) {
  m.def(
      "nearest",
      [](nb::handle queries, nb::handle points, nb::handle k, nb::handle exclude_self, const nb::tuple& how) {
        const expr from = to_expr(queries), to = to_expr(points, array_or_null(queries));
        const std::int64_t count = to_int(k);
        const arguments a(how, queries);
        const nearest_options options = a.nearest(exclude_self);
        const nearest_result found = without_gil([&] { return nearest(from, to, count, options); });
        return nb::make_tuple(wrap(found.distances), wrap(found.indices));
      },
      passed("queries"), passed("points"), passed("k"), passed("exclude_self"), nb::arg("how"));
  m.def(
      "radius_neighbors",
      [](nb::handle queries, nb::handle points, nb::handle radius, nb::handle exclude_self, const nb::tuple& how) {
        const expr from = to_expr(queries), to = to_expr(points, array_or_null(queries));
        const double within = number_of(radius, "radius");
        const arguments a(how, queries);
        const nearest_options options = a.nearest(exclude_self);
        const radius_result found = without_gil([&] { return radius_neighbors(from, to, within, options); });
        return nb::make_tuple(wrap(found.offsets), wrap(found.distances), wrap(found.indices));
      },
      passed("queries"), passed("points"), passed("radius"), passed("exclude_self"), nb::arg("how"));
}

}  // namespace

void bind_distances(nb::module_& m) {
  nb::module_ part = m.def_submodule("_distances", "What the functions of _distances.py run.");
  bind_matrices(part);
  bind_neighbours(part);
}

}  // namespace tessera::python
