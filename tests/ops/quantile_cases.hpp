// Replays tests/data/quantile.json, NumPy's quantiles, on a device.
#pragma once
#include <map>

#include "ops/numpy_cases.hpp"

namespace tessera_test {

inline tessera::quantile_method method_of(const std::string& name) {
  using enum tessera::quantile_method;
  static const std::map<std::string, tessera::quantile_method> methods = {
      {"inverted_cdf", inverted_cdf},
      {"averaged_inverted_cdf", averaged_inverted_cdf},
      {"closest_observation", closest_observation},
      {"interpolated_inverted_cdf", interpolated_inverted_cdf},
      {"hazen", hazen},
      {"weibull", weibull},
      {"linear", linear},
      {"median_unbiased", median_unbiased},
      {"normal_unbiased", normal_unbiased},
      {"lower", lower},
      {"higher", higher},
      {"midpoint", midpoint},
      {"nearest", nearest}};
  return methods.at(name);
}

inline tessera::array quantile_of(const json& c, const tessera::array& x, const tessera::device& on) {
  using function = tessera::array (*)(const tessera::operand&, const tessera::operand&, const tessera::axes&,
                                      const tessera::quantile_options&);
  static const std::map<std::string, function> functions = {{"quantile", tessera::quantile},
                                                            {"percentile", tessera::percentile},
                                                            {"nanquantile", tessera::nanquantile},
                                                            {"nanpercentile", tessera::nanpercentile}};
  tessera::quantile_options options{.method = method_of(c.at("method")), .keepdims = c.at("keepdims").get<bool>()};
  if (c.contains("weights")) options.weights = {array_of_numpy(c.at("weights"), on)};
  const json& q = c.at("q");
  const tessera::operand fraction = q.is_array()            ? tessera::operand(array_of_numpy(q))
                                    : q.is_number_integer() ? tessera::operand(q.get<int>())
                                                            : tessera::operand(q.get<double>());
  return functions.at(c.at("call"))(x, fraction, axes_of(c), options);
}

/// Every `step`-th case; returns how many there were. Every other x lies behind negative strides.
inline int replay_quantiles(const tessera::device& on, std::size_t step) {
  return replay("quantile.json", step, [&](const json& c, std::size_t i) {
    const tessera::array x = array_of_numpy(c.at("x"), on);
    expect_numpys(quantile_of(c, i % 2 == 0 ? x : turned(x), on), c.at("result"));
  });
}

}  // namespace tessera_test
