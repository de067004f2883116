// Functions that make arrays: filled, ranges, matrices, from other objects.
#include <nanobind/stl/optional.h>

#include "functions.hpp"

namespace tessera::python {
namespace {

using filled = array (*)(const shape&, const creation_options&, caller);
using filled_like = array (*)(const operand&, const like_options&);

void bind_filled(nb::module_& m, const char* name, filled f, const char* sentence) {
  m.def(
      name,
      [f](nb::handle extents, nb::handle type, nb::handle device, nb::handle layout) {
        const shape s = to_shape(extents);
        const creation_options options{
            .dtype = to_dtype(type), .layout = to_order(layout), .device = to_device(device)};
        return wrap(without_gil([&] { return f(s, options, caller()); }));
      },
      nb::arg("shape"), optional("dtype"), nb::kw_only(), optional("device"), nb::arg("order") = "C", sentence);
}

void bind_filled_like(nb::module_& m, const char* name, filled_like f, const char* sentence) {
  m.def(
      name,
      [f](nb::handle x, nb::handle type, nb::handle device, nb::handle layout) {
        const expr like = to_expr(x);
        const like_options options{.dtype = to_dtype(type), .layout = to_order(layout), .device = to_device(device)};
        return wrap(without_gil([&] { return f(like, options); }));
      },
      nb::arg("x"), optional("dtype"), nb::kw_only(), optional("device"), nb::arg("order") = "K", sentence);
}

void bind_full(nb::module_& m) {
  m.def(
      "full",
      [](nb::handle extents, nb::handle value, nb::handle type, nb::handle device, nb::handle layout) {
        const shape s = to_shape(extents);
        const expr fill = to_expr(value);
        const creation_options options{
            .dtype = to_dtype(type), .layout = to_order(layout), .device = to_device(device)};
        return wrap(without_gil([&] { return full(s, fill, options); }));
      },
      nb::arg("shape"), nb::arg("fill_value"), optional("dtype"), nb::kw_only(), optional("device"),
      nb::arg("order") = "C", "fill_value broadcast to a shape, in its own dtype unless given.");
  m.def(
      "full_like",
      [](nb::handle x, nb::handle value, nb::handle type, nb::handle device, nb::handle layout) {
        const expr like = to_expr(x), fill = to_expr(value, array_or_null(x));
        const like_options options{.dtype = to_dtype(type), .layout = to_order(layout), .device = to_device(device)};
        return wrap(without_gil([&] { return full_like(like, fill, options); }));
      },
      nb::arg("x"), nb::arg("fill_value"), optional("dtype"), nb::kw_only(), optional("device"), nb::arg("order") = "K",
      "fill_value broadcast to the shape of x.");
}

/// Whether arange() counts in times: from a text or a time, or in a dtype of them.
bool counts_times(nb::handle start, const dtype& type) {
  if (type.kind() == 'M' || type.kind() == 'm') return true;
  if (PyFloat_Check(start.ptr()) || PyLong_Check(start.ptr()) || PyComplex_Check(start.ptr())) return false;
  const char kind = to_expr(start).dtype().kind();
  return kind == 'U' || kind == 'M' || kind == 'm';
}

void bind_ranges(nb::module_& m) {
  m.def(
      "arange",
      [](nb::handle start, nb::handle stop, nb::handle step, nb::handle type, nb::handle device) {
        if (const dtype of = to_dtype(type); counts_times(start, of)) {
          const expr zero(0), end = to_expr(stop.is_none() ? start : stop), by = to_expr(step);
          const expr begin = stop.is_none() ? zero : to_expr(start);
          const std::optional<tessera::device> on = to_device(device);
          return wrap(without_gil([&] {
            const array made = arange(begin, end, of, by);
            return on ? made.to(*on) : made;
          }));
        }
        const range_options options{.dtype = to_dtype(type), .device = to_device(device)};
        const number stride = to_number(step);
        if (stop.is_none()) return wrap(arange(number(0), to_number(start), stride, options));
        return wrap(arange(to_number(start), to_number(stop), stride, options));
      },
      nb::arg("start"), optional("stop"), nb::arg("step") = 1, nb::kw_only(), optional("dtype"), optional("device"),
      "start, start + step, … below stop; arange(n) counts from 0.");
  m.def(
      "linspace",
      [](nb::handle start, nb::handle stop, nb::handle num, bool endpoint, nb::handle type, nb::handle device) {
        const linspace_options options{.endpoint = endpoint, .dtype = to_dtype(type), .device = to_device(device)};
        return wrap(linspace(to_number(start), to_number(stop), to_int(num), options));
      },
      nb::arg("start"), nb::arg("stop"), nb::arg("num") = 50, nb::kw_only(), nb::arg("endpoint") = true,
      optional("dtype"), optional("device"), "`num` evenly spaced values from start to stop.");
  m.def(
      "logspace",
      [](nb::handle start, nb::handle stop, nb::handle num, double base, bool endpoint, nb::handle type,
         nb::handle device) {
        const linspace_options options{.endpoint = endpoint, .dtype = to_dtype(type), .device = to_device(device)};
        return wrap(logspace(to_number(start), to_number(stop), to_int(num), base, options));
      },
      nb::arg("start"), nb::arg("stop"), nb::arg("num") = 50, nb::kw_only(), nb::arg("base") = 10.0,
      nb::arg("endpoint") = true, optional("dtype"), optional("device"), "base ** linspace(start, stop)");
  m.def(
      "geomspace",
      [](nb::handle start, nb::handle stop, nb::handle num, bool endpoint, nb::handle type, nb::handle device) {
        const linspace_options options{.endpoint = endpoint, .dtype = to_dtype(type), .device = to_device(device)};
        return wrap(geomspace(to_number(start), to_number(stop), to_int(num), options));
      },
      nb::arg("start"), nb::arg("stop"), nb::arg("num") = 50, nb::kw_only(), nb::arg("endpoint") = true,
      optional("dtype"), optional("device"), "`num` values in geometric progression from start to stop.");
}

void bind_matrices(nb::module_& m) {
  m.def(
      "eye",
      [](nb::handle rows, nb::handle columns, nb::handle k, nb::handle type, nb::handle device, nb::handle layout) {
        const eye_options options{.columns = columns.is_none() ? -1 : to_int(columns),
                                  .k = diagonal_of(k),
                                  .dtype = to_dtype(type),
                                  .layout = to_order(layout),
                                  .device = to_device(device)};
        return wrap(eye(to_int(rows), options));
      },
      nb::arg("n_rows"), optional("n_cols"), nb::kw_only(), nb::arg("k") = 0, optional("dtype"), optional("device"),
      nb::arg("order") = "C", "Ones on the k-th diagonal, zeros elsewhere.");
  m.def(
      "identity",
      [](nb::handle n, nb::handle type, nb::handle device) {
        return wrap(identity(to_int(n), creation_options{.dtype = to_dtype(type), .device = to_device(device)}));
      },
      nb::arg("n"), optional("dtype"), nb::kw_only(), optional("device"), "eye(n)");
  using triangle = array (*)(const operand&, int);
  const auto bind = [&](const char* name, triangle f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle x, nb::handle k) {
          const expr operand = to_expr(x);
          const int number = diagonal_of(k);
          return wrap(without_gil([&] { return f(operand, number); }));
        },
        nb::arg("x"), nb::arg("k") = 0, sentence);
  };
  bind("tril", tril, "Lower triangle of the last two axes, up to the k-th diagonal, zeros above.");
  bind("triu", triu, "Upper triangle of the last two axes, from the k-th diagonal, zeros below.");
  bind("diag", diag, "A matrix with a vector on its k-th diagonal, or a copy of the k-th diagonal of a matrix.");
  m.def(
      "meshgrid",
      [](const nb::args& vectors, const std::string& indexing) {
        const auto rule =
            word<tessera::indexing>(indexing, "meshgrid: indexing", {{"xy", indexing::xy}, {"ij", indexing::ij}});
        return wrap(meshgrid(operands_of(vectors), rule));
      },
      nb::arg("arrays"), nb::arg("indexing") = "xy", "Matrices of the coordinates that vectors span.");
}

