// A metric and its operands, ready for a backend: the rows as its kernel wants them, their numbers, its parameters.
#pragma once
#include "ops/distance_plan.hpp"
#include "tessera/distances.hpp"

namespace tessera::detail {

struct metric_rows {
  metric_code what{};
  dtype type, result;
  inline_vector<array, 3> x, y;  // (..., n, d), (..., m, d), of `type`
  array x_row, y_row;            // (..., n), (..., m), or without storage
  array w;                       // (d,), or without storage
  double order = 2, total = 0;
  bool largest_first = false;  // nearest means largest
};

/// Throws what cdist throws, but for shapes of batches; NAME is the public function's.
metric_rows rows_of(const char* name, const array& x, const array& y, const metric& by, const distance_method& method,
                    dtype wanted, const caller& where);

}  // namespace tessera::detail
