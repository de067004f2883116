// What the tests of linalg share: random matrices, products in nested loops, distances, messages.
#pragma once
#include <gtest/gtest.h>

#include <complex>

#include "tessera/tessera.hpp"

namespace tessera::testing_linalg {

template <class E, class F> std::string message(F&& f) {
  try {
    f();
  } catch (const E& e) {
    EXPECT_NE(e.where().line(), 0u);
    return e.what();
  }
  return "nothing was thrown";
}

/// Random numbers of any of the four dtypes, well conditioned when square.
inline array sample(const shape& extents, dtype type, std::uint64_t seed = 1) {
  random::generator g(seed);
  const array re = g.normal(extents), im = g.normal(extents);
  array x = type.kind() == 'c' ? array(re + im * std::complex<double>(0, 1)) : re;
  return array(x).astype(type);
}

inline double tolerance(dtype type) { return type == float32 || type == complex64 ? 2e-4 : 1e-10; }

/// The largest magnitude of a difference.
inline double distance(const array& a, const array& b) {
  EXPECT_EQ(a.shape(), b.shape());
  return a.size() == 0 ? 0 : double(max(abs(a.astype(complex128) - b.astype(complex128))));
}

/// Sums in nested loops.
inline array product(const array& a, const array& b) {
  array result = zeros({a.shape()[0], b.shape()[1]}, complex128);
  const array x = a.astype(complex128), y = b.astype(complex128);
  const auto at = result.accessor<std::complex<double>, 2>();
  const auto left = x.accessor<const std::complex<double>, 2>(), right = y.accessor<const std::complex<double>, 2>();
  for (std::int64_t i = 0; i < a.shape()[0]; ++i)
    for (std::int64_t j = 0; j < b.shape()[1]; ++j)
      for (std::int64_t k = 0; k < a.shape()[1]; ++k) at(i, j) += left(i, k) * right(k, j);
  return result;
}

inline const std::vector<dtype> dtypes = {float32, float64, complex64, complex128};

}  // namespace tessera::testing_linalg
