// Stages with folds, over any set of axes in any position.
//
// The axes are walked in one of two orders, kept (K) and folded (F) ones each in the stage's order:
//
//     rows     K… F…   long folded axes innermost: each row of a block is folded to one accumulator, in the kernel
//     lanes    F… K…   kept axes innermost: blocks are added lane by lane into a block of accumulators. Where the kept axes
//                      are too short to fill a block, points of the folded axes fill it too, and the lanes are folded onto
//                      each other at the end. Short folded axes (x, y, z of points) are walked outside the kept ones.
//
// The kept points of a block are a tile, the blocks that are folded into it its steps. With few tiles the steps are
// cut into pieces that threads take, and the pieces are combined in pairs. All of it depends on the stage only.
#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>

#include "cpu/block_program.hpp"
#include "cpu/fold_state.hpp"
#include "cpu/pairwise.hpp"
#include "cpu/run.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

enum class walk { rows, lanes };

// Below this, walking folded axes outside is faster than folding many short rows.
constexpr std::int64_t shortest_row = 16;

// Each input is repeated along a kept axis, and the last kept axis is long (x[:, newaxis, :] - y[newaxis, :, :] folded
// over the last axis): with kept axes innermost inputs are single elements or rows that were packed once, with folded
// ones they would have to be repeated into every block.
bool is_outer_product(const stage& s) {
  constexpr std::int64_t long_enough = 256, often = 8;
  int last = s.extents.size() - 1;
  while (last >= 0 && s.folded[static_cast<std::size_t>(last)]) --last;
  if (last < 0 || s.extents[last] < long_enough || s.inputs.empty()) return false;
  return std::all_of(s.inputs.begin(), s.inputs.end(), [&](const strided& x) {
    for (int i = 0; i <= last; ++i) {
      if (!s.folded[static_cast<std::size_t>(i)] && x.strides[i] == 0 && s.extents[i] >= often) return true;
    }
    return false;
  });
}

// Products of complex numbers are taken in order (see products_in_order), which only rows do.
bool has_complex_product(const stage& s) {
  return std::any_of(s.results.begin(), s.results.end(),
                     [](const result& r) { return r.by == fold::prod && r.target.type.kind() == 'c'; });
}

walk choose_walk(const stage& s) {
  if (has_complex_product(s)) return walk::rows;
  std::int64_t row = 1, kept = 1;
  bool inner = true;
  for (int i = s.extents.size() - 1; i >= 0; --i) {
    if (!s.folded[static_cast<std::size_t>(i)]) {
      kept *= s.extents[i];
      inner = false;
    } else if (inner) {
      row *= s.extents[i];
    }
  }
  if (kept == 1 && row > 1) return walk::rows;
  return row >= shortest_row && !is_outer_product(s) ? walk::rows : walk::lanes;
}

std::vector<int> order_axes(const stage& s, walk how) {
  std::vector<int> axes(static_cast<std::size_t>(s.extents.size()));
  std::iota(axes.begin(), axes.end(), 0);
  std::stable_partition(axes.begin(), axes.end(),
                        [&](int axis) { return s.folded[static_cast<std::size_t>(axis)] == (how == walk::lanes); });
  return axes;
}

// Without intermediate results only the accumulators and an operand share L1: long blocks.
std::int64_t fold_block_points(const stage& s) {
  const std::int64_t register_bytes = s.instructions.empty() ? 16384 : 4096;
  std::int64_t widest = 1;
  for (const dtype& type : s.register_types) widest = std::max<std::int64_t>(widest, type.itemsize());
  return register_bytes / std::max<std::int64_t>(widest, 4);
}

class fold_run final : public prepared_stage {
 public:
  explicit fold_run(const stage& s);
  /// On as many threads as it is worth.
  void run() const;
  std::int64_t scratch_bytes() const noexcept override { return thread_bytes() + partial_bytes(); }
  void run(const placement& where, std::byte* memory) const override;

