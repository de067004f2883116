// Runs a block_program's steps on one block after the other.
#include <algorithm>
#include <cstring>

#include "cpu/block_program.hpp"

namespace tessera::detail::cpu {

// Scratch memory: slots, constants, panels, strips of chains, pointers, what the slots hold, steps of chains.
std::int64_t block_program::scratch_bytes() const noexcept {
  const std::size_t pointers = slot_of_.size() + inputs_.size() + outputs_.size();
  const std::size_t tables = pointers * sizeof(std::byte*) + inputs_.size() * sizeof(held) +
                             static_cast<std::size_t>(chain_steps_) * sizeof(chain_step);
  return strips_offset() + strip_bytes_ + round_up(static_cast<std::int64_t>(tables));
}

block_program::worker::worker(const block_program& program, std::byte* memory, const placement& where)
    : program_(program), memory_(memory) {
  std::byte* next = memory + program.slots_ * program.slot_bytes_;
  std::byte* const strips = memory + program.strips_offset();
  std::byte* const tables = strips + program.strip_bytes_;
  pointers_ = reinterpret_cast<std::byte**>(tables);
  bases_ = pointers_ + program.slot_of_.size();
  std::byte** base = bases_;
  for (const input& in : program.inputs_) *base++ = in.from.at(where);
  for (const output& out : program.outputs_) *base++ = out.to.at(where);
  held_ = reinterpret_cast<held*>(base);
  steps_ = reinterpret_cast<chain_step*>(held_ + program.inputs_.size());
  for (std::size_t i = 0; i < program.slot_of_.size(); ++i) {
    const int slot = program.slot_of_[i];
    pointers_[i] = slot >= 0 ? memory + slot * program.slot_bytes_ : nullptr;
  }
  for (std::size_t i = 0; i < program.inputs_.size(); ++i) held_[i] = {nullptr, 0};
  std::size_t place = program.inputs_.size();
  for (const constant& c : *program.constants_) {
    if (program.roles_[place].uniform) {
      pointers_[place++] = const_cast<std::byte*>(c.bytes);  // chains only read it
      continue;
    }
    const std::int64_t itemsize = c.type.itemsize(), most = program.blocks_.most();
    find_row_copy(c.type.itemsize())(next, itemsize, c.bytes, 0, most);
    pointers_[place++] = next;
    next += round_up(most * itemsize);
  }
  chain_step* to = steps_;
  for (const chain& c : program.chains_) {
    for (const chain::step& from : c.steps) {
      const auto strip = [&](chain::operand o) {
        return o.where == chain::operand::strip ? strips + o.index * chain_kernels::most_group_bytes : nullptr;
      };
      const auto mask = [](chain::operand o) { return o.where == chain::operand::memory ? ~std::size_t{0} : 0; };
      *to++ = {from.run, strip(from.p), mask(from.p), strip(from.q), mask(from.q)};
    }
  }
}

const std::byte* block_program::worker::load(std::size_t i, const block& where, const std::byte* from) {
  const input& in = program_.inputs_[i];
  if (held_[i].from != from || held_[i].count < where.count) {
    in.load.copy(in.itemsize, pointers_[i], from, where.count);
    held_[i] = {from, where.count};
  }
  return pointers_[i];
}

const std::byte* block_program::worker::load_panel(std::size_t i, const block& where, const std::byte* from) {
  const input& in = program_.inputs_[i];
  const int cut = program_.blocks_.cut;
  const std::int64_t across = in.strides[cut - 1], pitch = program_.panel_pitch();
  std::byte* const panel =
      memory_ + program_.slots_ * program_.slot_bytes_ + program_.constant_bytes_ + in.panel_offset;
  from -= where.row * across;
  if (held_[i].from != from || held_[i].count < where.count) {
    find_moves(in.itemsize).transpose(panel, pitch, {from, in.strides[cut], across}, where.count, where.rows);
    held_[i] = {from, where.count};
  }
  return panel + where.row * pitch;
}

// Lets the steps walk the registers where they lie now.
void block_program::worker::bind(const chain& c, chain_step* steps, bool stream) const {
  for (const chain::step& from : c.steps) {
    if (from.p.where == chain::operand::memory) steps->p = pointers_[from.p.index];
    if (from.q.where == chain::operand::memory) steps->q = pointers_[from.q.index];
    if (from.unless_aligned) {
      const bool aligned = reinterpret_cast<std::uintptr_t>(steps->p) % alignment == 0;
      steps->run = stream && aligned ? from.run : from.unless_aligned;
    }
    ++steps;
  }
}

void block_program::worker::run_chain(const chain& c, chain_step* steps, std::size_t n) {
  const auto group = static_cast<std::size_t>(c.kernels->group);
  const std::size_t groups = n / group, done = groups * group;
  if (groups > 0) {
    bind(c, steps, true);
    c.kernels->run(steps, 0, groups);
  }
  if (done == n) return;
  if (groups > 0 && !program_.in_place_) {  // once more what is known already: nothing that was read has changed
    if (c.streams) bind(c, steps, false);
    c.kernels->run(steps, n - group, 1);
  } else {
    run_rest(c, steps, done, n);
  }
}

// Runs the elements from `done` on in strips, which hold a whole group: zeros after the last element, so that what kernels
// compute there depends on nothing that was never written.
void block_program::worker::run_rest(const chain& c, chain_step* steps, std::size_t done, std::size_t n) {
  std::byte* const strips = memory_ + program_.strips_offset() + c.strips * chain_kernels::most_group_bytes;
  const auto strip = [&](std::size_t number) { return strips + number * chain_kernels::most_group_bytes; };
  for (std::size_t i = 0; i < c.memory.size(); ++i) {
    const chain::walked& w = c.memory[i];
    if (w.stored) continue;
    const std::size_t bytes = (n - done) * w.itemsize;
    std::memcpy(strip(i), pointers_[w.value] + done * w.itemsize, bytes);
    std::memset(strip(i) + bytes, 0, chain_kernels::most_group_bytes - bytes);
  }
  bind(c, steps, false);
  for (std::size_t i = 0; i < c.steps.size(); ++i) {
    if (c.steps[i].p.walked >= 0) steps[i].p = strip(static_cast<std::size_t>(c.steps[i].p.walked));
    if (c.steps[i].q.walked >= 0) steps[i].q = strip(static_cast<std::size_t>(c.steps[i].q.walked));
  }
  c.kernels->run(steps, 0, 1);
  for (std::size_t i = 0; i < c.memory.size(); ++i) {
    const chain::walked& w = c.memory[i];
    if (w.stored) std::memcpy(pointers_[w.value] + done * w.itemsize, strip(i), (n - done) * w.itemsize);
  }
}

// After streams.
void block_program::worker::finish() const {
  const auto streams = [](const auto& x) { return x.streams; };
  if (std::any_of(program_.chains_.begin(), program_.chains_.end(), streams) ||
      std::any_of(program_.outputs_.begin(), program_.outputs_.end(), streams)) {
    finish_streaming();
  }
}

void block_program::worker::run(const block& where) {
  const blocking& blocks = program_.blocks_;
  for (std::size_t i = 0; i < program_.inputs_.size(); ++i) {
    const input& in = program_.inputs_[i];
    const std::byte* from = bases_[i] + where.offset(blocks, in.strides);
    if (in.slot >= 0) {
      from = load(i, where, from);
    } else if (in.panel_offset >= 0) {
      from = load_panel(i, where, from);
    }
    pointers_[i] = const_cast<std::byte*>(from);  // kernels only read it
  }
  std::byte* const* const targets = bases_ + program_.inputs_.size();
  for (std::size_t i = 0; i < program_.outputs_.size(); ++i) {
    const output& out = program_.outputs_[i];
    if (out.direct) pointers_[out.value] = targets[i] + where.offset(blocks, out.strides);
  }
  const auto n = static_cast<std::size_t>(where.points);
  chain_step* chain_steps = steps_;
  for (const step& s : program_.steps_) {
    if (s.run) {
      s.run(pointers_[s.result], pointers_[s.a], pointers_[s.b], pointers_[s.c], n);
    } else {
      const chain& c = program_.chains_[static_cast<std::size_t>(s.chain)];
      run_chain(c, chain_steps, n);
      chain_steps += c.steps.size();
    }
  }
  for (std::size_t i = 0; i < program_.outputs_.size(); ++i) {
    const output& out = program_.outputs_[i];
    if (out.direct) continue;
    std::byte* to = targets[i] + where.offset(blocks, out.strides);
    if (out.streams) {
      find_moves(out.itemsize).stream(to, pointers_[out.value], where.points);
    } else if (out.mask == no_reg) {
      out.store.copy(out.itemsize, to, pointers_[out.value], where.count);
    } else {
      out.store.copy_where(out.itemsize, to, pointers_[out.value], pointers_[out.mask], where.count);
    }
  }
}

}  // namespace tessera::detail::cpu
