// Distances: one thread block fills one tile of Rows x 64 pairs, Rows = 64 or 128, with the walk of tiles.cuh.
//
// Each thread keeps the sums of Rows / 16 x 4 pairs in registers: rows 4 * (thread / 16) + 64 * square of x's side, columns
// 4 * (thread % 16) of y's. Slabs have k outermost, so that a thread reads four neighbours of a side with one instruction, a
// warp two different x and 16 different y: without bank conflicts.
//
//     d(i, j) = finish(sum over k of step(x[i, k], y[j, k], w[k]), x_row[i], y_row[j])
//
// Where a leaf is given, sums of so many coordinates are joined in a total: the error of a float32 sum then grows with
// leaf + d / leaf roundings instead of d. The order of additions depends on d alone.
//
// A Program has the metric, element (of rows), number (of sums and results), x and y (row_layout), thread_rows, unroll,
// weighted, leaf (or 0), x_rows, y_rows (whether there are numbers of rows), number_align (theirs, and that of weights), batch_axes.
namespace tessera {

/// How elements of a side are read: V at once, neighbours along rows (else along coordinates), at addresses of this alignment.
template <bool AlongRows, int V, int Align> struct row_layout {
  static constexpr bool along_rows = AlongRows;
  static constexpr int width = V, align = Align;
};

template <class Program> struct distance_shape {
  using metric = typename Program::metric;
  // Two slabs of up to three fields a side take at most 48 KB.
  static constexpr int step_bytes = metric::x_fields + metric::y_fields > 4 ? 32 : 64;
  static constexpr int step = step_bytes / sizeof(typename Program::element), thread_rows = Program::thread_rows;
  static constexpr int rows = 16 * thread_rows, columns = 64;
};

template <class Program> struct distance_slab {
  using T = typename Program::element;
  using shape = distance_shape<Program>;
  static constexpr int gap = 16 / sizeof(T);  // rows start in different banks
  alignas(16) T x[shape::metric::x_fields][shape::step][shape::rows + gap];
  alignas(16) T y[shape::metric::y_fields][shape::step][shape::columns + gap];
  T w[Program::weighted ? shape::step : 1];
};

/// Strides are bytes: [0] from row to row, [1] from coordinate to coordinate.
template <class Program> struct distance_operands {
  using metric = typename Program::metric;
  static constexpr int x_fields = metric::x_fields, y_fields = metric::y_fields, axes = Program::batch_axes;
  static constexpr int operands = x_fields + y_fields + 2;  // fields, numbers of x's rows, of y's
  const byte *x[x_fields], *y[y_fields], *x_row, *y_row, *w;
  i64 x_stride[x_fields][2], y_stride[y_fields][2], x_row_stride, y_row_stride, w_stride;
  i64 d;
  u32 n, m;
  metric_parameters<typename Program::number> parameters;
  divisor batch[axes];
  i64 batch_stride[operands][axes];
};

/// Where the point `number` of the batch is, in bytes.
template <int Axes>
TESSERA_DEVICE i64 batch_offset(const divisor (&batch)[Axes], const i64 (&stride)[Axes], u32 number) {
  i64 offset = 0;
#pragma unroll
  for (int axis = Axes - 1; axis >= 0; --axis) {
    const u32 rest = axis > 0 ? quotient(number, batch[axis]) : 0;
    offset += static_cast<i64>(number - rest * batch[axis].extent) * stride[axis];
    number = rest;
  }
  return offset;
}

/// One side's part of a step, between memory and a slab.
template <class T, class Layout, int Fields, int Rows, int Step> struct distance_side {
  static constexpr int V = Layout::width, across = (Layout::along_rows ? Rows : Step) / V, readers = Rows * Step / V;
  static constexpr int turns = (readers + 255) / 256;
  static_assert(readers % 256 == 0 || turns == 1);
  static constexpr int one = Layout::align < sizeof(T) ? Layout::align : sizeof(T);  // alignment of one element
  const byte* at[Fields][turns];
  T held[Fields][turns][V];

  static TESSERA_DEVICE u32 row_of(int turn) {
    const u32 number = threadIdx.x + 256 * turn;
    return Layout::along_rows ? number % across * V : number / across;
  }
  static TESSERA_DEVICE u32 k_of(int turn) {
    const u32 number = threadIdx.x + 256 * turn;
    return Layout::along_rows ? number / across : number % across * V;
  }

  /// Rows behind the last are read as the last one: nobody stores what comes of them.
  TESSERA_DEVICE void start(const byte* const (&base)[Fields], const i64 (&offset)[Fields],
                            const i64 (&stride)[Fields][2], u32 first, u32 rows) {
#pragma unroll
    for (int field = 0; field < Fields; ++field) {
#pragma unroll
      for (int turn = 0; turn < turns; ++turn) {
        u32 row = first + row_of(turn);
        if (row >= rows && (!Layout::along_rows || V == 1)) row = rows - 1;
        at[field][turn] = base[field] + offset[field] + static_cast<i64>(row) * stride[field][0] +
                          static_cast<i64>(k_of(turn)) * stride[field][1];
      }
    }
  }

  TESSERA_DEVICE void fetch(i64 left, const i64 (&stride)[Fields][2], u32 first, u32 rows) {
    if (readers < 256 && threadIdx.x >= readers) return;
#pragma unroll
    for (int turn = 0; turn < turns; ++turn) {
      const i64 points = left - static_cast<i64>(k_of(turn));
      int count = points < V ? static_cast<int>(points) : V;
      if constexpr (Layout::along_rows) {
        const u32 row = first + row_of(turn);
        const int there = V == 1 ? 1 : row >= rows ? 0 : rows - row < V ? static_cast<int>(rows - row) : V;
        count = points > 0 ? there : 0;
      }
#pragma unroll
      for (int field = 0; field < Fields; ++field) {
        load_some<Layout::align, one>(held[field][turn], at[field][turn], count);
        at[field][turn] += Step * stride[field][1];
      }
    }
  }

  template <int Padded> TESSERA_DEVICE void keep(T (&to)[Fields][Step][Padded]) const {
    if (readers < 256 && threadIdx.x >= readers) return;
#pragma unroll
    for (int field = 0; field < Fields; ++field) {
#pragma unroll
      for (int turn = 0; turn < turns; ++turn) {
        const u32 row = row_of(turn), k = k_of(turn);
        if constexpr (Layout::along_rows) {
          store<V * sizeof(T)>(reinterpret_cast<byte*>(&to[field][k][row]), held[field][turn]);
        } else {
#pragma unroll
          for (int i = 0; i < V; ++i) to[field][k + i][row] = held[field][turn][i];
        }
      }
    }
  }
};

/// Both sides, for walk_slabs. They start at row `i`, column `j` of the point `batch`.
template <class Program> struct distance_reader {
  using T = typename Program::element;
  using shape = distance_shape<Program>;
  using all = distance_operands<Program>;
  const all& p;
  const u32 i, j;
  distance_side<T, typename Program::x, all::x_fields, shape::rows, shape::step> x;
  distance_side<T, typename Program::y, all::y_fields, shape::columns, shape::step> y;
  const byte* w_at;
  T w;

  TESSERA_DEVICE distance_reader(const all& p, u32 batch, u32 i, u32 j) : p(p), i(i), j(j) {
    i64 of_x[all::x_fields], of_y[all::y_fields];
#pragma unroll
    for (int k = 0; k < all::x_fields; ++k) of_x[k] = batch_offset(p.batch, p.batch_stride[k], batch);
#pragma unroll
    for (int k = 0; k < all::y_fields; ++k) of_y[k] = batch_offset(p.batch, p.batch_stride[all::x_fields + k], batch);
    x.start(p.x, of_x, p.x_stride, i, p.n);
    y.start(p.y, of_y, p.y_stride, j, p.m);
    if constexpr (Program::weighted) w_at = p.w + static_cast<i64>(threadIdx.x) * p.w_stride;
  }
  TESSERA_DEVICE void fetch(i64 left) {
    x.fetch(left, p.x_stride, i, p.n);
    y.fetch(left, p.y_stride, j, p.m);
    if constexpr (Program::weighted) {
      w = threadIdx.x < shape::step && threadIdx.x < left ? load_one<T, Program::number_align>(w_at) : T(0);
      w_at += shape::step * p.w_stride;
    }
  }
  TESSERA_DEVICE void keep(distance_slab<Program>& to) const {
    x.keep(to.x);
    y.keep(to.y);
    if constexpr (Program::weighted) {
      if (threadIdx.x < shape::step) to.w[threadIdx.x] = w;
    }
  }
};

/// The sums of a thread's pairs.
template <class Program> struct distance_sums {
  using metric = typename Program::metric;
  using V = typename Program::number;
  static constexpr int rows = Program::thread_rows, columns = 4;
  V of[rows][columns][metric::sums];

  TESSERA_DEVICE void clear() {
    each([](V& sum, int, int, int) { sum = V(0); });
  }
  TESSERA_DEVICE void join(const distance_sums& other) {
    each([&](V& sum, int r, int c, int s) {
      if constexpr (metric::is_largest) keep_larger(sum, other.of[r][c][s]);
      else sum = sum + other.of[r][c][s];
    });
  }
  template <class F> TESSERA_DEVICE void each(F f) {
#pragma unroll
    for (int r = 0; r < rows; ++r) {
#pragma unroll
      for (int c = 0; c < columns; ++c) {
#pragma unroll
        for (int s = 0; s < metric::sums; ++s) f(of[r][c][s], r, c, s);
      }
    }
  }
  /// Rows and columns of the tile.
  static TESSERA_DEVICE u32 row(int r) { return threadIdx.x / 16 * 4 + r / 4 * 64 + r % 4; }
  static TESSERA_DEVICE u32 column(int c) { return threadIdx.x % 16 * 4 + c; }
};

/// Values of one coordinate: N neighbours from `from` on, four at a time, 64 apart.
template <int N, int Fields, int Step, int Padded, class T>
TESSERA_DEVICE void take_values(T (&to)[N][Fields], const T (&from)[Fields][Step][Padded], int k, u32 first) {
#pragma unroll
  for (int field = 0; field < Fields; ++field) {
#pragma unroll
    for (int square = 0; square < N / 4; ++square) {
      T four[4];
      load<16>(four, reinterpret_cast<const byte*>(&from[field][k][first + 64 * square]));
#pragma unroll
      for (int i = 0; i < 4; ++i) to[4 * square + i][field] = four[i];
    }
  }
}

/// The first `count` coordinates of a slab.
template <class Program>
TESSERA_DEVICE void add_coordinates(distance_sums<Program>& sums, const distance_slab<Program>& slab, int count,
                                    const distance_operands<Program>& p) {
  using T = typename Program::element;
  using metric = typename Program::metric;
  constexpr int rows = distance_sums<Program>::rows, columns = distance_sums<Program>::columns;
  const u32 row = sums.row(0), column = sums.column(0);
#pragma unroll(Program::unroll)
  for (int k = 0; k < count; ++k) {
    T x[rows][metric::x_fields], y[columns][metric::y_fields];
    take_values(x, slab.x, k, row);
    take_values(y, slab.y, k, column);
#pragma unroll
    for (int r = 0; r < rows; ++r) {
#pragma unroll
      for (int c = 0; c < columns; ++c) {
        if constexpr (Program::weighted) metric::step(sums.of[r][c], x[r], y[c], slab.w[k], p.parameters);
        else metric::step(sums.of[r][c], x[r], y[c], no_weight(), p.parameters);
      }
    }
  }
}

/// The sums of the tile whose first pair is (i, j) of the batch's point: what finish takes. All threads call it; when it
/// returns the slabs may be used again.
template <class Program>
TESSERA_DEVICE void sum_tile(distance_sums<Program>& sums, distance_slab<Program> (&slabs)[2],
                             const distance_operands<Program>& p, u32 batch, u32 i, u32 j) {
  constexpr int step = distance_shape<Program>::step, leaf = Program::leaf;
  distance_reader<Program> operands(p, batch, i, j);
  sums.clear();
  if constexpr (leaf > 0 && !Program::metric::is_largest) {
    distance_sums<Program> leaves;
    leaves.clear();
    int room = leaf;
    walk_slabs<step>(slabs, p.d, operands, [&](const distance_slab<Program>& slab, int count) {
      add_coordinates(leaves, slab, count, p);
      room -= step;
      if (room > 0) return;
      sums.join(leaves);
      leaves.clear();
      room = leaf;
    });
    sums.join(leaves);
  } else {
    walk_slabs<step>(slabs, p.d, operands,
                     [&](const distance_slab<Program>& slab, int count) { add_coordinates(sums, slab, count, p); });
  }
}

/// Numbers of rows and columns of a tile, which finish takes: 0 where there are none, or no such row.
template <class Program> struct row_numbers {
  using T = typename Program::number;
  const distance_operands<Program>& p;
  const byte *x_row, *y_row;

  TESSERA_DEVICE row_numbers(const distance_operands<Program>& p, u32 batch) : p(p) {
    using all = distance_operands<Program>;
    x_row = p.x_row + batch_offset(p.batch, p.batch_stride[all::operands - 2], batch);
    y_row = p.y_row + batch_offset(p.batch, p.batch_stride[all::operands - 1], batch);
  }
  TESSERA_DEVICE T x(u32 i) const {
    if (!Program::x_rows || i >= p.n) return T(0);
    return load_one<T, Program::number_align>(x_row + static_cast<i64>(i) * p.x_row_stride);
  }
  TESSERA_DEVICE T y(u32 j) const {
    if (!Program::y_rows || j >= p.m) return T(0);
    return load_one<T, Program::number_align>(y_row + static_cast<i64>(j) * p.y_row_stride);
  }
};

// ---- the matrix, or what is above its diagonal --------------------------------------------------------------------------
template <class Program> struct distance_params {
  distance_operands<Program> of;
  byte* to;
  i64 to_stride[2];
  i64 first_i, first_j, all;  // condensed: the place of these rows and columns in the whole matrix; how many it has
  divisor tiles_i, tiles_j;
  i64 to_batch[Program::batch_axes];
};

template <class Program> struct pair_sums {
  typename Program::number of[Program::metric::sums];
};
/// finish as a call: 32 copies of a root or a division take NVRTC up to a quarter of its time.
template <class Program, class V = typename Program::number>
__device__ __noinline__ V finished(pair_sums<Program> sums, V x_row, V y_row, metric_parameters<V> parameters) {
  return Program::metric::finish(sums.of, x_row, y_row, parameters);
}

/// V: columns stored at once, neighbours in memory; Align: what addresses of results are multiples of.
template <class Program, bool Condensed, int V, int Align>
TESSERA_DEVICE void fill_tiles(const distance_params<Program>& p) {
  using T = typename Program::number;
  using shape = distance_shape<Program>;
  using sums_of = distance_sums<Program>;
  __shared__ distance_slab<Program> slabs[2];
  const u32 above = quotient(blockIdx.x, p.tiles_j), batch = quotient(above, p.tiles_i);
  const u32 i0 = (above - batch * p.tiles_i.extent) * shape::rows;
  const u32 j0 = (blockIdx.x - above * p.tiles_j.extent) * shape::columns;
  if (Condensed && p.first_j + j0 + shape::columns - 1 <= p.first_i + i0) return;  // on or below the diagonal
  sums_of sums;
  sum_tile(sums, slabs, p.of, batch, i0, j0);
  const row_numbers<Program> numbers(p.of, batch);
  T y_row[4];
#pragma unroll
  for (int c = 0; c < 4; ++c) y_row[c] = numbers.y(j0 + sums_of::column(c));
  byte* const to = p.to + batch_offset(p.of.batch, p.to_batch, batch);
#pragma unroll
  for (int r = 0; r < sums_of::rows; ++r) {
    const u32 i = i0 + sums_of::row(r);
    if (i >= p.of.n) continue;
    const T x_row = numbers.x(i);
    T found[4];
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      pair_sums<Program> pair;
#pragma unroll
      for (int n = 0; n < Program::metric::sums; ++n) pair.of[n] = sums.of[r][c][n];
      found[c] = finished<Program>(pair, x_row, y_row[c], p.of.parameters);
    }
    const u32 j = j0 + sums_of::column(0);
    // Rows above have all - 1, all - 2 … results.
    const i64 row = p.first_i + i, before = Condensed ? row * (2 * p.all - row - 1) / 2 - row - 1 + p.first_j : 0;
    byte* const at = Condensed ? to + (before + j) * p.to_stride[1]
                               : to + static_cast<i64>(i) * p.to_stride[0] + static_cast<i64>(j) * p.to_stride[1];
    if (V == 4 && j + 4 <= p.of.m) {
      store<Align>(at, found);
      continue;
    }
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      if (j + c >= p.of.m || (Condensed && p.first_j + j + c <= row)) continue;
      store_one<(Align < sizeof(T) ? Align : sizeof(T))>(at + c * p.to_stride[1], found[c]);
    }
  }
}

}  // namespace tessera
