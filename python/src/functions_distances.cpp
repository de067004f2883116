// Distances between rows, nearest rows, and the callables that hear of a long call's progress.
#include "functions.hpp"

namespace tessera::python {
namespace {

/// progress(done, of) of Python: what is false but None ends the call, and so does an interrupt.
struct progress_call {
  nb::handle f;  // the caller's argument, which outlives the call

  bool operator()(std::int64_t done, std::int64_t of) const {
    const held_gil held;
    const nb::object answer = f(done, of);
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    return answer.is_none() || to_bool(answer, "progress");
  }
};

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
    const nb::object hears = list[8];
    if (hears.is_none()) return;
    if (!PyCallable_Check(hears.ptr())) throw nb::type_error("progress: expected a callable of (done, of)");
    progress = progress_call{hears};
  }

  distance_options options() const { return {.method = method, .dtype = type, .progress = progress}; }
  nearest_options nearest(bool exclude_self) const {
    return {.metric = by, .exclude_self = exclude_self, .method = method, .dtype = type, .progress = progress};
  }

  metric by = "euclidean";
  std::string method;
  dtype type;
  progress_function progress;
};

void bind_matrices(nb::module_& m) {
  m.def("cdist", [](nb::handle x, nb::handle y, const nb::tuple& how) {
    const expr from = to_expr(x), to = to_expr(y, array_or_null(x));
    const arguments a(how, x);
    return wrap(without_gil([&] { return cdist(from, to, a.by, a.options()); }));
  });
  m.def("pdist", [](nb::handle x, const nb::tuple& how) {
    const expr from = to_expr(x);
    const arguments a(how, x);
    return wrap(without_gil([&] { return pdist(from, a.by, a.options()); }));
  });
}

void bind_neighbours(nb::module_& m) {
  m.def("nearest", [](nb::handle queries, nb::handle points, nb::handle k, bool exclude_self, const nb::tuple& how) {
    const expr from = to_expr(queries), to = to_expr(points, array_or_null(queries));
    const std::int64_t count = to_int(k);
    const arguments a(how, queries);
    const nearest_result found = without_gil([&] { return nearest(from, to, count, a.nearest(exclude_self)); });
    return nb::make_tuple(wrap(found.distances), wrap(found.indices));
  });
}

}  // namespace

void bind_distances(nb::module_& m) {
  nb::module_ part = m.def_submodule("_distances", "What the functions of _distances.py run.");
  bind_matrices(part);
  bind_neighbours(part);
}

}  // namespace tessera::python
