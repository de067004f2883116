// Chooses the order of the axes of a fold.
#include "cpu/fold_walk.hpp"

#include <algorithm>
#include <numeric>

#include "cpu/fold_map.hpp"
#include "expr/axes.hpp"

namespace tessera::detail::cpu {
namespace {

bool is_folded(const stage& s, int axis) { return s.folded[static_cast<std::size_t>(axis)]; }

// A range of rows of a row group is walked as all of them are.
std::int64_t extent_of(const stage& s, int axis) { return axis == s.row_axis ? s.rows : s.extents[axis]; }

bool finds_positions(const stage& s) {
  return std::any_of(s.results.begin(), s.results.end(),
                     [](const result& r) { return r.by == fold::argmin || r.by == fold::argmax; });
}

// Products of complex numbers are taken in order (see products_in_order), which only rows do.
bool has_complex_product(const stage& s) {
  return std::any_of(s.results.begin(), s.results.end(),
                     [](const result& r) { return r.by == fold::prod && r.target.type.kind() == 'c'; });
}

// Each input is repeated along a kept axis, and the last kept axis is long (x[:, newaxis, :] - y[newaxis, :, :] folded
// over the last axis): with kept axes innermost inputs are single elements or rows that were packed once, with folded
// ones they would have to be repeated into every block.
bool is_outer_product(const stage& s) {
  constexpr std::int64_t long_enough = 256, often = 8;
  int last = s.extents.size() - 1;
  while (last >= 0 && is_folded(s, last)) --last;
  if (last < 0 || extent_of(s, last) < long_enough || s.inputs.empty()) return false;
  return std::all_of(s.inputs.begin(), s.inputs.end(), [&](const strided& x) {
    for (int i = 0; i <= last; ++i) {
      if (!is_folded(s, i) && x.strides[i] == 0 && extent_of(s, i) >= often) return true;
    }
    return false;
  });
}

small_vector<int> stage_order(const stage& s) {
  small_vector<int> axes(static_cast<std::size_t>(s.extents.size()));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

// The planner keeps the folded axes of positions in C order; here they may be walked as they lie in memory.
small_vector<int> memory_order(const stage& s) {
  constexpr std::int64_t long_enough = 64;
  if (!finds_positions(s) || has_complex_product(s)) return stage_order(s);
  small_vector<const shape*> strides;
  for (const strided& x : s.inputs) strides.push_back(&x.strides);
  small_vector<int> axes = walking_order(s.extents.size(), strides, axis_flags(s.folded.size()));
  return axes.empty() || extent_of(s, axes.back()) < long_enough ? stage_order(s) : axes;
}

/// Points of the axes from the place `begin` on while they are folded (or kept), and where that ends.
struct run_of_axes {
  std::int64_t points = 1;
  int count = 0;
};
run_of_axes innermost(const stage& s, const small_vector<int>& axes, bool folded, int skip) {
  run_of_axes run;
  for (int i = static_cast<int>(axes.size()) - 1 - skip;
       i >= 0 && is_folded(s, axes[static_cast<std::size_t>(i)]) == folded; --i) {
    run.points *= extent_of(s, axes[static_cast<std::size_t>(i)]);
    ++run.count;
  }
  return run;
}

bool chooses_rows(const stage& s, const small_vector<int>& axes) {
  constexpr std::int64_t shortest_row =
      16;  // below, walking folded axes outside is faster than folding many short rows
  if (has_complex_product(s)) return true;
  std::int64_t kept = 1;
  for (int i = 0; i < s.extents.size(); ++i) {
    if (!is_folded(s, i)) kept *= extent_of(s, i);
  }
  const std::int64_t row = innermost(s, axes, true, 0).points;
  if (kept == 1 && row > 1) return true;
  return row >= shortest_row && !is_outer_product(s);
}

/// Points of the innermost axes over which every input is dense; one that has an element a row is along the rows.
std::int64_t dense_points(const stage& s, const small_vector<int>& axes, const mapped_inputs& inputs) {
  std::int64_t points = 1, elements = 1, rows = 1;
  for (std::size_t i = axes.size(); i-- > 0;) {
    const int axis = axes[i];
    for (std::size_t k = 0; k < s.inputs.size(); ++k) {
      const bool per_row = inputs.is_per_row(static_cast<reg>(k));
      const std::int64_t step = !per_row ? elements : is_folded(s, axis) ? 0 : rows;
      if (s.extents[axis] > 1 && s.inputs[k].strides[axis] != step * s.inputs[k].type.itemsize()) return points;
    }
    elements *= s.extents[axis];
    if (!is_folded(s, axis)) rows *= s.extents[axis];
    points *= extent_of(s, axis);
  }
  return points;
}

bool is_half(dtype type) { return type == float16 || type == bfloat16; }

std::int64_t widest_of(const stage& s) {
  std::int64_t widest = 1;
  for (const dtype& type : s.register_types) widest = std::max<std::int64_t>(widest, type.itemsize());
  return widest;
}

}  // namespace

fold_walk::fold_walk(const stage& s) : rows(false), axes(memory_order(s)) {
  rows = chooses_rows(s, axes);
  const bool in_order = std::is_sorted(axes.begin(), axes.end());
  const auto folded = [&](int axis) { return is_folded(s, axis); };
  const int count = s.extents.size(),
            folded_count = static_cast<int>(std::count(s.folded.begin(), s.folded.end(), true));
  if (rows) {
    std::stable_partition(axes.begin(), axes.end(), [&](int axis) { return !folded(axis); });
    folded_begin = count - folded_count;
    size_rows(s);
  } else {
    size = block_size::of((s.instructions.empty() ? 16384 : 4096) / std::max<std::int64_t>(widest_of(s), 4));
    const run_of_axes inner = innermost(s, axes, false, 0);
    if (inner.count > 0 && !is_outer_product(s) &&
        inner.points * innermost(s, axes, true, inner.count).points * 4 >= size.points) {
      std::stable_partition(axes.begin(), axes.end() - inner.count, [&](int axis) { return !folded(axis); });
      folded_begin = count - inner.count - folded_count;
    } else {
      std::stable_partition(axes.begin(), axes.end(), folded);
    }
  }
  folded_end = folded_begin + folded_count;

  shape steps = shape::filled(count, 0);
  std::int64_t step = 1;
  for (int i = count - 1; i >= 0; --i) {
    if (!folded(i)) continue;
    steps[i] = step;
    step *= s.extents[i];
  }
  for (const int axis : axes) position_steps.push_back(steps[axis]);
  if (!rows) fit_to_all_rows(s);
  if (in_order) return;
  // Positions in a block have to be evenly spaced: no more than one folded axis in it, and none beside kept ones.
  std::int64_t most = 1;
  for (int i = rows ? count - 1 : folded_end; i < count; ++i) most *= s.extents[axes[static_cast<std::size_t>(i)]];
  size = block_size::of(std::min(size.points, 4 * most));
}

// Without intermediate results only the accumulators and an operand share L1: long blocks. Rows that are read where they
// lie need no room at all, and a block of several gives the kernel streams that are far apart.
void fold_walk::size_rows(const stage& s) {
  constexpr std::int64_t in_place_bytes = 1 << 17, shortest = 1024, four_leaves = 4 * 4096;
  const std::int64_t widest = widest_of(s);
  const mapped_inputs inputs = s.results.size() == 1 ? find_fold_map(s, s.results[0]) : mapped_inputs{};
  const std::int64_t dense = inputs.found() ? dense_points(s, axes, inputs) : 0;
  in_place = dense >= shortest && !is_half(s.register_types[0]);
  if (in_place) {
    const std::int64_t points = in_place_bytes / widest;
    size = {points, std::min(points, dense), four_leaves / widest};
  } else {
    size = block_size::of((s.instructions.empty() ? 16384 : 4096) / std::max<std::int64_t>(widest, 4));
  }
}

// Lanes of fewer rows: no points of the folded axes in a block where all rows would fill it, else as many.
void fold_walk::fit_to_all_rows(const stage& s) {
  std::int64_t here = 1, all = 1;
  for (std::size_t i = static_cast<std::size_t>(folded_end); i < axes.size(); ++i) {
    here *= s.extents[axes[i]];
    all *= extent_of(s, axes[i]);
  }
  if (here == all) return;
  const std::int64_t fitting = 4 * all >= size.points ? 4 * here : (size.points * here + all - 1) / all;
  size = block_size::of(std::min(size.points, fitting));
}

}  // namespace tessera::detail::cpu
