// Recognises products of small matrices and hands out ranges of the batch.
//
//     to[b] = x[b] * y[b]     y at most 32 columns wide; a tall x is cut into blocks of rows, more points of the batch
//
// Rows of `to` are contiguous, or its columns: then the operands change places. Rows of y that are not contiguous are
// gathered, a matrix at a time.
#include "cpu/small_contraction.hpp"

#include <algorithm>
#include <cstdint>

#include "cpu/kernels/contraction_vector.hpp"
#include "cpu/kernels/move.hpp"
#include "cpu/threads.hpp"
#include "ops/contraction_axes.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::int64_t most_columns = 32, most_batch_axes = 8;
constexpr std::int64_t rows_of_block = 48;  // a multiple of the usual heights of tiles
// Steps: of a y that is gathered; that are summed one after the other; of matrices that are one block.
constexpr std::int64_t most_gathered = 32, steps_of_part = 256, most_steps = 4096;

/// The group's only axis; a point for none.
bool single(const contraction_axes& group, contraction_axis& axis) {
  axis = group.empty() ? contraction_axis{1, 0, 0, 0} : group[0];
  return group.size() <= 1;
}

struct problem {
  const std::byte* x;
  const std::byte* y;
  std::byte* to;
  std::int64_t itemsize;
  small_matrices matrices;
  std::int64_t y_column;
  contraction_axes batch;

  bool gathers() const { return y_column != itemsize; }
  dtype type() const { return itemsize == 4 ? float32 : float64; }
};

/// 0 where a matrix has gaps or is too large to be fetched while others are used.
std::int64_t bytes_in_one_piece(std::int64_t rows, std::int64_t row, std::int64_t columns, std::int64_t column,
                                std::int64_t itemsize) {
  constexpr std::int64_t most_fetched = 8 << 10;
  if (column != itemsize && row != itemsize) return 0;
  const std::int64_t bytes = rows * columns * itemsize;
  const std::int64_t span =
      column == itemsize ? (rows - 1) * row + columns * itemsize : (columns - 1) * column + rows * itemsize;
  return span == bytes && bytes <= most_fetched ? bytes : 0;
}

std::optional<problem> recognised(const contraction_plan& plan) {
  if (plan.type != float32 && plan.type != float64) return {};
  if (plan.batch.size() > most_batch_axes) return {};
  contraction_axis rows, columns, summed;
  if (!single(plan.rows, rows) || !single(plan.columns, columns) || !single(plan.summed, summed)) return {};
  problem p = {plan.x, plan.y, plan.to, plan.type.itemsize(), {}, 0, plan.batch};
  if (columns.to != p.itemsize) {
    if (rows.to != p.itemsize) return {};
    return recognised(exchanged(plan));
  }
  if (columns.extent < 2 || columns.extent > most_columns) return {};
  const bool gathers = columns.y != p.itemsize, one_block = rows.extent <= rows_of_block;
  if (summed.extent > (gathers ? most_gathered : one_block ? most_steps : steps_of_part)) return {};
  p.matrices = {rows.extent, columns.extent, summed.extent, rows.x, summed.x, summed.y, rows.to, 0, 0, 0};
  p.y_column = columns.y;
  if (rows.extent == 1 && gathers) return {};  // more moving than multiplying
  return p;
}

// ---- running ------------------------------------------------------------------------------------------------------
/// `count` points of the batch from `first` on along its last axis.
void run_gathered(const problem& p, multiply_small kernel, contraction_point first, std::int64_t count) {
  alignas(64) std::byte y[most_columns * most_gathered * sizeof(double)];
  small_matrices m = p.matrices;
  m.y_step = m.columns * p.itemsize;
  const auto transpose = find_moves(static_cast<int>(p.itemsize)).transpose;
  for (std::int64_t done = 0; done < count; ++done) {
    if (done == 0 || m.y_next != 0) {
      transpose(y, m.y_step, {first.y + done * m.y_next, p.y_column, p.matrices.y_step}, m.columns, m.steps);
    }
    kernel(m, first.x + done * m.x_next, y, first.to + done * m.to_next, 1);
  }
}

