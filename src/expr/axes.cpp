// Axis algebra of a stage.
//
//   extents (4, 1, 3, 5), all operands contiguous     ->  (60,)
//   x.T + x, x (4, 3)                                 ->  (3, 4): C order, the operands disagree
//   sum over axis 0 of a contiguous (4, 3, 5)         ->  (4 folded, 15)
#include "expr/axes.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace tessera::detail {

namespace {

enum class verdict { unknown, keep, swap };

/// Whether axis `inner` should be walked outside of `outer`: strides grow outwards. Any operand that says no wins.
verdict compare(int outer, int inner, std::span<const shape* const> strides) {
  verdict result = verdict::unknown;
  for (const shape* s : strides) {
    const std::int64_t out = std::llabs((*s)[outer]), in = std::llabs((*s)[inner]);
    if (out == 0 || in == 0) continue;
    if (in <= out) result = verdict::keep;
    else if (result == verdict::unknown) result = verdict::swap;
  }
  return result;
}

small_vector<strided*> operands_of(stage& s) {
  small_vector<strided*> all;
  for (result& r : s.results) all.push_back(&r.target);  // targets first: they decide directions
  for (strided& input : s.inputs) all.push_back(&input);
  return all;
}

bool finds_positions(const stage& s) {
  return std::any_of(s.results.begin(), s.results.end(),
                     [](const result& r) { return r.by == fold::argmin || r.by == fold::argmax; });
}

void take_axes(stage& s, const small_vector<strided*>& operands, const small_vector<int>& order) {
  const auto taken = [&order](const shape& from) {
    shape to;
    for (int axis : order) to.push_back(from[axis]);
    return to;
  };
  axis_flags folded;
  for (int axis : order) folded.push_back(s.folded[axis]);
  s.folded = std::move(folded);
  s.extents = taken(s.extents);
  for (strided* operand : operands) operand->strides = taken(operand->strides);
  if (s.row_axis >= 0) s.row_axis = static_cast<int>(std::find(order.begin(), order.end(), s.row_axis) - order.begin());
}

/// Walks an axis backwards where that is forward in memory for the first operand that moves along it.
void flip(stage& s, const small_vector<strided*>& operands, bool positions) {
  for (int axis = 0; axis < s.extents.size(); ++axis) {
    if ((positions && s.folded[axis]) || axis == s.row_axis) continue;
    const auto moves = [axis](const strided* operand) { return operand->strides[axis] != 0; };
    const auto first = std::find_if(operands.begin(), operands.end(), moves);
    if (first == operands.end() || (*first)->strides[axis] > 0) continue;
    const auto is_placed = [&](const strided* operand) { return operand->temporary < 0 || !moves(operand); };
    if (!std::all_of(operands.begin(), operands.end(), is_placed)) continue;  // a temporary starts at its first byte
    for (strided* operand : operands) {
      std::int64_t& stride = operand->strides[axis];
      if (operand->data != nullptr) operand->data += stride * (s.extents[axis] - 1);
      stride = -stride;
    }
  }
}

/// Whether the axis after `outer` continues it in every operand: one step outwards is a whole walk inwards.
bool continues(const stage& s, const small_vector<strided*>& operands, int outer) {
  const int inner = outer + 1;
  if (s.folded[outer] != s.folded[inner] || outer == s.row_axis || inner == s.row_axis) return false;
  return std::all_of(operands.begin(), operands.end(), [&](const strided* operand) {
    return operand->strides[outer] == operand->strides[inner] * s.extents[inner];
  });
}

void merge(stage& s, const small_vector<strided*>& operands) {
  for (int outer = s.extents.size() - 2; outer >= 0; --outer) {
    if (!continues(s, operands, outer)) continue;
    s.extents[outer] *= s.extents[outer + 1];
    s.extents.erase(outer + 1);
    s.folded.erase(s.folded.begin() + outer + 1);
    if (s.row_axis > outer) --s.row_axis;
    for (strided* operand : operands) operand->strides.erase(outer);
  }
}

}  // namespace

small_vector<int> walking_order(int ndim, std::span<const shape* const> strides, const axis_flags& fixed) {
  small_vector<int> inner_first(static_cast<std::size_t>(ndim));
  for (int i = 0; i < ndim; ++i) {
    // Insertion from the last axis on, as NumPy's iterator: axes without a verdict are passed over, and then the order in
    // which axes are inserted shows.
    const int axis = ndim - 1 - i;
    int place = i;
    for (int k = i - 1; k >= 0; --k) {
      if (fixed[axis] && fixed[inner_first[k]]) break;
      const verdict v = compare(axis, inner_first[k], strides);
      if (v == verdict::keep) break;
      if (v == verdict::swap) place = k;
    }
    std::copy_backward(inner_first.begin() + place, inner_first.begin() + i, inner_first.begin() + i + 1);
    inner_first[place] = axis;
  }
  std::reverse(inner_first.begin(), inner_first.end());
  return inner_first;
}

