// Elements picked by index arrays: positions checked, elements read and written.
//
// A Program has operands (source, values, positions…), indices, the element type `element`, source_align, values_align,
// kept_place along the picked axes (those that index arrays move along) and folded_place along the others. Parameters: `step`,
// bytes from one position to the next of each index array; `units` of the launch, `kept` of one picked point; `lowest` address.
//
//   check      positions made non-negative; the place of the first that is out of bounds, by the lowest number
//   gather     a thread an element
//   scatter    two passes where an element may be picked twice: every picked point enters its number under its element in a
//              table, where the highest stays; then the points whose number it is write
//
//   table      2**bits entries of  (element's distance from the lowest one + 1) << 20 | number,  0: free
//              open addressing; numbers and distances need 20 and 44 bits
namespace tessera {

TESSERA_DEVICE void check_position(i64* positions, u64 count, i64 extent, u64* first_bad) {
  const u64 i = static_cast<u64>(blockIdx.x) * 256 + threadIdx.x;
  if (i >= count) return;
  const i64 position = positions[i];
  if (position < -extent || position >= extent) atomicMin(first_bad, i);
  else if (position < 0) positions[i] = position + extent;
}

/// Bytes from the source's address to the element.
template <class Program, class Params>
TESSERA_DEVICE i64 picked_offset(const Params& p, byte* const (&at)[Program::operands]) {
  i64 offset = 0;
#pragma unroll
  for (int k = 0; k < Program::indices; ++k) offset += *reinterpret_cast<const i64*>(at[2 + k]) * p.step[k];
  return offset;
}

template <class Program, class Params> TESSERA_DEVICE void gather(const Params& p) {
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  byte* at[Program::operands];
  Program::kept_place(p, unit, at);
  const byte* const from = at[0] + picked_offset<Program>(p, at);
  store_one<Program::values_align>(at[1], load_one<typename Program::element, Program::source_align>(from));
}

// ---- who writes ----------------------------------------------------------------------------------------------------
inline constexpr int number_bits = 20;
TESSERA_DEVICE u32 first_entry(u64 key, u32 bits) { return static_cast<u32>(key * 0x9e3779b97f4a7c15u >> (64 - bits)); }

template <class Program, class Params> TESSERA_DEVICE void mark_writers(const Params& p) {
  const u32 number = blockIdx.x * 256u + threadIdx.x;
  if (number >= p.units) return;
  byte* at[Program::operands];
  Program::kept_place(p, number, at);
  const u64 key = at[0] + picked_offset<Program>(p, at) - p.lowest + 1, mine = key << number_bits | number;
  u64* const table = static_cast<u64*>(p.table);
  for (u32 i = first_entry(key, p.bits);; i = (i + 1) & ((1u << p.bits) - 1)) {
    u64 there = table[i];
    if (there == 0) there = atomicCAS(&table[i], 0ull, mine);
    if (there == 0) return;
    if (there >> number_bits != key) continue;
    atomicMax(&table[i], mine);
    return;
  }
}
template <class Params> TESSERA_DEVICE u32 writer_of(const Params& p, u64 key) {
  for (u32 i = first_entry(key, p.bits);; i = (i + 1) & ((1u << p.bits) - 1)) {
    const u64 there = static_cast<const u64*>(p.table)[i];
    if (there >> number_bits == key) return there & ((1u << number_bits) - 1);
  }
}

template <class Program, bool Distinct, class Params> TESSERA_DEVICE void scatter_point(const Params& p, u32 unit) {
  const u32 number = quotient(unit, p.kept);
  byte *picked[Program::operands], *at[Program::operands];
  i64 position;
  Program::kept_place(p, number, picked);
  const i64 offset = picked_offset<Program>(p, picked);
  if (!Distinct && writer_of(p, picked[0] + offset - p.lowest + 1) != number) return;
  Program::folded_place(p, picked, unit - number * p.kept.extent, at, position);
  store_one<Program::source_align>(at[0] + offset, load_one<typename Program::element, Program::values_align>(at[1]));
}
template <class Program, bool Distinct, class Params> TESSERA_DEVICE void scatter(const Params& p) {
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit < p.units) scatter_point<Program, Distinct>(p, unit);
}
/// Elements of a source that overlaps itself are written one after the other.
template <class Program, class Params> TESSERA_DEVICE void scatter_in_turn(const Params& p) {
  if (threadIdx.x > 0) return;
  for (u32 unit = 0; unit < p.units; ++unit) scatter_point<Program, true>(p, unit);
}

}  // namespace tessera
