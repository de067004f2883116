// Resolves a stage into steps on register blocks.
#include "cpu/block_program.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "cpu/copy.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cpu {
namespace {

// Operations that take tens of cycles an element.
bool is_heavy(op code) {
  return (code >= op::exp && code <= op::hypot) || code == op::pow || code == op::cbrt || code == op::gcd ||
         code == op::lcm;
}

// What an instruction takes for one element, in eighths of a unit of work (parallel_for's). Measured: a step of a chain
// 0.02 ns on float32, reading and storing 0.09, exp 0.33; a kernel of one addition 0.2; complex exp 20.
constexpr std::int64_t unit = 8, step_work = 1, load_and_store_work = 3;
std::int64_t work_of(const instruction& i, int lane_bytes) {
  if (lane_bytes == 0) return is_heavy(i.code) ? 16 * unit : unit;
  return (is_heavy(i.code) ? 4 * unit : step_work) * lane_bytes / 4;
}

constexpr std::int64_t last_level_cache = 32 << 20;

template <int Size> void copy_kernel(void* out, const void* a, const void*, const void*, std::size_t n) {
  if (out != a) std::memcpy(out, a, n * Size);
}

kernel find_copy_kernel(int itemsize) {
  switch (itemsize) {
    case 1: return copy_kernel<1>;
    case 2: return copy_kernel<2>;
    case 4: return copy_kernel<4>;
    case 8: return copy_kernel<8>;
    default: return copy_kernel<16>;
  }
}

}  // namespace

kernel find_step(const stage& s, const instruction& i) {
  kernel found = nullptr;
  if (i.code == op::cast) {
    const dtype from = s.register_types[i.source[0]], to = s.register_types[i.result];
    found = from == to ? find_copy_kernel(from.itemsize()) : find_cast(from, to);
  } else {
    found = find_kernel(i.code, i.loop);
  }
  if (!found) throw device_error(std::string(info(i.code).name) + ": the CPU has no kernel for " + i.loop.name());
  return found;
}

namespace {

// A box of the block's axes between memory with these strides and a contiguous register.
enum class direction { load, store };
box block_box(const blocking& blocks, const shape& strides, int itemsize, direction way) {
  box result;
  std::int64_t dense = blocks.inner * itemsize;
  for (int i = blocks.cut; i < blocks.extents.size(); ++i) {
    const bool tiled = i == blocks.cut;
    const std::int64_t extent = tiled ? blocks.tile : blocks.extents[i];
    if (!tiled) dense /= extent;
    if (extent == 1) continue;
    if (way == direction::load) {
      result.push(extent, strides[i], dense, tiled);
    } else {
      result.push(extent, dense, strides[i], tiled);
    }
  }
  result.finish();
  return result;
}

}  // namespace

std::int64_t block_program::block_work() const noexcept { return (work_ * blocks_.most() + unit - 1) / unit; }

shape block_program::ordered(const shape& strides) const {
  shape result;
  for (const int axis : axes_) result.push_back(strides[axis]);
  if (axes_.empty()) result.push_back(0);
  return result;
}

namespace {
shape ordered_extents(const stage& s, std::span<const int> axes) {
  shape result;
  for (const int axis : axes) result.push_back(s.extents[axis]);
  return result;
}
}  // namespace

block_program::block_program(const stage& s, std::span<const int> axes, block_size size, numbering order)
    : axes_(axes.begin(), axes.end()), constants_(&s.constants) {
  measure(s);
  segments_ = find_segments(s, footprint_ >= last_level_cache);
  size = choose_size(s, size, order);
  plan(s, size, order);
  // Blocks of fewer points where very many values live at a time.
  constexpr std::int64_t most_bytes = 1 << 20, fewest_points = 64;
  while (scratch_bytes() > most_bytes && blocks_.most() > fewest_points) {
    size.points = std::max(fewest_points, std::min(size.points, blocks_.most()) / 2);
    size.shortest_row = std::min(size.shortest_row, size.points);
    plan(s, size, order);
  }
}