 private:
  struct output {
    const result* from;
    base to;
    fold_rule rule;
    shape strides;  // along the axes as they are walked
    box store;
  };
  /// What the ends of folds need: where results go, and memory on the way there.
  struct worksheet {
    placement where;
    std::byte* buffer;    // of a thread
    std::byte* partials;  // of all pieces
  };
  void plan_tiles();
  void plan_pieces();
  void plan_outputs();
  std::int64_t thread_bytes() const noexcept;
  std::int64_t state_bytes() const noexcept;
  std::int64_t partial_bytes() const noexcept { return pieces_ > 1 ? tiles_ * pieces_ * entry_bytes_ : 0; }
  block block_at(std::int64_t tile, std::int64_t step) const;
  std::int64_t position_of(std::int64_t step) const;
  void fold_steps(block_program::worker& registers, std::span<fold_state> states, std::int64_t tile,
                  std::int64_t first) const;
  void deliver(const output& out, std::byte* entry, std::int64_t tile, const worksheet& on) const;
  void take_results(std::span<fold_state> states, std::int64_t number, const worksheet& on) const;
  void combine_pieces(const worksheet& on) const;
  void run_pieces(std::int64_t begin, std::int64_t end, const worksheet& on, std::byte* memory) const;

  const stage& stage_;
  walk how_;
  int first_inner_;  // of the axes as they are walked: where the second group (F of rows, K of lanes) starts
  block_program program_;
  std::vector<output> outputs_;
  std::int64_t tiles_ = 1, steps_ = 1;
  std::int64_t width_ = 1;       // accumulators of a tile, at most
  std::int64_t row_length_ = 0;  // rows: points of a row; 0: a block is (part of) one row
  std::int64_t lanes_ = 0;       // lanes: kept points in a block; 0: all of it
  std::int64_t pieces_ = 1, piece_steps_ = 1;
  std::int64_t entry_bytes_ = 0, buffer_bytes_ = 0;  // of all outputs
};

fold_run::fold_run(const stage& s)
    : stage_(s),
      how_(choose_walk(s)),
      first_inner_(static_cast<int>(std::count(s.folded.begin(), s.folded.end(), how_ == walk::lanes))),
      program_(s, order_axes(s, how_), fold_block_points(s)) {
  plan_tiles();
  plan_pieces();
  plan_outputs();
}

void fold_run::plan_tiles() {
  const blocking& blocks = program_.blocks();
  std::int64_t inner_group = 1;  // points of the second group
  for (int i = first_inner_; i < stage_.extents.size(); ++i) inner_group *= blocks.extents[i];
  const bool cut_outside = blocks.cut < first_inner_;  // a block holds the whole second group, and more
  if (how_ == walk::rows) {
    row_length_ = cut_outside ? inner_group : 0;
    width_ = cut_outside ? blocks.most() / inner_group : 1;
    steps_ = 1;
    for (int i = first_inner_; i < blocks.cut; ++i) steps_ *= blocks.extents[i];
    if (!cut_outside) steps_ *= blocks.tiles;
    tiles_ = blocks.count() / steps_;
  } else {
    lanes_ = cut_outside ? inner_group : 0;
    width_ = blocks.most();
    tiles_ = 1;
    for (int i = first_inner_; i < blocks.cut; ++i) tiles_ *= blocks.extents[i];
    if (!cut_outside) tiles_ *= blocks.tiles;
    steps_ = blocks.count() / tiles_;
  }
}

// Few tiles: the steps are cut so that some 64 pieces come out, of a task's size at least, in whole leaves.
void fold_run::plan_pieces() {
  constexpr std::int64_t wanted = 64, leaf = 16;
  const std::int64_t most = steps_ * program_.blocks().most() / task_work;
  const std::int64_t count =
      std::clamp<std::int64_t>((wanted + tiles_ - 1) / tiles_, 1, std::max<std::int64_t>(most, 1));
  piece_steps_ = ((steps_ + count - 1) / count + leaf - 1) / leaf * leaf;
  pieces_ = (steps_ + piece_steps_ - 1) / piece_steps_;
}