/// The same for more steps than are summed one after the other: parts of them, added.
void run_in_parts(const problem& p, multiply_small kernel, contraction_point first, std::int64_t count) {
  alignas(64) std::byte sums[rows_of_block * most_columns * sizeof(double)];
  const auto add = find_vector_kernels(p.type())->add;
  small_matrices part = p.matrices;
  part.steps = steps_of_part;
  for (std::int64_t done = 0; done < count; ++done) {
    const std::byte *x = first.x + done * part.x_next, *y = first.y + done * part.y_next;
    std::byte* const to = first.to + done * part.to_next;
    kernel(part, x, y, to, 1);
    small_matrices rest = part;
    rest.to_row = rest.columns * p.itemsize;
    for (std::int64_t k = steps_of_part; k < p.matrices.steps; k += steps_of_part) {
      rest.steps = std::min(steps_of_part, p.matrices.steps - k);
      kernel(rest, x + k * part.x_step, y + k * part.y_step, sums, 1);
      for (std::int64_t i = 0; i < rest.rows; ++i) add(to + i * part.to_row, sums + i * rest.to_row, rest.columns);
    }
  }
}

void run_points(const problem& p, multiply_small kernel, std::int64_t first, std::int64_t last) {
  const std::int64_t run = p.batch.empty() ? 1 : p.batch.back().extent;
  while (first < last) {
    const std::int64_t count = std::min(last - first, run - first % run);
    const contraction_point from = point_at({p.x, p.y, p.to}, p.batch, first);
    if (p.gathers()) {
      run_gathered(p, kernel, from, count);
    } else if (p.matrices.steps > steps_of_part) {
      run_in_parts(p, kernel, from, count);
    } else {
      kernel(p.matrices, from.x, from.y, from.to, count);
    }
    first += count;
  }
  if (p.matrices.stream) finish_streaming();
}

/// How the kernel goes about memory. What fits the nearer caches needs no help: 4 x 4 in float64 take 1.6 times as long with it.
void plan_memory(problem& p) {
  constexpr std::int64_t least_fetched = 8 << 20, least_result = 8 << 20, least_streamed = 24 << 20, line = 64;
  small_matrices& m = p.matrices;
  const std::int64_t count = points(p.batch), result = count * m.rows * m.columns * p.itemsize;
  const std::int64_t moved = result + count * m.steps * (m.rows + (m.y_next == 0 ? 0 : m.columns)) * p.itemsize;
  if (moved < least_fetched) return;
  m.x_bytes = bytes_in_one_piece(m.rows, m.x_row, m.steps, m.x_step, p.itemsize);
  if (m.y_next != 0) m.y_bytes = bytes_in_one_piece(m.steps, m.y_step, m.columns, p.y_column, p.itemsize);
  m.to_bytes = bytes_in_one_piece(m.rows, m.to_row, m.columns, p.itemsize, p.itemsize);
  bool whole_lines = m.to_bytes != 0 && m.to_bytes % line == 0 && reinterpret_cast<std::uintptr_t>(p.to) % line == 0;
  for (const contraction_axis& axis : p.batch) whole_lines = whole_lines && axis.to % line == 0;
  // A result too large to stay in the caches beside what is read.
  m.stream = result >= least_result && moved >= least_streamed && whole_lines;
  if (m.stream) m.to_bytes = 0;
}

void run(problem p) {
  small_matrices& m = p.matrices;
  if (!p.batch.empty()) {
    const contraction_axis& inner = p.batch.back();
    m.x_next = inner.x;
    m.y_next = inner.y;
    m.to_next = inner.to;
  }
  plan_memory(p);
  const multiply_small kernel = find_multiply_small(p.type(), m);
  constexpr std::int64_t multiplications = 16;  // in the time of one simple operation on one element
  const std::int64_t work = std::max<std::int64_t>(1, m.rows * m.columns * m.steps / multiplications);
  parallel_for(points(p.batch), work,
               [&](std::int64_t first, std::int64_t last, int) { run_points(p, kernel, first, last); });
}

}  // namespace

bool is_small_contraction(const contraction_plan& plan) { return recognised(plan).has_value(); }

bool run_small_contraction(const contraction_plan& plan) {
  const std::optional<problem> found = recognised(plan);
  if (!found) return false;
  problem p = *found;
  const std::int64_t rows = p.matrices.rows, blocks = rows / rows_of_block;
  if (blocks < 2) {
    run(p);
    return true;
  }
  problem blocked = p;
  blocked.matrices.rows = rows_of_block;
  blocked.batch.push_back({blocks, rows_of_block * p.matrices.x_row, 0, rows_of_block * p.matrices.to_row});
  run(blocked);
  if (const std::int64_t done = blocks * rows_of_block; done < rows) {
    p.matrices.rows = rows - done;
    p.x += done * p.matrices.x_row;
    p.to += done * p.matrices.to_row;
    run(p);
  }
  return true;
}

}  // namespace tessera::detail::cpu
