// Counts and positions of what is not zero: each block has a run of units of the array in C order.
//
//   count_nonzero   counts[block]
//   nonzero         sum of the counts before | tile of 256 units | tile | …     a tile's units number their elements by a scan
//
// A Program has vector, the word an element is read as (`word`, several of them for complex128), `magnitude` (its bits without
// signs of floating parts: -0.0 is zero, NaN is not) and bits(p, unit, position): bit k is set if the unit's element k is not zero.
namespace tessera {

/// Two words, of which either may be set.
struct two_words {
  u64 low, high;
};
TESSERA_DEVICE bool is_set(u64 word, u64 mask) { return (word & mask) != 0; }
TESSERA_DEVICE bool is_set(two_words word, u64 mask) { return ((word.low | word.high) & mask) != 0; }

/// The sum of all threads before this one, and of all threads of the block.
TESSERA_DEVICE u32 sum_before(u32 mine, u32& all) {
  __shared__ u32 totals[8];
  const u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  u32 sum = mine;
#pragma unroll
  for (int apart = 1; apart < 32; apart *= 2) {
    const u32 below = __shfl_up_sync(0xffffffffu, sum, apart, 32);
    if (lane >= apart) sum += below;
  }
  __syncthreads();  // the totals of the call before have been read
  if (lane == 31) totals[warp] = sum;
  __syncthreads();
  all = 0;
  u32 before = 0;
#pragma unroll
  for (int k = 0; k < 8; ++k) {
    before += k < warp ? totals[k] : 0;
    all += totals[k];
  }
  return before + sum - mine;
}

template <class Program, class Params> TESSERA_DEVICE void count_nonzero(const Params& p) {
  const u32 first = blockIdx.x * p.piece, last = p.units - first < p.piece ? p.units : first + p.piece;
  u32 count = 0, all;
#pragma unroll 4
  for (u32 unit = first + threadIdx.x; unit < last; unit += 256) {
    i64 position;
    count += __popc(Program::bits(p, unit, position));
  }
  sum_before(count, all);
  if (threadIdx.x == 0) p.counts[blockIdx.x] = all;
}

/// How many elements before this block's are not zero, on every thread.
template <class Params> TESSERA_DEVICE u64 count_before(const Params& p) {
  __shared__ u64 sums[8];
  u64 sum = 0;
  const u32 end = p.before + blockIdx.x;
#pragma unroll 1
  for (u32 i = threadIdx.x; i < end; i += 256) sum += p.all_counts[i];
#pragma unroll
  for (int apart = 16; apart > 0; apart /= 2) {
    sum += by_words(sum, [=](u32 word) { return __shfl_down_sync(0xffffffffu, word, apart, 32); });
  }
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
  __syncthreads();
  sum = 0;
#pragma unroll
  for (int k = 0; k < 8; ++k) sum += sums[k];
  return sum;
}

/// One number for each axis, by 32-bit products where the array has fewer elements than those hold.
template <class Program, class Params> TESSERA_DEVICE void write_position(const Params& p, i64 position, u64 at) {
  using number = either<Program::wide, u64, u32>;
  number rest = static_cast<number>(position);
#pragma unroll
  for (int axis = Program::axes - 1; axis >= 0; --axis) {
    number above = 0;
    if (axis > 0) {
      if constexpr (Program::wide) above = rest / p.extent[axis].extent;
      else above = quotient(rest, p.extent[axis]);
    }
    p.out[axis][at] = rest - above * p.extent[axis].extent;
    rest = above;
  }
}

template <class Program, class Params> TESSERA_DEVICE void nonzero(const Params& p) {
  const u32 first = blockIdx.x * p.piece, last = p.units - first < p.piece ? p.units : first + p.piece;
  u64 at = count_before(p);
#pragma unroll 1
  for (u32 tile = first; tile < last; tile += 256) {
    const u32 unit = tile + threadIdx.x;
    i64 position = 0;
    u32 bits = unit < last ? Program::bits(p, unit, position) : 0, all;
    u64 mine = at + sum_before(__popc(bits), all);
    for (; bits != 0; bits &= bits - 1) write_position<Program>(p, position + __ffs(bits) - 1, mine++);
    at += all;
  }
}

}  // namespace tessera