// Chains that read an element a row (m of x - m[:, newaxis]) repeat it for nothing, so shorter rows pay. Where all is one chain and no operand
// needs a register in memory, blocks may be longer than what L1 holds: they cost 50 ns each.
block_size block_program::choose_size(const stage& s, block_size size, numbering order) const {
  constexpr std::int64_t shortest_row = 128, long_block = 8;
  const int last = s.extents.size() - 1;
  if (order != numbering::panels || last < 0) return size;
  if (last > 0 && s.extents[axes_[static_cast<std::size_t>(last)]] < shortest_row) return size;
  const auto along = [&](const strided& x) { return ordered(x.strides)[last]; };
  bool repeats = false, lies_along = segments_.size() == 1 && segments_[0].is_chain();
  for (const strided& x : s.inputs) {
    const bool repeated = along(x) == 0 && x.type.itemsize() >= 4;
    repeats = repeats || repeated;
    lies_along = lies_along && (repeated || along(x) == x.type.itemsize());
  }
  for (const result& r : s.results) {
    lies_along = lies_along && r.mask == no_reg && along(r.target) == r.target.type.itemsize();
  }
  if (repeats || lies_along) size.shortest_row = std::min(size.shortest_row, shortest_row);
  if (lies_along) size.points *= long_block;
  return size;
}

void block_program::plan(const stage& s, block_size size, numbering order) {
  const std::size_t registers = s.register_types.size();
  inputs_.clear();
  outputs_.clear();
  steps_.clear();
  chains_.clear();
  packed_.clear();
  usage_ = inline_vector<usage, 16>(registers);
  roles_ = register_roles(registers);
  slot_of_ = inline_vector<int, 16>(registers, -1);
  slots_ = constant_bytes_ = panel_bytes_ = chain_steps_ = strip_bytes_ = 0;
  work_ = unit / 2;  // finding and binding operands
  shape extents = ordered_extents(s, axes_);
  int outermost = 0;
  if (s.row_axis >= 0) {  // cut as with all rows, so that folds combine in the same order
    shape whole = extents;
    whole[static_cast<int>(std::find(axes_.begin(), axes_.end(), s.row_axis) - axes_.begin())] = s.rows;
    outermost = blocking(whole, size).cut;
  }
  blocks_ = blocking(extents, size, outermost);
  std::int64_t widest = 1;
  for (const dtype& type : s.register_types) widest = std::max<std::int64_t>(widest, type.itemsize());
  slot_bytes_ = round_up(blocks_.most() * widest);
  plan_steps(s);
  plan_inputs(s, order);
  plan_outputs(s);
  plan_slots(s);
  plan_chains(s);
}

// Copies a repeated operand once into the order it is read in, when every element is read often: reading it with
// strides each time would cost more than the arithmetic (y of x[:, newaxis, :] - y[newaxis, :, :] walked along its
// rows).
void block_program::pack(input& in) {
  constexpr std::int64_t often = 8, most_bytes = 2 << 20;
  shape extents, from, dense = shape::filled(blocks_.extents.size(), 0);
  std::int64_t elements = 1;
  for (int i = blocks_.extents.size() - 1; i >= 0; --i) {
    const std::int64_t extent = blocks_.extents[i];
    if (extent == 1) continue;
    if (in.strides[i] == 0) {
      if (i > blocks_.cut || (i == blocks_.cut && blocks_.tile > 1)) return;  // would not be contiguous over a block
      continue;
    }
    dense[i] = elements * in.itemsize;
    elements *= extent;
    extents.insert(0, extent);
    from.insert(0, in.strides[i]);
  }
  const std::int64_t points = blocks_.outer * blocks_.extents[blocks_.cut] * blocks_.inner;
  if (elements > points / often || elements * in.itemsize > most_bytes) return;
  packed_.emplace_back(elements * in.itemsize);
  shape to;
  for (int i = 0; i < blocks_.extents.size(); ++i) {
    if (dense[i] != 0) to.push_back(dense[i]);
  }
  copy_elements(in.itemsize, extents, in.from.data, from, packed_.back().data(), to);
  in.from.data = packed_.back().data();
  in.strides = dense;
}