void fold_run::plan_outputs() {
  const blocking& blocks = program_.blocks();
  for (const result& r : stage_.results) {
    output out{&r,
               base(r.target, stage_.row_axis),
               fold_rule(r.by, stage_.register_types[r.value], r.target.type),
               program_.ordered(r.target.strides),
               {}};
    // The kept axes of a block, from accumulators to the target. Accumulators are dense in their order.
    const int begin = std::max(blocks.cut, how_ == walk::rows ? 0 : first_inner_);
    const int end = how_ == walk::rows ? std::max(first_inner_, begin) : stage_.extents.size();
    const std::int64_t itemsize = r.target.type.itemsize();
    std::int64_t dense = itemsize;
    for (int i = begin; i < end; ++i) dense *= i == blocks.cut ? 1 : blocks.extents[i];
    for (int i = begin; i < end; ++i) {
      const bool tiled = i == blocks.cut;
      const std::int64_t extent = tiled ? blocks.tile : blocks.extents[i];
      if (!tiled) dense /= extent;
      if (extent > 1) out.store.push(extent, dense, out.strides[i], tiled);
    }
    out.store.finish();
    outputs_.push_back(std::move(out));
    entry_bytes_ += outputs_.back().rule.bytes(width_);
    buffer_bytes_ = std::max(buffer_bytes_, (width_ * 16 + 63) / 64 * 64);
  }
}

// Rows: the outer axes are K… F…, so a tile's blocks follow each other. Lanes: F… K…, a step's do.
block fold_run::block_at(std::int64_t tile, std::int64_t step) const {
  return block(program_.blocks(), how_ == walk::rows ? tile * steps_ + step : step * tiles_ + tile);
}

// Where a step's first point stands in C order of the folded axes.
std::int64_t fold_run::position_of(std::int64_t step) const {
  const blocking& blocks = program_.blocks();
  if (how_ == walk::lanes && lanes_ == 0) return step;
  const std::int64_t unit = how_ == walk::rows ? blocks.inner : blocks.inner / lanes_;
  return (step / blocks.tiles * blocks.extents[blocks.cut] + step % blocks.tiles * blocks.tile) * unit;
}

// One piece of a tile's steps into the states.
void fold_run::fold_steps(block_program::worker& registers, std::span<fold_state> states, std::int64_t tile,
                          std::int64_t first) const {
  for (fold_state& state : states) state.start();
  const std::int64_t last = std::min(first + piece_steps_, steps_);
  for (std::int64_t step = first; step < last; ++step) {
    const block at = block_at(tile, step);
    registers.run(at);
    const std::int64_t row = how_ == walk::lanes ? 0 : row_length_ == 0 ? at.points : row_length_;
    const std::int64_t lanes = lanes_ == 0 ? at.points : lanes_;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      states[i].add(registers.value(outputs_[i].from->value), at.points, row, lanes, position_of(step));
    }
  }
}

void fold_run::deliver(const output& out, std::byte* entry, std::int64_t tile, const worksheet& on) const {
  const block at = block_at(tile, 0);
  const std::int64_t width = how_ == walk::rows ? (row_length_ == 0 ? 1 : at.points / row_length_)
                             : lanes_ == 0      ? at.points
                                                : lanes_;
  const std::byte* finished = out.rule.finish(entry, width_, on.buffer, width);
  std::byte* const to = out.to.at(on.where) + at.offset(program_.blocks(), out.strides);
  out.store.copy(out.from->target.type.itemsize(), to, finished, at.count);
}

