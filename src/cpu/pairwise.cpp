// Recognises two-dimensional folds and runs them in tiles.
//
// Axes that both inputs move along are batches: a problem of its own for each of their points.
#include "cpu/pairwise.hpp"

#include <algorithm>
#include <optional>

#include "cpu/kernels/pairwise.hpp"
#include "cpu/lanes.hpp"
#include "cpu/pair_tiles.hpp"

namespace tessera::detail::cpu {
namespace {

// ---- recognising --------------------------------------------------------------------------------------------------
struct pair_program {
  pair_map map;
  int first;  // the input whose elements are the rows of a tile, the map's first operand
};

// The instruction on both inputs, and one on its result.
std::optional<pair_map> find_map(const stage& s) {
  const instruction& pair = s.instructions[0];
  const bool single = s.instructions.size() == 1;
  if (!single) {
    const instruction& next = s.instructions[1];
    const bool twice = next.source[0] == pair.result && next.source[1] == pair.result;
    if (next.source[0] != pair.result) return {};
    if (pair.code == op::not_equal && next.code == op::cast) return pair_map::differs;
    if (pair.code != op::subtract) return {};
    if (next.code == op::square || (next.code == op::multiply && twice)) return pair_map::squared_difference;
    if (next.code == op::abs || next.code == op::fabs) return pair_map::absolute_difference;
    return {};
  }
  switch (pair.code) {
    case op::multiply: return pair_map::product;
    case op::subtract: return pair_map::difference;
    case op::add: return pair_map::sum;
    case op::minimum: return pair_map::least;
    case op::maximum: return pair_map::greatest;
    default: return {};
  }
}

std::optional<pair_program> find_program(const stage& s) {
  if (s.inputs.size() != 2 || !s.constants.empty() || s.results.size() != 1) return {};
  if (s.instructions.empty() || s.instructions.size() > 2) return {};
  const dtype type = s.inputs[0].type;
  const result& r = s.results[0];
  const instruction& pair = s.instructions[0];
  const bool both = (pair.source[0] == 0 && pair.source[1] == 1) || (pair.source[0] == 1 && pair.source[1] == 0);
  if (!both || s.inputs[1].type != type || r.value != s.instructions.back().result) return {};
  const std::optional<pair_map> map = find_map(s);
  if (!map || r.target.type != (*map == pair_map::differs ? int64 : type)) return {};
  return pair_program{*map, pair.source[0]};
}

// ---- the problem --------------------------------------------------------------------------------------------------
pair_rows rows_of(const stage& s, const strided& input, int axis, int other_axis) {
  pair_rows rows;
  rows.count = s.extents[axis];
  pair_field field = {input.data, {}, input.strides[axis], {}};
  for (int i = 0; i < s.extents.size(); ++i) {
    if (s.folded[static_cast<std::size_t>(i)]) field.steps.push_back(input.strides[i]);
    else if (i != axis && i != other_axis) field.batch.push_back(input.strides[i]);
  }
  rows.fields.push_back(field);
  return rows;
}

pair_problem problem_of(const stage& s, const pair_program& program, int x_axis, int y_axis,
                        const tile_kernel& kernel) {
  const strided& to = s.results[0].target;
  pair_problem p;
  p.kernel = &kernel;
  p.x = rows_of(s, s.inputs[program.first], x_axis, y_axis);
  p.y = rows_of(s, s.inputs[1 - program.first], y_axis, x_axis);
  p.to = {to.data, {}, to.strides[x_axis], to.strides[y_axis], to.type.itemsize()};
  for (int i = 0; i < s.extents.size(); ++i) {
    if (s.folded[static_cast<std::size_t>(i)]) {
      p.steps.push_back(s.extents[i]);
    } else if (i != x_axis && i != y_axis) {
      p.batch.push_back(s.extents[i]);
      p.to.batch.push_back(to.strides[i]);
    }
  }
  if (program.map == pair_map::differs && kernel.itemsize == 4) p.to.convert = find_cast(int32, int64);
  return p;
}

/// Whether enough of each tile is used.
bool fills_tiles(const pair_problem& p) {
  constexpr std::int64_t shortest = 4, most_waste = 3;
  const std::int64_t n = p.x.count, m = p.y.count, rows = p.kernel->rows, lanes = p.kernel->lanes;
  if (std::min(n, m) < shortest) return false;
  return (n + rows - 1) / rows * rows * ((m + lanes - 1) / lanes * lanes) <= most_waste * n * m;
}

// The longest kept axis that `moving` moves along and `still` does not.
int own_axis(const stage& s, const strided& moving, const strided& still) {
  int found = -1;
  for (int axis = 0; axis < s.extents.size(); ++axis) {
    if (s.folded[static_cast<std::size_t>(axis)] || moving.strides[axis] == 0 || still.strides[axis] != 0) continue;
    if (found < 0 || s.extents[axis] >= s.extents[found]) found = axis;
  }
  return found;
}

// Lanes lie along the target's fastest axis where that is one of the two, else along the longer one.
bool lanes_along_first(const stage& s, int first_axis, int second_axis) {
  const strided& to = s.results[0].target;
  const std::int64_t itemsize = to.type.itemsize();
  if (to.strides[second_axis] == itemsize) return false;
  return to.strides[first_axis] == itemsize || s.extents[first_axis] > s.extents[second_axis];
}

void exchange(pair_program& program, int& x_axis, int& y_axis) {
  std::swap(x_axis, y_axis);
  program.first = 1 - program.first;
  if (program.map == pair_map::difference) program.map = pair_map::reversed_difference;
  else if (program.map == pair_map::reversed_difference) program.map = pair_map::difference;
}

}  // namespace

bool run_pairwise(const stage& s) {
  std::optional<pair_program> program = find_program(s);
  if (!program) return false;
  const strided &first = s.inputs[program->first], &second = s.inputs[1 - program->first];
  int x_axis = own_axis(s, first, second), y_axis = own_axis(s, second, first);
  if (x_axis < 0 || y_axis < 0) return false;
  if (lanes_along_first(s, x_axis, y_axis)) exchange(*program, x_axis, y_axis);
  for (const bool again : {false, true}) {
    if (again) exchange(*program, x_axis, y_axis);
    const tile_kernel* const kernel = find_pairwise(program->map, s.results[0].by, first.type);
    if (!kernel) return false;
    const pair_problem problem = problem_of(s, *program, x_axis, y_axis, *kernel);
    constexpr std::int64_t most_steps = 1 << 28;  // counts are int32
    if (count_of(problem.steps) > most_steps) return false;
    if (!fills_tiles(problem)) continue;
    run_tiles(problem);
    return true;
  }
  return false;
}

}  // namespace tessera::detail::cpu
