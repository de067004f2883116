// Replays tests/data/insert.json, NumPy's insert and delete, on a device.
#pragma once
#include "ops/numpy_cases.hpp"

namespace tessera_test {

inline tessera::axis_places places_of(const json& where, const tessera::device& on) {
  if (where.is_number()) return where.get<int>();
  if (where.is_array()) return array_of_numpy(where, on);
  const json& s = where.at("slice");
  const auto bound = [&](int i) {
    return s[i].is_null() ? tessera::bound(tessera::none) : tessera::bound(s[i].get<std::int64_t>());
  };
  return tessera::slice(bound(0), bound(1), bound(2));
}

inline tessera::array edited(const json& c, const tessera::array& x, const tessera::device& on) {
  const tessera::axis_places where = places_of(c.at("where"), on);
  if (c.at("call") == "delete") return delete_(x, where, axes_of(c));
  const json& values = c.at("values");
  const tessera::operand given =
      values.is_number() ? tessera::operand(values.get<int>()) : tessera::operand(array_of_numpy(values, on));
  return insert(x, where, given, axes_of(c));
}

/// Every `step`-th case; returns how many there were. Every other x is transposed in memory.
inline int replay_inserts(const tessera::device& on, std::size_t step) {
  return replay("insert.json", step, [&](const json& c, std::size_t i) {
    const tessera::array x = array_of_numpy(c.at("x"), on);
    expect_numpys(edited(c, i % 2 == 0 ? x : x.copy(tessera::order::F), on), c.at("result"));
  });
}

}  // namespace tessera_test
