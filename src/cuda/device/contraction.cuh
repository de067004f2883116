// Contractions of integers and bool: one thread block fills one tile of 64 x 64 or 128 x 128 results.
//
//             y columns (16 * Side)
//           +-----------+
//           |  k step   |   16 summed points of each operand in shared memory, as words of 32 or 64 bits
//   +------++-----------+
//   | x    ||   tile    |   each of 256 threads keeps Side x Side totals in registers, in squares of 4 x 4:
//   | rows ||           |   rows 4 * (thread / 16) + 64 * square, columns 4 * (thread % 16) + 64 * square
//   +------++-----------+
//    k step
//
// to[b, m, n] = sum over k of x[b, m, k] * y[b, k, n], where b, m, n and k each number the points of several axes of any
// strides. The next step is read from memory while this one is computed. Totals are unsigned, modulo 2**32 or 2**64.
namespace tessera {

/// What a total is kept in: its low bits are those of the element.
template <class T> using total_of = either<sizeof(T) == 8, u64, u32>;

/// How many axes b, m, n and k have, and whether neighbouring threads take neighbours along k of x and y.
template <int Batch, int Rows, int Columns, int Summed> struct contraction_axes {
  static constexpr int rows = Batch, columns = rows + Rows, summed = columns + Columns, all = summed + Summed;
};

template <class Axes, class Offset> struct contraction_params {
  const byte *x, *y;
  byte* to;
  u32 m, n, k, tiles_m, tiles_n;
  divisor extent[Axes::all];
  Offset stride_x[Axes::all], stride_y[Axes::all], stride_to[Axes::all];
};

/// Moves two offsets to point `number` of the axes First to Last - 1.
template <int First, int Last, class Params, class Offset>
TESSERA_DEVICE void move_to(const Params& p, u32 number, const Offset* stride_a, Offset& a, const Offset* stride_b,
                            Offset& b) {
#pragma unroll
  for (int axis = Last - 1; axis >= First; --axis) {
    u32 here = number;
    if (axis > First) {
      number = quotient(number, p.extent[axis]);
      here -= number * p.extent[axis].extent;
    }
    a += static_cast<Offset>(here) * stride_a[axis];
    b += static_cast<Offset>(here) * stride_b[axis];
  }
}

/// Which element of a step of `Wide` x 16 a thread reads at its turn.
template <bool AlongSummed, int Wide> struct place_in_step {
  u32 i, k;
  TESSERA_DEVICE explicit place_in_step(int turn) {
    if constexpr (AlongSummed) {
      k = threadIdx.x % 16;
      i = threadIdx.x / 16 + 16 * turn;
    } else {
      i = threadIdx.x % Wide;
      k = threadIdx.x / Wide + 256 / Wide * turn;
    }
  }
};

template <int Side, class Word> struct contraction_tiles {
  // 16 bytes more a row: they stay aligned, and rows start in different banks.
  static constexpr int wide = 16 * Side, padded = wide + 16 / sizeof(Word);
  alignas(16) Word x[16][padded], y[16][padded];
};

/// Side values of a thread, four at a time, from a row of a tile.
template <int Side, class Word> TESSERA_DEVICE void take_row(Word (&to)[Side], const Word* row, u32 first) {
#pragma unroll
  for (int square = 0; square < Side / 4; ++square) {
    Word four[4];
    load<16>(four, reinterpret_cast<const byte*>(row + 64 * square + first));
#pragma unroll
    for (int i = 0; i < 4; ++i) to[4 * square + i] = four[i];
  }
}

template <class T, class Word> TESSERA_DEVICE void add_product(Word& total, Word a, Word b) {
  if constexpr (same<T, bool>) total |= a & b;
  else total += a * b;
}

/// AlignX and so on: what addresses of elements are multiples of. AlongX: neighbouring threads read neighbours along k.
template <class T, class Axes, int Side, int AlignX, int AlignY, int AlignTo, bool AlongX, bool AlongY, class Offset>
TESSERA_DEVICE void contract_tiles(const contraction_params<Axes, Offset>& p) {
  using word = total_of<T>;
  using tiles = contraction_tiles<Side, word>;
  __shared__ tiles shared;
  const u32 tile_n = blockIdx.x % p.tiles_n, above = blockIdx.x / p.tiles_n;
  const u32 m0 = above % p.tiles_m * tiles::wide, n0 = tile_n * tiles::wide, batch = above / p.tiles_m;
  Offset in_x = 0, in_y = 0, in_to = 0, unused = 0;
  move_to<0, Axes::rows>(p, batch, p.stride_x, in_x, p.stride_y, in_y);
  move_to<0, Axes::rows>(p, batch, p.stride_to, in_to, p.stride_to, unused);
  word held_x[Side], held_y[Side], totals[Side][Side] = {};
  const auto fetch = [&](u32 k0) {
#pragma unroll
    for (int turn = 0; turn < Side; ++turn) {
      const place_in_step<AlongX, tiles::wide> a(turn);
      held_x[turn] = 0;
      if (m0 + a.i < p.m && k0 + a.k < p.k) {
        Offset at = in_x, other = 0;
        move_to<Axes::rows, Axes::columns>(p, m0 + a.i, p.stride_x, at, p.stride_to, other);
        move_to<Axes::summed, Axes::all>(p, k0 + a.k, p.stride_x, at, p.stride_y, other);
        held_x[turn] = static_cast<word>(load_one<T, AlignX>(p.x + at));
      }
      const place_in_step<AlongY, tiles::wide> b(turn);
      held_y[turn] = 0;
      if (n0 + b.i < p.n && k0 + b.k < p.k) {
        Offset at = in_y, other = 0;
        move_to<Axes::columns, Axes::summed>(p, n0 + b.i, p.stride_y, at, p.stride_to, other);
        move_to<Axes::summed, Axes::all>(p, k0 + b.k, p.stride_y, at, p.stride_x, other);
        held_y[turn] = static_cast<word>(load_one<T, AlignY>(p.y + at));
      }
    }
  };
  const u32 row = threadIdx.x / 16 * 4, column = threadIdx.x % 16 * 4;
#pragma unroll 1
  for (u32 k0 = 0;; k0 += 16) {
    const bool more = k0 < p.k;
    if (more) fetch(k0);
    if (k0 > 0) {
#pragma unroll 2
      for (int step = 0; step < 16; ++step) {
        word a[Side], b[Side];
        take_row(a, shared.x[step], row);
        take_row(b, shared.y[step], column);
#pragma unroll
        for (int i = 0; i < Side; ++i) {
#pragma unroll
          for (int j = 0; j < Side; ++j) add_product<T>(totals[i][j], a[i], b[j]);
        }
      }
    }
    if (!more) break;
    __syncthreads();  // the step before is taken
#pragma unroll
    for (int turn = 0; turn < Side; ++turn) {
      const place_in_step<AlongX, tiles::wide> a(turn);
      const place_in_step<AlongY, tiles::wide> b(turn);
      shared.x[a.k][a.i] = held_x[turn];
      shared.y[b.k][b.i] = held_y[turn];
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < Side; ++i) {
    const u32 m = m0 + i / 4 * 64 + row + i % 4;
    if (m >= p.m) continue;
    Offset at_row = in_to;
    move_to<Axes::rows, Axes::columns>(p, m, p.stride_to, at_row, p.stride_x, unused);
#pragma unroll
    for (int j = 0; j < Side; ++j) {
      const u32 n = n0 + j / 4 * 64 + column + j % 4;
      if (n >= p.n) continue;
      Offset at = at_row;
      move_to<Axes::columns, Axes::summed>(p, n, p.stride_to, at, p.stride_y, unused);
      store_one<AlignTo>(p.to + at, static_cast<T>(totals[i][j]));
    }
  }
}

// ---- products of many matrices -----------------------------------------------------------------------------------------
template <int Axes> struct pointer_params {
  u64 start[3];
  u64* pointers;
  u64 count, extent[Axes];
  i64 stride[Axes][3];
};

/// Three arrays of `count` addresses each, of the matrices that the points of these axes name.
template <int Axes> TESSERA_DEVICE void write_pointers(const pointer_params<Axes>& p) {
  const u64 number = static_cast<u64>(blockIdx.x) * 256 + threadIdx.x;
  if (number >= p.count) return;
  u64 rest = number;
  u64 at[3] = {p.start[0], p.start[1], p.start[2]};
#pragma unroll
  for (int axis = Axes - 1; axis >= 0; --axis) {
    const u64 here = rest % p.extent[axis];
    rest /= p.extent[axis];
#pragma unroll
    for (int side = 0; side < 3; ++side) at[side] += here * static_cast<u64>(p.stride[axis][side]);
  }
#pragma unroll
  for (int side = 0; side < 3; ++side) p.pointers[side * p.count + number] = at[side];
}

}  // namespace tessera
