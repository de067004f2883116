// block_program: a stage made ready to run on L1-sized blocks, everything decided before the loop.
//
// The instructions run as chains or one by one (chain.hpp). In a block every register is contiguous. An input that is
// contiguous over a block is bound by pointer (kernels take misaligned data); one that is a single element over a block is
// too, if only chains read it. Others are copied into a register block, and stay there as long as the next block reads
// the same elements (a repeated row, a scalar).
#pragma once
#include <span>

#include "cpu/blocking.hpp"
#include "cpu/box.hpp"
#include "cpu/chain.hpp"
#include "cpu/kernels/table.hpp"
#include "cpu/memory.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cpu {

/// Where a stage runs that was made ready once for many places: the stages of a row group.
struct placement {
  std::int64_t row = 0;                     // the row of the operands that is the stage's first
  std::byte* const* temporaries = nullptr;  // the first byte of each
};

/// An operand's first element, as the stage is placed.
struct base {
  base() = default;
  base(const strided& x, int row_axis)
      : data(x.data), step(row_axis < 0 ? 0 : x.strides[row_axis]), temporary(x.temporary) {}
  std::byte* at(const placement& where) const noexcept {
    return temporary >= 0 ? where.temporaries[temporary] : data + where.row * step;
  }
  std::byte* data = nullptr;
  std::int64_t step = 0;  // from row to row
  int temporary = -1;
};

/// The kernel of an instruction. Throws device_error when there is none.
kernel find_step(const stage& s, const instruction& i);

class block_program {
 public:
  enum class numbering { plain, panels };
  /// Walks the stage's axes in the order `axes`, in blocks of about `size`. Throws std::bad_alloc.
  block_program(const stage& s, std::span<const int> axes, block_size size, numbering order = numbering::plain);

  const blocking& blocks() const noexcept { return blocks_; }
  /// Units of work that one block takes.
  std::int64_t block_work() const noexcept;
  /// Bytes a worker needs.
  std::int64_t scratch_bytes() const noexcept;
  /// Strides along the axes as they are walked.
  shape ordered(const shape& strides) const;

  /// One thread's registers.
  class worker;

 private:
  struct input {
    base from;
    shape strides;
    int itemsize;
    int slot = -1;  // bound by pointer, or copied into this slot
    box load;
    std::int64_t panel_offset = -1;  // or read in panels that lie here in the scratch memory
  };
  struct output {
    reg value = no_reg, mask = no_reg;
    base to;
    shape strides;
    int itemsize = 0;
    bool direct = false;   // the instruction writes there itself
    bool streams = false;  // copied there past the caches
    box store;
  };
  struct step {
    kernel run;  // null: a chain
    reg result, a, b, c;
    int chain = -1;
  };
  /// How the steps use a register.
  struct usage {
    int computed_by = -1, last_read = -1;  // steps
    bool in_blocks = false;                // read by a kernel, by somebody outside the steps, or as bools
  };
  /// Which elements an input's slot holds.
  struct held {
    const std::byte* from;
    std::int64_t count;
  };

  block_size choose_size(const stage& s, block_size size, numbering order) const;
  void measure(const stage& s);
  void plan(const stage& s, block_size size, numbering order);
  void plan_steps(const stage& s);
  void plan_inputs(const stage& s, numbering order);
  void plan_outputs(const stage& s);
  void plan_slots(const stage& s);
  void plan_chains(const stage& s);
  bool may_stream(const stage& s, const output& out) const;
  bool is_in_chain(reg r) const;
  void read(reg r, int step, bool in_blocks);
  void pack(input& in);
  bool gains_from_panels(const input& in) const;
  std::int64_t panel_rows(const input& in) const;
  std::int64_t panel_pitch() const noexcept { return slot_bytes_ + 64; }  // rows 4 KiB apart would share cache sets
  bool may_write_early(const stage& s, int instruction, const result& r) const;
  std::int64_t strips_offset() const noexcept { return slots_ * slot_bytes_ + constant_bytes_ + panel_bytes_; }

  small_vector<int> axes_;
  blocking blocks_;
  inline_vector<input, 4> inputs_;
  inline_vector<output, 1> outputs_;
  segments segments_;
  inline_vector<step, 4> steps_;
  inline_vector<usage, 16> usage_;  // per register
  register_roles roles_;            // per register
  inline_vector<chain, 1> chains_;
  inline_vector<int, 16> slot_of_;  // per register; -1: no slot
  const inline_vector<constant, 2>* constants_;
  small_vector<scratch> packed_;
  std::int64_t slots_ = 0, slot_bytes_ = 0, constant_bytes_ = 0, panel_bytes_ = 0, work_ = 0;
  std::int64_t chain_steps_ = 0, strip_bytes_ = 0;  // of all chains; strips of the chain that has most
  bool in_place_ = false;                           // a target is an input
  std::int64_t footprint_ = 0;                      // bytes read and written by the whole stage
};

class block_program::worker {
 public:
  /// `memory`: scratch_bytes(), used by nobody else meanwhile. Allocates nothing itself: a run that starts, ends.
  worker(const block_program& program, std::byte* memory, const placement& where = {});
  /// Runs the instructions on a block; stores what is to be stored.
  void run(const block& where);
  /// After the last block.
  void finish() const;
  /// A register of the block that ran last: contiguous.
  const std::byte* value(reg r) const noexcept { return pointers_[r]; }

 private:
  const std::byte* load(std::size_t i, const block& where, const std::byte* from);
  const std::byte* load_panel(std::size_t i, const block& where, const std::byte* from);

  void bind(const chain& c, chain_step* steps, bool stream) const;
  void run_chain(const chain& c, chain_step* steps, std::size_t n);
  void run_rest(const chain& c, chain_step* steps, std::size_t done, std::size_t n);

  const block_program& program_;
  std::byte* memory_;
  std::byte** pointers_;  // per register
  chain_step* steps_;     // of all chains
  held* held_;            // per input
  std::byte** bases_;     // per input, then per output
};

}  // namespace tessera::detail::cpu
