// What finds the nearest rows keeps of them: a distance with its index, and sorted lists of these, spread over a warp.
//
// No two entries are equal, so that the k first of them do not depend on who met whom when. NaN comes behind all numbers,
// -0 counts as 0.
namespace tessera {

// ---- entries --------------------------------------------------------------------------------------------------------
template <floating V> struct entry;
/// The distance's bits, in their order, above the index.
template <> struct entry<float> {
  u64 key;
};
template <> struct entry<double> {
  u64 key, index;
};

template <floating V> TESSERA_DEVICE entry<V> entry_of(V distance, u32 index) {
  if constexpr (same<V, float>) return {static_cast<u64>(order_of(distance)) << 32 | index};
  else return {order_of(distance), index};
}
/// Behind every entry.
template <floating V> TESSERA_DEVICE entry<V> no_entry() {
  if constexpr (same<V, float>) return {~0ull};
  else return {~0ull, ~0ull};
}
TESSERA_DEVICE bool before(const entry<float>& a, const entry<float>& b) { return a.key < b.key; }
TESSERA_DEVICE bool before(const entry<double>& a, const entry<double>& b) {
  return a.key < b.key || (a.key == b.key && a.index < b.index);
}
/// The number whose order_of is `key`, NaN of the greatest.
template <floating V> TESSERA_DEVICE V number_of_order(unsigned_of<sizeof(V)> key) {
  constexpr unsigned_of<sizeof(V)> sign = unsigned_of<sizeof(V)>(1) << (8 * sizeof(V) - 1);
  return bits<V>(key >= sign ? key - sign : sign | (sign - key));
}
TESSERA_DEVICE float distance_of(const entry<float>& x) { return number_of_order<float>(x.key >> 32); }
TESSERA_DEVICE double distance_of(const entry<double>& x) { return number_of_order<double>(x.key); }
TESSERA_DEVICE i64 index_of(const entry<float>& x) { return static_cast<u32>(x.key); }
TESSERA_DEVICE i64 index_of(const entry<double>& x) { return x.index; }

// ---- lists of a warp: number 32 q + lane is entry q of a lane -------------------------------------------------------
template <class Entry> TESSERA_DEVICE Entry across(const Entry& mine, u32 apart) {
  return by_words(mine, [=](u32 word) { return __shfl_xor_sync(0xffffffffu, word, apart, 32); });
}
template <class Entry> TESSERA_DEVICE Entry one_of(const Entry& a, const Entry& b, bool first) {
  return before(a, b) == first ? a : b;
}

/// 32 entries, one a lane, the last one first (K. Batcher, "Sorting networks and their applications", 1968).
template <class Entry> TESSERA_DEVICE void sort_descending(Entry& mine) {
  const u32 lane = threadIdx.x % 32;
#pragma unroll
  for (u32 size = 2; size <= 32; size *= 2) {
#pragma unroll
    for (u32 apart = size / 2; apart > 0; apart /= 2) {
      mine = one_of(mine, across(mine, apart), ((lane & apart) == 0) == ((lane & size) != 0));
    }
  }
}

/// A sorted list of 32 Q entries takes in 32 others that come last one first: the first 32 Q of them all, sorted.
template <int Q, class Entry> TESSERA_DEVICE void join(Entry (&list)[Q], const Entry& other) {
  const u32 lane = threadIdx.x % 32;
  list[Q - 1] = one_of(list[Q - 1], other, true);  // rises and falls from here on: half cleaners sort it
#pragma unroll
  for (int apart = Q / 2; apart > 0; apart /= 2) {
#pragma unroll
    for (int q = 0; q < Q; ++q) {
      if ((q & apart) != 0) continue;
      const Entry a = list[q], b = list[q + apart];
      list[q] = one_of(a, b, true);
      list[q + apart] = one_of(a, b, false);
    }
  }
#pragma unroll
  for (u32 apart = 16; apart > 0; apart /= 2) {
#pragma unroll
    for (int q = 0; q < Q; ++q) list[q] = one_of(list[q], across(list[q], apart), (lane & apart) == 0);
  }
}

/// Number `place` of k entries in memory.
template <class Entry> TESSERA_DEVICE Entry read_entry(const Entry* from, u32 place, u32 k, Entry none) {
  if (place < k) none = from[place];
  return none;
}
template <int Q, class Entry> TESSERA_DEVICE void read_list(Entry (&list)[Q], const Entry* from, u32 k, Entry none) {
#pragma unroll
  for (int q = 0; q < Q; ++q) list[q] = read_entry(from, 32 * q + threadIdx.x % 32, k, none);
}
/// A list takes in another one, of k entries in memory.
template <int Q, class Entry> TESSERA_DEVICE void join_list(Entry (&list)[Q], const Entry* from, u32 k, Entry none) {
#pragma unroll 1
  for (int q = 0; q < Q; ++q) join(list, read_entry(from, 32 * q + 31 - threadIdx.x % 32, k, none));
}

}  // namespace tessera
