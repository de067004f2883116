// Replays tests/data/numerical.json, NumPy's gradient, trapezoid, unwrap and others, on a device.
#pragma once
#include "ops/numpy_cases.hpp"

namespace tessera_test {

inline tessera::expr value_of(const json& j, const tessera::device& on) {
  if (j.is_array()) return array_of_numpy(j, on);
  return j.is_number_integer() ? tessera::expr(j.get<int>()) : tessera::expr(j.get<double>());
}
inline std::vector<tessera::expr> optional_of(const json& c, const char* name, const tessera::device& on) {
  return c.contains(name) ? std::vector<tessera::expr>{value_of(c.at(name), on)} : std::vector<tessera::expr>();
}

inline std::vector<tessera::array> gradients_of(const json& c, const tessera::array& x, const tessera::device& on) {
  std::vector<tessera::expr> spacing;
  for (const json& s : c.at("spacing")) spacing.push_back(value_of(s, on));
  return gradient(x, spacing, axes_of(c), {.edge_order = c.at("edge_order")});
}

inline tessera::array numerical_result(const json& c, const tessera::array& x, const tessera::device& on) {
  const std::string call = c.at("call");
  if (call == "trapezoid") {
    const double dx = c.value("dx", 1.0);
    return trapezoid(x, {.x = optional_of(c, "places", on), .dx = dx, .axis = c.at("axis")});
  }
  if (call == "unwrap") {
    return unwrap(
        x, {.discont = optional_of(c, "discont", on), .axis = c.at("axis"), .period = value_of(c.at("period"), on)});
  }
  if (call == "diff") {
    return diff(x, c.at("n"), c.at("axis"),
                {.prepend = optional_of(c, "prepend", on), .append = optional_of(c, "append", on)});
  }
  if (call == "vander") return vander(x, c.at("n").get<int>(), c.at("increasing"));
  return resize(x, tessera::shape(c.at("shape").get<std::vector<std::int64_t>>()));
}

/// Every `step`-th case; returns how many there were. Every other x lies behind negative strides.
inline int replay_numerical(const tessera::device& on, std::size_t step) {
  return replay("numerical.json", step, [&](const json& c, std::size_t i) {
    const tessera::array straight = array_of_numpy(c.at("x"), on), x = i % 2 == 0 ? straight : turned(straight);
    if (c.at("call") == "gradient") {
      const std::vector<tessera::array> all = gradients_of(c, x, on);
      ASSERT_EQ(all.size(), c.at("result").size());
      for (std::size_t k = 0; k < all.size(); ++k) expect_numpys(all[k], c.at("result").at(k));
    } else {
      expect_numpys(numerical_result(c, x, on), c.at("result"));
    }
  });
}

}  // namespace tessera_test