shape fresh_strides(const shape& extents, std::span<const shape* const> operand_strides, std::int64_t itemsize) {
  const int ndim = extents.size();
  small_vector<shape> moving;  // an axis of one element says nothing about the order
  for (const shape* strides : operand_strides) {
    moving.push_back(*strides);
    for (int axis = 0; axis < ndim; ++axis) {
      if (extents[axis] == 1) moving.back()[axis] = 0;
    }
  }
  small_vector<const shape*> movements;
  for (const shape& strides : moving) movements.push_back(&strides);
  const small_vector<int> order = walking_order(ndim, movements, axis_flags(static_cast<std::size_t>(ndim)));
  shape result = shape::filled(ndim, 0);
  std::int64_t stride = itemsize;
  for (auto axis = order.rbegin(); axis != order.rend(); ++axis) {
    result[*axis] = stride;
    stride *= std::max<std::int64_t>(extents[*axis], 1);
  }
  return result;
}

void simplify_axes(stage& s) {
  const small_vector<strided*> operands = operands_of(s);
  const bool positions = finds_positions(s);
  small_vector<int> kept;
  for (int axis = 0; axis < s.extents.size(); ++axis) {
    if (s.extents[axis] != 1) kept.push_back(axis);
  }
  take_axes(s, operands, kept);
  small_vector<const shape*> strides;
  for (const strided* operand : operands) strides.push_back(&operand->strides);
  axis_flags fixed(static_cast<std::size_t>(s.extents.size()));
  if (positions) fixed = s.folded;
  take_axes(s, operands, walking_order(s.extents.size(), strides, fixed));
  flip(s, operands, positions);
  merge(s, operands);
}

namespace {

std::int64_t bytes_per_row(const stage& s, const strided& x, int row_axis) {
  std::int64_t bytes = x.type.itemsize();
  for (int axis = 0; axis < s.extents.size(); ++axis) {
    if (axis != row_axis && x.strides[axis] != 0) bytes *= s.extents[axis];
  }
  return bytes;
}

/// Whether shared axis k + 1 continues shared axis k in every operand of every stage.
bool continue_rows(std::span<stage> group, const small_vector<small_vector<int>>& row_axes, std::size_t k) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    const int outer = row_axes[i][k], inner = row_axes[i][k + 1];
    for (const strided* x : operands_of(group[i])) {
      if (x->strides[outer] != x->strides[inner] * group[i].extents[inner]) return false;
    }
  }
  return true;
}

/// Shared axis k takes up shared axis k + 1, which is left with extent 1.
void merge_rows(std::span<stage> group, small_vector<small_vector<int>>& row_axes, std::size_t k) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    stage& s = group[i];
    const int outer = row_axes[i][k], inner = row_axes[i][k + 1];
    for (strided* x : operands_of(s)) x->strides[outer] = std::exchange(x->strides[inner], 0);
    s.extents[outer] *= std::exchange(s.extents[inner], 1);
    row_axes[i].erase(row_axes[i].begin() + static_cast<std::ptrdiff_t>(k) + 1);
  }
}

/// The shared axis with the largest steps in memory, so that a range of rows lies together; of those whose rows are short
/// enough, if there are any.
std::size_t best_rows(std::span<stage> group, const small_vector<small_vector<int>>& row_axes) {
  constexpr std::int64_t longest_row = 128 << 10;
  std::size_t best = 0;
  bool best_is_short = false;
  std::int64_t best_step = -1;
  for (std::size_t k = 0; k < row_axes[0].size(); ++k) {
    std::int64_t step = 0, longest = 0;
    for (std::size_t i = 0; i < group.size(); ++i) {
      const int axis = row_axes[i][k];
      for (const strided* x : operands_of(group[i])) {
        step = std::max<std::int64_t>(step, std::llabs(x->strides[axis]));
        longest = std::max(longest, bytes_per_row(group[i], *x, axis));
      }
    }
    const bool is_short = longest <= longest_row;
    if (is_short < best_is_short || (is_short == best_is_short && step <= best_step)) continue;
    best = k;
    best_is_short = is_short;
    best_step = step;
  }
  return best;
}

}  // namespace

void simplify_group(std::span<stage> group, small_vector<small_vector<int>> row_axes) {
  for (std::size_t k = row_axes[0].size() - 1; k-- > 0;) {
    if (continue_rows(group, row_axes, k)) merge_rows(group, row_axes, k);
  }
  const std::size_t rows = best_rows(group, row_axes);
  for (std::size_t i = 0; i < group.size(); ++i) {
    group[i].row_axis = row_axes[i][rows];
    group[i].rows = group[i].extents[group[i].row_axis];
    group[i].joins = i != 0;
    simplify_axes(group[i]);
  }
}

}  // namespace tessera::detail
