// Folds of pairs, out(i, j) = fold over k of f(x(i, k), y(j, k)): one thread block fills one 64 x 64 tile of results.
//
//             y side (64)
//           +-----------+
//           |  k step   |   16 folded points of each operand in shared memory
//   +------++-----------+
//   | x    ||   tile    |   each of 256 threads keeps 4 x 4 states in registers
//   | side ||  64 x 64  |
//   +------++-----------+
//    k step
//
// Memory is read once per tile, not once per pair. A k step is a leaf of the fold, so that errors grow with the number of
// steps. With few tiles the folded axes are cut into pieces, as in fold.cuh, whose second pass joins them.
//
// A Program has operands, leaves, states, tiles (the shared arrays), kept_place, batch_number, fill, take and deliver_pair.
namespace tessera {

template <class Program, bool Split, class Params> TESSERA_DEVICE void fold_pairs(const Params& p) {
  using states = typename Program::states;
  __shared__ typename Program::tiles shared;
  const u32 column = threadIdx.x % 16, row = threadIdx.x / 16;
  const u32 tile_j = blockIdx.x % p.tiles_j, above = blockIdx.x / p.tiles_j;
  const u32 tile_i = above % p.tiles_i, batch = above / p.tiles_i;
  const u32 i0 = tile_i * 64, j0 = tile_j * 64, number = Program::batch_number(p, batch);
  byte* base[Program::operands];
  Program::kept_place(p, number, base);
  states totals[4][4];
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int c = 0; c < 4; ++c) totals[r][c].clear();
  }
  const u32 first = blockIdx.y * p.piece, last = p.folded - first < p.piece ? p.folded : first + p.piece;
#pragma unroll 1
  for (u32 k = first; k < last; k += 16) {
    Program::fill(p, shared, base, i0, j0, k, last);
    __syncthreads();
    typename Program::leaves leaves[4][4];
#pragma unroll
    for (int r = 0; r < 4; ++r) {
#pragma unroll
      for (int c = 0; c < 4; ++c) leaves[r][c].clear();
    }
    const u32 count = last - k < 16 ? last - k : 16;
#pragma unroll 1
    for (u32 step = 0; step < count; ++step) Program::take(p, shared, step, row * 4, column * 4, leaves);
#pragma unroll
    for (int r = 0; r < 4; ++r) {
#pragma unroll
      for (int c = 0; c < 4; ++c) totals[r][c].join(leaves[r][c]);
    }
    __syncthreads();
  }
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      const u32 i = i0 + row * 4 + r, j = j0 + column * 4 + c;
      if (i >= p.rows || j >= p.columns) continue;
      if constexpr (Split) {
        const u64 place = static_cast<u64>(blockIdx.y) * p.kept + (number + i * p.row_number + j * p.column_number);
        static_cast<states*>(p.partial)[place] = totals[r][c];
      } else {
        Program::deliver_pair(p, base, i, j, totals[r][c]);
      }
    }
  }
}

}  // namespace tessera