// Whether neighbours along the axis before the cut share cache lines and neighbours in a block do not.
bool block_program::gains_from_panels(const input& in) const {
  constexpr std::int64_t line = 64;
  if (blocks_.cut == 0 || blocks_.inner != 1 || blocks_.tile < line) return false;
  const std::int64_t along = std::abs(in.strides[blocks_.cut]), across = std::abs(in.strides[blocks_.cut - 1]);
  return along >= line && across != 0 && across <= line / 4 && blocks_.extents[blocks_.cut - 1] >= 4;
}

static bool is_same_place(const strided& a, const strided& b) noexcept {
  return a.data == b.data && a.temporary == b.temporary;
}

// Four cache lines across, as far as L2 holds them: lines beside each other cost memory less than lines apart, and a
// column of them fewer pages. 1024 x 1024 float32 + transposed on Zen 3: 0.61 ms with one line, 0.44 with two, 0.41.
std::int64_t block_program::panel_rows(const input& in) const {
  constexpr std::int64_t line = 64, lines = 4, most_bytes = 320 << 10;
  const std::int64_t across = std::abs(in.strides[blocks_.cut - 1]);
  return std::max(line / across, std::min(lines * line / across, most_bytes / panel_pitch()));
}

// Whether an input is stored, and another result over it before.
static bool is_overwritten(const stage& s, std::size_t input) {
  const auto reads = [&](const result& r) { return r.value == input || r.mask == input; };
  const auto readers = std::count_if(s.results.begin(), s.results.end(), reads);
  if (readers == 0) return false;
  return std::any_of(s.results.begin(), s.results.end(), [&](const result& r) {
    return is_same_place(r.target, s.inputs[input]) && (!reads(r) || readers > 1);
  });
}

void block_program::plan_inputs(const stage& s, numbering order) {
  for (const strided& x : s.inputs) {
    input in{base(x, s.row_axis), ordered(x.strides), x.type.itemsize(), -1, {}, -1};
    const std::size_t number = inputs_.size();
    bool direct = blocks_.contiguous(in.strides, in.itemsize) && !is_overwritten(s, number);
    if (!direct && !usage_[number].in_blocks && blocks_.uniform(in.strides)) {
      roles_[number].uniform = direct = true;
    }
    if (!direct && s.row_axis < 0) {  // in a row group there may be nothing to copy yet
      pack(in);
      direct = in.from.data != x.data;
    }
    if (!direct && order == numbering::panels && gains_from_panels(in)) {
      blocks_.panel = std::max(blocks_.panel, panel_rows(in));
      in.panel_offset = 0;
    } else if (!direct) {
      in.slot = static_cast<int>(slots_++);
      in.load = block_box(blocks_, in.strides, in.itemsize, direction::load);
    }
    inputs_.push_back(std::move(in));
  }
  for (input& in : inputs_) {
    if (in.panel_offset < 0) continue;
    in.panel_offset = panel_bytes_;
    panel_bytes_ += blocks_.panel * panel_pitch();
  }
}

// An instruction may store its result into the target at once when nobody reads what lies there later: targets may be
// inputs at the same address.
bool block_program::may_write_early(const stage& s, int instruction, const result& r) const {
  for (std::size_t i = 0; i < s.inputs.size(); ++i) {
    if (!is_same_place(s.inputs[i], r.target)) continue;
    for (std::size_t k = static_cast<std::size_t>(instruction) + 1; k < s.instructions.size(); ++k) {
      if (std::find(std::begin(s.instructions[k].source), std::end(s.instructions[k].source), i) !=
          std::end(s.instructions[k].source)) {
        return false;
      }
    }
    for (const result& other : s.results) {
      if (other.value == i || other.mask == i) return false;
    }
  }
  return true;
}

