// Stages with folds, over any set of axes in any position.
//
// The kept points of a block are a tile, the blocks that are folded into it its steps (see fold_walk for the order of the
// axes). With few tiles the steps are cut into pieces that threads take, and the pieces are combined in pairs. All of it
// depends on the stage only.
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "cpu/block_program.hpp"
#include "cpu/fold_map.hpp"
#include "cpu/fold_state.hpp"
#include "cpu/fold_walk.hpp"
#include "cpu/pairwise.hpp"
#include "cpu/run.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

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
    bool direct = false;  // the operand is folded where it lies
    struct operand {
      base from;
      shape strides;
    };
    operand x = {}, y = {};  // of the map
    bool has_pairs = false;  // y is another
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
  void plan_direct();
  bool lies_along_rows(const shape& strides, std::int64_t itemsize) const;
  std::int64_t thread_bytes() const noexcept;
  std::int64_t table_bytes() const noexcept {  // of the states, before their entries
    return round_up(static_cast<std::int64_t>(outputs_.size() * sizeof(fold_state)));
  }
  std::int64_t state_bytes() const noexcept;
  std::int64_t partial_bytes() const noexcept { return pieces_ > 1 ? tiles_ * pieces_ * entry_bytes_ : 0; }
  block block_at(std::int64_t tile, std::int64_t step) const;
  placing place_of(const block& at) const;
  std::int64_t even_steps(std::int64_t step) const;
  void fold_steps(block_program::worker& registers, std::span<fold_state> states, std::int64_t number,
                  const placement& where) const;
  void fold_direct(std::span<fold_state> states, std::int64_t tile, std::int64_t first, std::int64_t last,
                   const placement& where) const;
  void deliver(const output& out, std::byte* entry, std::int64_t tile, const worksheet& on) const;
  void take_results(std::span<fold_state> states, std::int64_t number, const worksheet& on) const;
  void combine_pieces(const worksheet& on) const;
  void run_pieces(std::int64_t begin, std::int64_t end, const worksheet& on, std::byte* memory) const;

  const stage& stage_;
  const fold_walk walk_;
  block_program program_;
  small_vector<output> outputs_;
  bool direct_ = false;  // every output is: there is nothing for registers to do
  std::int64_t tiles_ = 1, steps_ = 1;
  std::int64_t tiles_inside_ = 1;  // of lanes: tiles along the kept axes inside the folded ones
  std::int64_t width_ = 1;         // accumulators of a tile, at most
  std::int64_t row_length_ = 0;    // rows: points of a row; 0: a block is (part of) one row
  std::int64_t lanes_ = 0;         // lanes: kept points in a block; 0: all of it
  std::int64_t pieces_ = 1, piece_steps_ = 1;
  std::int64_t entry_bytes_ = 0, buffer_bytes_ = 0;  // of all outputs
};

fold_run::fold_run(const stage& s) : stage_(s), walk_(s), program_(s, walk_.axes, walk_.size) {
  plan_tiles();
  plan_outputs();
  plan_pieces();
  plan_direct();
}

void fold_run::plan_tiles() {
  const blocking& blocks = program_.blocks();
  const int inside = walk_.rows ? walk_.folded_begin : walk_.folded_end;  // where the innermost group starts
  std::int64_t inner_group = 1;                                           // its points
  for (int i = inside; i < stage_.extents.size(); ++i) inner_group *= blocks.extents[i];
  const bool cut_outside = blocks.cut < inside;  // a block holds the whole group, and more
  if (walk_.rows) {
    row_length_ = cut_outside ? inner_group : 0;
    width_ = cut_outside ? blocks.most() / inner_group : 1;
    for (int i = inside; i < blocks.cut; ++i) steps_ *= blocks.extents[i];
    if (!cut_outside) steps_ *= blocks.tiles;
    tiles_ = blocks.count() / steps_;
  } else {
    lanes_ = cut_outside ? inner_group : 0;
    width_ = blocks.most();
    for (int i = inside; i < blocks.cut; ++i) tiles_inside_ *= blocks.extents[i];
    if (!cut_outside) tiles_inside_ *= blocks.tiles;
    tiles_ = tiles_inside_;
    for (int i = 0; i < walk_.folded_begin; ++i) tiles_ *= blocks.extents[i];
    steps_ = blocks.count() / tiles_;
  }
}

