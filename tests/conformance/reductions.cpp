// reductions: folds and scans over no axis, one, several or all, with keepdims, dtype, ddof, initial and where.
#include <cmath>
#include <map>
#include <set>

#include "conformance/section.hpp"

namespace conformance {

using tessera::array;
using tessera::expr;

namespace {

struct arguments {
  tessera::axes axis;
  bool keepdims = false;
  tessera::dtype type;
  double ddof = 0;
  std::vector<expr> initial, where;

  tessera::reduce_options reduce() const {
    return {.keepdims = keepdims, .dtype = type, .initial = initial, .where = where};
  }
  tessera::minmax_options minmax() const { return {.keepdims = keepdims, .initial = initial, .where = where}; }
  tessera::any_options any() const { return {.keepdims = keepdims, .where = where}; }
  tessera::var_options var() const { return {.ddof = ddof, .keepdims = keepdims, .dtype = type, .where = where}; }
  tessera::keepdims_options plain() const { return {.keepdims = keepdims}; }
};

using reduction = array (*)(const expr&, const arguments&);

#define REDUCTION(numpy, ours, options)                                                                     \
  {                                                                                                         \
    numpy, [](const expr& x, const arguments& a) -> array { return tessera::ours(x, a.axis, a.options()); } \
  }
#define SCAN(numpy, ours)                                                                              \
  {                                                                                                    \
    numpy, [](const expr& x, const arguments& a) -> array { return tessera::ours(x, a.axis, a.type); } \
  }

const std::map<std::string, reduction> reductions = {REDUCTION("sum", sum, reduce),
                                                     REDUCTION("prod", prod, reduce),
                                                     REDUCTION("mean", mean, reduce),
                                                     REDUCTION("nansum", nansum, reduce),
                                                     REDUCTION("nanprod", nanprod, reduce),
                                                     REDUCTION("nanmean", nanmean, reduce),
                                                     REDUCTION("var", var, var),
                                                     REDUCTION("std", stddev, var),
                                                     REDUCTION("nanvar", nanvar, var),
                                                     REDUCTION("nanstd", nanstddev, var),
                                                     REDUCTION("max", max, minmax),
                                                     REDUCTION("min", min, minmax),
                                                     REDUCTION("amax", max, minmax),
                                                     REDUCTION("amin", min, minmax),
                                                     REDUCTION("nanmax", nanmax, minmax),
                                                     REDUCTION("nanmin", nanmin, minmax),
                                                     REDUCTION("ptp", ptp, plain),
                                                     REDUCTION("argmax", argmax, plain),
                                                     REDUCTION("argmin", argmin, plain),
                                                     REDUCTION("nanargmax", nanargmax, plain),
                                                     REDUCTION("nanargmin", nanargmin, plain),
                                                     REDUCTION("any", any, any),
                                                     REDUCTION("all", all, any),
                                                     REDUCTION("count_nonzero", count_nonzero, plain),
                                                     REDUCTION("median", median, plain),
                                                     REDUCTION("nanmedian", nanmedian, plain),
                                                     REDUCTION("logsumexp", logsumexp, plain),
                                                     SCAN("cumsum", cumsum),
                                                     SCAN("cumprod", cumprod),
                                                     SCAN("nancumsum", nancumsum),
                                                     SCAN("nancumprod", nancumprod)};

#undef REDUCTION
#undef SCAN

arguments arguments_of(const test_case& c) {
  arguments result;
  for (const auto& [key, value] : c["args"].items()) {
    if (key == "axis") {
      result.axis = axes_of(value);
    } else if (key == "keepdims") {
      result.keepdims = value.get<bool>();
    } else if (key == "dtype") {
      if (!value.is_null()) result.type = dtype_of(value);
    } else if (key == "ddof") {
      result.ddof = value.get<double>();
    } else if (key == "initial") {
      if (value.is_object()) {
        result.initial = {placed(c.read(value), "C").array.copy()};
      } else if (!value.is_null()) {
        result.initial = {value.is_number_integer() ? expr(value.get<std::int64_t>()) : expr(value.get<double>())};
      }
    } else if (key == "where") {
      if (value.is_object()) {
        result.where = {placed(c.read(value), "C").array.copy()};
      } else if (value.is_boolean()) {
        result.where = {value.get<bool>()};
      }
    } else {
      throw mismatch("the runner does not know the argument " + key);
    }
  }
  return result;
}

// What the allowed error of a sum or mean refers to: the sum of magnitudes, for a mean per element of a fold.
double scale_of(const std::string& op, const elements& x, const tessera::shape& result) {
  static const std::set<std::string> sums = {"sum", "nansum", "cumsum", "nancumsum"}, means = {"mean", "nanmean"};
  if (!sums.contains(op) && !means.contains(op)) return 0;
  double total = 0;
  for (std::int64_t i = 0; i < count_of(x.extents); ++i) {
    double real, imaginary;
    parts_of(x, i, real, imaginary);
    const double magnitude = std::hypot(real, imaginary);
    if (std::isfinite(magnitude)) total += magnitude;
  }
  const std::int64_t results = count_of(result), count = count_of(x.extents);
  return means.contains(op) && count > 0 ? total * static_cast<double>(results) / static_cast<double>(count) : total;
}

}  // namespace

void replay_reductions(const test_case& c) {
  const std::string op = c.text("op");
  const auto found = reductions.find(op);
  if (found == reductions.end()) throw mismatch("the runner does not know the reduction " + op);
  const elements values = c.read(c["a"]);
  const placed operand(values, c.text("layout", "C"));
  const array got = found->second(operand.array, arguments_of(c));
  c.expect_success(kind_of(got.dtype(), got.shape()));
  tolerance allowed;
  if (c.has("rtol")) allowed.relative = c["rtol"].get<double>();
  if (c.has("atol")) allowed.absolute = c["atol"].get<double>();
  allowed.scale = scale_of(op, values, got.shape());
  c.expect_array(got, c["result"], allowed);
}

}  // namespace conformance
