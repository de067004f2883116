// The end of a search for nearest rows: lists of several pieces joined, and stored; and long lists, found by sorting.
namespace tessera {

/// A Place has operands (distances, indices), their alignments, kept_place along rows and folded_place along their lists.
template <class Place, bool Largest, class V, class Params>
TESSERA_DEVICE void store_nearest(const Params& p, u32 row, u32 place, V distance, i64 index) {
  byte *first[Place::operands], *at[Place::operands];
  i64 position;
  Place::kept_place(p, row, first);
  Place::folded_place(p, first, place, at, position);
  store_one<Place::distances_align>(at[0], Largest ? 0 - distance : distance);
  store_one<Place::indices_align>(at[1], index);
}

/// Lists of all pieces joined, and written: by a warp a row, or by the eight of a block where there are many pieces.
template <class V, class Place, bool Largest, int Q, int Warps, class Params>
TESSERA_DEVICE void write_nearest(const Params& p) {
  __shared__ entry<V> shared[Warps == 1 ? 1 : Warps * 32 * Q];
  const u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32, first = Warps == 1 ? 0 : warp;
  const u32 unit = Warps == 1 ? blockIdx.x * 8 + warp : blockIdx.x;
  if (unit >= p.units) return;
  const entry<V>* const from = static_cast<const entry<V>*>(p.lists) + static_cast<u64>(unit) * p.k;
  const u64 piece = static_cast<u64>(p.units) * p.k;
  entry<V> list[Q];
  read_list(list, from + first * piece, first < p.pieces ? p.k : 0, no_entry<V>());
#pragma unroll 1
  for (u32 i = first + Warps; i < p.pieces; i += Warps) join_list(list, from + i * piece, p.k, no_entry<V>());
  if constexpr (Warps > 1) {
#pragma unroll
    for (int q = 0; q < Q; ++q) shared[32 * (Q * warp + q) + lane] = list[q];
    __syncthreads();
    if (warp != 0) return;
#pragma unroll 1
    for (int i = 1; i < Warps; ++i) join_list(list, shared + 32 * Q * i, 32 * Q, no_entry<V>());
  }
#pragma unroll
  for (int q = 0; q < Q; ++q) {
    const u32 place = 32 * q + lane;
    if (place >= p.k) continue;
    const V distance = distance_of(list[q]);
    // find_the_nearest found nothing but NaN: the first of them.
    const bool none = p.k == 1 && distance != distance;
    const i64 index = none ? static_cast<i64>(p.self + unit % p.n == 0) : index_of(list[q]);
    store_nearest<Place, Largest>(p, unit, place, distance, index);
  }
}

// ---- longer lists, by sorting ---------------------------------------------------------------------------------------
// A row of the workspace: the keys of the `held` best so far, then those of the next `columns` distances, which were
// written there. Their stable order is found by the radix sort of sort.cuh, and the first k of it are the best so far.
template <class V> struct sorting_params {
  unsigned_of<sizeof(V)>* keys;
  const unsigned_of<sizeof(V)>* kept_keys;
  u64 width, units;  // of a row in keys; threads
  i64 self, first;   // of the columns
  u32 held, columns;
};

/// Distances to keys, in place. What is left out comes after NaN.
template <class V, bool Largest> TESSERA_DEVICE void make_nearest_keys(const sorting_params<V>& p) {
  using word = unsigned_of<sizeof(V)>;
  const u64 unit = static_cast<u64>(blockIdx.x) * 256 + threadIdx.x;
  if (unit >= p.units) return;
  const u32 all = p.held + p.columns, row = static_cast<u32>(unit / all), place = static_cast<u32>(unit % all);
  word& key = p.keys[row * p.width + place];
  if (place < p.held) {
    key = p.kept_keys[static_cast<u64>(row) * p.held + place];
    return;
  }
  constexpr word last = static_cast<word>(~word(0));
  const V distance = bits<V>(key);
  const word order = order_of(Largest ? -distance : distance);
  const bool left_out = p.first + (place - p.held) == row + p.self;
  key = left_out ? last : order == last ? last - 1 : order;
}

/// The first k of each row, to be kept (where there are more columns to come) or written.
template <class V, class Place, bool Largest, bool Written, class Params>
TESSERA_DEVICE void take_nearest(const Params& p) {
  using word = unsigned_of<sizeof(V)>;
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  const u32 row = unit / p.k, place = unit % p.k;
  const i64 from = p.order[row * p.width + place];
  const word key = static_cast<const word*>(p.keys)[row * p.width + from];
  const i64 index = from < p.held ? p.kept[static_cast<u64>(row) * p.k + from] : p.first + (from - p.held);
  if constexpr (Written) {
    // The key of NaN gives one, too.
    store_nearest<Place, Largest>(p, row, place, number_of_order<V>(key), index);
  } else {
    static_cast<word*>(p.next_keys)[unit] = key;
    p.next[unit] = index;
  }
}

}  // namespace tessera
