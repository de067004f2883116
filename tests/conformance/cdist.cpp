// cdist: distances between rows, condensed ones with their square form, nearest rows.
#include <algorithm>
#include <cmath>

#include "conformance/section.hpp"

namespace conformance {

using tessera::array;

namespace {

tessera::metric metric_of(const test_case& c) {
  tessera::metric_options options;
  const auto given = [&](const char* key) -> std::vector<tessera::expr> {
    const placed parameter(c.read(c["args"][key]), "C");
    return {parameter.array.copy()};
  };
  for (const auto& [key, value] : c["args"].items()) {
    if (key == "p") options.p = value.get<double>();
    else if (key == "w") options.w = given("w");
    else if (key == "V") options.V = given("V");
    else if (key == "VI") options.VI = given("VI");
    else if (key != "k") throw skipped("the runner knows no parameter " + key);
  }
  return {c.text("metric"), options};
}

tolerance allowed_of(const test_case& c) {
  const auto number = [&](const char* key) { return c.has(key) && c[key].is_number() ? c[key].get<double>() : 0.0; };
  return {number("rtol"), number("atol")};
}

/// float32 rows in float32: sums of positive terms lose 8e-7, cosines of nearly parallel rows as much of 1.
void expect_close_in_float32(const test_case& c, const array& got) {
  const std::string metric = c.text("metric");
  const bool of_products = metric == "cosine" || metric == "correlation" || metric == "jensenshannon";
  c.expect_equal("dtype", std::string("float32"), std::string(got.dtype().name()));
  c.expect_array(got.astype(tessera::float64), c["result"], {8e-7, of_products ? 8e-7 : 1e-12});
}

void replay_nearest(const test_case& c, const array& x, const array& y) {
  const auto [distances, indices] = nearest(x, y, c["args"]["k"].get<std::int64_t>(), {.metric = metric_of(c)});
  c.expect_array(indices, c["indices"]);
  c.expect_array(distances, c["result"], allowed_of(c));
}

}  // namespace

void replay_cdist(const test_case& c) {
  const std::string kind = c.text("kind");
  const placed x = plain(c, "x");
  if (kind == "pdist") {
    const array pairs = pdist(x.array, metric_of(c), {.dtype = tessera::float64});
    c.expect_success("an array of shape " + to_string(pairs.shape()));
    c.expect_array(pairs, c["result"], allowed_of(c));
    const array square = squareform(pairs);
    c.expect_array(square, c["square"], allowed_of(c));
    if (pairs.size() > 0 && !bool(any(isnan(pairs)))) c.expect_array(squareform(square), c["result"], allowed_of(c));
    return;
  }
  const placed y = plain(c, "y");
  if (kind == "knn") return replay_nearest(c, x.array, y.array);
  if (kind != "cdist") throw skipped("the runner knows no kind " + kind);
  const array got = cdist(x.array, y.array, metric_of(c), {.dtype = tessera::float64});
  c.expect_success("an array of shape " + to_string(got.shape()));
  c.expect_array(got, c["result"], allowed_of(c));
  if (x.array.dtype() == tessera::float32 && y.array.dtype() == tessera::float32) {
    expect_close_in_float32(c, cdist(x.array, y.array, metric_of(c)));
  }
}

}  // namespace conformance
