// Histograms: the bin of each value; counts by integer atomics, sums of weights by sorting.
//
//   counts     few bins   a block has tables in shared memory, of one to eight warps each, and adds them to the result at the end
//              more       straight to the result
//              a thread counts equal bins that follow each other before it adds them: sorted and constant values take turns otherwise
//   weights    bins and numbers of all values | sorted stably by bin | weights in that order | where each bin begins
//              the segments are added up by segments.cuh
//
// A Program has operands (values, weights), vector, the values' type `value`, kept_place and load(p, unit, x), which gives how many
// values the unit has; `binned`: values are bins; else edges_align and `uniform`.
namespace tessera {

/// The bin of x, -1 of what is outside and NaN.
template <class Program, class Params> TESSERA_DEVICE i64 bin_of(const Params& p, typename Program::value x) {
  using value = typename Program::value;
  if constexpr (Program::binned) {
    return x >= 0 && x < p.bins ? x : -1;
  } else {
    const auto edge = [&](i64 i) { return load_one<value, Program::edges_align>(p.edges + i * sizeof(value)); };
    const value first = edge(0), last = edge(p.bins);
    if (!(x >= first && x <= last)) return -1;
    if constexpr (Program::uniform) {
      // Halves: the difference of two numbers may be too large for their type. Whatever is guessed is held to the edges.
      const value share = (x * value(0.5) - first * value(0.5)) / (last * value(0.5) - first * value(0.5));
      i64 guess = share >= 0 && share <= 1 ? static_cast<i64>(share * static_cast<value>(p.bins)) : 0;
      if (guess >= p.bins) guess = p.bins - 1;
      if (edge(guess) <= x && (guess + 1 == p.bins || x < edge(guess + 1))) return guess;
    }
    const i64 upper = count_leading(p.bins + 1, [&](i64 i) { return edge(i) <= x; });
    return (upper < p.bins ? upper : p.bins) - 1;
  }
}

/// Bins of equal values that follow each other.
template <class Add> struct run_of_bins {
  const Add& add;
  i64 bin = -1;
  u32 count = 0;
  TESSERA_DEVICE void take(i64 x) {
    if (x != bin) flush();
    bin = x;
    ++count;
  }
  TESSERA_DEVICE void flush() {
    if (bin >= 0) add(bin, count);
    count = 0;
  }
};

template <class Program, class Params, class Add> TESSERA_DEVICE void take_piece(const Params& p, const Add& add) {
  const u32 first = blockIdx.x * p.piece, last = p.units - first < p.piece ? p.units : first + p.piece;
  run_of_bins<Add> equal{add};
#pragma unroll 2
  for (u32 unit = first + threadIdx.x; unit < last; unit += 256) {
    typename Program::value x[Program::vector];
    const int count = Program::load(p, unit, x);
#pragma unroll
    for (int k = 0; k < Program::vector; ++k) {
      if (k < count) equal.take(bin_of<Program>(p, x[k]));
    }
  }
  equal.flush();
}

template <class Program, class Params> TESSERA_DEVICE void count_values(const Params& p) {
  take_piece<Program>(p, [&](i64 bin, u32 count) { atomicAdd(p.out + bin, static_cast<u64>(count)); });
}

/// `Size` counts in shared memory, of `copies` tables.
template <class Program, int Size, class Params> TESSERA_DEVICE void count_in_tables(const Params& p) {
  __shared__ u32 table[Size];
  const u32 bins = static_cast<u32>(p.bins), size = bins * p.copies;
  for (u32 i = threadIdx.x; i < size; i += 256) table[i] = 0;
  __syncthreads();
  u32* const mine = table + threadIdx.x / 32 % p.copies * bins;
  take_piece<Program>(p, [&](i64 bin, u32 count) { atomicAdd(mine + bin, count); });
  __syncthreads();
  for (u32 bin = threadIdx.x; bin < bins; bin += 256) {
    u64 sum = 0;
    for (u32 i = bin; i < size; i += bins) sum += table[i];
    if (sum > 0) atomicAdd(p.out + bin, sum);
  }
}

// ---- weights
/// What is left out comes behind the last bin.
template <class Program, class Key, class Params> TESSERA_DEVICE void number_by_bin(const Params& p) {
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  typename Program::value x[Program::vector];
  Program::load(p, unit, x);
  const i64 bin = bin_of<Program>(p, x[0]);
  static_cast<Key*>(p.keys)[unit] = static_cast<Key>(bin < 0 ? p.bins : bin);
  p.numbers[unit] = unit;
}
template <class Program, class Params> TESSERA_DEVICE void weights_in_order(const Params& p) {
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  using weight = typename Program::weight;
  byte* at[Program::operands];
  Program::kept_place(p, p.numbers[unit], at);
  reinterpret_cast<weight*>(p.out)[unit] = load_one<weight, Program::weights_align>(at[1]);
}
/// How many of the sorted keys are less than each of bins 0 to `bins`.
template <class Params> TESSERA_DEVICE void begin_of_bins(const Params& p) {
  const i64 bin = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
  if (bin > p.bins) return;
  p.begins[bin] = count_leading(p.count, [&](i64 i) { return static_cast<i64>(p.keys[i]) < bin; });
}

}  // namespace tessera