// Few tiles: the steps are cut so that some 64 pieces come out, of a task's size at least and a multiple of that of their
// results, in whole leaves.
void fold_run::plan_pieces() {
  constexpr std::int64_t wanted = 64, leaf = 16, multiple = 32, itemsize = 4;
  const std::int64_t points = steps_ * program_.blocks().most();
  const std::int64_t most = std::min(points / task_work, points * itemsize / (multiple * entry_bytes_));
  const std::int64_t count =
      std::clamp<std::int64_t>((wanted + tiles_ - 1) / tiles_, 1, std::max<std::int64_t>(most, 1));
  piece_steps_ = (steps_ + count - 1) / count;
  if (!walk_.rows) piece_steps_ = (piece_steps_ + leaf - 1) / leaf * leaf;
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
    const int begin = std::max(blocks.cut, walk_.rows ? 0 : walk_.folded_end);
    const int end = walk_.rows ? std::max(walk_.folded_begin, begin) : stage_.extents.size();
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
    buffer_bytes_ = std::max(buffer_bytes_, round_up(width_ * 16));
  }
}

// Operands that lie as blocks in memory are folded from there.
void fold_run::plan_direct() {
  for (output& out : outputs_) {
    const mapped_inputs found = find_fold_map(stage_, *out.from);
    if (!found.found() || !out.rule.takes_many() || (found.map != fold_map::none && !walk_.in_place)) continue;
    out.direct = true;
    const auto take = [&](output::operand& to, reg r) {
      const strided& x = stage_.inputs[r];
      to = {base(x, stage_.row_axis), program_.ordered(x.strides)};
      const int itemsize = x.type.itemsize();
      out.direct = out.direct && (found.is_per_row(r) ? lies_along_rows(to.strides, itemsize)
                                                      : program_.blocks().contiguous(to.strides, itemsize));
    };
    take(out.x, found.x);
    take(out.y, found.y);
    out.has_pairs = found.y != found.x;
    if (out.direct && found.map != fold_map::none) out.rule.fold_mapped(found.map);
  }
  direct_ = std::all_of(outputs_.begin(), outputs_.end(), [](const output& out) { return out.direct; });
}

// Whether there is one element for each row of a block, and they lie one after the other.
bool fold_run::lies_along_rows(const shape& strides, std::int64_t itemsize) const {
  const blocking& blocks = program_.blocks();
  for (int i = blocks.extents.size() - 1; i >= blocks.cut; --i) {
    const std::int64_t extent = i == blocks.cut ? blocks.tile : blocks.extents[i];
    const bool folded = i >= walk_.folded_begin;
    if (extent > 1 && strides[i] != (folded ? 0 : itemsize)) return false;
    if (!folded) itemsize *= blocks.extents[i];
  }
  return true;
}

// Rows: the axes before a block's are K… F…, so a tile's blocks follow each other. Lanes: K… F… K….
block fold_run::block_at(std::int64_t tile, std::int64_t step) const {
  const std::int64_t outside = tile / tiles_inside_, inside = tile % tiles_inside_;
  return block(program_.blocks(), (outside * steps_ + step) * tiles_inside_ + inside);
}

// Where a block's elements stand in C order of the folded axes.
placing fold_run::place_of(const block& at) const {
  const int last_folded = walk_.folded_end - 1;
  return {at.offset(program_.blocks(), walk_.position_steps), last_folded < 0 ? 0 : walk_.position_steps[last_folded],
          0, static_cast<std::size_t>(lanes_ == 0 ? at.points : lanes_)};
}

