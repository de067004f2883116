// Parts of plans of distances: some of the batch, of x's rows, of y's.
#pragma once
#include "ops/distance_plan.hpp"

namespace tessera::detail {

/// How many results of a condensed matrix of m rows lie before row `row`: m - 1, m - 2, … each.
inline std::int64_t condensed_before(std::int64_t row, std::int64_t m) { return row * (2 * m - row - 1) / 2; }

inline void advance(strided& x, int axis, std::int64_t positions) {
  if (x.data != nullptr) x.data += positions * x.strides[axis];
}

/// Leaves [first, first + count) of one of the batch's axes, or, as the axis behind them, of x's rows.
inline void narrow(distance_plan& p, int axis, std::int64_t first, std::int64_t count) {
  for (strided& field : p.x) advance(field, axis, first);
  advance(p.x_row, axis, first);
  if (axis < p.batch.size()) {
    for (strided& field : p.y) advance(field, axis, first);
    advance(p.y_row, axis, first);
    advance(p.to, axis, first);
    p.batch[axis] = count;
    return;
  }
  advance(p.to, axis,
          p.condensed ? condensed_before(p.first_row + first, p.m) - condensed_before(p.first_row, p.m) : first);
  p.first_row += first;
  p.n = count;
}
inline void narrow(nearest_plan& p, int axis, std::int64_t first, std::int64_t count) {
  narrow(p.of, axis, first, count);
  advance(p.distances, axis, first);
  advance(p.indices, axis, first);
}

/// Leaves the rows [first, first + count) of y.
inline void narrow_columns(distance_plan& p, std::int64_t first, std::int64_t count) {
  for (strided& field : p.y) advance(field, p.batch.size(), first);
  advance(p.y_row, p.batch.size(), first);
  p.m = count;
}

}  // namespace tessera::detail
