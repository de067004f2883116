// The k nearest rows of each row, fused with their distances: none of those is written to memory.
//
//            rows of y, tile after tile
//          +------+------+------+--
//   x rows | tile | tile | tile |      a block keeps its rows of x and walks the tiles of its piece of the columns; a
//          +------+------+------+--    thread has its distances of a tile in registers (distances.cuh)
//
//   limit   what is last of the k best so far, a row: nearly all distances do not come before it and end here
//   queue   candidates of a row in shared memory, in no order; a full one, and at the end all, are sorted by a warp and
//           joined to
//   list    the k best so far, sorted, in device memory: only these joins touch it, k (1 + ln(m / k)) / places of them for
//           rows in no order. In shared memory 32 places of 64 rows, beside queue and tiles, would pass 48 KB.
//
// The order of threads and the number of pieces leave no trace: entries (nearest_entries.cuh) are totally ordered.
//
// A Program is one of distances.cuh with `largest`: whether the largest come first.
namespace tessera {

// ---- a tile and its queues ------------------------------------------------------------------------------------------
template <class Program> struct nearest_params {
  distance_operands<Program> of;
  void* lists;   // of each piece, of each row: k entries
  u64 all_rows;  // of all points of the batch
  i64 self;      // row i is not to have j = i + self
  u32 k, piece;  // columns of a piece
  divisor tiles_i;
};

template <class Program> struct nearest_queue {
  using V = typename Program::number;
  static constexpr int rows = distance_shape<Program>::rows;
  // As many places as fit into the 48 KB that every device gives without being asked, up to a warp's.
  static constexpr int left =
      48 * 1024 - 2 * sizeof(distance_slab<Program>) - rows * (sizeof(entry<V>) + sizeof(V) + 4);
  static constexpr int room = left / static_cast<int>(rows * sizeof(entry<V>));
  static constexpr int places = room >= 32 ? 32 : room >= 16 ? 16 : 8;
  static_assert(room >= 8);
  entry<V> held[rows][places];
  entry<V> limit[rows];
  V limit_value[rows];  // the limit's distance
  u32 count[rows];      // of those that wanted a place
};

/// Where a block works.
template <class Program> struct nearest_block {
  using shape = distance_shape<Program>;
  u32 batch, i0, rows, first, last;
  u64 number;  // of its first row and piece, among all

  TESSERA_DEVICE explicit nearest_block(const nearest_params<Program>& p) {
    batch = quotient(blockIdx.x, p.tiles_i);
    i0 = (blockIdx.x - batch * p.tiles_i.extent) * shape::rows;
    rows = p.of.n - i0 < shape::rows ? p.of.n - i0 : shape::rows;
    first = blockIdx.y * p.piece;
    last = p.of.m - first < p.piece ? p.of.m : first + p.piece;
    number = static_cast<u64>(blockIdx.y) * p.all_rows + static_cast<u64>(batch) * p.of.n + i0;
  }
};

/// A thread's distances of a tile, negated where the largest come first.
template <class Program> struct nearest_tile {
  using V = typename Program::number;
  using sums_of = distance_sums<Program>;
  static constexpr int R = sums_of::rows, C = sums_of::columns;
  static_assert(R * C <= 32);
  V value[R][C];
  u32 waiting = 0;  // bit r * C + c: value[r][c] wants a place

  template <class Slabs>
  TESSERA_DEVICE nearest_tile(const nearest_params<Program>& p, Slabs& slabs, const nearest_block<Program>& here,
                              u32 j0) {
    sums_of sums;
    sum_tile(sums, slabs, p.of, here.batch, here.i0, j0);
    const row_numbers<Program> numbers(p.of, here.batch);
    V y_row[C];
#pragma unroll
    for (int c = 0; c < C; ++c) y_row[c] = numbers.y(j0 + sums_of::column(c));
#pragma unroll
    for (int r = 0; r < R; ++r) {
      const V x_row = numbers.x(here.i0 + sums_of::row(r));
#pragma unroll
      for (int c = 0; c < C; ++c) {
        pair_sums<Program> pair;
#pragma unroll
        for (int n = 0; n < Program::metric::sums; ++n) pair.of[n] = sums.of[r][c][n];
        const V found = finished<Program>(pair, x_row, y_row[c], p.of.parameters);
        value[r][c] = Program::largest ? -found : found;
      }
    }
  }
  template <class F> static TESSERA_DEVICE void each(F f) {
#pragma unroll
    for (int r = 0; r < R; ++r) {
#pragma unroll
      for (int c = 0; c < C; ++c) f(r, c);
    }
  }

  /// Those that do not come after their row's limit: a comparison each.
  TESSERA_DEVICE void find(const nearest_queue<Program>& queue) {
    V limit[R];
#pragma unroll
    for (int r = 0; r < R; ++r) limit[r] = queue.limit_value[sums_of::row(r)];
    each([&](int r, int c) {
      if (!(value[r][c] > limit[r])) waiting |= 1u << (r * C + c);
    });
  }
  /// Of these, those that are there and come before it to the queues, while there are places. A loop, whose text is short:
  /// NVRTC would take three times as long for a copy of it for each value.
  TESSERA_DEVICE void offer(const nearest_params<Program>& p, nearest_queue<Program>& queue,
                            const nearest_block<Program>& here, u32 j0) {
#pragma unroll 1
    for (u32 left = waiting; left != 0; left &= left - 1) {
      const int number = __ffs(left) - 1;
      const u32 row = sums_of::row(number / C), j = j0 + sums_of::column(number % C);
      V mine = value[0][0];
      each([&](int r, int c) {
        if (number == r * C + c) mine = value[r][c];
      });
      const entry<V> offered = entry_of(mine, j);
      if (j < here.last && static_cast<i64>(j) - (here.i0 + row) != p.self && before(offered, queue.limit[row])) {
        const u32 place = atomicAdd(&queue.count[row], 1u);
        if (place >= queue.places) continue;
        queue.held[row][place] = offered;
      }
      waiting &= ~(left & -left);
    }
  }
};

/// Each queue that at least this many wanted a place in, joined to its row's list by a warp, always the same one.
template <class Program, int Q, class Entry>
TESSERA_DEVICE void join_queues(nearest_queue<Program>& queue, Entry* lists, u32 k, u32 least) {
  using V = typename Program::number;
  const u32 lane = threadIdx.x % 32;
#pragma unroll 1
  for (u32 row = threadIdx.x / 32; row < distance_shape<Program>::rows; row += 8) {
    const u32 count = queue.count[row];
    if (count < least) continue;
    Entry* const from = lists + static_cast<u64>(row) * k;
    Entry list[Q], mine = lane < count && lane < queue.places ? queue.held[row][lane] : no_entry<V>();
    read_list(list, from, k, no_entry<V>());
    sort_descending(mine);
    join(list, mine);
    __syncwarp();
    if (lane == 0) queue.count[row] = 0;
#pragma unroll
    for (int q = 0; q < Q; ++q) {
      const u32 place = 32 * q + lane;
      if (place < k) from[place] = list[q];
      if (place != k - 1) continue;
      queue.limit[row] = list[q];
      queue.limit_value[row] = distance_of(list[q]);
    }
  }
}

// ---- kernels --------------------------------------------------------------------------------------------------------
/// Up to 32 Q nearest.
template <class Program, int Q> TESSERA_DEVICE void find_nearest(const nearest_params<Program>& p) {
  using V = typename Program::number;
  using shape = distance_shape<Program>;
  __shared__ distance_slab<Program> slabs[2];
  __shared__ nearest_queue<Program> queue;
  const nearest_block<Program> here(p);
  entry<V>* const lists = static_cast<entry<V>*>(p.lists) + here.number * p.k;
  for (u32 row = threadIdx.x / 32; row < here.rows; row += 8) {
    for (u32 place = threadIdx.x % 32; place < p.k; place += 32) {
      lists[static_cast<u64>(row) * p.k + place] = no_entry<V>();
    }
  }
  if (threadIdx.x < shape::rows) {
    // Nothing comes before the first key: rows that are not there.
    const entry<V> limit = threadIdx.x < here.rows ? no_entry<V>() : entry<V>{};
    queue.limit[threadIdx.x] = limit;
    queue.limit_value[threadIdx.x] = distance_of(limit);
    queue.count[threadIdx.x] = 0;
  }
  __syncthreads();
#pragma unroll 1
  for (u32 j0 = here.first; j0 < here.last; j0 += shape::columns) {
    nearest_tile<Program> tile(p, slabs, here, j0);
    tile.find(queue);
    for (;;) {
      tile.offer(p, queue, here, j0);
      if (!__syncthreads_or(tile.waiting != 0)) break;
      join_queues<Program, Q>(queue, lists, p.k, queue.places);
      __syncthreads();
    }
  }
  join_queues<Program, Q>(queue, lists, p.k, 1);
}

/// The nearest one, in registers. A NaN is never taken: of a row with nothing else there is no entry.
template <class Program> TESSERA_DEVICE void find_the_nearest(const nearest_params<Program>& p) {
  using V = typename Program::number;
  using shape = distance_shape<Program>;
  using sums_of = distance_sums<Program>;
  __shared__ distance_slab<Program> slabs[2];
  const nearest_block<Program> here(p);
  V best[sums_of::rows];
  u32 place[sums_of::rows];
#pragma unroll
  for (int r = 0; r < sums_of::rows; ++r) {
    best[r] = quiet_nan<V>();
    place[r] = 0;
  }
#pragma unroll 1
  for (u32 j0 = here.first; j0 < here.last; j0 += shape::columns) {
    nearest_tile<Program> tile(p, slabs, here, j0);
    const u32 there = here.last - j0;
    const i64 self = p.self + here.i0 - j0;  // of the tile's first row, within the tile
    if (there < shape::columns || (self > -shape::rows && self < shape::columns)) {
      tile.each([&](int r, int c) {
        const u32 column = sums_of::column(c);
        if (column >= there || column == self + sums_of::row(r)) tile.value[r][c] = quiet_nan<V>();
      });
    }
    tile.each([&](int r, int c) {
      const V each = tile.value[r][c];
      if (best[r] <= each || each != each) return;
      best[r] = each;
      place[r] = j0 + sums_of::column(c);
    });
  }
  entry<V>* const to = static_cast<entry<V>*>(p.lists) + here.number;
#pragma unroll
  for (int r = 0; r < sums_of::rows; ++r) {
    const u32 row = sums_of::row(r);
    entry<V> first = best[r] == best[r] ? entry_of(best[r], place[r]) : no_entry<V>();
#pragma unroll
    for (u32 apart = 8; apart > 0; apart /= 2)
      first = one_of(first, across(first, apart), true);  // 16 lanes have the row
    if (threadIdx.x % 16 == 0 && row < here.rows) to[row] = first;
  }
}

}  // namespace tessera