bool block_program::is_in_chain(reg r) const {
  return usage_[r].computed_by >= 0 && !steps_[usage_[r].computed_by].run;
}

void block_program::plan_outputs(const stage& s) {
  const std::size_t first = s.inputs.size() + s.constants.size();
  inline_vector<bool, 16> taken(s.register_types.size(), false);
  for (const result& r : s.results) {
    if (r.by != fold::none) continue;
    output out;
    out.value = r.value;
    out.mask = r.mask;
    out.to = base(r.target, s.row_axis);
    out.strides = ordered(r.target.strides);
    out.itemsize = r.target.type.itemsize();
    out.direct = r.value >= first && r.mask == no_reg && !taken[r.value] &&
                 blocks_.contiguous(out.strides, out.itemsize) &&
                 may_write_early(s, static_cast<int>(r.value - first), r);
    if (out.direct && !is_in_chain(r.value) && may_stream(s, out)) {
      out.direct = false;
      out.streams = true;
    }
    if (out.direct) {
      taken[r.value] = true;
    } else if (!out.streams) {
      out.store = block_box(blocks_, out.strides, out.itemsize, direction::store);
    }
    outputs_.push_back(std::move(out));
  }
}

// Notes that a step reads r.
void block_program::read(reg r, int step, bool in_blocks) {
  usage_[r].last_read = std::max(usage_[r].last_read, step);
  usage_[r].in_blocks = usage_[r].in_blocks || in_blocks;
}

void block_program::plan_steps(const stage& s) {
  for (const segment& part : segments_) {
    const int number = static_cast<int>(steps_.size());
    work_ += part.is_chain() ? load_and_store_work * part.lane_bytes / 4 : 0;
    for (int k = part.first; k < part.last; ++k) {
      const instruction& i = s.instructions[static_cast<std::size_t>(k)];
      work_ += work_of(i, part.lane_bytes);
      usage_[i.result].computed_by = number;
      for (const reg r : i.source) {
        if (r == no_reg || (part.is_chain() && usage_[r].computed_by == number)) continue;
        // Chains repeat single elements of the lanes' size only.
        const dtype type = s.register_types[r];
        read(r, number, type.itemsize() != part.lane_bytes || type.code() == dtype_code::bool_);
      }
    }
    if (part.is_chain()) {
      steps_.push_back({nullptr, no_reg, no_reg, no_reg, no_reg, static_cast<int>(chains_.size())});
      chains_.emplace_back();
    } else {
      // A source that is not there is bound to the first one, so that every pointer a kernel gets is valid.
      const instruction& i = s.instructions[static_cast<std::size_t>(part.first)];
      const auto source = [&](int k) { return i.source[k] == no_reg ? i.source[0] : i.source[k]; };
      steps_.push_back({find_step(s, i), i.result, source(0), source(1), source(2)});
    }
  }
  constexpr int forever = 1 << 30;
  for (const result& r : s.results) {
    read(r.value, forever, true);
    if (r.mask != no_reg) read(r.mask, forever, true);
  }
}

