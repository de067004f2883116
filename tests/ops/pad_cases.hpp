// Replays tests/data/pad.json, NumPy's borders, on a device.
#pragma once
#include <map>

#include "ops/numpy_cases.hpp"

namespace tessera_test {

inline tessera::pad_width widths_of_numpy(const json& list) {
  return tessera::pad_width(list.get<std::vector<std::pair<std::int64_t, std::int64_t>>>());
}

/// A number, [before, after] as two numbers, or a pair an axis as one array.
inline std::vector<tessera::expr> side_values_of(const json& c, const char* name) {
  if (!c.contains(name)) return {};
  const json& values = c.at(name);
  if (values.is_number()) return {tessera::expr(values.get<int>())};
  if (values[0].is_number()) return {values[0].get<int>(), values[1].get<int>()};
  std::vector<std::int64_t> all;
  for (const json& pair : values) all.insert(all.end(), {pair[0].get<std::int64_t>(), pair[1].get<std::int64_t>()});
  return {tessera::expr(reshape(tessera::from_range(all, {.device = tessera::cpu()}), {-1, 2}))};
}

inline tessera::array padded(const json& c, const tessera::array& x) {
  using enum tessera::pad_mode;
  static const std::map<std::string, tessera::pad_mode> modes = {{"constant", constant}, {"edge", edge},
                                                                 {"reflect", reflect},   {"symmetric", symmetric},
                                                                 {"wrap", wrap},         {"linear_ramp", linear_ramp},
                                                                 {"maximum", maximum},   {"minimum", minimum},
                                                                 {"mean", mean},         {"median", median}};
  tessera::pad_options options{.mode = modes.at(c.at("mode"))};
  options.constant_values = side_values_of(c, "constant_values");
  options.end_values = side_values_of(c, "end_values");
  if (c.contains("stat_length")) options.stat_length = widths_of_numpy(c.at("stat_length"));
  if (c.value("reflect_type", "even") == "odd") options.reflect_type = tessera::reflection::odd;
  return pad(x, widths_of_numpy(c.at("widths")), options);
}

/// Every `step`-th case; returns how many there were. Every other x is transposed in memory.
inline int replay_pads(const tessera::device& on, std::size_t step) {
  return replay("pad.json", step, [&](const json& c, std::size_t i) {
    const tessera::array x = array_of_numpy(c.at("x"), on);
    const tessera::array got = padded(c, i % 2 == 0 ? x : x.copy(tessera::order::F));
    const char kind = x.dtype().kind();
    if (c.at("mode") == "mean" && (kind == 'f' || kind == 'c')) {  // NumPy's sums are not pairwise on every axis
      const tessera::array wanted = array_of_numpy(c.at("result"));
      EXPECT_EQ(got.dtype(), wanted.dtype());
      const double bound = x.dtype() == tessera::float16 ? 4e-3 : 2e-6;
      EXPECT_TRUE(allclose(got.to(tessera::cpu()), wanted, {.rtol = bound, .atol = bound}));
    } else {
      expect_numpys(got, c.at("result"));
    }
  });
}

}  // namespace tessera_test