// To the target, or to the other pieces of the tile.
void fold_run::take_results(std::span<fold_state> states, std::int64_t number, const worksheet& on) const {
  std::byte* partial = on.partials + number * entry_bytes_;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const fold_rule& rule = outputs_[i].rule;
    std::byte* const entry = states[i].result();
    if (lanes_ != 0) rule.collapse(entry, width_, states[i].width(), lanes_);
    if (pieces_ == 1) {
      deliver(outputs_[i], entry, number, on);
    } else {
      std::memcpy(partial, entry, static_cast<std::size_t>(rule.bytes(width_)));
      partial += rule.bytes(width_);
    }
  }
}

void fold_run::combine_pieces(const worksheet& on) const {
  for (std::int64_t tile = 0; tile < tiles_; ++tile) {
    std::byte* const first = on.partials + tile * pieces_ * entry_bytes_;
    std::int64_t offset = 0;
    for (const output& out : outputs_) {
      const block at = block_at(tile, 0);
      const std::int64_t width = how_ == walk::rows ? 1 : lanes_ == 0 ? at.points : lanes_;
      for (std::int64_t span = 1; span < pieces_; span *= 2) {
        for (std::int64_t i = 0; i + span < pieces_; i += 2 * span) {
          out.rule.combine(first + i * entry_bytes_ + offset, first + (i + span) * entry_bytes_ + offset, width_,
                           width);
        }
      }
      deliver(out, first + offset, tile, on);
      offset += out.rule.bytes(width_);
    }
  }
}

// A thread's memory: registers, buffer, the states and their entries.
std::int64_t fold_run::thread_bytes() const noexcept {
  return program_.scratch_bytes() + buffer_bytes_ + state_bytes();
}

std::int64_t fold_run::state_bytes() const noexcept {
  std::int64_t result = static_cast<std::int64_t>((outputs_.size() * sizeof(fold_state) + 63) / 64 * 64);
  for (const output& out : outputs_)
    result += fold_state::bytes(out.rule, width_, piece_steps_, program_.blocks().most());
  return result;
}

// Allocates nothing: work that has begun, ends.
void fold_run::run_pieces(std::int64_t begin, std::int64_t end, const worksheet& on, std::byte* memory) const {
  block_program::worker registers(program_, memory, on.where);
  std::byte* const tables = on.buffer + buffer_bytes_;
  auto* const states = reinterpret_cast<fold_state*>(tables);
  std::byte* entries = tables + (outputs_.size() * sizeof(fold_state) + 63) / 64 * 64;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const fold_rule& rule = outputs_[i].rule;
    std::construct_at(states + i, rule, width_, piece_steps_, entries);
    entries += fold_state::bytes(rule, width_, piece_steps_, program_.blocks().most());
  }
  for (std::int64_t number = begin; number < end; ++number) {
    fold_steps(registers, {states, outputs_.size()}, number / pieces_, number % pieces_ * piece_steps_);
    take_results({states, outputs_.size()}, number, on);
  }
}

void fold_run::run() const {
  const std::int64_t count = tiles_ * pieces_, work = std::min(piece_steps_, steps_) * program_.block_work();
  const std::int64_t bytes = thread_bytes(), buffer = program_.scratch_bytes();
  const parallel_loop loop(count, work);
  const scratch memory(loop.slots() * bytes), partials(partial_bytes());
  loop.run([&](std::int64_t begin, std::int64_t end, int slot) {
    std::byte* const mine = memory.data() + slot * bytes;
    run_pieces(begin, end, {{}, mine + buffer, partials.data()}, mine);
  });
  if (pieces_ > 1) combine_pieces({{}, memory.data(), partials.data()});
}

void fold_run::run(const placement& where, std::byte* memory) const {
  const worksheet on{where, memory + program_.scratch_bytes(), memory + thread_bytes()};
  run_pieces(0, tiles_ * pieces_, on, memory);
  if (pieces_ > 1) combine_pieces(on);
}

}  // namespace

void run_folds(const stage& s) {
  if (!run_pairwise(s)) fold_run(s).run();
}

std::unique_ptr<prepared_stage> prepare_folds(const stage& s) { return std::make_unique<fold_run>(s); }

}  // namespace tessera::detail::cpu
