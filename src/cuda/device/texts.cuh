// Texts compared: a thread a pair, character after character until they differ.
//
// A Program has operands (left, right, out), character (u32 or u8), left_align, right_align, out_align, kept_place and
// holds(order), of -1, 0 or 1. Widths are parameters, in characters; the shorter text continues in zeros.
namespace tessera {

template <class Program, class Params> TESSERA_DEVICE void compare_texts(const Params& p) {
  using character = typename Program::character;
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  byte* at[Program::operands];
  Program::kept_place(p, unit, at);
  int order = 0;
#pragma unroll 1
  for (i64 k = 0; k < p.both && order == 0; ++k) {
    const character x = load_one<character, Program::left_align>(at[0] + k * sizeof(character));
    const character y = load_one<character, Program::right_align>(at[1] + k * sizeof(character));
    order = x < y ? -1 : x > y ? 1 : 0;
  }
#pragma unroll 1
  for (i64 k = p.both; k < p.left && order == 0; ++k)
    order = load_one<character, Program::left_align>(at[0] + k * sizeof(character)) != 0 ? 1 : 0;
#pragma unroll 1
  for (i64 k = p.both; k < p.right && order == 0; ++k)
    order = load_one<character, Program::right_align>(at[1] + k * sizeof(character)) != 0 ? -1 : 0;
  store_one<Program::out_align>(at[2], Program::holds(order));
}

}  // namespace tessera
