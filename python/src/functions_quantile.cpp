// Quantiles under NumPy's names.
#include "functions.hpp"

namespace tessera::python {
namespace {

quantile_method method_of(const std::string& text, const char* name) {
  using enum quantile_method;
  return word<quantile_method>(text, (std::string(name) + ": method").c_str(),
                               {{"inverted_cdf", inverted_cdf},
                                {"closest_observation", closest_observation},
                                {"averaged_inverted_cdf", averaged_inverted_cdf},
                                {"interpolated_inverted_cdf", interpolated_inverted_cdf},
                                {"hazen", hazen},
                                {"weibull", weibull},
                                {"linear", linear},
                                {"median_unbiased", median_unbiased},
                                {"normal_unbiased", normal_unbiased},
                                {"lower", lower},
                                {"higher", higher},
                                {"midpoint", midpoint},
                                {"nearest", nearest}});
}

using function = array (*)(const operand&, const operand&, const axes&, const quantile_options&);

void bind(nb::module_& m, const char* name, function f, const char* sentence) {
  m.def(
      name,
      [f, name](nb::handle x, nb::handle q, nb::handle axis, nb::handle out, bool, const std::string& method,
                bool keepdims, nb::handle weights) {
        const expr from = to_expr(x), fractions = to_expr(q, array_or_null(x));
        const axes over = to_axes(axis);
        const quantile_options options{
            .method = method_of(method, name), .weights = one_or_none(weights, nb::none()), .keepdims = keepdims};
        return finish(without_gil([&] { return f(from, fractions, over, options); }), out, nb::none());
      },
      nb::arg("x"), nb::arg("q"), optional("axis"), optional("out"), nb::arg("overwrite_input") = false,
      nb::arg("method") = "linear", nb::arg("keepdims") = false, nb::kw_only(), optional("weights"), sentence);
}

}  // namespace

void bind_quantiles(nb::module_& m) {
  bind(m, "quantile", quantile, "What stands at a fraction q of the sorted elements, by one of NumPy's methods.");
  bind(m, "percentile", percentile, "quantile(x, q / 100)");
  bind(m, "nanquantile", nanquantile, "quantile as if NaN were not there.");
  bind(m, "nanpercentile", nanpercentile, "percentile as if NaN were not there.");
}

}  // namespace tessera::python
