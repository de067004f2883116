// Replays tests/data/products.json, NumPy's products, with operands behind strides of every kind, on a device.
#pragma once
#include <algorithm>

#include "ops/numpy_cases.hpp"

namespace tessera_test {

using namespace tessera;

/// The same elements laid out in one of six ways.
inline array placed(const array& x, std::size_t layout) {
  switch (x.ndim() == 0 ? 5 : layout % 6) {
    case 0: return x.copy(order::F);
    case 1: return flip(flip(x).copy());
    case 2: return repeat(x, 2, -1)(ellipsis, slice(none, none, 2));
    case 3: {
      array bytes = zeros({x.nbytes() + 1}, {.dtype = uint8, .device = x.device()});
      array shifted = reshape(array(bytes(slice(1, none))).view(x.dtype()), x.shape());
      shifted(ellipsis) = x;
      return shifted;
    }
    case 4: return x.readonly();
    default: return x;
  }
}

inline convolve_mode mode_of(const json& c) {
  const std::string mode = c.at("mode");
  return mode == "full" ? convolve_mode::full : mode == "same" ? convolve_mode::same : convolve_mode::valid;
}

inline shape tuple_of(const json& list) { return shape(list.get<std::vector<std::int64_t>>()); }

inline array call(const json& c, const std::vector<array>& x) {
  using binary = array (*)(const array&, const array&);
  static const std::pair<const char*, binary> plain[] = {
      {"matmul", [](const array& a, const array& b) { return matmul(a, b); }},
      {"matvec", [](const array& a, const array& b) { return matvec(a, b); }},
      {"vecmat", [](const array& a, const array& b) { return vecmat(a, b); }},
      {"dot", [](const array& a, const array& b) { return dot(a, b); }},
      {"inner", [](const array& a, const array& b) { return inner(a, b); }},
      {"vdot", [](const array& a, const array& b) { return vdot(a, b); }},
      {"outer", [](const array& a, const array& b) { return outer(a, b); }},
      {"kron", [](const array& a, const array& b) { return kron(a, b); }}};
  const std::string name = c.at("call");
  for (const auto& [known, function] : plain) {
    if (name == known) return function(x[0], x[1]);
  }
  if (name == "vecdot") return vecdot(x[0], x[1], c.at("axis"));
  if (name == "convolve") return convolve(x[0], x[1], mode_of(c));
  if (name == "correlate") return correlate(x[0], x[1], mode_of(c));
  if (name == "multi_dot") return multi_dot(x);
  if (name == "matrix_power") return linalg::matrix_power(x[0], c.at("n").get<std::int64_t>());
  if (name == "trace") return trace(x[0], c.at("offset"), c.at("axis1"), c.at("axis2"));
  const json& axes = c.at("axes");
  if (axes.is_number()) return tensordot(x[0], x[1], axes.get<std::int64_t>());
  return tensordot(x[0], x[1], {tuple_of(axes.at(0)), tuple_of(axes.at(1))});
}

/// Every case whose operands all have one of these dtypes (none: every case); returns how many there were.
inline int replay_products(const device& on, const std::vector<std::string>& dtypes = {}) {
  const json cases = cases_of("products.json");
  int replayed = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const json& c = cases[i];
    const auto is_chosen = [&](const json& x) {
      return dtypes.empty() || std::find(dtypes.begin(), dtypes.end(), x.at(0).get<std::string>()) != dtypes.end();
    };
    if (!std::all_of(c.at("operands").begin(), c.at("operands").end(), is_chosen)) continue;
    SCOPED_TRACE(c.dump());
    std::vector<array> x;
    for (const json& operand : c.at("operands")) x.push_back(placed(array_of_numpy(operand, on), i + 5 * x.size()));
    const array got = call(c, x), expected = array_of_numpy(c.at("result"));
    EXPECT_EQ(got.device(), on);
    EXPECT_EQ(got.dtype(), expected.dtype());
    EXPECT_EQ(got.shape(), expected.shape());
    if (!testing::Test::HasFailure()) {
      EXPECT_TRUE(array_equal(got.to(cpu()), expected)) << str(got.to(cpu())) << "\nnot\n" << str(expected);
    }
    ++replayed;
  }
  return replayed;
}

}  // namespace tessera_test