void bind_conversions(nb::module_& m) {
  m.def(
      "astype",
      [](nb::handle x, nb::handle type, bool copy, nb::handle device) {
        const array from = to_array(x);
        const dtype wanted = to_dtype(type);
        const std::optional<tessera::device> on = to_device(device);
        return wrap(without_gil([&] {
          const array result = !copy && wanted == from.dtype() ? from : from.astype(wanted);
          return on ? result.to(*on) : result;
        }));
      },
      nb::arg("x"), nb::arg("dtype"), nb::kw_only(), nb::arg("copy") = true, optional("device"),
      "x in another dtype; x itself with copy=False where it has it already.");
  using arranged = array (*)(const operand&, const dtype&);
  const auto bind = [&](const char* name, arranged f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle x, nb::handle type) {
          const expr operand = to_expr(x);
          const dtype wanted = to_dtype(type);
          return wrap(without_gil([&] { return f(operand, wanted); }));
        },
        nb::arg("x"), optional("dtype"), sentence);
  };
  bind("ascontiguousarray", ascontiguousarray, "x with rows one after the other, copied only if they are not.");
  bind("asfortranarray", asfortranarray, "x with columns one after the other, copied only if they are not.");
}

require_options requirements(nb::handle type, nb::handle list) {
  require_options options{.dtype = to_dtype(type)};
  if (list.is_none()) return options;
  const nb::object items = PyUnicode_Check(list.ptr()) ? nb::make_tuple(nb::borrow(list)) : nb::borrow(list);
  for (nb::handle item : items) {
    bool require_options::*const what =
        word<bool require_options::*>(nb::cast<std::string>(item), "require: requirements",
                                      {{"C", &require_options::c_contiguous},
                                       {"C_CONTIGUOUS", &require_options::c_contiguous},
                                       {"F", &require_options::f_contiguous},
                                       {"F_CONTIGUOUS", &require_options::f_contiguous},
                                       {"A", &require_options::aligned},
                                       {"ALIGNED", &require_options::aligned},
                                       {"W", &require_options::writeable},
                                       {"WRITEABLE", &require_options::writeable},
                                       {"O", &require_options::owndata},
                                       {"OWNDATA", &require_options::owndata}});
    options.*what = true;
  }
  return options;
}

void bind_require(nb::module_& m) {
  m.def(
      "require",
      [](nb::handle x, nb::handle type, nb::handle list) {
        return wrap(require(to_array(x), requirements(type, list)));
      },
      nb::arg("x"), optional("dtype"), optional("requirements"),
      "x, copied only if it lacks one of 'C', 'F', 'A'ligned, 'W'riteable, 'O'wndata.");
}

}  // namespace

void bind_creation(nb::module_& m) {
  bind_filled(m, "zeros", zeros, "Zeros of a shape, float64 unless given.");
  bind_filled(m, "ones", ones, "Ones of a shape, float64 unless given.");
  bind_filled(m, "empty", empty, "An array of a shape whose elements are whatever lay in memory.");
  bind_filled_like(m, "zeros_like", zeros_like, "Zeros of the shape, dtype and device of x.");
  bind_filled_like(m, "ones_like", ones_like, "Ones of the shape, dtype and device of x.");
  bind_filled_like(m, "empty_like", empty_like, "An array like x whose elements are whatever lay in memory.");
  bind_full(m);
  bind_ranges(m);
  bind_matrices(m);
  bind_conversions(m);
  bind_require(m);
}

}  // namespace tessera::python
