// Scans: running sums and products along one axis, the same axis of many lanes.
//
//   scan_lanes    a thread a lane, element after element: NumPy's bits
//   scan_groups   32 or 256 threads a lane (or a piece of it), a tile at a time:
//
//       carry | x x x x | x x x x | …      each thread scans its own elements, threads scan their totals in a tree, and
//             | thread 0| thread 1|        what came before (carry, threads before) is put in front
//
//   With few long lanes these are cut into pieces: sum_pieces finds each piece's total first.
//
// A Program has operands, vector, the element type `element`, `body`, `identity`, kept_place, load and store.
namespace tessera {

template <class T> TESSERA_DEVICE T from_last(T mine) {
  return by_words(mine, [](u32 word) { return __shfl_sync(0xffffffffu, word, 31, 32); });
}

template <class Program, class Params> TESSERA_DEVICE void scan_lanes(const Params& p) {
  using value = accumulated<typename Program::element>;
  const u32 lane = blockIdx.x * 256u + threadIdx.x;
  if (lane >= p.kept) return;
  byte* base[2];
  Program::kept_place(p, lane, base);
  running<typename Program::body, value> total;
#pragma unroll 4
  for (u32 unit = 0; unit < p.folded; ++unit) {
    typename Program::element x[Program::vector];
    Program::load(p, base, unit, x);
    total.append(accumulate(x[0]));
    const value out[Program::vector] = {total.value};
    Program::store(p, base, unit, 1, out);
  }
}

template <class Program>
using piece_total = body_fold<typename Program::body, typename Program::identity, typename Program::element>;

template <class Program, class Params> TESSERA_DEVICE void sum_pieces(const Params& p) {
  byte* base[2];
  Program::kept_place(p, blockIdx.x, base);
  const u32 first = blockIdx.y * p.piece, last = p.folded - first < p.piece ? p.folded : first + p.piece;
  piece_total<Program> total;
  total.clear();
#pragma unroll 4
  for (u32 unit = first + threadIdx.x; unit < last; unit += 256) {
    typename Program::element x[Program::vector];
    const int count = Program::load(p, base, unit, x);
    total.take(x, count, 0);
  }
  join_group<256>(total);
  if (threadIdx.x == 0) static_cast<piece_total<Program>*>(p.partial)[blockIdx.x * p.pieces + blockIdx.y] = total;
}

/// The total of all pieces before this one, on every thread.
template <class Program, class Params> TESSERA_DEVICE auto total_before(const Params& p) {
  __shared__ piece_total<Program> shared;
  const auto* const partial = static_cast<const piece_total<Program>*>(p.partial) + blockIdx.x * p.pieces;
  piece_total<Program> total;
  total.clear();
#pragma unroll 1
  for (u32 i = threadIdx.x; i < blockIdx.y; i += 256) total.join(partial[i]);
  join_group<256>(total);
  if (threadIdx.x == 0) shared = total;
  __syncthreads();
  return shared.result();
}

template <class Program, int Group, bool Split, class Params> TESSERA_DEVICE void scan_groups(const Params& p) {
  using value = accumulated<typename Program::element>;
  using body = typename Program::body;
  constexpr int vector = Program::vector;
  __shared__ value warps[8];
  const u32 thread = threadIdx.x % Group, lane = blockIdx.x * (256 / Group) + threadIdx.x / Group;
  const u32 place = threadIdx.x % 32, warp = threadIdx.x / 32;
  const bool inside = lane < p.kept;
  byte* base[2];
  if (inside) Program::kept_place(p, lane, base);
  running<body, value> carry;
  if constexpr (Split) {
    const value total = total_before<Program>(p);
    if (blockIdx.y > 0) carry = {total, true};
  }
  const u32 first = blockIdx.y * p.piece, last = p.folded - first < p.piece ? p.folded : first + p.piece;
#pragma unroll 1
  for (u32 tile = first; tile < last; tile += Group) {
    typename Program::element read[vector];
    value x[vector];
    int count = 0;
    if (inside && tile + thread < last) count = Program::load(p, base, tile + thread, read);
    running<body, value> mine{Program::identity::template of<value>(), false};
#pragma unroll
    for (int k = 0; k < vector; ++k) {
      if (k < count) mine.append(accumulate(read[k]));
      x[k] = mine.value;
    }
    value sum = mine.value;  // of this thread and those before it in the warp
#pragma unroll 1
    for (int distance = 1; distance < 32; distance *= 2) {
      const value below = from_below(sum, distance);
      if (place >= distance) sum = body()(below, sum);
    }
    running<body, value> before = carry;
    const value below = from_below(sum, 1);
    value all = from_last(sum);
    if constexpr (Group > 32) {
      if (place == 31) warps[warp] = sum;
      __syncthreads();
#pragma unroll 1
      for (u32 k = 0; k < 8; ++k) {
        if (k < warp) before.append(warps[k]);
        all = k == 0 ? warps[0] : body()(all, warps[k]);
      }
      __syncthreads();
    }
    if (place > 0) before.append(below);
    carry.append(all);
#pragma unroll
    for (int k = 0; k < vector; ++k) x[k] = before.before(x[k]);
    if (count > 0) Program::store(p, base, tile + thread, count, x);
  }
}

}  // namespace tessera
