// Folds of segments: pieces of lanes, each begins where an array says and ends where the next one begins.
//
//   short    a thread a segment, element after element; long ones among them are left to the whole block afterwards
//   groups   a warp or a block a segment (or a piece of a long one), tile after tile:
//
//       lane    0  1  2  3 | 0  1  2  3 | …    kept in order (four neighbours a lane) where 0.0, -0.0 or NaN tell which one won,
//               x  x  x  x | x  x  x  x |      else lanes take elements in turn: 32 neighbours at a time
//                 tree     |   tree     |      warps have neighbouring shares, joined at the end in order
//
// Order and cuts depend on shapes and on the segment's length only: the same bits on every run.
//
// A Program has operands (in, starts, out), element, value (computed in), body, in_align, starts_align, out_align, kept_place,
// tree (whether partial results may be joined), ordered, and sums: an empty segment is nothing and totals are added to what is
// there. Else an empty segment is the element where it begins. There is a start more than segments with sums, behind the last.
namespace tessera {

template <class Program> using segment_total = running<typename Program::body, typename Program::value>;

struct segment {
  i64 begin, length;
};
template <class Program, class Params> TESSERA_DEVICE segment segment_at(const Params& p, const byte* start) {
  const i64 begin = load_one<i64, Program::starts_align>(start);
  i64 end = p.count;
  if (Program::sums || start != p.last) end = load_one<i64, Program::starts_align>(start + sizeof(i64));
  return {begin, Program::sums || end > begin ? end - begin : 1};
}

/// Elements of one segment by number.
template <class Program, class Params> struct segment_elements {
  const Params& p;
  const byte* first;
  TESSERA_DEVICE typename Program::value operator()(i64 k) const {
    return convert<typename Program::value>(load_one<typename Program::element, Program::in_align>(first + k * p.step));
  }
};
template <class Program, class Params>
TESSERA_DEVICE segment_elements<Program, Params> elements_of(const Params& p, const byte* lane, i64 begin) {
  return {p, lane + begin * p.step};
}

template <class Program> TESSERA_DEVICE void deliver_segment(byte* to, const segment_total<Program>& all) {
  using element = typename Program::element;
  if (!all.begun) return;
  auto total = all.value;
  if constexpr (Program::sums)
    total = run<typename Program::body, element>(load_one<element, Program::out_align>(to), total);
  store_one<Program::out_align>(to, convert<element>(total));
}

/// Elements [first, last) of what `load` gives, by a warp; valid on its lane 0.
template <class Program, class Load>
TESSERA_DEVICE segment_total<Program> fold_by_warp(const Load& load, i64 first, i64 last) {
  constexpr int each = 4;
  const i64 lane = threadIdx.x % 32, step = Program::ordered ? 1 : 32;
  segment_total<Program> total;
#pragma unroll 1
  for (i64 tile = first; tile < last; tile += 32 * each) {
    const i64 mine = tile + (Program::ordered ? each * lane : lane);
    segment_total<Program> x;
#pragma unroll
    for (int k = 0; k < each; ++k) {
      if (mine + k * step < last) x.append(load(mine + k * step));
    }
#pragma unroll 1
    for (int apart = 1; apart < 32; apart *= 2) {
      const auto above = from_above(x.value, apart);
      if (lane + apart < 32 && mine + apart * (Program::ordered ? each : 1) < last) x.append(above);
    }
    if (x.begun) total.append(x.value);
  }
  return total;
}

/// The same by a block of 256 threads; valid on thread 0.
template <class Program, class Load>
TESSERA_DEVICE segment_total<Program> fold_by_block(const Load& load, i64 first, i64 last) {
  __shared__ typename Program::value warps[8];
  const i64 share = ((last - first + 7) / 8 + 127) / 128 * 128, warp = threadIdx.x / 32;
  const i64 begin = first + warp * share, end = last - begin < share ? last : begin + share;
  segment_total<Program> mine = fold_by_warp<Program>(load, begin, end);
  if (threadIdx.x % 32 == 0 && mine.begun) warps[warp] = mine.value;
  __syncthreads();
  if (threadIdx.x == 0) {
#pragma unroll 1
    for (int k = 1; k < 8 && first + k * share < last; ++k) mine.append(warps[k]);
  }
  __syncthreads();  // the next call writes there
  return mine;
}

template <class Program, class Params> TESSERA_DEVICE void reduce_short(const Params& p) {
  __shared__ u32 left[256];
  __shared__ u32 count;
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  bool is_left = false;
  if (unit < p.units) {
    byte* at[Program::operands];
    Program::kept_place(p, unit, at);
    const segment mine = segment_at<Program>(p, at[1]);
    is_left = Program::tree && mine.length > p.alone;
    if (!is_left) {
      const auto load = elements_of<Program>(p, at[0], mine.begin);
      segment_total<Program> total;
#pragma unroll 4
      for (i64 k = 0; k < mine.length; ++k) total.append(load(k));
      deliver_segment<Program>(at[2], total);
    }
  }
  if constexpr (Program::tree) {
    if (threadIdx.x == 0) count = 0;
    __syncthreads();
    if (is_left) left[atomicAdd(&count, 1u)] = unit;
    __syncthreads();
#pragma unroll 1
    for (u32 i = 0; i < count; ++i) {
      byte* at[Program::operands];
      Program::kept_place(p, left[i], at);
      const segment mine = segment_at<Program>(p, at[1]);
      const auto total = fold_by_block<Program>(elements_of<Program>(p, at[0], mine.begin), 0, mine.length);
      if (threadIdx.x == 0) deliver_segment<Program>(at[2], total);
    }
  }
}

template <class Program, class Params> TESSERA_DEVICE void reduce_by_warps(const Params& p) {
  const u32 unit = blockIdx.x * 8u + threadIdx.x / 32;
  if (unit >= p.units) return;
  byte* at[Program::operands];
  Program::kept_place(p, unit, at);
  const segment mine = segment_at<Program>(p, at[1]);
  const auto total = fold_by_warp<Program>(elements_of<Program>(p, at[0], mine.begin), 0, mine.length);
  if (threadIdx.x % 32 == 0) deliver_segment<Program>(at[2], total);
}

/// Segments of which piece number blockIdx.y is this block's: `piece_of` elements each.
TESSERA_DEVICE i64 piece_of(i64 length, u32 pieces) { return (length + pieces - 1) / pieces; }

template <class Program, bool Split, class Params> TESSERA_DEVICE void reduce_by_blocks(const Params& p) {
  byte* at[Program::operands];
  Program::kept_place(p, blockIdx.x, at);
  const segment mine = segment_at<Program>(p, at[1]);
  const auto load = elements_of<Program>(p, at[0], mine.begin);
  if constexpr (!Split) {
    const auto total = fold_by_block<Program>(load, 0, mine.length);
    if (threadIdx.x == 0) deliver_segment<Program>(at[2], total);
  } else {
    const i64 piece = piece_of(mine.length, p.pieces), first = blockIdx.y * piece;
    const i64 last = mine.length - first < piece ? mine.length : first + piece;
    const auto total = fold_by_block<Program>(load, first, last);
    auto* const partial = static_cast<typename Program::value*>(p.partial);
    if (threadIdx.x == 0 && total.begun) partial[static_cast<u64>(blockIdx.x) * p.pieces + blockIdx.y] = total.value;
  }
}

/// The pieces of a segment, by a warp.
template <class Program, class Params> TESSERA_DEVICE void join_pieces(const Params& p) {
  const u32 unit = blockIdx.x * 8u + threadIdx.x / 32;
  if (unit >= p.units) return;
  byte* at[Program::operands];
  Program::kept_place(p, unit, at);
  const i64 length = segment_at<Program>(p, at[1]).length, piece = piece_of(length, p.pieces);
  const auto* const partial =
      static_cast<const typename Program::value*>(p.partial) + static_cast<u64>(unit) * p.pieces;
  const auto total =
      fold_by_warp<Program>([=](i64 k) { return partial[k]; }, 0, length > 0 ? (length + piece - 1) / piece : 0);
  if (threadIdx.x % 32 == 0) deliver_segment<Program>(at[2], total);
}

}  // namespace tessera
