// Cuts a stage into segments and writes the steps of its chains.
#include "cpu/chain.hpp"

#include <algorithm>
#include <cassert>

#include "cpu/kernels/table.hpp"

namespace tessera::detail::cpu {
namespace {

bool is_half(dtype type) { return type.code() == dtype_code::float16 || type.code() == dtype_code::bfloat16; }

/// The size of the lanes that such elements have in a chain; 0: none.
int lane_bytes_of(dtype type) {
  switch (type.code()) {
    case dtype_code::float16:
    case dtype_code::bfloat16:
    case dtype_code::int32:
    case dtype_code::uint32:
    case dtype_code::float32: return 4;
    case dtype_code::int64:
    case dtype_code::uint64:
    case dtype_code::float64: return 8;
    default: return 0;
  }
}

const chain_function* forms_of(const chain_kernels& kernels, lane_kind kind, op code) {
  return kernels.operations[static_cast<int>(kind)][static_cast<int>(code)];
}

/// Whether a chain in such lanes can have this cast; `inside`: its operand is computed there.
bool has_cast(const chain_kernels& kernels, int lane_bytes, dtype from, dtype to, bool inside) {
  const bool to_mask = to.code() == dtype_code::bool_, from_mask = from.code() == dtype_code::bool_;
  if (!to_mask && lane_bytes_of(to) != lane_bytes) return false;
  if (is_half(to) && !from_mask && lane_kind_of(from) != lane_kind::floating) return false;  // would round twice
  if (from_mask || lane_bytes_of(from) == lane_bytes) {
    return kernels.conversions[static_cast<int>(lane_kind_of(from))][static_cast<int>(lane_kind_of(to))] != nullptr;
  }
  return !to_mask && !inside &&
         kernels.converting_loads[static_cast<int>(from.code())][static_cast<int>(lane_kind_of(to))] != nullptr;
}

bool has_step(const chain_kernels& kernels, const instruction& i) {
  if (i.code == op::clip && i.loop.code() == dtype_code::float16) return false;  // zeros, as is_choice() has them
  return i.code == op::cast || forms_of(kernels, lane_kind_of(i.loop), i.code)[chain_form(0)] != nullptr;
}

/// The kernel that does it from lanes to lanes; what 16-bit floats give is that of floats, rounded.
kernel find_lane_kernel(const instruction& i) { return find_kernel(i.code, is_half(i.loop) ? float32 : i.loop); }

bool can_be_called(const instruction& i) {
  const op_info& row = info(i.code);
  const bool looks_at_bits = i.code == op::nextafter || i.code == op::spacing;
  return i.code != op::cast && lane_bytes_of(i.loop) != 0 && row.result == gives::same && row.arity <= 2 &&
         row.notes != note::integer_second && !(looks_at_bits && is_half(i.loop)) && find_lane_kernel(i) != nullptr;
}

/// Of two zeros of different sign the others take the second and float16 the first, as NumPy's does.
bool is_choice(op code) { return code == op::maximum || code == op::minimum || code == op::fmax || code == op::fmin; }

/// Whether 16-bit floats give 16-bit floats without being rounded.
bool is_exact_in_halves(op code) {
  switch (code) {
    case op::negative:
    case op::positive:
    case op::abs:
    case op::fabs:
    case op::conj:
    case op::real:
    case op::sign:
    case op::copysign:
    case op::floor:
    case op::ceil:
    case op::trunc:
    case op::rint:
    case op::clip:
    case op::where: return true;
    default: return is_choice(code);
  }
}

class segmentation {
 public:
  segmentation(const stage& s, bool always)
      : always_(always), stage_(s), first_computed_(static_cast<int>(s.inputs.size() + s.constants.size())) {}

