// Chains: runs of instructions whose values stay in vector registers, as threaded code. What others include.
//
// A chain is an array of steps. A step's function works on a group of elements that eight vector registers hold, the
// accumulators, applies one operation with further operands from memory, and jumps to the next step's function:
//
//     load x        a0…a7 = x[i …]
//     subtract m    a0…a7 -= m            m: one element, repeated
//     divide s      a0…a7 /= s[i …]
//     store y       y[i …] = a0…a7
//     end           back to the loop over groups
//
// All values of a chain have lanes of one size, 4 or 8 bytes. A bool is a lane of ones or zeros, and one byte in memory. A
// 16-bit float is a float that it can hold, and two bytes in memory: what an operation gives is rounded to it.
// The results are those of the kernels in table.hpp, bit for bit but for the bits of NaNs.
#pragma once
#include <cstddef>
#include <cstdint>

#include "expr/op_table.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail {

/// Where an operand is that the accumulators do not hold.
enum class chain_source : std::uint8_t {
  lanes,    // elements of the accumulators' size, from element i & mask
  uniform,  // one such element, repeated
  bytes     // bools, from byte i & mask
};

using chain_function = void (*)();  // what it takes is known to the code of one instruction set only

struct chain_step {
  chain_function run = nullptr;
  const std::byte* p = nullptr;
  std::size_t p_mask = 0;  // all ones: walks along; 0: a strip that holds the values of one group
  const std::byte* q = nullptr;
  std::size_t q_mask = 0;
};

/// Which operand the accumulators hold, and where the others are, in their order.
inline constexpr int chain_form_count = 27;
constexpr int chain_form(int held, chain_source p = chain_source::lanes, chain_source q = chain_source::lanes) {
  return held * 9 + static_cast<int>(p) * 3 + static_cast<int>(q);
}

/// What lanes hold, whatever their size.
enum class lane_kind : std::uint8_t { floating, signed_integer, unsigned_integer, mask };
inline constexpr int lane_kind_count = 4;

/// Steps on float lanes where memory has 16-bit floats.
struct half_steps {
  chain_function load = nullptr, load_uniform = nullptr;
  chain_function round = nullptr;  // the accumulators to what the type can hold
  chain_function store = nullptr, stream = nullptr;
  /// Binary operations with the other operand in memory, by which one the accumulators hold.
  chain_function operations[op_count][2] = {}, uniform_operations[op_count][2] = {};
};

struct chain_kernels {
  static constexpr int most_group_bytes = 512;  // eight of the widest vectors
  int group = 0;  // elements; 0: this instruction set has no chains, its kernels are as fast
  /// Runs the steps on whole groups from element `first` on.
  void (*run)(const chain_step* steps, std::size_t first, std::size_t groups) = nullptr;

  /// By the kind of the loop. Null: not in chains. Operands as find_kernel's, but none of different sizes.
  chain_function operations[lane_kind_count][op_count][chain_form_count] = {};
  chain_function loads[3] = {};  // by chain_source
  chain_function store = nullptr, store_bools = nullptr;
  chain_function stream = nullptr;  // past the caches: to 64-byte aligned memory that nobody reads soon
  /// Operations that have kernels only: a kernel of the size of the lanes, on a group whose operands lie in memory. The
  /// entry after this step holds the kernel as `run` and as `p` where its result goes, which the step then loads.
  chain_function call = nullptr;
  chain_function end = nullptr;
  chain_function conversions[lane_kind_count][lane_kind_count] = {};   // casts, [from][to]
  chain_function converting_loads[dtype_count][lane_kind_count] = {};  // casts of elements of another size
  half_steps float16, bfloat16;                                        // in lanes of 4 bytes
};

constexpr lane_kind lane_kind_of(dtype type) {
  switch (type.code()) {
    case dtype_code::float16:
    case dtype_code::bfloat16:
    case dtype_code::float32:
    case dtype_code::float64: return lane_kind::floating;
    case dtype_code::int32:
    case dtype_code::int64: return lane_kind::signed_integer;
    case dtype_code::bool_: return lane_kind::mask;
    default: return lane_kind::unsigned_integer;
  }
}

/// For lanes of this size, for the instruction set in use. Null where there are none.
const chain_kernels* find_chain_kernels(int itemsize);

}  // namespace tessera::detail
