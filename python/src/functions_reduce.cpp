// Reductions and scans.
#include "functions.hpp"

namespace tessera::python {
namespace {

template <class Options> using reduction = expr (*)(const operand&, const axes&, const Options&);
using scan = array (*)(const operand&, const axes&, const dtype&);

struct sum_row {
  const char* name;
  reduction<reduce_options> function;
  const char* sentence;
};
constexpr sum_row sums[] = {
    {"sum", sum, "Sum over the axes, all by default; integers in int64 or uint64."},
    {"prod", prod, "Product over the axes; integers in int64 or uint64."},
    {"mean", mean, "Arithmetic mean over the axes."},
    {"nansum", nansum, "Sum over the axes, NaN as 0."},
    {"nanprod", nanprod, "Product over the axes, NaN as 1."},
    {"nanmean", nanmean, "Mean of what is not NaN."},
};

struct minmax_row {
  const char* name;
  reduction<minmax_options> function;
  const char* sentence;
};
constexpr minmax_row minmaxes[] = {
    {"max", max, "Largest element over the axes; NaN wins."},
    {"min", min, "Smallest element over the axes; NaN wins."},
    {"nanmax", nanmax, "Largest element that is not NaN."},
    {"nanmin", nanmin, "Smallest element that is not NaN."},
};

struct var_row {
  const char* name;
  reduction<var_options> function;
  const char* sentence;
};
constexpr var_row variances[] = {
    {"var", var, "Variance over the axes: squared deviations from the mean over n - correction."},
    {"std", stddev, "Standard deviation over the axes: the square root of the variance."},
    {"nanvar", nanvar, "Variance of what is not NaN."},
    {"nanstd", nanstddev, "Standard deviation of what is not NaN."},
};

struct any_row {
  const char* name;
  reduction<any_options> function;
  const char* sentence;
};
constexpr any_row truths[] = {
    {"any", any, "Whether an element over the axes is not zero."},
    {"all", [](const operand& x, const axes& over, const any_options& o) { return all(x, over, o); },
     "Whether all elements over the axes are not zero."},
};

struct plain_row {
  const char* name;
  reduction<keepdims_options> function;
  const char* sentence;
};
constexpr plain_row plain[] = {
    {"ptp", ptp, "Largest minus smallest element over the axes."},
    {"argmax", argmax,
     "Position of the largest element along one axis, or in the flattened array; the first of equals."},
    {"argmin", argmin, "Position of the smallest element along one axis, or in the flattened array."},
    {"count_nonzero", count_nonzero, "How many elements over the axes are not zero."},
    {"median", median, "Median over the axes; the mean of the two in the middle."},
    {"logsumexp", logsumexp, "log(sum(exp(x))) over the axes, safe from overflow."},
    {"nanargmax", nanargmax, "Position of the largest element that is not NaN."},
    {"nanargmin", nanargmin, "Position of the smallest element that is not NaN."},
    {"nanmedian", nanmedian, "Median of what is not NaN."},
};

struct scan_row {
  const char* name;
  scan function;
  const char* sentence;
};
constexpr scan_row scans[] = {
    {"cumsum", cumsum, "Running sum along an axis, or of the flattened array."},
    {"cumprod", cumprod, "Running product along an axis, or of the flattened array."},
    {"nancumsum", nancumsum, "Running sum, NaN as 0."},
    {"nancumprod", nancumprod, "Running product, NaN as 1."},
};

void bind_sums(nb::module_& m) {
  for (const sum_row& row : sums) {
    m.def(
        row.name,
        [f = row.function](nb::handle x, nb::handle axis, nb::handle type, bool keepdims, nb::handle initial,
                           nb::handle where, nb::handle out) {
          const reduce_options options{.keepdims = keepdims,
                                       .dtype = to_dtype(type),
                                       .initial = one_or_none(initial, x),
                                       .where = one_or_none(where, x)};
          return finish(f(to_expr(x), to_axes(axis), options), out, nb::none());
        },
        nb::arg("x"), optional("axis"), nb::kw_only(), optional("dtype"), nb::arg("keepdims") = false,
        optional("initial"), optional("where"), optional("out"), row.sentence);
  }
  for (const minmax_row& row : minmaxes) {
    m.def(
        row.name,
        [f = row.function](nb::handle x, nb::handle axis, bool keepdims, nb::handle initial, nb::handle where,
                           nb::handle out) {
          const minmax_options options{
              .keepdims = keepdims, .initial = one_or_none(initial, x), .where = one_or_none(where, x)};
          return finish(f(to_expr(x), to_axes(axis), options), out, nb::none());
        },
        nb::arg("x"), optional("axis"), nb::kw_only(), nb::arg("keepdims") = false, optional("initial"),
        optional("where"), optional("out"), row.sentence);
  }
}

void bind_variances(nb::module_& m) {
  for (const var_row& row : variances) {
    m.def(
        row.name,
        [f = row.function, name = row.name](nb::handle x, nb::handle axis, double correction, bool keepdims,
                                            nb::handle type, double ddof, nb::handle where, nb::handle out) {
          if (correction != 0 && ddof != 0) {
            throw value_error(std::string(name) + ": ddof is NumPy's older name of correction: expected one of them");
          }
          const var_options options{
              .ddof = correction + ddof, .keepdims = keepdims, .dtype = to_dtype(type), .where = one_or_none(where, x)};
          return finish(f(to_expr(x), to_axes(axis), options), out, nb::none());
        },
        nb::arg("x"), optional("axis"), nb::kw_only(), nb::arg("correction") = 0.0, nb::arg("keepdims") = false,
        optional("dtype"), nb::arg("ddof") = 0.0, optional("where"), optional("out"), row.sentence);
  }
}

void bind_plain(nb::module_& m) {
  for (const any_row& row : truths) {
    m.def(
        row.name,
        [f = row.function](nb::handle x, nb::handle axis, bool keepdims, nb::handle where, nb::handle out) {
          const any_options options{.keepdims = keepdims, .where = one_or_none(where, x)};
          return finish(f(to_expr(x), to_axes(axis), options), out, nb::none());
        },
        nb::arg("x"), optional("axis"), nb::kw_only(), nb::arg("keepdims") = false, optional("where"), optional("out"),
        row.sentence);
  }
  for (const plain_row& row : plain) {
    m.def(
        row.name,
        [f = row.function](nb::handle x, nb::handle axis, bool keepdims, nb::handle out) {
          return finish(f(to_expr(x), to_axes(axis), {.keepdims = keepdims}), out, nb::none());
        },
        nb::arg("x"), optional("axis"), nb::kw_only(), nb::arg("keepdims") = false, optional("out"), row.sentence);
  }
  m.def(
      "norm",
      [](nb::handle x, nb::handle ord, nb::handle axis, bool keepdims) {
        const double p = ord.is_none() ? 2.0 : nb::cast<double>(ord);
        return run(norm(to_expr(x), to_axes(axis), {.ord = p, .keepdims = keepdims}));
      },
      nb::arg("x"), optional("ord"), optional("axis"), nb::kw_only(), nb::arg("keepdims") = false,
      "Vector norm over the axes: (sum(|x|**ord))**(1/ord), 2 by default; 0 counts, inf and -inf are extremes.");
  m.def(
      "average",
      [](nb::handle x, nb::handle axis, nb::handle weights, bool keepdims) {
        return run(average(to_expr(x), to_axes(axis), {.weights = one_or_none(weights, x), .keepdims = keepdims}));
      },
      nb::arg("x"), optional("axis"), optional("weights"), nb::kw_only(), nb::arg("keepdims") = false,
      "Mean over the axes, each element counted with its weight.");
}

/// `running` with the value of an empty fold in front.
array with_initial(const array& running, int axis, std::int64_t initial) {
  shape extents = running.shape();
  extents[axis < 0 ? axis + running.ndim() : axis] = 1;
  const array first = full(extents, initial, {.dtype = running.dtype(), .device = running.device()});
  return concatenate({first, running}, axis);
}

/// The standard's scans: a vector needs no axis, more axes do.
void bind_cumulative(nb::module_& m, const char* name, scan f, std::int64_t initial, const char* sentence) {
  m.def(
      name,
      [f, name, initial](nb::handle x, nb::handle axis, nb::handle type, bool include_initial) {
        const expr operand = to_expr(x);
        if (axis.is_none() && operand.ndim() != 1) {
          throw value_error(std::string(name) + ": needs an axis for an array of shape " + to_string(operand.shape()));
        }
        const int along = axis.is_none() ? 0 : to_axis(axis);
        const dtype wanted = to_dtype(type);
        return wrap(without_gil([&] {
          const array running = f(operand, along, wanted);
          return include_initial ? with_initial(running, along, initial) : running;
        }));
      },
      nb::arg("x"), nb::kw_only(), optional("axis"), optional("dtype"), nb::arg("include_initial") = false, sentence);
}

/// x with `prepend` and `append` at its ends along the axis; a number or 0-d array counts as one slice.
array extended(const array& x, nb::handle prepend, nb::handle append, int axis) {
  const int at = axis < 0 ? axis + x.ndim() : axis;
  std::vector<array> parts;
  const auto add = [&](nb::handle part) {
    if (part.is_none()) return;
    array slice = to_array(part);
    if (slice.ndim() == 0 && at >= 0 && at < x.ndim()) {
      shape extents = x.shape();
      extents[at] = 1;
      slice = broadcast_to(slice, extents);
    }
    parts.push_back(slice);
  };
  add(prepend);
  parts.push_back(x);
  add(append);
  return parts.size() == 1 ? x : concatenate(parts, axis);
}

void bind_scans(nb::module_& m) {
  for (const scan_row& row : scans) {
    m.def(
        row.name,
        [f = row.function](nb::handle x, nb::handle axis, nb::handle type) {
          const expr operand = to_expr(x);
          const axes over = to_axes(axis);
          const dtype wanted = to_dtype(type);
          return wrap(without_gil([&] { return f(operand, over, wanted); }));
        },
        nb::arg("x"), optional("axis"), optional("dtype"), row.sentence);
  }
  bind_cumulative(m, "cumulative_sum", cumsum, 0, "Running sum along an axis, after a 0 if include_initial.");
  bind_cumulative(m, "cumulative_prod", cumprod, 1, "Running product along an axis, after a 1 if include_initial.");
  m.def(
      "diff",
      [](nb::handle x, int n, nb::handle axis, nb::handle prepend, nb::handle append) {
        const int along = to_axis(axis);
        return run(diff(extended(to_array(x), prepend, append, along), n, along));
      },
      nb::arg("x"), nb::arg("n") = 1, nb::arg("axis") = -1, nb::kw_only(), optional("prepend"), optional("append"),
      "The n-th difference of neighbours along an axis.");
}

}  // namespace

void bind_reductions(nb::module_& m) {
  bind_sums(m);
  bind_variances(m);
  bind_plain(m);
  bind_scans(m);
}

}  // namespace tessera::python
