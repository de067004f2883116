// Replays tests/data/distances.json, SciPy's distances, on a device.
#pragma once
#include <cmath>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

#include "ops/elements.hpp"

namespace tessera_test {

using namespace tessera;
using nlohmann::json;

inline double number(const json& x) {
  if (x.is_boolean()) return x.get<bool>() ? 1 : 0;
  if (!x.is_string()) return x.get<double>();
  return x == "nan" ? std::nan("") : x == "inf" ? HUGE_VAL : -HUGE_VAL;
}

/// [dtype, shape, elements]
inline array rows_of(const json& x, const device& on) {
  std::vector<double> elements;
  for (const json& element : x.at(2)) elements.push_back(number(element));
  const array all = from_range(elements, {.device = cpu()});
  const std::string type = x.at(0);
  return reshape(all, shape(x.at(1).get<std::vector<std::int64_t>>()))
      .astype(type == "bool" ? bool_ : dtype(type))
      .to(on);
}

inline metric metric_of(const json& c, const device& on) {
  metric_options options;
  const json& args = c.at("args");
  if (args.contains("p")) options.p = number(args["p"]);
  if (args.contains("base")) options.base = number(args["base"]);
  if (args.contains("w")) options.w = {rows_of(args["w"], on)};
  if (args.contains("V")) options.V = {rows_of(args["V"], on)};
  if (args.contains("VI")) options.VI = {rows_of(args["VI"], on)};
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
  std::ifstream file(TESSERA_TEST_DATA "/distances.json");
  const json cases = json::parse(file);
  EXPECT_GT(cases.size(), 300u);
  std::set<std::string> seen;
  for (const json& c : cases) {
    std::string kind = c["metric"];
    for (const auto& [key, value] : c["args"].items()) kind += " " + key;
    if (one_of_each && !seen.insert(kind).second) continue;
    SCOPED_TRACE(c.dump().substr(0, 400));
    const array x = rows_of(c["x"], on), y = rows_of(c["y"], on), expected = rows_of(c["result"], cpu());
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
