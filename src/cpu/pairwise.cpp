// Recognises two-dimensional folds and runs them in tiles.
//
//                 y, packed           for blocks of j (1 MiB of y):   pack y
//               j 0..23  24..47         for blocks of i (256 KiB of x): pack x
//              +-------+-------+          for panels of y, for panels of x:  one tile
//            k | panel | panel |
//     x      +-+-------+-------+      A panel holds the elements of one tile for every k, those of one k side by side.
//   i 0..3   | | tile  | tile  |      Memory is read once per block, not once per pair.
//   i 4..7   | | tile  | tile  |
//
// Axes that both inputs move along are batches: a problem of its own for each of their points.
#include "cpu/pairwise.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "cpu/kernels/move.hpp"
#include "cpu/kernels/pairwise.hpp"
#include "cpu/kernels/table.hpp"
#include "cpu/lanes.hpp"
#include "cpu/memory.hpp"
#include "cpu/run.hpp"
#include "cpu/threads.hpp"

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

/// One side of the tiles: an input, the axis that only it moves along, and how it is packed.
struct side {
  const std::byte* data;
  shape folded;         // strides along the folded axes
  std::int64_t extent;  // of the axis
  std::int64_t stride;  // along it, of the input
  std::int64_t to;      // along it, of the target
  std::int64_t width;   // of a panel
  std::int64_t panels;  // in a block

  std::int64_t padded() const { return (extent + width - 1) / width; }  // panels of the whole axis
};

class pairwise_run {
 public:
  pairwise_run(const stage& s, const pair_program& program, int x_axis, int y_axis, const pairwise_kernel& kernel);
  /// Whether enough of each tile is used.
  bool fills_tiles() const;
  void run() const;

 private:
  struct point {  // of the batch axes
    std::int64_t x = 0, y = 0, to = 0;
  };
  void plan_side(side& which, const stage& s, const strided& input, int axis, int width, std::int64_t block_bytes);
  std::int64_t panel_bytes(const side& which) const { return which.width * steps_ * kernel_.itemsize; }
  std::int64_t scratch_bytes() const { return x_.panels * panel_bytes(x_) + y_.panels * panel_bytes(y_); }
  void pack(const side& which, std::int64_t offset, std::int64_t panel, std::byte* to) const;
  void run_batch(point at, std::byte* memory, bool parallel) const;
  void run_tile(const std::byte* x, const std::byte* y, std::int64_t x_panel, std::int64_t y_panel,
                std::byte* target) const;
  point batch_point(std::int64_t number) const;

  const pairwise_kernel& kernel_;
  side x_, y_;
  shape steps_of_, batch_, x_batch_, y_batch_, to_batch_;
  std::int64_t steps_ = 1, batches_ = 1;
  std::byte* target_;
  std::int64_t target_itemsize_;
  tessera::detail::kernel convert_ = nullptr;  // of a tile's elements, where the target's are others
};

pairwise_run::pairwise_run(const stage& s, const pair_program& program, int x_axis, int y_axis,
                           const pairwise_kernel& kernel)
    : kernel_(kernel), target_(s.results[0].target.data), target_itemsize_(s.results[0].target.type.itemsize()) {
  const strided &x = s.inputs[program.first], &y = s.inputs[1 - program.first], &to = s.results[0].target;
  for (int axis = 0; axis < s.extents.size(); ++axis) {
    if (s.folded[static_cast<std::size_t>(axis)]) {
      steps_of_.push_back(s.extents[axis]);
      steps_ *= s.extents[axis];
    } else if (axis != x_axis && axis != y_axis) {
      batch_.push_back(s.extents[axis]);
      x_batch_.push_back(x.strides[axis]);
      y_batch_.push_back(y.strides[axis]);
      to_batch_.push_back(to.strides[axis]);
      batches_ *= s.extents[axis];
    }
  }
  plan_side(x_, s, x, x_axis, kernel.rows, 256 << 10);
  plan_side(y_, s, y, y_axis, kernel.lanes, 1 << 20);
  if (program.map == pair_map::differs && kernel.itemsize == 4) convert_ = find_cast(int32, int64);
}

void pairwise_run::plan_side(side& which, const stage& s, const strided& input, int axis, int width,
                             std::int64_t block_bytes) {
  which = {input.data, {}, s.extents[axis], input.strides[axis], s.results[0].target.strides[axis], width, 0};
  for (int i = 0; i < s.extents.size(); ++i) {
    if (s.folded[static_cast<std::size_t>(i)]) which.folded.push_back(input.strides[i]);
  }
  which.panels = std::clamp<std::int64_t>(block_bytes / panel_bytes(which), 1, which.padded());
}

