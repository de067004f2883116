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
// Memory is read once per tile, not once per pair, in the walk of tiles.cuh. A k step is a leaf of the fold, so that errors grow
// with the number of steps. With few tiles the folded axes are cut into pieces, as in fold.cuh, whose second pass joins them.
//
// A Program has operands, leaves, states, tiles (the shared arrays of a step) and how many of them there are (slabs), held (what
// a thread reads of a step), unroll, kept_place, batch_number, fetch, keep, take and deliver_pair.
namespace tessera {

/// The inputs of one tile, for walk_slabs.
template <class Program, class Params> struct pair_reader {
  const Params& p;
  byte* const (&base)[Program::operands];
  const u32 i, j, last;
  typename Program::held held;

  TESSERA_DEVICE void fetch(i64 left) { Program::fetch(p, held, base, i, j, last - static_cast<u32>(left), last); }
  TESSERA_DEVICE void keep(typename Program::tiles& to) const { Program::keep(to, held); }
};

template <class States, class F> TESSERA_DEVICE void for_each_pair(States (&all)[4][4], F f) {
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int c = 0; c < 4; ++c) f(all[r][c], r, c);
  }
}

template <class Program, bool Split, class Params> TESSERA_DEVICE void fold_pairs(const Params& p) {
  using states = typename Program::states;
  using leaves = typename Program::leaves;
  __shared__ typename Program::tiles slabs[Program::slabs];
  const u32 column = threadIdx.x % 16 * 4, row = threadIdx.x / 16 * 4;
  const u32 tile_j = blockIdx.x % p.tiles_j, above = blockIdx.x / p.tiles_j;
  const u32 tile_i = above % p.tiles_i, batch = above / p.tiles_i;
  const u32 i0 = tile_i * 64, j0 = tile_j * 64, number = Program::batch_number(p, batch);
  byte* base[Program::operands];
  Program::kept_place(p, number, base);
  states totals[4][4];
  for_each_pair(totals, [](states& total, int, int) { total.clear(); });
  const u32 first = blockIdx.y * p.piece, last = p.folded - first < p.piece ? p.folded : first + p.piece;
  pair_reader<Program, Params> operands{p, base, i0, j0, last};
  walk_slabs<16>(slabs, last - first, operands, [&](const typename Program::tiles& slab, int count) {
    leaves of_step[4][4];
    for_each_pair(of_step, [](leaves& leaf, int, int) { leaf.clear(); });
#pragma unroll(Program::unroll)
    for (int k = 0; k < count; ++k) Program::take(p, slab, k, row, column, of_step);
    for_each_pair(totals, [&](states& total, int r, int c) { total.join(of_step[r][c]); });
  });
  for_each_pair(totals, [&](states& total, int r, int c) {
    const u32 i = i0 + row + r, j = j0 + column + c;
    if (i >= p.rows || j >= p.columns) return;
    if constexpr (Split) {
      const u64 place = static_cast<u64>(blockIdx.y) * p.kept + (number + i * p.row_number + j * p.column_number);
      static_cast<states*>(p.partial)[place] = total;
    } else {
      Program::deliver_pair(p, base, i, j, total);
    }
  });
}

}  // namespace tessera
