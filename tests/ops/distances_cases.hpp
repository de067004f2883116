// Replays tests/data/distances.json, SciPy's distances, on a device.
#pragma once
#include <set>

#include "ops/numpy_cases.hpp"

namespace tessera_test {

using namespace tessera;

inline metric metric_of(const json& c, const device& on) {
  metric_options options;
  const json& args = c.at("args");
  if (args.contains("p")) options.p = number_of(args["p"]);
  if (args.contains("base")) options.base = number_of(args["base"]);
  if (args.contains("w")) options.w = {array_of_numpy(args["w"], on)};
  if (args.contains("V")) options.V = {array_of_numpy(args["V"], on)};
  if (args.contains("VI")) options.VI = {array_of_numpy(args["VI"], on)};
  return {c.at("metric").get<std::string>(), options};
}

/// How far a distance of float64 rows may lie from SciPy's, as isclose counts.
inline isclose_options allowed(const std::string& metric) {
  // SciPy's Jensen-Shannon distances of nearly equal rows are noise, and 1 - sum of hellinger loses half its digits.
  const bool is_noisy = metric == "jensenshannon" || metric == "hellinger";
  return {.rtol = 1e-9, .atol = is_noisy ? 5e-8 : 1e-11, .equal_nan = true};
}

/// All cases, or the first with rows of each metric and set of parameters: where every kernel takes a second to compile.
inline void replay_distances(const device& on, bool one_of_each = false) {
  const json cases = cases_of("distances.json");
  EXPECT_GT(cases.size(), 300u);
  std::set<std::string> seen;
  for (const json& c : cases) {
    std::string kind = c["metric"];
    for (const auto& [key, value] : c["args"].items()) kind += " " + key;
    if (one_of_each && !seen.insert(kind).second) continue;
    SCOPED_TRACE(c.dump().substr(0, 400));
    const array x = array_of_numpy(c["x"], on), y = array_of_numpy(c["y"], on), expected = array_of_numpy(c["result"]);
    const metric by = metric_of(c, on);
    const array got = cdist(x, y, by, {.dtype = float64}).to(cpu());
    ASSERT_EQ(got.shape(), expected.shape());
    EXPECT_EQ(got.dtype(), float64);
    EXPECT_TRUE(bool(all(isclose(got, expected, allowed(by.name()))))) << str(got) << "\n" << str(expected);
    // The same in float32 where a rounding of the rows does not change a digit before the sixth.
    if (x.dtype() != float32) continue;
    const array small = cdist(x, y, by).to(cpu());
    EXPECT_EQ(small.dtype(), float32);
    EXPECT_TRUE(bool(all(isclose(small, expected, {.rtol = 2e-6, .atol = 2e-6, .equal_nan = true}))))
        << str(small) << "\n"
        << str(expected);
  }
}

}  // namespace tessera_test
