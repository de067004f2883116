// chain: which instructions of a stage run with their values in vector registers, and as which steps. A pure plan.
//
// A stage's instructions are cut into segments: a chain (a run of instructions in lanes of one size that have steps), or
// one instruction that runs by its kernel, block by block. Values go from one segment to another through memory.
//
//     r3 = subtract(r0, r1)         subtract r1 from what was loaded from r0
//     r4 = multiply(r3, r2)         multiply by r2, which is one element (uniform)
//     r5 = exp(r4)                  has no step: its kernel is called for the group, from memory to memory
//
// A value that the next instruction takes from the accumulators is stored nowhere. One that is read later is parked: in a
// strip that holds one group, or where it is stored anyway.
#pragma once
#include <cstdint>
#include <string>

#include "cpu/kernels/chain.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cpu {

/// Instructions [first, last) of a stage.
struct segment {
  int first, last;
  int lane_bytes;  // 0: one instruction, by its kernel
  bool is_chain() const noexcept { return lane_bytes != 0; }
};
using segments = inline_vector<segment, 4>;
/// `always`: chains even where kernels alone would do as well.
segments find_segments(const stage& s, bool always = false);

/// What a chain has to know of a register.
struct register_role {
  bool uniform = false;  // an input or constant: one element for the whole block
  bool leaves = false;   // computed in a chain: stored, because somebody else reads it
  bool streams = false;  // stored past the caches where it is aligned: not to be read back
};

using register_roles = inline_vector<register_role, 16>;

struct chain {
  struct operand {
    enum place : std::uint8_t { none, memory, strip } where = none;
    std::uint16_t index = 0;   // the register, or the strip
    std::int32_t walked = -1;  // place in chain::memory
  };
  struct step {
    const char* name;
    chain_function run;
    operand p, q;
    chain_function unless_aligned = nullptr;  // of a step that stores past the caches
  };
  /// Registers in memory that the steps walk along: what is left after whole groups goes through a copy.
  struct walked {
    reg value;
    std::uint8_t itemsize;
    bool stored;
  };

  const chain_kernels* kernels = nullptr;
  inline_vector<step, 12> steps;
  inline_vector<walked, 4> memory;
  int strips = 0;
  bool streams = false;
};

/// Builds the chains of a stage, one after the other.
class chain_builder {
 public:
  chain_builder(const stage& s, const register_roles& roles);
  chain build(const segment& part);

 private:
  struct state {
    int uses = 0, last_use = -1;  // inside the chain
    int strip = -1;
    int walked = -1;  // place in chain::memory
  };
  struct source {
    chain::operand from;
    chain_source kind;
    const half_steps* halves = nullptr;  // lies in memory as 16-bit floats
  };

  bool is_inside(reg r) const { return r >= first_computed_ + part_.first && r < first_computed_ + part_.last; }
  bool is_bool(reg r) const { return stage_.register_types[r].code() == dtype_code::bool_; }
  const half_steps* halves_of(reg r) const;
  bool takes_from_accumulators(const instruction& i, reg r) const;
  source place_of(reg r);
  void push(const char* name, chain_function run, chain::operand p = {}, chain::operand q = {});
  chain::operand walk(reg r, bool stored);
  void hold(reg r);
  void emit(const instruction& i);
  chain::operand in_memory(reg r);
  chain::operand park();
  int take_strip();
  void emit_call(const instruction& i);
  void emit_cast(const instruction& i);
  void emit_binary(const instruction& i);
  void emit_ternary(const instruction& i);
  void keep_result(const instruction& i, int number);

  const stage& stage_;
  const register_roles& roles_;
  const int first_computed_;
  inline_vector<state, 16> state_;  // per register
  inline_vector<int, 8> unused_strips_;
  segment part_ = {};
  chain chain_;
  reg held_ = no_reg;  // by the accumulators
};

/// One step a line.
std::string to_string(const chain& c);

}  // namespace tessera::detail::cpu
