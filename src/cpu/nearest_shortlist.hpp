// Shortlists: which points may be the nearest of a row, found with coordinates of 16 bits.
//
// Points lie in a box. Rounded to multiples of a step s from its centre, a row x becomes s u(x) with integers u, no
// further from x than a known radius r(x). By the triangle inequality
//
//     s |u(x) - u(y)| - r(x) - r(y)  <=  |x - y|  <=  s |u(x) - u(y)| + r(x) + r(y)
//
// so that of K, the k-th smallest s |u(x) - u(y)| of a row, no point can be among its k nearest that is not within
// K + 2 r(x) + 2 r(y). Those that are, few more than k, are the shortlist: their distances are then computed as ever.
// What rounding can do to a computed distance is added to the bound. |u - u|^2 is exact, at twice the speed of float32.
#pragma once
#include <vector>

#include "cpu/kernels/nearest_shortlist.hpp"
#include "cpu/memory.hpp"
#include "cpu/packed_rows.hpp"
#include "ops/distance_plan.hpp"

namespace tessera::detail::cpu {

struct listed {
  std::int32_t key;     // |u(x) - u(y)|^2 - |u(x)|^2
  std::uint32_t index;  // from the first point on
};

struct rows_and_points {
  std::int64_t row, rows;  // the first, and how many
  std::int64_t first_point, last_point;
};

/// Those of a block of rows, in memory of the caller's.
struct block_of_lists {
  float* panel;
  std::int32_t *x, *y, *y_squares, *tile;
  std::int32_t *bounds, *x_squares;  // of each row: keys that are looked at, |u(x)|^2 ...
  double* radii;                     // ... r(x) + r(y)
  std::int64_t* counts;              // -1: the row has no list
  listed* lists;                     // `capacity` of each row
};

class shortlists {
 public:
  /// Looks at all points once. Throws std::bad_alloc.
  shortlists(const nearest_plan& plan, const packed_rows& x, const packed_rows& y);
  /// Whether there are any: float32 rows of many coordinates, all finite, many of them.
  bool exist() const { return kernel_ != nullptr; }

  std::int64_t capacity() const { return capacity_; }
  /// Memory for up to `rows` rows.
  block_of_lists block_in(workspace& memory, std::int64_t rows) const;
  /// Lists of some rows, from at least `capacity` points. False: most have none, the points lie too close together.
  bool find(const block_of_lists& b, const rows_and_points& of) const;

 private:
  bool find_box();
  void start(const block_of_lists& b, const rows_and_points& of) const;
  void round_rows(const block_of_lists& b, std::int64_t row, const rows_and_points& of) const;
  void add(const block_of_lists& b, std::int64_t row, std::uint64_t which, const std::int32_t* keys, std::int64_t first,
           std::int64_t self) const;
  void shorten(const block_of_lists& b, std::int64_t row) const;

  const nearest_plan& plan_;
  const packed_rows &x_, &y_;
  const shortlist_kernel* kernel_ = nullptr;
  std::int64_t pairs_ = 0, capacity_ = 0;
  std::vector<float> centre_;
  float inverse_ = 0, most_ = 0;  // of a step; the largest integer
  double step_ = 0, y_radius_ = 0;
};

}  // namespace tessera::detail::cpu