bool pairwise_run::fills_tiles() const {
  constexpr std::int64_t shortest = 4, most_waste = 3;
  if (std::min(x_.extent, y_.extent) < shortest) return false;
  return x_.padded() * x_.width * y_.padded() * y_.width <= most_waste * x_.extent * y_.extent;
}

// ---- running ------------------------------------------------------------------------------------------------------
// The elements of a panel, for all steps in C order of the folded axes. Lanes beyond the axis are zeros that nobody reads.
void pairwise_run::pack(const side& which, std::int64_t offset, std::int64_t panel, std::byte* to) const {
  const std::int64_t first = panel * which.width, count = std::min(which.width, which.extent - first);
  const std::int64_t row = which.width * kernel_.itemsize, last = steps_of_.size() - 1;
  const std::int64_t inner = steps_of_[static_cast<int>(last)], across = which.folded[static_cast<int>(last)];
  const auto transpose = find_moves(kernel_.itemsize).transpose;
  const std::byte* const from = which.data + offset + first * which.stride;
  if (count < which.width) std::memset(to, 0, static_cast<std::size_t>(panel_bytes(which)));
  for (std::int64_t outer = 0; outer < steps_ / inner; ++outer) {
    const std::int64_t at = offset_at(steps_of_, which.folded, outer * inner);
    transpose(to + outer * inner * row, row, {from + at, which.stride, across}, count, inner);
  }
}

void pairwise_run::run_tile(const std::byte* x, const std::byte* y, std::int64_t x_panel, std::int64_t y_panel,
                            std::byte* target) const {
  const std::int64_t i = x_panel * x_.width, j = y_panel * y_.width;
  const std::int64_t rows = std::min(x_.width, x_.extent - i), lanes = std::min(y_.width, y_.extent - j);
  std::byte* const to = target + i * x_.to + j * y_.to;
  const bool whole = rows == x_.width && lanes == y_.width;
  if (whole && y_.to == target_itemsize_ && !convert_) return kernel_.tile(to, x_.to, x, y, steps_);

  constexpr std::int64_t most = 8 * 64 * 8;  // bytes, of any target's tile
  alignas(64) std::byte tile[most], converted[2 * most];
  const std::int64_t pitch = y_.width * kernel_.itemsize;
  kernel_.tile(tile, pitch, x, y, steps_);
  const row_copy copy = find_row_copy(static_cast<int>(target_itemsize_));
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::byte* from = tile + r * pitch;
    if (convert_) {
      convert_(converted, from, from, from, static_cast<std::size_t>(lanes));
      from = converted;
    }
    copy(to + r * x_.to, y_.to, from, target_itemsize_, lanes);
  }
}

void pairwise_run::run_batch(point at, std::byte* memory, bool parallel) const {
  const auto each = [parallel](std::int64_t count, std::int64_t work, range_body body) {
    if (parallel) {
      parallel_for(count, work, body);
    } else {
      body(0, count, 0);
    }
  };
  constexpr std::int64_t group = 16;  // tiles
  const std::int64_t x_bytes = panel_bytes(x_), y_bytes = panel_bytes(y_);
  std::byte* const x = memory + y_.panels * y_bytes;
  std::byte* const y = memory;
  for (std::int64_t jc = 0; jc < y_.padded(); jc += y_.panels) {
    const std::int64_t columns = std::min(y_.panels, y_.padded() - jc);
    each(columns, y_.width * steps_, [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t p = first; p < last; ++p) pack(y_, at.y, jc + p, y + p * y_bytes);
    });
    for (std::int64_t ic = 0; ic < x_.padded(); ic += x_.panels) {
      const std::int64_t rows = std::min(x_.panels, x_.padded() - ic), groups = (rows + group - 1) / group;
      each(rows, x_.width * steps_, [&](std::int64_t first, std::int64_t last, int) {
        for (std::int64_t p = first; p < last; ++p) pack(x_, at.x, ic + p, x + p * x_bytes);
      });
      const std::int64_t work = group * x_.width * y_.width * (steps_ + 4) / 4;  // steps take a quarter of their share
      each(columns * groups, work, [&](std::int64_t first, std::int64_t last, int) {
        for (std::int64_t k = first; k < last; ++k) {
          const std::int64_t j = k / groups, begin = k % groups * group;
          for (std::int64_t i = begin; i < std::min(begin + group, rows); ++i)
            run_tile(x + i * x_bytes, y + j * y_bytes, ic + i, jc + j, target_ + at.to);
        }
      });
    }
  }
}

