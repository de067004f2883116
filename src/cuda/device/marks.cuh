// Masks: a condition as bits, bits counted by tiles, and what is done at each point whose bit is set.
//
//   mark     a thread computes `vector` neighbours; along one axis a warp puts whole words together, else words are or-ed
//   count    a warp a tile of 4096 points: 128 words
//   number   one block: how many points before each tile are picked
//   picked   a block a tile: a scan numbers its words, then a warp takes a word, a lane a point
//
// A Program of mark has `vector` and bits(p, unit, position): bit k is set if the unit's point k is picked, of which the
// first has that position. One of picked has take(p, position, at): the point is number `at` of those that are.
namespace tessera {

inline constexpr u32 tile_words = 128;

template <class Program, class Params> TESSERA_DEVICE void mark(const Params& p) {
  constexpr u32 vector = Program::vector;
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  i64 position = 0;
  u32 bits = unit < p.units ? Program::bits(p, unit, position) : 0;
  if (p.whole_words != 0) {
    constexpr u32 lanes = 32 / vector;  // of a word
    const u32 place = threadIdx.x % lanes;
    bits <<= place * vector;
#pragma unroll
    for (int apart = 1; apart < lanes; apart *= 2) bits |= __shfl_xor_sync(0xffffffffu, bits, apart, 32);
    if (place == 0 && unit < p.units) p.words[position / 32] = bits;
  } else if (bits != 0) {
    const u32 shift = static_cast<u32>(position) % 32;
    atomicOr(p.words + position / 32, bits << shift);
    const u32 rest = shift == 0 ? 0 : bits >> (32 - shift);
    if (rest != 0) atomicOr(p.words + position / 32 + 1, rest);
  }
}

template <class Params> TESSERA_DEVICE void count_bits(const Params& p) {
  const u32 tile = blockIdx.x * 8u + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (tile >= p.tiles) return;
  u32 sum = 0;
#pragma unroll
  for (u32 k = lane; k < tile_words; k += 32) sum += __popc(p.words[static_cast<u64>(tile) * tile_words + k]);
#pragma unroll
  for (int apart = 16; apart > 0; apart /= 2) sum += __shfl_down_sync(0xffffffffu, sum, apart, 32);
  if (lane == 0) p.before[tile] = sum;
}

template <class Params> TESSERA_DEVICE void number_tiles(const Params& p) {
  constexpr u32 each = 8;
  u64 at = 0;
#pragma unroll 1
  for (u32 first = 0; first < p.tiles; first += 256 * each) {
    const u32 mine = first + threadIdx.x * each;
    u64 sum = 0, all;
#pragma unroll 1
    for (u32 k = mine; k < mine + each && k < p.tiles; ++k) sum += p.before[k];
    u64 before = at + sum_before(sum, all);
#pragma unroll 1
    for (u32 k = mine; k < mine + each && k < p.tiles; ++k) {
      const u64 here = p.before[k];
      p.before[k] = before;
      before += here;
    }
    at += all;
  }
  if (threadIdx.x == 0) p.before[p.tiles] = at;
}

template <class Program, class Params> TESSERA_DEVICE void picked(const Params& p) {
  __shared__ u32 words[tile_words], numbers[tile_words];
  const u64 first = p.before[blockIdx.x];
  if (first == p.before[blockIdx.x + 1]) return;
  const u32 lane = threadIdx.x % 32;
  const u32 mine = threadIdx.x < tile_words ? p.words[static_cast<u64>(blockIdx.x) * tile_words + threadIdx.x] : 0;
  u32 all;
  const u32 before = sum_before<u32>(__popc(mine), all);
  if (threadIdx.x < tile_words) {
    words[threadIdx.x] = mine;
    numbers[threadIdx.x] = before;
  }
  __syncthreads();
#pragma unroll 1
  for (u32 k = threadIdx.x / 32; k < tile_words; k += 8) {
    const u32 word = words[k];
    if ((word >> lane & 1u) == 0) continue;
    const u64 position = (static_cast<u64>(blockIdx.x) * tile_words + k) * 32 + lane;
    Program::take(p, position, first + numbers[k] + __popc(word & ((1u << lane) - 1)));
  }
}

}  // namespace tessera
