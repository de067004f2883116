// A metric and its operands, ready for a backend: the rows as its kernel wants them, their numbers, its parameters.
#pragma once
#include "ops/distance_plan.hpp"
#include "tessera/distances.hpp"

namespace tessera::detail {

/// Whether numbers of this dtype can be coordinates, weights, distances: floats, integers and bool.
inline bool is_real(dtype type) noexcept {
  const char kind = type.kind();
  return kind == 'f' || kind == 'i' || kind == 'u' || kind == 'b';
}

struct metric_rows {
  metric_code what{};
  dtype type, result;            // distance_plan's
  dtype wanted;                  // what the caller gets; mahalanobis and bitwise_hamming are cast to it
  inline_vector<array, 3> x, y;  // (..., n, d), (..., m, d), of `type`
  array x_row, y_row;            // (..., n), (..., m), or without storage
  array w;                       // (d,), or without storage
  double order = 2, total = 0;
  bool largest_first = false;  // nearest means largest
};

/// What a public function was given: its name, the operands, how to compare them.
struct metric_call {
  const char* name;
  const array &x, &y;  // (..., n, d), (..., m, d), on one device
  bool of_one;         // x is y, and its rows are counted once where a parameter is made of all rows
  const metric& by;
  const distance_method& method;
  dtype wanted;
  const caller& where;
};

/// Throws what cdist throws for metrics, parameters and dtypes.
metric_rows rows_of(const metric_call& call);

}  // namespace tessera::detail
