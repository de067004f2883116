// Plans of distances between rows: all that a backend reads.
#pragma once
#include "expr/program.hpp"
#include "metrics/list.hpp"

namespace tessera::detail {

/// The distance of row i of x and row j of y, for every i and j of every point of the batch: with the metric's step and
/// finish of src/metrics,
///
///     to[i, j] = finish(sum over k of step(x[i, k], y[j, k], w[k]), x_row[i], y_row[j])
///
/// A metric may want several values of a coordinate (fields), each with an array of its own, and a number of each row.
/// Any strides, data may be misaligned. Nothing that is read overlaps what is written. No two results are in one place.
struct distance_plan {
  metric_code what{};
  dtype type;    // float32 or float64: of all inputs (bitwise_hamming: uint64, rows padded with 0) ...
  dtype result;  // ... and of the results (bitwise_hamming: float64)
  shape batch;   // contains no 0
  std::int64_t n = 0, m = 0, d = 0;  // n, m > 0; d >= 0
  inline_vector<strided, 3> x, y;    // the fields: strides of the batch's axes, of a row, of a coordinate
  strided x_row, y_row;              // null, or strides of the batch's axes and of a row
  strided w;                         // null, or of a coordinate
  double order = 2;                  // minkowski's p
  double total = 0;                  // the sum of the weights, or d; jensenshannon: the logarithm of the base

  strided to;  // distances: strides of the batch's axes, of i and of j
  /// distances: only j > first_row + i is wanted, one after the other: no stride of i in `to`.
  bool condensed = false;
  std::int64_t first_row = 0;  // x is the rows [first_row, first_row + n) of y, where that matters
};

/// For each row i of x the k results that come first in the order of (distance, j), NaN behind all numbers.
struct nearest_plan {
  distance_plan of;    // `to` and `condensed` are not looked at
  std::int64_t k = 0;  // 0 < k <= m, or < m if self is left out
  bool largest_first = false;
  bool exclude_self = false;   // j == i + of.first_row is left out
  strided distances, indices;  // of.result and int64: strides of the batch's axes, of i and of the place
};

}  // namespace tessera::detail
