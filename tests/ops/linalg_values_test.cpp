// numpy.linalg's results for small matrices of every shape (tests/data/linalg.json).
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tessera/tessera.hpp"

using namespace tessera;
using json = nlohmann::json;

namespace {

double number(const json& x) {
  if (!x.is_string()) return x.get<double>();
  return x == "inf" ? HUGE_VAL : -HUGE_VAL;
}

/// Pairs where there are twice as many numbers as elements.
array elements(const json& numbers, const shape& extents) {
  const array plain = zeros(extents);
  std::vector<double> values;
  for (const json& x : numbers) values.push_back(number(x));
  if (static_cast<std::int64_t>(values.size()) == plain.size()) return copy_of(values.data(), extents, float64);
  return copy_of(values.data(), extents, complex128);
}

shape extents_of(const json& x) { return shape(x.get<std::vector<std::int64_t>>()); }

linalg::norm_order order_of(const json& ord) {
  if (ord.is_null()) return {};
  if (ord == "fro" || ord == "nuc") return ord.get<std::string>();
  return number(ord);
}

/// Complex eigenvalues as the script sorts them.
array sorted_eigvals(const array& x) {
  const array w = linalg::eigvals(x), key = round(real(w), 6) + imag(w) * std::complex<double>(0, 1);
  return take_along_axis(w, argsort(key), -1);
}

std::vector<array> computed(const json& c, const array& x) {
  const std::string name = c["function"];
  const array b = c.contains("b") ? elements(c["b_elements"], extents_of(c["b"])) : array();
  if (name == "det") return {linalg::det(x)};
  if (name == "inv") return {linalg::inv(x)};
  if (name == "solve") return {linalg::solve(x, b)};
  if (name == "cholesky") return {linalg::cholesky(x)};
  if (name == "svdvals") return {linalg::svdvals(x)};
  if (name == "eigvalsh") return {linalg::eigvalsh(x)};
  if (name == "eigvals") return {sorted_eigvals(x)};
  if (name == "pinv") return {linalg::pinv(x)};
  if (name == "cond") return {linalg::cond(x, order_of(c["ord"]))};
  if (name == "slogdet") {
    const auto [sign, logabsdet] = linalg::slogdet(x);
    return {sign, logabsdet};
  }
  if (name == "lstsq") {
    const auto [solution, residuals, rank, singular_values] = linalg::lstsq(x, b);
    return {solution, residuals, rank, singular_values};
  }
  if (name == "matrix_rank") {
    if (c.contains("rtol")) return {linalg::matrix_rank(x, {.rtol = {number(c["rtol"])}})};
    if (c.contains("tol")) return {linalg::matrix_rank(x, {.tol = {number(c["tol"])}})};
    return {linalg::matrix_rank(x)};
  }
  const axes over = c["axes"].is_null() ? axes() : axes(c["axes"].get<std::vector<int>>());
  return {linalg::norm(x, order_of(c["ord"]), over, {.keepdims = c["keepdims"].get<bool>()})};
}

}  // namespace

TEST(linalg_values, are_numpys) {
  std::ifstream file(TESSERA_TEST_DATA "/linalg.json");
  const json cases = json::parse(file);
  EXPECT_GT(cases.size(), 300u);
  for (const json& c : cases) {
    SCOPED_TRACE(c.dump().substr(0, 300));
    const std::vector<array> found = computed(c, elements(c["x"], extents_of(c["shape"])));
    ASSERT_EQ(found.size(), c["results"].size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const array expected = elements(c["results"][i]["elements"], extents_of(c["results"][i]["shape"]));
      EXPECT_EQ(found[i].shape(), expected.shape());
      const array close = isclose(found[i], expected, {.rtol = 1e-8, .atol = 1e-9});
      EXPECT_TRUE(bool(all(close))) << str(found[i]) << "\n" << str(expected);
    }
  }
}
