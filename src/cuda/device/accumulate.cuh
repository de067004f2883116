// element = body(element, value) at elements picked by index arrays, those that are picked more than once each in turn.
//
//   keys      of every picked point: where its element is, to be sorted stably together with the points' numbers
//   runs      sorted keys      | 3 3 3 | 5 | 8 8 |         the first thread of a run takes its points in order: NumPy's bits
//             points' numbers  | 0 4 9 | 2 | 1 7 |
//   atomics   integers of 32 and 64 bits, whose sums and extremes do not depend on the order: a thread a point
//
// A Program as index.cuh's with `source_type`, `value_type` (computed in), `result_type` and `body`
// (atomics: `by`) in place of `element`.
namespace tessera {

template <class Program>
TESSERA_DEVICE typename Program::source_type joined(typename Program::source_type x,
                                                    typename Program::value_type value) {
  using loop = typename Program::value_type;
  using result = typename Program::result_type;
  return convert<typename Program::source_type>(run<typename Program::body, result>(convert<loop>(x), value));
}
template <class Program> TESSERA_DEVICE typename Program::value_type load_value(const byte* at) {
  return load_one<typename Program::value_type, Program::values_align>(at);
}

template <class Program, class Key, class Params> TESSERA_DEVICE void make_keys(const Params& p) {
  const u32 number = blockIdx.x * 256u + threadIdx.x;
  if (number >= p.units) return;
  byte* at[Program::operands];
  Program::kept_place(p, number, at);
  const i64 distance = at[0] + picked_offset<Program>(p, at) - p.lowest;
  static_cast<Key*>(p.table)[number] = static_cast<Key>(distance >> p.bits);
  p.numbers[number] = number;
}

template <class Program, class Key, class Params> TESSERA_DEVICE void accumulate_runs(const Params& p) {
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  const Key* const keys = static_cast<const Key*>(p.table);
  u32 i = quotient(unit, p.kept);
  const Key mine = keys[i];
  if (i > 0 && keys[i - 1] == mine) return;
  byte *picked[Program::operands], *at[Program::operands];
  i64 position;
  Program::kept_place(p, p.numbers[i], picked);
  Program::folded_place(p, picked, unit - i * p.kept.extent, at, position);
  byte* const element = at[0] + picked_offset<Program>(p, picked);
  const i64 inside = at[1] - picked[1];
  auto x = load_one<typename Program::source_type, Program::source_align>(element);
  // Several values are on their way while one is joined: a long run waits for memory otherwise.
  constexpr int ahead = 4;
  for (int count = ahead; count == ahead; i += ahead) {
    typename Program::value_type values[ahead];
    count = 0;
#pragma unroll
    for (int k = 0; k < ahead; ++k) {
      if (i + k >= p.points || keys[i + k] != mine) continue;
      Program::kept_place(p, p.numbers[i + k], picked);
      values[k] = load_value<Program>(picked[1] + inside);
      ++count;
    }
#pragma unroll
    for (int k = 0; k < ahead; ++k) {
      if (k < count) x = joined<Program>(x, values[k]);
    }
  }
  store_one<Program::source_align>(element, x);
}

/// Elements of a source that overlaps itself: one after the other.
template <class Program, class Params> TESSERA_DEVICE void accumulate_in_turn(const Params& p) {
  if (threadIdx.x > 0) return;
  for (u32 unit = 0; unit < p.units; ++unit) {
    byte* at[Program::operands];
    Program::kept_place(p, unit, at);
    byte* const element = at[0] + picked_offset<Program>(p, at);
    const auto x = load_one<typename Program::source_type, Program::source_align>(element);
    store_one<Program::source_align>(element, joined<Program>(x, load_value<Program>(at[1])));
  }
}

enum class atomic { add, subtract, maximum, minimum };

template <atomic By, integer T> TESSERA_DEVICE void join_atomically(T* to, T value) {
  using word = either<sizeof(T) == 8, u64, u32>;
  if constexpr (By == atomic::maximum) atomicMax(to, value);
  else if constexpr (By == atomic::minimum) atomicMin(to, value);
  else atomicAdd(reinterpret_cast<word*>(to), By == atomic::add ? word(value) : word(0) - word(value));
}
template <class Program, class Params> TESSERA_DEVICE void accumulate_atomically(const Params& p) {
  const u32 unit = blockIdx.x * 256u + threadIdx.x;
  if (unit >= p.units) return;
  byte* at[Program::operands];
  Program::kept_place(p, unit, at);
  auto* const element = reinterpret_cast<typename Program::source_type*>(at[0] + picked_offset<Program>(p, at));
  join_atomically<Program::by>(element, load_value<Program>(at[1]));
}

}  // namespace tessera