// One piece of a tile's steps into the states.
void fold_run::fold_steps(block_program::worker& registers, std::span<fold_state> states, std::int64_t number,
                          const placement& where) const {
  for (fold_state& state : states) state.start();
  const std::int64_t tile = number / pieces_, first = number % pieces_ * piece_steps_;
  const std::int64_t last = std::min(first + piece_steps_, steps_);
  if (direct_) return fold_direct(states, tile, first, last, where);
  for (std::int64_t step = first; step < last; ++step) {
    const block at = block_at(tile, step);
    registers.run(at);
    const std::int64_t row = !walk_.rows ? 0 : row_length_ == 0 ? at.points : row_length_;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const std::byte* const value = registers.value(outputs_[i].from->value);
      states[i].add({value, value, at.points, row, place_of(at)});
    }
    if (states.size() == 1 && states[0].decided()) return;
    if (walk_.rows || even_steps(step) > 1) continue;
    for (fold_state& state : states) state.pause();
  }
}

// Steps of lanes from this one on that lie evenly spaced in memory and have as many points.
std::int64_t fold_run::even_steps(std::int64_t step) const {
  const blocking& blocks = program_.blocks();
  if (blocks.cut >= walk_.folded_end) {
    const std::int64_t extent = blocks.extents[walk_.folded_end - 1];
    return extent - step % extent;
  }
  const std::int64_t place = step % blocks.tiles, full = blocks.extents[blocks.cut] / blocks.tile;
  return std::max<std::int64_t>(1, full - place);
}

void fold_run::fold_direct(std::span<fold_state> states, std::int64_t tile, std::int64_t first, std::int64_t last,
                           const placement& where) const {
  const blocking& blocks = program_.blocks();
  constexpr std::int64_t shared_steps = 16;  // that several folds find in the cache, one after the other
  const std::int64_t most = walk_.rows ? 1 : states.size() > 1 ? shared_steps : steps_;
  const bool in_cut = blocks.cut < walk_.folded_end;  // steps are tiles along the cut
  const int axis = in_cut ? blocks.cut : walk_.folded_end - 1;
  const std::int64_t apart = in_cut ? blocks.tile : 1;
  for (std::int64_t step = first; step < last;) {
    const block at = block_at(tile, step);
    const std::int64_t count = most == 1 ? 1 : std::min({most, last - step, even_steps(step)});
    const std::int64_t row = !walk_.rows ? 0 : row_length_ == 0 ? at.points : row_length_;
    placing place = place_of(at);
    place.row = walk_.position_steps[axis] * apart;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const output& out = outputs_[i];
      const auto first = [&](const output::operand& x) { return x.from.at(where) + at.offset(blocks, x.strides); };
      const std::byte* const x = first(out.x);
      const folded_block values{x, out.has_pairs ? first(out.y) : x, at.points, row, place};
      if (walk_.rows) {
        states[i].add(values);
      } else {
        states[i].add(values, out.x.strides[axis] * apart, count);
      }
    }
    if (states.size() == 1 && states[0].decided()) return;
    step += count;
  }
}

void fold_run::deliver(const output& out, std::byte* entry, std::int64_t tile, const worksheet& on) const {
  const block at = block_at(tile, 0);
  const std::int64_t width = walk_.rows    ? (row_length_ == 0 ? 1 : at.points / row_length_)
                             : lanes_ == 0 ? at.points
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
      const std::int64_t width = walk_.rows ? 1 : lanes_ == 0 ? at.points : lanes_;
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
  std::int64_t result = table_bytes();
  for (const output& out : outputs_)
    result += fold_state::bytes(out.rule, width_, piece_steps_, program_.blocks().most());
  return result;
}

// Allocates nothing: work that has begun, ends.
void fold_run::run_pieces(std::int64_t begin, std::int64_t end, const worksheet& on, std::byte* memory) const {
  block_program::worker registers(program_, memory, on.where);
  std::byte* const tables = on.buffer + buffer_bytes_;
  auto* const states = reinterpret_cast<fold_state*>(tables);
  std::byte* entries = tables + table_bytes();
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const fold_rule& rule = outputs_[i].rule;
    std::construct_at(states + i, rule, width_, piece_steps_, entries);
    entries += fold_state::bytes(rule, width_, piece_steps_, program_.blocks().most());
  }
  for (std::int64_t number = begin; number < end; ++number) {
    fold_steps(registers, {states, outputs_.size()}, number, on.where);
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
