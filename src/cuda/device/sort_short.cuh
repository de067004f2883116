// Lanes of up to 2048 elements, sorted in shared memory by a bitonic network (K. Batcher, "Sorting networks and their
// applications", 1968).
//
//   a block has 2048 entries: as many lanes as fit, each padded to a power of two (2**log entries)
//   entry   up to 32 bits   key << 32 | place in the lane: one word, so that equal keys keep their order
//           more            the key's words, and the place beside them
//
// A Program is sort.cuh's, whose sort_key and element_place it uses.
namespace tessera {

inline constexpr u32 short_entries = 2048;

template <int Words, bool Packed> struct short_lanes {
  u64 words[Words][short_entries];
  u16 places[Packed ? 1 : short_entries];

  /// Whether entry a comes behind entry b.
  TESSERA_DEVICE bool out_of_order(u32 a, u32 b) const {
#pragma unroll
    for (int w = Words - 1; w >= 0; --w) {
      if (words[w][a] != words[w][b]) return words[w][a] > words[w][b];
    }
    if constexpr (Packed) return false;
    else return places[a] > places[b];
  }
  TESSERA_DEVICE void swap(u32 a, u32 b) {
#pragma unroll
    for (int w = 0; w < Words; ++w) {
      const u64 x = words[w][a];
      words[w][a] = words[w][b];
      words[w][b] = x;
    }
    if constexpr (!Packed) {
      const u16 place = places[a];
      places[a] = places[b];
      places[b] = place;
    }
  }
  TESSERA_DEVICE u32 place(u32 at) const {
    if constexpr (Packed) return static_cast<u32>(words[0][at]);
    else return places[at];
  }
  /// Padding has the greatest key, and a place behind all elements.
  template <class Program> TESSERA_DEVICE void set(u32 at, u32 place, const byte* from, bool inside) {
    using element = typename Program::element;
    u64 key[2] = {~0ull, ~0ull};
    if (inside) {
      const element x = load_one<element, Program::in_align>(from);
      key[0] = sort_key<Program, 0>(x);
      if constexpr (Words > 1) key[1] = sort_key<Program, 1>(x);
    }
    if constexpr (Packed) {
      words[0][at] = key[0] << 32 | place;
    } else {
#pragma unroll
      for (int w = 0; w < Words; ++w) words[w][at] = key[w];
      places[at] = static_cast<u16>(place);
    }
  }
};

template <class Program, bool Indices, class Params> TESSERA_DEVICE void sort_short(const Params& p) {
  using element = typename Program::element;
  __shared__ short_lanes<key_words<element>, sizeof(element) <= 4> all;
  const u32 size = 1u << p.log, first = blockIdx.x * (short_entries >> p.log);
#pragma unroll 1
  for (u32 i = threadIdx.x; i < short_entries; i += 256) {
    const u32 lane = first + (i >> p.log), place = i & (size - 1);
    const bool inside = lane < p.units && place < p.count;
    byte* at[Program::operands] = {};
    if (inside) element_place<Program>(p, lane, place, at);
    all.template set<Program>(i, place, at[0], inside);
  }
  __syncthreads();
#pragma unroll 1
  for (u32 run = 2; run <= size; run *= 2) {
#pragma unroll 1
    for (u32 apart = run / 2; apart > 0; apart /= 2) {
#pragma unroll 1
      for (u32 pair = threadIdx.x; pair < short_entries / 2; pair += 256) {
        const u32 a = 2 * pair - (pair & (apart - 1)), b = a + apart;
        const bool ascending = (a & (size - 1) & run) == 0;
        if (all.out_of_order(ascending ? a : b, ascending ? b : a)) all.swap(a, b);
      }
      __syncthreads();
    }
  }
#pragma unroll 1
  for (u32 i = threadIdx.x; i < short_entries; i += 256) {
    const u32 lane = first + (i >> p.log), rank = i & (size - 1);
    if (lane >= p.units || rank >= p.kept) continue;
    byte *to[Program::operands], *from[Program::operands];
    element_place<Program>(p, lane, rank, to);
    if constexpr (Indices) {
      store_one<Program::out_align>(to[1], static_cast<i64>(all.place(i)));
    } else {
      element_place<Program>(p, lane, all.place(i), from);
      store_one<Program::out_align>(to[1], load_one<element, Program::in_align>(from[0]));
    }
  }
}

}  // namespace tessera
