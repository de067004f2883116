// For replaying what NumPy gives, as the scripts of tests/data write it (case_text.py): arrays of JSON, equal to the bit.
#pragma once
#include <complex>
#include <cstring>
#include <fstream>
#include <limits>

#include <nlohmann/json.hpp>

#include "ops/elements.hpp"

namespace tessera_test {

using nlohmann::json;

inline double number_of(const json& j) {
  if (!j.is_string()) return j.is_boolean() ? double(j.get<bool>()) : j.get<double>();
  const std::string text = j.get<std::string>();
  const double infinity = std::numeric_limits<double>::infinity();
  return text == "inf" ? infinity : text == "-inf" ? -infinity : std::numeric_limits<double>::quiet_NaN();
}

/// [dtype, shape, elements]; complex elements are pairs.
inline tessera::array array_of_numpy(const json& j, const tessera::device& on = tessera::cpu()) {
  const tessera::dtype type(j.at(0).get<std::string>());
  const tessera::shape extents(j.at(1).get<std::vector<std::int64_t>>());
  const auto shaped = [&](const auto& all) {
    return reshape(tessera::from_range(all, {.device = tessera::cpu()}).astype(type), extents).to(on);
  };
  if (type.kind() == 'i' || type.kind() == 'u') return shaped(j.at(2).get<std::vector<std::int64_t>>());
  if (type.kind() == 'c') {
    std::vector<std::complex<double>> all;
    for (const json& v : j.at(2)) all.emplace_back(number_of(v.at(0)), number_of(v.at(1)));
    return shaped(all);
  }
  std::vector<double> all;
  for (const json& v : j.at(2)) all.push_back(number_of(v));
  return shaped(all);
}

/// Equal to the bit, whatever the bits of a NaN are. `got` may lie anywhere.
inline void expect_numpys(const tessera::array& got, const json& expected) {
  const tessera::array wanted = array_of_numpy(expected), x = got.to(tessera::cpu());
  ASSERT_EQ(x.dtype(), wanted.dtype());
  ASSERT_EQ(x.shape(), wanted.shape());
  const tessera::array nan = isnan(wanted);
  EXPECT_TRUE(array_equal(isnan(x), nan)) << str(x) << "\nnot\n" << str(wanted);
  const tessera::array a = where(nan, 0, x).eval().astype(wanted.dtype(), tessera::order::C),
                       b = where(nan, 0, wanted).eval().astype(wanted.dtype(), tessera::order::C);
  EXPECT_TRUE(a.size() == 0 || std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.nbytes())) == 0)
      << str(x) << "\nnot\n"
      << str(wanted);
}

inline tessera::axes axes_of(const json& c) {
  if (!c.contains("axis")) return {};
  const json& axis = c.at("axis");
  if (axis.is_array()) return axis.get<std::vector<int>>();
  return axis.get<int>();
}

inline json cases_of(const char* file) { return json::parse(std::ifstream(std::string(TESSERA_TEST_DATA "/") + file)); }

/// each(case, its number) for every `step`-th case, up to one that fails; returns how many there were.
template <class F> int replay(const char* file, std::size_t step, F each) {
  const json cases = cases_of(file);
  int replayed = 0;
  for (std::size_t i = 0; i < cases.size() && !testing::Test::HasFailure(); i += step, ++replayed) {
    SCOPED_TRACE(cases[i].dump());
    each(cases[i], i);
  }
  return replayed;
}

/// The same elements behind negative strides.
inline tessera::array turned(const tessera::array& x) { return flip(tessera::array(flip(x)).copy()); }

}  // namespace tessera_test
