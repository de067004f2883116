// Elements at given places of sorted lanes, found without sorting: a radix select, then each element to its class's part.
//
//   count_digits    how many keys that begin as the wanted one does have each next digit (11 bits, highest first), a table a place
//   choose_digit    the digit in whose range the place lies; again until the keys are known: 3 rounds for 32 bits, 6 for 64
//   count_classes   how many elements of each piece of a lane are less than key 0, equal to it, between it and key 1, …
//   place_classes   in the order in which they lie:
//
//       less than key 0 | equal to key 0 | between | equal to key 1 | greater
//                         ^ place 0                  ^ place 1    with `first`: up to place 0 only, as elements' numbers
//
// A Program is sort.cuh's, with `places` (how many), `first` and `indices`; keys have up to 64 bits.
namespace tessera {

inline constexpr int digit_bits = 11, digits = 1 << digit_bits;

/// What is known of the key at a place: its upper digits, the place among the keys that have them, how many those are.
struct place_state {
  u64 prefix;
  u32 rank, count;
};

template <class Program, class Params>
TESSERA_DEVICE typename Program::element element_in_lane(const Params& p, byte* const (&lane)[Program::operands],
                                                         u32 place) {
  byte* at[Program::operands];
  place_in_lane<Program>(p, lane, place, at);
  return load_one<typename Program::element, Program::in_align>(at[0]);
}
template <class Params> TESSERA_DEVICE u32 end_of_piece(const Params& p, u32 first) {
  return p.length - first < p.piece ? p.length : first + p.piece;
}

template <class Program, class Params> TESSERA_DEVICE void count_digits(const Params& p) {
  constexpr int places = Program::places;
  __shared__ u32 table[places * digits];
  for (u32 i = threadIdx.x; i < places * digits; i += 256) table[i] = 0;
  u64 prefix[places];
#pragma unroll
  for (int t = 0; t < places; ++t) prefix[t] = p.round == 0 ? 0 : p.state[blockIdx.x * places + t].prefix;
  byte* lane[Program::operands];
  Program::kept_place(p, blockIdx.x, lane);
  __syncthreads();
  const u32 first = blockIdx.y * p.piece, last = end_of_piece(p, first);
#pragma unroll 4
  for (u32 i = first + threadIdx.x; i < last; i += 256) {
    const u64 key = sort_key<Program, 0>(element_in_lane<Program>(p, lane, i));
    const u32 digit = static_cast<u32>(key >> p.shift) & (digits - 1);
#pragma unroll
    for (int t = 0; t < places; ++t) {
      if ((key ^ prefix[t]) >> p.shift >> digit_bits == 0) atomicAdd(&table[t * digits + digit], 1u);
    }
  }
  __syncthreads();
  u32* const counts = p.counts + static_cast<u64>(blockIdx.x) * (places * digits);
  for (u32 i = threadIdx.x; i < places * digits; i += 256) {
    if (table[i] != 0) atomicAdd(counts + i, table[i]);
  }
}

/// Leaves the counts zero for the next round.
template <class Program, class Params> TESSERA_DEVICE void choose_digit(const Params& p) {
  constexpr int each = digits / 256;
  place_state known{0, 0, 0};
  if (p.round > 0) known = p.state[blockIdx.x];
  else known.rank = p.place[blockIdx.x % Program::places];
  u32* const counts = p.counts + static_cast<u64>(blockIdx.x) * digits + threadIdx.x * each;
  u32 mine[each], sum = 0;
#pragma unroll
  for (int k = 0; k < each; ++k) {
    mine[k] = counts[k];
    counts[k] = 0;
    sum += mine[k];
  }
  u32 all, before = sum_before(sum, all);
#pragma unroll
  for (int k = 0; k < each; ++k) {
    const u64 digit = threadIdx.x * each + k;
    if (known.rank >= before && known.rank - before < mine[k])
      p.state[blockIdx.x] = {known.prefix | digit << p.shift, known.rank - before, mine[k]};
    before += mine[k];
  }
}

/// 2 t: less than key t and greater than the ones before; 2 t + 1: equal to it.
template <class Program> inline constexpr u32 class_count = Program::first ? 2 : 2 * Program::places + 1;
template <class Program> TESSERA_DEVICE u32 class_of(u64 key, const u64 (&wanted)[Program::places]) {
  u32 found = 2 * Program::places;
#pragma unroll
  for (int t = Program::places - 1; t >= 0; --t) {
    if (key == wanted[t]) found = 2 * t + 1;
    if (key < wanted[t]) found = 2 * t;
  }
  return found;
}
template <class Program, class Params>
TESSERA_DEVICE void read_wanted(const Params& p, u64 (&wanted)[Program::places]) {
#pragma unroll
  for (int t = 0; t < Program::places; ++t) wanted[t] = p.state[blockIdx.x * Program::places + t].prefix;
}

template <class Program, class Params> TESSERA_DEVICE void count_classes(const Params& p) {
  constexpr u32 classes = class_count<Program>;
  __shared__ u32 totals[classes];
  if (threadIdx.x < classes) totals[threadIdx.x] = 0;
  u64 wanted[Program::places];
  read_wanted<Program>(p, wanted);
  byte* lane[Program::operands];
  Program::kept_place(p, blockIdx.x, lane);
  u32 counts[classes] = {};
  const u32 first = blockIdx.y * p.piece, last = end_of_piece(p, first);
#pragma unroll 4
  for (u32 i = first + threadIdx.x; i < last; i += 256) {
    const u32 mine = class_of<Program>(sort_key<Program, 0>(element_in_lane<Program>(p, lane, i)), wanted);
#pragma unroll
    for (u32 c = 0; c < classes; ++c) counts[c] += mine == c ? 1 : 0;
  }
  __syncthreads();
#pragma unroll
  for (u32 c = 0; c < classes; ++c) {
    if (counts[c] > 0) atomicAdd(&totals[c], counts[c]);
  }
  __syncthreads();
  if (threadIdx.x < classes)
    p.classes[(static_cast<u64>(blockIdx.x) * p.pieces + blockIdx.y) * classes + threadIdx.x] = totals[threadIdx.x];
}

/// Where this block's elements of each class begin in the lane.
template <class Program, class Params> TESSERA_DEVICE void begin_classes(const Params& p, u32* begin) {
  constexpr u32 classes = class_count<Program>;
  if (threadIdx.x < classes) {
    const u32 t = threadIdx.x / 2;
    const place_state* const state = p.state + blockIdx.x * Program::places;
    if (threadIdx.x % 2 == 1) begin[threadIdx.x] = p.place[t] - state[t].rank;
    else begin[threadIdx.x] = t == 0 ? 0 : p.place[t - 1] - state[t - 1].rank + state[t - 1].count;
  }
  __syncthreads();
  const u32* const before = p.classes + static_cast<u64>(blockIdx.x) * p.pieces * classes;
#pragma unroll 1
  for (u32 i = threadIdx.x; i < blockIdx.y * classes; i += 256) {
    if (before[i] > 0) atomicAdd(&begin[i % classes], before[i]);
  }
  __syncthreads();
}

template <class Program, class Params> TESSERA_DEVICE void place_classes(const Params& p) {
  using element = typename Program::element;
  constexpr u32 classes = class_count<Program>;
  __shared__ u32 begin[classes], warps[8][classes];
  begin_classes<Program>(p, begin);
  u64 wanted[Program::places];
  read_wanted<Program>(p, wanted);
  byte* lane[Program::operands];
  Program::kept_place(p, blockIdx.x, lane);
  const u32 warp = threadIdx.x / 32, below = (1u << threadIdx.x % 32) - 1;
  const u32 first = blockIdx.y * p.piece, last = end_of_piece(p, first);
#pragma unroll 1
  for (u32 tile = first; tile < last; tile += 256) {
    const u32 i = tile + threadIdx.x;
    element x{};
    u32 mine = classes, rank = 0;
    if (i < last) {
      x = element_in_lane<Program>(p, lane, i);
      mine = class_of<Program>(sort_key<Program, 0>(x), wanted);
    }
#pragma unroll
    for (u32 c = 0; c < classes; ++c) {
      const u32 votes = __ballot_sync(0xffffffffu, mine == c);
      if (mine == c) rank = __popc(votes & below);
      if (threadIdx.x % 32 == 0) warps[warp][c] = __popc(votes);
    }
    __syncthreads();
    if (mine < classes) {
      u32 at = begin[mine] + rank;
      for (u32 w = 0; w < warp; ++w) at += warps[w][mine];
      if constexpr (Program::first) {
        if (at <= p.place[0]) p.numbers[blockIdx.x * (p.place[0] + 1) + at] = blockIdx.x * p.length + i;
      } else {
        byte* to[Program::operands];
        place_in_lane<Program>(p, lane, at, to);
        if constexpr (Program::indices) store_one<Program::out_align>(to[1], static_cast<i64>(i));
        else store_one<Program::out_align>(to[1], x);
      }
    }
    __syncthreads();
    if (threadIdx.x < classes) {
      for (u32 w = 0; w < 8; ++w) begin[threadIdx.x] += warps[w][threadIdx.x];
    }
    __syncthreads();
  }
}

}  // namespace tessera