pairwise_run::point pairwise_run::batch_point(std::int64_t number) const {
  return {offset_at(batch_, x_batch_, number), offset_at(batch_, y_batch_, number),
          offset_at(batch_, to_batch_, number)};
}

void pairwise_run::run() const {
  const std::int64_t work = x_.extent * y_.extent * (steps_ + 4) / 4, bytes = scratch_bytes();
  if (batches_ == 1 || work > 8 * task_work) {
    const scratch memory(bytes);
    for (std::int64_t b = 0; b < batches_; ++b) run_batch(batch_point(b), memory.data(), true);
    return;
  }
  const parallel_loop loop(batches_, work);
  const scratch memory(loop.slots() * bytes);
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    for (std::int64_t b = first; b < last; ++b) run_batch(batch_point(b), memory.data() + slot * bytes, false);
  });
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

// ---- many steps ---------------------------------------------------------------------------------------------------
// Steps beyond what a panel holds are cut into parts, batches of their own, and the parts are folded: in pairs, as ever.
constexpr std::int64_t part_steps = 4096, most_parts_bytes = 2 << 20;

int only_folded_axis(const stage& s) {
  if (std::count(s.folded.begin(), s.folded.end(), true) != 1) return -1;
  return static_cast<int>(std::find(s.folded.begin(), s.folded.end(), true) - s.folded.begin());
}

/// Results of `count` steps from `first` on into contiguous memory.
stage part_of(const stage& s, int axis, std::int64_t first, std::int64_t count, const shape& dense, std::byte* memory) {
  stage part = s;
  part.extents[axis] = count;
  for (strided& x : part.inputs) x.data += first * x.strides[axis];
  part.results[0].target.data = memory;
  part.results[0].target.strides = dense;
  return part;
}

bool run_in_parts(const stage& s) {
  const int axis = only_folded_axis(s);
  if (axis < 0) return false;
  const std::int64_t steps = s.extents[axis], whole = steps / part_steps, parts = (steps + part_steps - 1) / part_steps;
  const dtype type = s.results[0].target.type;
  shape dense = shape::filled(s.extents.size(), 0);
  std::int64_t bytes = type.itemsize();  // of a part
  for (int i = s.extents.size() - 1; i >= 0; --i) {
    if (i == axis) continue;
    dense[i] = bytes;
    bytes *= s.extents[i];
  }
  if (parts * bytes > most_parts_bytes) return false;
  const scratch memory(parts * bytes);

  stage all = part_of(s, axis, 0, part_steps, dense, memory.data());
  all.extents.insert(0, whole);
  all.folded.insert(all.folded.begin(), false);
  for (strided& x : all.inputs) x.strides.insert(0, part_steps * x.strides[axis]);
  all.results[0].target.strides.insert(0, bytes);
  if (!run_pairwise(all)) return false;
  if (whole < parts) {
    run_pairwise(
        part_of(s, axis, whole * part_steps, steps - whole * part_steps, dense, memory.data() + whole * bytes));
  }

  stage fold_parts;
  fold_parts.extents = s.extents;
  fold_parts.extents[axis] = parts;
  fold_parts.folded = s.folded;
  dense[axis] = bytes;
  fold_parts.inputs = {{memory.data(), type, dense}};
  fold_parts.register_types = {type};
  fold_parts.results = {{0, s.results[0].by, s.results[0].target, no_reg}};
  run_folds(fold_parts);
  return true;
}

}  // namespace

bool run_pairwise(const stage& s) {
  std::optional<pair_program> program = find_program(s);
  if (!program) return false;
  const strided &first = s.inputs[program->first], &second = s.inputs[1 - program->first];
  int x_axis = own_axis(s, first, second), y_axis = own_axis(s, second, first);
  if (x_axis < 0 || y_axis < 0) return false;
  std::int64_t steps = 1;
  for (int axis = 0; axis < s.extents.size(); ++axis) {
    if (s.folded[static_cast<std::size_t>(axis)]) steps *= s.extents[axis];
  }
  if (steps > most_pairwise_steps) return run_in_parts(s);
  if (lanes_along_first(s, x_axis, y_axis)) {
    std::swap(x_axis, y_axis);
    program->first = 1 - program->first;
    if (program->map == pair_map::difference) program->map = pair_map::reversed_difference;
  }
  const pairwise_kernel* const kernel = find_pairwise(program->map, s.results[0].by, first.type);
  if (!kernel) return false;
  const pairwise_run run(s, *program, x_axis, y_axis, *kernel);
  if (!run.fills_tiles()) return false;
  run.run();
  return true;
}

}  // namespace tessera::detail::cpu
