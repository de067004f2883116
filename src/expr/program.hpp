// program: what a recipe lowers to, the host value that every executor reads. Pure, printable, the same for both devices.
//
// A stage is one pass over an iteration space. For each point: load the inputs, run the instructions on virtual registers,
// and let each result leave by a store or into a fold over the folded axes. Stages that follow each other may form a row
// group: row i of each depends on the same row of earlier ones only, so that a range of rows may run through all of them
// while it is in cache, and what passes between them (temporaries) need not exist for more than that range.
//
//   registers   [0, inputs)  one per input     [inputs, inputs + constants)  one per constant     then one per instruction
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "core/inline_vector.hpp"
#include "core/small_vector.hpp"
#include "expr/op_table.hpp"
#include "tessera/array.hpp"

namespace tessera::detail {

using reg = std::uint16_t;
inline constexpr reg no_reg = 0xffff;

/// Elements of one dtype walked over the stage's axes; strides in bytes, 0 where repeated. Data may be misaligned.
struct strided {
  std::byte* data = nullptr;
  dtype type;
  shape strides;
  int temporary = -1;  // >= 0: written and read within a row group only, in memory that the backend finds; data is null
};

struct constant {
  dtype type;
  alignas(16) std::byte bytes[16];  // one element
};

/// result = code(sources…) computed in `loop`: sources are of dtype `loop`, except where's first (bool), ldexp's second
/// (int64) and cast's (any). The result's dtype follows op_table's `gives`.
struct instruction {
  op code;
  dtype loop;
  reg result = no_reg;
  reg source[3] = {no_reg, no_reg, no_reg};
};

/// How a register leaves. Stored (fold::none), or folded over the stage's folded axes, on which target strides are 0.
/// The register's dtype is target.type for stores and for sum, prod, min, max, fmin and fmax (the front end casts before);
/// any/all take any dtype and give bool; argmin/argmax take any dtype and give int64: the position in C order of the folded
/// axes as they stand in the stage (the planner keeps their original order then). Sums start from +0.0, so that a sum of
/// -0.0 is +0.0 as NumPy's.
struct result {
  reg value = no_reg;
  fold by = fold::none;
  strided target;
  reg mask = no_reg;  // a bool register: store only where true (fold::none)
};

/// One flag per axis.
using axis_flags = inline_vector<bool, 8>;

struct stage {
  shape extents;      // iteration space, outermost first, merged; never contains 0; empty: one point
  axis_flags folded;  // all false without folds
  inline_vector<strided, 4> inputs;
  inline_vector<constant, 2> constants;
  inline_vector<instruction, 8> instructions;
  inline_vector<dtype, 16> register_types;  // inputs, constants, instruction results
  inline_vector<result, 1> results;         // all folded over the same axes, or all stored
  int row_axis = -1;                        // in a row group: its axis of rows, kept and not merged
  std::int64_t rows = 0;                    // in a row group: all of them, also where a backend makes a stage of fewer
  bool joins = false;                       // in the row group of the stage before
};

/// One instruction, or one fold, of elements that lie one after the other: what is left of a stage when there is nothing to
/// decide. For a few elements making and reading a stage would take longer than the work.
struct flat_operation {
  struct operand {
    const std::byte* data = nullptr;
    dtype type;
    bool repeated = false;  // a single element
  };
  op code;
  dtype loop;
  dtype result;
  std::int64_t count;
  std::byte* target;
  operand operands[3];
  int arity = 0;
};
struct flat_fold {
  fold by;
  dtype type, result;
  std::int64_t count;
  std::byte* target;
  const std::byte* data;
};

/// Stages in order; `keep` holds operands and the intermediate arrays that later stages read.
struct program {
  small_vector<stage> stages;
  small_vector<array> keep;
};

/// The row group that starts at a stage; that stage alone if it is in none.
inline std::span<const stage> group_at(std::span<const stage> stages, std::size_t first) {
  std::size_t end = first + 1;
  while (end < stages.size() && stages[end].joins) ++end;
  return stages.subspan(first, end - first);
}

/// The plan as text.
std::string to_string(const program& plan);

}  // namespace tessera::detail
