// Sorting and searching: elements to unsigned keys of the same order, for radix sorts and comparisons.
//
// Ascending, NaN last, both zeros equal. Complex numbers go by real, then imaginary part; those with a NaN come after the
// others: first where the imaginary part is NaN, then where the real part is, then where both are (as NumPy).
//
//   make_keys       key[n] = key of the element numbered payload[n] (at first n, which is noted), lane number on top or alone
//   (radix sort)    keys and payload
//   write_sorted    element number payload[n], or its place in its lane, to rank n of the lane: the first `kept` of each
//                   lane of `sorted` ones
//
// Elements of up to 4 bytes are the payload themselves, where values are wanted: reading them by number touches 32 bytes each.
//
// A Program has operands (in, out), element, key, in_align, out_align, word (which of the key's, -1: the lane alone),
// shift (where the lane's number begins, -1: it is left out), descending; kept_place along the lanes' axes, folded_place along
// the sorted one. Elements are numbered through all lanes, below 2**31.
namespace tessera {

template <class T> inline constexpr int key_words = sizeof(T) == 16 ? 2 : 1;
template <class T> inline constexpr int word_bits = sizeof(T) == 16 ? 64 : 8 * sizeof(T);

template <class T> TESSERA_DEVICE unsigned_of<sizeof(T)> order_of(T x) {
  using word = unsigned_of<sizeof(T)>;
  constexpr word sign = static_cast<word>(word(1) << (8 * sizeof(T) - 1));
  if constexpr (same<T, bool>) {
    return x;
  } else if constexpr (integer<T>) {
    return static_cast<word>(static_cast<word>(x) ^ (is_signed<T> ? sign : word(0)));
  } else {
    constexpr word infinite = same<T, float16>    ? word(0x7c00)
                              : same<T, bfloat16> ? word(0x7f80)
                              : same<T, float>    ? word(0x7f800000u)
                                                  : word(0x7ff0000000000000u);
    word all;
    if constexpr (half<T>) all = x.bits;
    else all = bits<word>(x);
    const word magnitude = all & static_cast<word>(~sign);
    if (magnitude > infinite) return static_cast<word>(~word(0));
    return static_cast<word>((all & sign) != 0 ? sign - magnitude : sign + magnitude);
  }
}

/// Word 0 is the lowest.
template <int Word, class T> TESSERA_DEVICE u64 key_word(T x) {
  if constexpr (complex_number<T>) {
    using part = unsigned_of<sizeof(x.re)>;
    const part re = order_of(x.re), im = order_of(x.im), nan = static_cast<part>(~part(0));
    const part kind = (re == nan ? 2 : 0) + (im == nan ? 1 : 0);
    const part high = kind == 0 ? re : static_cast<part>(nan - 3 + kind);
    const part low = kind == 1 ? re : kind == 3 ? part(0) : im;
    if constexpr (sizeof(part) == 4) return static_cast<u64>(high) << 32 | low;
    else return Word == 0 ? low : high;
  } else {
    return order_of(x);
  }
}
/// The same as a Program sorts by it, ascending always.
template <class Program, int Word> TESSERA_DEVICE u64 sort_key(typename Program::element x) {
  const u64 key = key_word<Word>(x);
  return Program::descending ? ~key & (~0ull >> (64 - word_bits<typename Program::element>)) : key;
}
template <class T> TESSERA_DEVICE bool comes_before(T a, T b) {
  if constexpr (key_words<T> == 2) {
    const u64 high_a = key_word<1>(a), high_b = key_word<1>(b);
    return high_a < high_b || (high_a == high_b && key_word<0>(a) < key_word<0>(b));
  } else {
    return key_word<0>(a) < key_word<0>(b);
  }
}

/// What goes along with a key: nothing (the element is read from it), the element's number, its bits.
enum class payload { none, number, element };

template <class T> TESSERA_DEVICE u32 bits_of(T x) {
  if constexpr (half<T>) return x.bits;
  else return bits<u32>(x);
}
template <class T> TESSERA_DEVICE T element_of_bits(u32 all) {
  if constexpr (half<T>) return T{static_cast<u16>(all)};
  else return bits<T>(all);
}

template <class T> TESSERA_DEVICE T element_of_key(unsigned_of<sizeof(T)> key) {
  if constexpr (same<T, bool>) return key != 0;
  else return static_cast<T>(order_of(static_cast<T>(key)));  // its own inverse
}

template <class Program, class Params>
TESSERA_DEVICE void place_in_lane(const Params& p, byte* const (&lane)[Program::operands], u32 place,
                                  byte* (&at)[Program::operands]) {
  i64 position;
  Program::folded_place(p, lane, place, at, position);
}
template <class Program, class Params>
TESSERA_DEVICE void element_place(const Params& p, u32 lane, u32 place, byte* (&at)[Program::operands]) {
  byte* lane_at[Program::operands];
  Program::kept_place(p, lane, lane_at);
  place_in_lane<Program>(p, lane_at, place, at);
}

template <class Program, bool First, payload Payload, class Params> TESSERA_DEVICE void make_keys(const Params& p) {
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  const u32 number = First ? unit : p.payload[unit], lane = quotient(number, p.count);
  u64 key = 0;
  if constexpr (Program::word >= 0) {
    using element = typename Program::element;
    byte* at[Program::operands];
    element_place<Program>(p, lane, number - lane * p.count.extent, at);
    const element x = load_one<element, Program::in_align>(at[0]);
    key = sort_key<Program, Program::word>(x);
    if constexpr (Payload == payload::element) p.payload[unit] = bits_of(x);
  }
  if (Program::shift >= 0) key |= static_cast<u64>(lane) << (Program::shift & 63);
  static_cast<typename Program::key*>(p.keys)[unit] = static_cast<typename Program::key>(key);
  if (First && Payload == payload::number) p.payload[unit] = unit;
}

template <class Program, payload Payload, bool Indices, class Params>
TESSERA_DEVICE void write_sorted(const Params& p) {
  using element = typename Program::element;
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  const u32 lane = quotient(unit, p.kept), place = unit - lane * p.kept.extent, first = lane * p.count.extent;
  const u32 rank = lane * p.sorted + place;
  byte* to[Program::operands];
  element_place<Program>(p, lane, place, to);
  if constexpr (Payload == payload::none) {
    u64 key = static_cast<const typename Program::key*>(p.keys)[rank];
    if (Program::descending) key = ~key;
    store_one<Program::out_align>(to[1], element_of_key<element>(static_cast<unsigned_of<sizeof(element)>>(key)));
  } else if constexpr (Payload == payload::element) {
    store_one<Program::out_align>(to[1], element_of_bits<element>(p.payload[rank]));
  } else if constexpr (Indices) {
    store_one<Program::out_align>(to[1], static_cast<i64>(p.payload[rank] - first));
  } else {
    byte* from[Program::operands];
    element_place<Program>(p, lane, p.payload[rank] - first, from);
    store_one<Program::out_align>(to[1], load_one<element, Program::in_align>(from[0]));
  }
}

/// How many of the sorted elements come before the value; with Right those equal to it too.
template <class Program, bool Right, class Params> TESSERA_DEVICE void search_sorted(const Params& p) {
  using element = typename Program::element;
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  byte* at[Program::operands];
  Program::kept_place(p, unit, at);
  const element x = load_one<element, Program::in_align>(at[0]);
  const i64 begin = count_leading(p.sorted_count, [&](i64 i) {
    const element other = load_one<element, Program::sorted_align>(p.sorted + i * sizeof(element));
    return Right ? !comes_before(x, other) : comes_before(other, x);
  });
  store_one<Program::out_align>(at[1], begin);
}

}  // namespace tessera
