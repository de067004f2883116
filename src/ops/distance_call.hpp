// What all functions of distances begin with, and how they cut their work into blocks.
#pragma once
#include "backend.hpp"
#include "ops/metric_rows.hpp"

namespace tessera::detail {

/// Two operands checked, their rows made ready, and the plan as far as it does not depend on what is made of the distances.
struct distance_call {
  distance_call(const char* name, const operand& x, const operand& y, const metric& by, const distance_method& method,
                dtype wanted, bool of_one = false);

  /// A new array (batch..., last...).
  array make(const shape& last, dtype type) const;
  /// x's elements walked over the batch and its last `kept` axes.
  strided over(const array& x, int kept) const;
  /// Distances in the dtype that was asked for.
  array finished(const array& distances) const;
  backend& device() const;

  const char* name;
  caller where;
  metric_rows rows;
  shape batch;
  tessera::device on;
  distance_plan plan;
};

/// A plan's batch and rows of x, in C order, cut into ranges of one axis with all axes behind it.
class row_blocks {
 public:
  /// `work`: of one row, in any unit; a block has about `target` of it, or one row.
  row_blocks(const distance_plan& plan, double work, double target);
  std::int64_t count() const noexcept { return count_; }
  /// The largest block's rows, those of all its points of the batch.
  std::int64_t most_rows() const noexcept;
  /// The plan of block `number`, with its results' places.
  template <class Plan> Plan cut(Plan plan, std::int64_t number) const;

 private:
  shape extents_;  // of the batch's axes and of the rows
  int axis_ = 0;
  std::int64_t length_ = 0, pieces_ = 0, count_ = 0;
};

/// Tells a progress function of blocks done, first of none.
class progress_steps {
 public:
  progress_steps(const distance_call& call, const progress_function& f, std::int64_t of);
  /// One more is done.
  void step();

 private:
  void tell() const;
  const distance_call& call_;
  const progress_function& f_;
  std::int64_t of_, done_ = 0;
};

/// All of a plan's distances, or nearest rows: in blocks where somebody wants to know of the progress.
void run_distances(const distance_call& call, const distance_plan& plan, const progress_function& f);
void run_nearest(const distance_call& call, const nearest_plan& plan, const progress_function& f);

}  // namespace tessera::detail