// Registers get slots by a linear scan over the steps; the result of a kernel takes the slot of a source that is read
// there for the last time. Fewer slots keep more of L1 for the operands.
void block_program::plan_slots(const stage& s) {
  const std::size_t inputs = s.inputs.size(), first = inputs + s.constants.size();
  for (std::size_t i = 0; i < s.constants.size(); ++i) {
    roles_[inputs + i].uniform = !usage_[inputs + i].in_blocks;
    if (!roles_[inputs + i].uniform) {
      constant_bytes_ += round_up(blocks_.most() * s.constants[i].type.itemsize());
    }
  }
  for (std::size_t i = 0; i < inputs; ++i) slot_of_[i] = inputs_[i].slot;
  inline_vector<bool, 16> direct(s.register_types.size(), false);
  for (const output& out : outputs_) direct[out.value] = direct[out.value] || out.direct;

  inline_vector<int, 16> unused;
  const auto take = [&](reg r) {
    if (direct[r]) return;
    if (unused.empty()) unused.push_back(static_cast<int>(slots_++));
    slot_of_[r] = unused.back();
    unused.pop_back();
  };
  // Frees the slot of a register that step k reads last.
  const auto release = [&](reg r, int k) {
    if (r == no_reg || r < first || direct[r] || slot_of_[r] < 0 || usage_[r].last_read != k) return;
    unused.push_back(slot_of_[r]);
    usage_[r].last_read = -1;
  };
  for (int k = 0; k < static_cast<int>(steps_.size()); ++k) {
    const step& at = steps_[static_cast<std::size_t>(k)];
    if (at.run) {
      // Kernels may write over an input only element for element: those of the same size are free before the result is
      // placed.
      const int itemsize = s.register_types[at.result].itemsize();
      for (const reg r : {at.a, at.b, at.c}) {
        if (s.register_types[r].itemsize() == itemsize) release(r, k);
      }
      take(at.result);
      for (const reg r : {at.a, at.b, at.c}) release(r, k);
      continue;
    }
    // A chain runs its last elements twice, its results lie apart from what it reads.
    const segment& part = segments_[static_cast<std::size_t>(k)];
    for (int i = part.first; i < part.last; ++i) {
      const reg r = s.instructions[static_cast<std::size_t>(i)].result;
      roles_[r].leaves = usage_[r].last_read > k;
      if (roles_[r].leaves) take(r);
    }
    for (int i = part.first; i < part.last; ++i) {
      for (const reg r : s.instructions[static_cast<std::size_t>(i)].source) release(r, k);
    }
  }
}

// Stores past the caches save reading what is overwritten: 1.3 times as fast when the stage does not fit the last-level
// cache anyway. A target that would have stayed there is better left to whoever reads it next.
bool block_program::may_stream(const stage& s, const output& out) const {
  if (!out.direct || in_place_ || out.to.temporary >= 0 || footprint_ < last_level_cache) return false;
  std::int64_t bytes = blocks_.count() * blocks_.most() * out.itemsize;
  if (s.row_axis >= 0) bytes = bytes / s.extents[s.row_axis] * s.rows;
  return bytes >= last_level_cache / 4;
}

void block_program::measure(const stage& s) {
  const auto bytes_of = [&](const strided& x) {
    std::int64_t bytes = x.type.itemsize();
    for (int i = 0; i < s.extents.size(); ++i) bytes *= x.strides[i] == 0 ? 1 : i == s.row_axis ? s.rows : s.extents[i];
    return bytes;
  };
  for (const result& r : s.results) {
    footprint_ += bytes_of(r.target);
    for (const strided& x : s.inputs) in_place_ = in_place_ || is_same_place(x, r.target);
  }
  for (const strided& x : s.inputs) footprint_ += bytes_of(x);
}

void block_program::plan_chains(const stage& s) {
  if (chains_.empty()) return;
  for (const output& out : outputs_) roles_[out.value].streams = out.itemsize > 1 && may_stream(s, out);
  chain_builder builder(s, roles_);
  for (std::size_t k = 0; k < steps_.size(); ++k) {
    if (steps_[k].chain < 0) continue;
    chain& c = chains_[steps_[k].chain] = builder.build(segments_[k]);
    chain_steps_ += static_cast<std::int64_t>(c.steps.size());
    const std::int64_t strips = c.strips + static_cast<std::int64_t>(c.memory.size());
    strip_bytes_ = std::max<std::int64_t>(strip_bytes_, strips * chain_kernels::most_group_bytes);
  }
}

}  // namespace tessera::detail::cpu