  segments run() {
    const int count = static_cast<int>(stage_.instructions.size());
    for (int k = 0; k < count; ++k) {
      const instruction& i = stage_.instructions[static_cast<std::size_t>(k)];
      // Where steps are calls (without optimisation, under sanitizers) they nest: the stack sets a limit.
      constexpr int most_instructions = 128;
      if (lane_bytes_ != 0 && k - start_ < most_instructions && fits(i, lane_bytes_)) continue;
      close(k);
      lane_bytes_ = lanes_wanted_by(i);
      if (lane_bytes_ != 0 && fits(i, lane_bytes_)) continue;
      lane_bytes_ = 0;
      found_.push_back({k, k + 1, 0});
      start_ = k + 1;
    }
    close(count);
    return std::move(found_);
  }

 private:
  int lanes_wanted_by(const instruction& i) const {
    if (i.code != op::cast || i.loop.code() != dtype_code::bool_) return lane_bytes_of(i.loop);
    return lane_bytes_of(stage_.register_types[i.source[0]]);
  }

  bool fits(const instruction& i, int lane_bytes) const {
    const chain_kernels* kernels = find_chain_kernels(lane_bytes);
    if (!kernels) return false;
    if (i.code == op::cast) {
      const reg from = i.source[0];
      return has_cast(*kernels, lane_bytes, stage_.register_types[from], i.loop, from >= first_computed_ + start_);
    }
    const bool mask = i.loop.code() == dtype_code::bool_;
    if (!mask && lane_bytes_of(i.loop) != lane_bytes) return false;
    return has_step(*kernels, i) || (!mask && can_be_called(i));
  }

  /// Ends the open chain before instruction k. Without a step of its own it is better as kernels over whole blocks.
  void close(int k) {
    if (lane_bytes_ != 0 && k > start_) {
      const chain_kernels& kernels = *find_chain_kernels(lane_bytes_);
      const auto begin = stage_.instructions.begin();
      if (always_ || std::any_of(begin + start_, begin + k, [&](const auto& i) { return has_step(kernels, i); })) {
        found_.push_back({start_, k, lane_bytes_});
      } else {
        for (int i = start_; i < k; ++i) found_.push_back({i, i + 1, 0});
      }
    }
    start_ = k;
    lane_bytes_ = 0;
  }

