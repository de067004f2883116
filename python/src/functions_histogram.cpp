// Functions that count in bins, and interp.
#include "functions.hpp"

namespace tessera::python {
namespace {

/// A number of bins, the edges, or a rule's name.
binning binning_of(nb::handle x, const char* name) {
  if (PyUnicode_Check(x.ptr())) return binning(nb::cast<std::string>(x));
  if (is_integer(x)) return binning(to_int(x));
  const array edges = to_array(x);
  if (edges.ndim() == 0) throw dtype_error(std::string(name) + ": bins: expected an integer, a name or edges");
  return binning(edges);
}

bin_range range_of(nb::handle x) {
  if (x.is_none()) return {};
  const array ends = to_array(x, {.dtype = float64, .device = cpu()});
  if (ends.ndim() != 1 || ends.size() != 2) {
    throw value_error("range of shape " + to_string(ends.shape()) + "; expected (low, high)");
  }
  return {ends(0).item<double>(), ends(1).item<double>()};
}

bool density_of(nb::handle x) { return !x.is_none() && to_bool(x, "density"); }

void bind_counts(nb::module_& m) {
  m.def(
      "bincount",
      [](nb::handle x, nb::handle weights, nb::handle minlength) {
        const expr from = to_expr(x);
        const bincount_options options{.weights = one_or_none(weights, nb::none()), .minlength = to_int(minlength)};
        return wrap(without_gil([&] { return bincount(from, options); }));
      },
      nb::arg("x"), optional("weights"), nb::arg("minlength") = 0,
      "How often each of 0, 1, … occurs in a vector, or the sum of the weights there.");
  m.def(
      "digitize",
      [](nb::handle x, nb::handle bins, bool right) {
        const expr from = to_expr(x), edges = to_expr(bins, array_or_null(x));
        return wrap(without_gil([&] { return digitize(from, edges, {.right = right}); }));
      },
      nb::arg("x"), nb::arg("bins"), nb::arg("right") = false, "The number of the bin that each element lies in.");
  m.def(
      "histogram",
      [](nb::handle x, nb::handle bins, nb::handle range, nb::handle density, nb::handle weights) {
        const expr from = to_expr(x);
        const binning cut = binning_of(bins, "histogram");
        const histogram_options options{
            .range = range_of(range), .weights = one_or_none(weights, nb::none()), .density = density_of(density)};
        const histogram_result found = without_gil([&] { return histogram(from, cut, options); });
        return wrap(std::vector<array>{found.counts, found.edges});
      },
      nb::arg("x"), nb::arg("bins") = 10, optional("range"), optional("density"), optional("weights"),
      "(counts, edges): how many elements, or what weights, lie in each bin.");
  m.def(
      "histogram_bin_edges",
      [](nb::handle x, nb::handle bins, nb::handle range, nb::handle) {
        const expr from = to_expr(x);
        const binning cut = binning_of(bins, "histogram_bin_edges");
        const bin_edges_options options{.range = range_of(range)};
        return wrap(without_gil([&] { return histogram_bin_edges(from, cut, options); }));
      },
      nb::arg("x"), nb::arg("bins") = 10, optional("range"), optional("weights"),
      "The edges that histogram would use.");
}

/// One binning for every axis, or one for each.
binnings binnings_of(nb::handle x, const char* name) {
  if (is_integer(x)) return binnings(to_int(x));
  std::vector<binning> each;
  for (nb::handle one : x) each.push_back(binning_of(one, name));
  return binnings(std::move(each));
}

histogramdd_options options_of(nb::handle range, nb::handle density, nb::handle weights) {
  histogramdd_options options{.weights = one_or_none(weights, nb::none()), .density = density_of(density)};
  if (!range.is_none()) {
    for (nb::handle one : range) options.range.push_back(range_of(one));
  }
  return options;
}

/// Samples as rows: those of an array, or the columns of a list (as numpy.histogramdd).
expr samples_of(nb::handle x) {
  const array samples = to_array(x);
  return PyList_Check(x.ptr()) || PyTuple_Check(x.ptr()) ? atleast_2d(samples).T() : samples;
}

void bind_histograms(nb::module_& m) {
  m.def(
      "histogramdd",
      [](nb::handle samples, nb::handle bins, nb::handle range, nb::handle density, nb::handle weights) {
        const expr rows = samples_of(samples);
        const binnings cuts = binnings_of(bins, "histogramdd");
        const histogramdd_options options = options_of(range, density, weights);
        const histogramdd_result found = without_gil([&] { return histogramdd(rows, cuts, options); });
        return nb::make_tuple(wrap(found.counts), wrap(found.edges));
      },
      nb::arg("sample"), nb::arg("bins") = 10, optional("range"), optional("density"), optional("weights"),
      "(counts, edges) of samples with several coordinates: the rows of an array.");
  m.def(
      "histogram2d",
      [](nb::handle x, nb::handle y, nb::handle bins, nb::handle range, nb::handle density, nb::handle weights) {
        const expr first = to_expr(x), second = to_expr(y);
        // As in NumPy: two are one for each axis, more are the edges of both.
        const bool edges_of_both = PySequence_Check(bins.ptr()) && nb::len(bins) > 2;
        const binnings cuts = edges_of_both ? binnings(binning(to_array(bins))) : binnings_of(bins, "histogram2d");
        const histogramdd_options options = options_of(range, density, weights);
        const histogram2d_result found = without_gil([&] { return histogram2d(first, second, cuts, options); });
        return wrap(std::vector<array>{found.counts, found.x_edges, found.y_edges});
      },
      nb::arg("x"), nb::arg("y"), nb::arg("bins") = 10, optional("range"), optional("density"), optional("weights"),
      "(counts, x edges, y edges) of the pairs of two vectors.");
}

std::optional<number> number_or_none(nb::handle x) {
  if (x.is_none()) return {};
  return to_number(x);
}

void bind_interp(nb::module_& m) {
  m.def(
      "interp",
      [](nb::handle x, nb::handle xp, nb::handle fp, nb::handle left, nb::handle right, nb::handle period) {
        const expr at = to_expr(x), from = to_expr(xp), values = to_expr(fp);
        interp_options options{.left = number_or_none(left), .right = number_or_none(right)};
        if (!period.is_none()) options.period = nb::cast<double>(period);
        return wrap(without_gil([&] { return interp(at, from, values, options); }));
      },
      nb::arg("x"), nb::arg("xp"), nb::arg("fp"), optional("left"), optional("right"), optional("period"),
      "Values at x of the lines through the points (xp, fp); left and right of them left and right.");
}

}  // namespace

void bind_histogram(nb::module_& m) {
  bind_counts(m);
  bind_histograms(m);
  bind_interp(m);
}

}  // namespace tessera::python
