// The walk of one thread block along k, shared by all kernels that fill tiles of pairs:
//
//             y side
//           +-----------+
//           |  k step   |   a slab: `Step` points of k of both sides, in shared memory
//   +------++-----------+
//   | x    ||   tile    |   each of 256 threads keeps what it makes of its pairs in registers
//   | side ||           |
//   +------++-----------+
//    k step
//
// With two slabs one barrier a step is enough: while one is taken, the next step is on its way from memory to registers, which
// then fill the other. Elements too large for that (complex128) have one.
//
// Distances (distances.cuh) and folds of pairs (pairs.cuh) share the walk, not more: a fold's operands have any number of
// folded axes and dtypes, its states up to 8 bytes each, twice: 4 x 4 a thread are what registers hold.
namespace tessera {

/// Operands read a step (`fetch(left)`: `left` points are left; every call moves on by a step) and write it to a slab
/// (`keep(slab)`). `take(slab, count)` uses its first `count` points. When it returns all threads are through with the slabs.
template <int Step, int Slabs, class Slab, class Operands, class Take>
TESSERA_DEVICE void walk_slabs(Slab (&slabs)[Slabs], i64 left, Operands& operands, Take take) {
  if (left <= 0) return;
  operands.fetch(left);
  operands.keep(slabs[0]);
  __syncthreads();
#pragma unroll 1
  for (u32 now = 0; left > 0; now = (now + 1) % Slabs, left -= Step) {
    const bool more = left > Step;
    if (more) operands.fetch(left - Step);
    take(slabs[now], more ? Step : static_cast<int>(left));
    if (Slabs == 1) __syncthreads();
    if (more) operands.keep(slabs[(now + 1) % Slabs]);
    __syncthreads();
  }
}

}  // namespace tessera