  const bool always_;
  const stage& stage_;
  const int first_computed_;
  segments found_;
  int start_ = 0, lane_bytes_ = 0;  // of the open chain
};

}  // namespace

segments find_segments(const stage& s, bool always) { return segmentation(s, always).run(); }

chain_builder::chain_builder(const stage& s, const register_roles& roles)
    : stage_(s),
      roles_(roles),
      first_computed_(static_cast<int>(s.inputs.size() + s.constants.size())),
      state_(s.register_types.size()) {}

chain chain_builder::build(const segment& part) {
  part_ = part;
  chain_ = {};
  chain_.kernels = find_chain_kernels(part.lane_bytes);
  held_ = no_reg;
  unused_strips_.clear();
  for (int k = part.first; k < part.last; ++k) {
    for (const reg r : stage_.instructions[static_cast<std::size_t>(k)].source) {
      if (r == no_reg || !is_inside(r)) continue;
      ++state_[r].uses;
      state_[r].last_use = k;
    }
  }
  for (int k = part.first; k < part.last; ++k) {
    const instruction& i = stage_.instructions[static_cast<std::size_t>(k)];
    emit(i);
    keep_result(i, k);
  }
  push("end", chain_.kernels->end);
  for (const chain::walked& w : chain_.memory) state_[w.value].walked = -1;
  return std::move(chain_);
}

void chain_builder::push(const char* name, chain_function run, chain::operand p, chain::operand q) {
  assert(run);
  chain_.steps.push_back({name, run, p, q});
}

// A register is loaded, or computed here and then stored, not both: its first use says which.
chain::operand chain_builder::walk(reg r, bool stored) {
  if (state_[r].walked < 0) {
    state_[r].walked = static_cast<int>(chain_.memory.size());
    chain_.memory.push_back({r, static_cast<std::uint8_t>(stage_.register_types[r].itemsize()), stored});
  }
  return {chain::operand::memory, r, state_[r].walked};
}

const half_steps* chain_builder::halves_of(reg r) const {
  const dtype type = stage_.register_types[r];
  if (!is_half(type)) return nullptr;
  return type.code() == dtype_code::float16 ? &chain_.kernels->float16 : &chain_.kernels->bfloat16;
}

chain_builder::source chain_builder::place_of(reg r) {
  if (state_[r].strip >= 0) {
    return {{chain::operand::strip, static_cast<std::uint16_t>(state_[r].strip)}, chain_source::lanes};
  }
  if (!is_inside(r) && roles_[r].uniform) {
    return {{chain::operand::memory, r}, chain_source::uniform, halves_of(r)};
  }
  return {walk(r, false), is_bool(r) ? chain_source::bytes : chain_source::lanes, halves_of(r)};
}

/// Makes the accumulators hold r.
void chain_builder::hold(reg r) {
  if (held_ == r) return;
  const source from = place_of(r);
  if (from.halves) {
    push("load", from.kind == chain_source::uniform ? from.halves->load_uniform : from.halves->load, from.from);
  } else {
    push("load", chain_.kernels->loads[static_cast<int>(from.kind)], from.from);
  }
  held_ = r;
}

bool chain_builder::takes_from_accumulators(const instruction& i, reg r) const {
  if (std::count(std::begin(i.source), std::end(i.source), r) != 1 || !has_step(*chain_.kernels, i)) return false;
  if (info(i.code).arity == 3 && is_half(i.loop)) return false;  // others must be widened in the accumulators first
  return i.code == op::clip ? i.source[0] == r : true;
}

void chain_builder::emit(const instruction& i) {
  if (i.code == op::cast) return emit_cast(i);
  if (!has_step(*chain_.kernels, i)) return emit_call(i);
  switch (info(i.code).arity) {
    case 1:
      hold(i.source[0]);
      return push(info(i.code).name, forms_of(*chain_.kernels, lane_kind_of(i.loop), i.code)[chain_form(0)]);
    case 2: return emit_binary(i);
    default: return emit_ternary(i);
  }
}

int chain_builder::take_strip() {
  if (unused_strips_.empty()) unused_strips_.push_back(chain_.strips++);
  const int strip = unused_strips_.back();
  unused_strips_.pop_back();
  return strip;
}

/// An operand of a call: where it lies, or one element repeated in a strip.
chain::operand chain_builder::in_memory(reg r) {
  const source from = place_of(r);
  if (from.kind == chain_source::lanes && !from.halves) return from.from;
  hold(r);
  return park();
}

/// Stores the accumulators in a strip.
chain::operand chain_builder::park() {
  const chain::operand strip = {chain::operand::strip, static_cast<std::uint16_t>(take_strip())};
  push("park", chain_.kernels->store, strip);
  return strip;
}

void chain_builder::emit_call(const instruction& i) {
  const chain::operand p = in_memory(i.source[0]), q = i.source[1] == no_reg ? p : in_memory(i.source[1]);
  const int result = take_strip();
  push(info(i.code).name, chain_.kernels->call, p, q);
  push("into", reinterpret_cast<chain_function>(find_lane_kernel(i)),
       {chain::operand::strip, static_cast<std::uint16_t>(result)});
  unused_strips_.push_back(result);
  for (int k = 0; k < 2; ++k) {
    if (i.source[k] == no_reg) continue;
    const chain::operand o = k == 0 ? p : q;
    if (o.where == chain::operand::strip && state_[i.source[k]].strip < 0) unused_strips_.push_back(o.index);
  }
}

void chain_builder::emit_cast(const instruction& i) {
  const reg x = i.source[0];
  const dtype from = stage_.register_types[x];
  const int to = static_cast<int>(lane_kind_of(i.loop));
  if (!is_bool(x) && lane_bytes_of(from) != part_.lane_bytes) {
    return push("cast", chain_.kernels->converting_loads[static_cast<int>(from.code())][to], walk(x, false));
  }
  hold(x);
  const bool among_floats = (is_half(from) || is_half(i.loop)) && lane_kind_of(from) == lane_kind_of(i.loop);
  if (from == i.loop || among_floats) return;
  push("cast", chain_.kernels->conversions[static_cast<int>(lane_kind_of(from))][to]);
}

void chain_builder::emit_binary(const instruction& i) {
  const chain_function* forms = forms_of(*chain_.kernels, lane_kind_of(i.loop), i.code);
  reg a = i.source[0], b = i.source[1];
  if (i.loop.code() == dtype_code::float16 && is_choice(i.code)) std::swap(a, b);
  if (a == b && i.code == op::multiply && !is_bool(a)) {
    hold(a);
    return push("square", forms_of(*chain_.kernels, lane_kind_of(i.loop), op::square)[chain_form(0)]);
  }
  int held = held_ == a ? 0 : held_ == b ? 1 : -1;
  if (held < 0) {  // what is one element is better as the operand
    held = roles_[a].uniform && !roles_[b].uniform ? 1 : 0;
    hold(held == 0 ? a : b);
  }
  const source p = place_of(held == 0 ? b : a);
  if (p.halves) {
    const auto& steps = p.kind == chain_source::uniform ? p.halves->uniform_operations : p.halves->operations;
    return push(info(i.code).name, steps[static_cast<int>(i.code)][held], p.from);
  }
  push(info(i.code).name, forms[chain_form(held, p.kind)], p.from);
}

void chain_builder::emit_ternary(const instruction& i) {
  int held = 0;
  if (i.code == op::where && !is_half(i.loop)) {
    while (held < 3 && i.source[held] != held_) ++held;
    if (held == 3) held = 0;
  }
  inline_vector<int, 2> widened;  // strips of operands that lie in memory as 16-bit floats
  const auto operand = [&](reg r) -> source {
    const source from = place_of(r);
    if (!from.halves) return from;
    hold(r);
    const chain::operand strip = park();
    widened.push_back(strip.index);
    return {strip, chain_source::lanes};
  };
  const source p = operand(i.source[held == 0 ? 1 : 0]), q = operand(i.source[held == 2 ? 1 : 2]);
  hold(i.source[held]);
  push(info(i.code).name, forms_of(*chain_.kernels, lane_kind_of(i.loop), i.code)[chain_form(held, p.kind, q.kind)],
       p.from, q.from);
  for (const int strip : widened) unused_strips_.push_back(strip);
}

/// Stores and parks what the accumulators hold now.
void chain_builder::keep_result(const instruction& i, int number) {
  const reg r = i.result;
  held_ = r;
  const register_role role = roles_[r];
  const half_steps* const halves = halves_of(r);
  if (halves && state_[r].uses > 0 && !is_exact_in_halves(i.code)) push("round", halves->round);
  if (role.leaves) {
    const chain_function store = halves       ? halves->store
                                 : is_bool(r) ? chain_.kernels->store_bools
                                              : chain_.kernels->store;
    if (role.streams) {
      push("stream", halves ? halves->stream : chain_.kernels->stream, walk(r, true));
      chain_.steps.back().unless_aligned = store;
      chain_.streams = true;
    } else {
      push("store", store, walk(r, true));
    }
  }
  for (const reg x : i.source) {
    if (x == no_reg || !is_inside(x) || state_[x].strip < 0 || state_[x].last_use != number) continue;
    unused_strips_.push_back(state_[x].strip);
    state_[x].strip = -1;
  }
  if (state_[r].uses == 0) return;
  const bool only_next = state_[r].uses == 1 && number + 1 < part_.last &&
                         takes_from_accumulators(stage_.instructions[static_cast<std::size_t>(number) + 1], r);
  if (only_next || (role.leaves && !role.streams && !is_bool(r))) return;
  state_[r].strip = take_strip();
  push("park", chain_.kernels->store, {chain::operand::strip, static_cast<std::uint16_t>(state_[r].strip)});
}

std::string to_string(const chain& c) {
  std::string text;
  for (const chain::step& s : c.steps) {
    text += s.name;
    for (const chain::operand o : {s.p, s.q}) {
      if (o.where == chain::operand::none) continue;
      text += (o.where == chain::operand::strip ? " s" : " r") + std::to_string(o.index);
    }
    text += '\n';
  }
  return text;
}

}  // namespace tessera::detail::cpu
