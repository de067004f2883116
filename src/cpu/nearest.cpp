// Nearest rows: distances in tiles, of which each row of x keeps what may be among its k nearest.
//
//                 points, a panel of lanes at a time          A task has a block of queries, packed once, and a part of
//               +-----+-----+-----+----                       the points. Of a tile in the first cache only what is at
//     queries   |tile |tile | ->                              most the bound of its row is looked at: the distance of
//      block    +-----+-----+-----                            the k-th nearest so far. Until k are there all is kept.
//               |tile | ->
//               +-----+        kept: a few more than k (distance, index); when they are too many the k nearest stay
//                              (nth_element), and the bound falls
//
// Points come in the order of their indices: one as far as the k-th is never better. With few queries the points are
// cut into parts, whose k nearest are joined. What is nearest is decided by (distance, index) alone, and a distance's
// bits do not depend on its tile: results are the same however the work is cut. Of many euclidean distances only those
// of a shortlist are computed (nearest_shortlist.hpp).
//
// Of euclidean distances the squares are compared, and roots taken at the end and of squares that are nearly equal.
#include "cpu/nearest.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "cpu/distances.hpp"
#include "cpu/kernels/nearest.hpp"
#include "cpu/memory.hpp"
#include "cpu/nearest_shortlist.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// A point as a task keeps it: by a number that is least for the nearest; the index counts from the part's first point.
template <class T> struct candidate {
  T key;
  std::uint32_t index;
};
template <class T> struct neighbour {
  T key;
  std::int64_t index;
};

template <class T> T next_above(T x) { return std::nextafter(x, std::numeric_limits<T>::infinity()); }
template <class T> T next_below(T x) { return std::nextafter(x, -std::numeric_limits<T>::infinity()); }

/// The order of results. Keys of euclidean distances are their squares: different ones may have the same root.
struct order_of_results {
  bool of_roots;

  template <class C> bool operator()(const C& a, const C& b) const {
    if (a.key < b.key) return !(of_roots && have_equal_roots(a.key, b.key)) || a.index < b.index;
    if (b.key < a.key) return of_roots && have_equal_roots(b.key, a.key) && a.index < b.index;
    const bool a_is_nan = a.key != a.key, b_is_nan = b.key != b.key;  // behind all numbers
    return a_is_nan != b_is_nan ? b_is_nan : a.index < b.index;
  }
  /// The least and the largest number that give the same result as a number.
  template <class T> std::pair<T, T> equal_to(T key) const {
    std::pair<T, T> range = {key, key};
    if (!of_roots) return range;
    const T root = std::sqrt(key);
    for (T x = next_below(key); x >= 0 && std::sqrt(x) == root; x = next_below(x)) range.first = x;
    for (T x = next_above(key); x > key && std::sqrt(x) == root; x = next_above(x)) range.second = x;
    return range;
  }
  template <class T> static bool have_equal_roots(T smaller, T larger) {
    constexpr T factor = 1 + 8 * std::numeric_limits<T>::epsilon();  // seldom are they as near as this
    return larger <= smaller * factor && std::sqrt(smaller) == std::sqrt(larger);
  }
};

/// The largest key of a point that comes before a point with this key and a smaller index.
template <class T> T bound_of(T key) { return key == key ? next_below(key) : std::numeric_limits<T>::infinity(); }

/// std::nth_element for many candidates: its partitions' branches are guessed wrong every other time; here are none.
template <class T>
void select_first(candidate<T>* first, candidate<T>* last, candidate<T>* nth, order_of_results before) {
  constexpr std::ptrdiff_t few = 12;
  using words = std::array<std::uint64_t, sizeof(candidate<T>) / 8>;
  for (int rounds = 0; last - first > few && rounds < 64; ++rounds) {
    candidate<T>* const middle = first + (last - first) / 2;
    candidate<T>* const end = last - 1;
    if (before(*middle, *first)) std::swap(*middle, *first);
    if (before(*end, *first)) std::swap(*end, *first);
    if (before(*middle, *end)) std::swap(*middle, *end);  // the median of three is the last
    const candidate<T> pivot = *end;
    if (pivot.key != pivot.key) break;
    const auto [least, largest] = before.equal_to(pivot.key);
    candidate<T>* to = first;
    for (candidate<T>* at = first; at != end; ++at) {
      words moved;  // not by their fields: what is stored in two pieces and loaded as one takes 20 cycles
      std::memcpy(&moved, at, sizeof moved);
      std::memcpy(at, to, sizeof moved);
      std::memcpy(to, &moved, sizeof moved);
      const auto c = std::bit_cast<candidate<T>>(moved);
      to += (c.key < least) | ((c.key <= largest) & (c.index < pivot.index));
    }
    std::swap(*to, *end);
    if (to == nth) return;
    if (to < nth) first = to + 1;
    else last = to;
  }
  std::nth_element(first, nth, last, before);
}

pair_problem problem_with(distance_plan plan, metric_code what) {
  plan.what = what;
  return problem_of(plan);
}

/// A block of queries of one point of the batch with a part of the points.
struct task {
  std::int64_t batch, part;
  std::int64_t row, rows;  // the block's first, and how many
  std::int64_t first_point, last_point;
};

/// A thread's memory: x, stacks and what follows `tile` are a block's, the rest is a panel's or a tile's.
template <class T> struct task_memory {
  std::byte *x, *x_numbers, *stacks, *y, *y_numbers, *tile;
  T* bounds;  // NaN where there is no row
  std::int64_t* counts;
  candidate<T>* kept;    // `capacity` of each row
  block_of_lists lists;  // if there are any
};

template <class T> class nearest_run {
 public:
  explicit nearest_run(const nearest_plan& plan);
  void run();

 private:
  void plan_tasks();
  void plan_memory();
  task_memory<T> memory_in(workspace& memory) const;
  task task_at(std::int64_t number) const;
  void join();

  void search(const task& t, const task_memory<T>& w) const;
  void search_lists(const task& t, const task_memory<T>& w) const;
  void search_list(const task& t, const task_memory<T>& w, std::int64_t row) const;
  void start(const task& t, const task_memory<T>& w) const;
  void compute_tiles(const task& t, const task_memory<T>& w, std::int64_t first) const;
  void look_at(const task& t, const task_memory<T>& w, std::int64_t first_row, std::int64_t first) const;
  void keep(const task& t, const task_memory<T>& w, std::int64_t row, const T* results, std::uint64_t which,
            std::int64_t first) const;
  void keep_nearest(const task_memory<T>& w, std::int64_t row) const;
  void hand_over(const task& t, std::int64_t row, candidate<T>* kept, std::int64_t count) const;
  template <class C> void write(std::int64_t batch, std::int64_t row, C* found) const;

  const nearest_plan& plan_;
  const distance_plan& of_;
  const bool keys_are_squares_;
  const order_of_results before_;
  const pair_problem problem_;
  const tile_kernel* const kernel_;
  const bound_check check_;
  const packed_rows x_, y_;
  const shortlists lists_;
  const std::int64_t batches_;
  const bool keeps_sorted_;  // k points of a row, always in order: faster than selections up to k = 40 or so
  std::int64_t block_rows_ = 0, blocks_ = 0;
  std::int64_t parts_ = 1, part_points_ = 0;
  std::int64_t open_points_;  // of a part: all of these are kept
  std::int64_t capacity_, most_kept_ = 0;
  std::int64_t slot_bytes_ = 0;
  scratch weights_, part_memory_;
  std::int64_t* part_counts_ = nullptr;  // of each row and part ...
  candidate<T>* part_kept_ = nullptr;    // ... and k candidates
};

template <class T>
nearest_run<T>::nearest_run(const nearest_plan& plan)
    : plan_(plan),
      of_(plan.of),
      keys_are_squares_(of_.what == metric_code::euclidean && !plan.largest_first),
      before_{keys_are_squares_},
      problem_(problem_with(of_, keys_are_squares_ ? metric_code::sqeuclidean : of_.what)),
      kernel_(problem_.kernel),
      check_(find_bound_check(of_.result, kernel_->lanes, plan.largest_first)),
      x_(problem_.x, problem_),
      y_(problem_.y, problem_),
      lists_(plan, x_, y_),
      batches_(count_of(of_.batch)),
      keeps_sorted_(plan.k <= 32) {
  const std::int64_t k = plan.k, lanes = kernel_->lanes;
  open_points_ = round_up(k + (plan.exclude_self ? 1 : 0), lanes);
  if (keeps_sorted_) {
    capacity_ = k;
  } else {
    most_kept_ = 2 * k;
    capacity_ = std::max(open_points_, std::min(most_kept_, round_up(of_.m, lanes))) + lanes;
  }
  plan_tasks();
  plan_memory();
  if (problem_.w) {
    weights_ = scratch(std::max<std::int64_t>(of_.d, 1) * kernel_->itemsize);
    pack_numbers(weights_.data(), problem_.w, problem_.w_stride, of_.d, of_.d, kernel_->itemsize);
  }
}

// ---- cutting the work ---------------------------------------------------------------------------------------------
// Blocks of queries that stay in the second cache; smaller ones, then parts of the points, where there would not be
// four tasks for each thread. Parts cost memory: k candidates of each row.
template <class T> void nearest_run<T>::plan_tasks() {
  constexpr std::int64_t x_bytes = 256 << 10, kept_bytes = 1 << 20, part_bytes = 8 << 20;
  constexpr std::int64_t least_rows = 96, least_points = 2048, most_points = std::int64_t{1} << 31;
  const std::int64_t rows = kernel_->rows, candidate_bytes = sizeof(candidate<T>);
  const std::int64_t tasks = thread_count() == 1 ? 1 : 4 * thread_count();
  const std::int64_t panel_bytes = kernel_->x_panel_bytes(of_.d) / (lists_.exist() ? 2 : 1);
  const std::int64_t panels =
      std::min(x_bytes / std::max<std::int64_t>(panel_bytes, 1), kept_bytes / (rows * capacity_ * candidate_bytes));
  const std::int64_t share = std::max(least_rows, of_.n / ((tasks + batches_ - 1) / batches_));
  block_rows_ = round_up(std::clamp<std::int64_t>(std::min(panels * rows, share), 1, of_.n), rows);
  blocks_ = (of_.n + block_rows_ - 1) / block_rows_;

  const std::int64_t missing = (tasks + batches_ * blocks_ - 1) / (batches_ * blocks_);
  const double one_part = static_cast<double>(batches_ * of_.n) * static_cast<double>(plan_.k * candidate_bytes + 8);
  const auto room = static_cast<std::int64_t>(part_bytes / one_part);
  parts_ = std::max<std::int64_t>(1, std::min({missing, room, of_.m / least_points, of_.m / (4 * plan_.k)}));
  parts_ = std::max(parts_, (of_.m + most_points - 1) / most_points);
  part_points_ = round_up((of_.m + parts_ - 1) / parts_, kernel_->lanes);
  parts_ = (of_.m + part_points_ - 1) / part_points_;
}

template <class T> void nearest_run<T>::plan_memory() {
  workspace sizes(nullptr);
  memory_in(sizes);
  slot_bytes_ = sizes.used();
  if (parts_ == 1) return;
  const std::int64_t count = batches_ * of_.n * parts_;
  part_memory_ = scratch(count * (8 + plan_.k * static_cast<std::int64_t>(sizeof(candidate<T>))));
  part_counts_ = reinterpret_cast<std::int64_t*>(part_memory_.data());
  part_kept_ = reinterpret_cast<candidate<T>*>(part_counts_ + count);
}

template <class T> task_memory<T> nearest_run<T>::memory_in(workspace& memory) const {
  const std::int64_t item = kernel_->itemsize, panels = block_rows_ / kernel_->rows;
  task_memory<T> w;
  w.x = memory.take<std::byte>(panels * kernel_->x_panel_bytes(of_.d));
  w.x_numbers = memory.take<std::byte>(block_rows_ * item);
  w.stacks = memory.take<std::byte>(of_.d > most_tile_steps ? panels * kernel_->stack_bytes(of_.d) : 0);
  w.y = memory.take<std::byte>(kernel_->y_panel_bytes(std::min(of_.d, most_tile_steps)));
  w.y_numbers = memory.take<std::byte>(kernel_->lanes * item);
  w.tile = memory.take<std::byte>(kernel_->tile_bytes());
  w.bounds = memory.take<T>(block_rows_);
  w.counts = memory.take<std::int64_t>(block_rows_);
  w.kept = memory.take<candidate<T>>(std::max(block_rows_ * capacity_, lists_.capacity()));
  w.lists = lists_.exist() ? lists_.block_in(memory, block_rows_) : block_of_lists();
  return w;
}

template <class T> task nearest_run<T>::task_at(std::int64_t number) const {
  const std::int64_t part = number % parts_, row = number / parts_ % blocks_ * block_rows_;
  return {number / parts_ / blocks_,
          part,
          row,
          std::min(block_rows_, of_.n - row),
          part * part_points_,
          std::min((part + 1) * part_points_, of_.m)};
}

template <class T> void nearest_run<T>::run() {
  const double pairs = static_cast<double>(block_rows_) * static_cast<double>(part_points_);
  const double work =
      std::min(pairs * static_cast<double>(of_.d + 4) / 4, 1e15);  // a step takes a quarter of its share
  const parallel_loop loop(batches_ * blocks_ * parts_, static_cast<std::int64_t>(work));
  const scratch memory(loop.slots() * slot_bytes_);
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    workspace mine(memory.data() + slot * slot_bytes_);
    const task_memory<T> w = memory_in(mine);
    for (std::int64_t i = first; i < last; ++i) {
      const task t = task_at(i);
      if (lists_.exist() && t.last_point - t.first_point >= 4 * lists_.capacity()) search_lists(t, w);
      else search(t, w);
    }
  });
  if (parts_ > 1) join();
}

template <class T> void nearest_run<T>::join() {
  const std::int64_t most = parts_ * plan_.k;
  const parallel_loop loop(batches_ * of_.n, most * 16);
  const scratch memory(loop.slots() * most * static_cast<std::int64_t>(sizeof(neighbour<T>)));
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    neighbour<T>* const found = reinterpret_cast<neighbour<T>*>(memory.data()) + slot * most;
    for (std::int64_t row = first; row < last; ++row) {
      neighbour<T>* end = found;
      for (std::int64_t part = 0; part < parts_; ++part) {
        const candidate<T>* const kept = part_kept_ + (row * parts_ + part) * plan_.k;
        for (std::int64_t i = 0; i < part_counts_[row * parts_ + part]; ++i)
          *end++ = {kept[i].key, kept[i].index + part * part_points_};
      }
      std::nth_element(found, found + plan_.k - 1, end, before_);
      write(row / of_.n, row % of_.n, found);
    }
  });
}

// ---- a task by shortlists -----------------------------------------------------------------------------------------
template <class T> void nearest_run<T>::search_lists(const task& t, const task_memory<T>& w) const {
  const block_of_lists& b = w.lists;
  if (!lists_.find(b, {t.row, t.rows, t.first_point, t.last_point})) return search(t, w);
  const int rows = kernel_->rows;
  for (std::int64_t row = 0; row < t.rows; row += rows) {
    const std::int64_t there = std::min<std::int64_t>(rows, t.rows - row);
    if (std::count(b.counts + row, b.counts + row + there, -1) > 0) {
      task few = t;
      few.row += row;
      few.rows = there;
      search(few, w);
      continue;
    }
    x_.pack(w.x, 0, t.row + row, rows, 0, of_.d);
    for (std::int64_t r = 0; r < there; ++r) search_list(t, w, row + r);
  }
}

// The row's panel is packed. Points of the list are gathered to panels.
template <class T> void nearest_run<T>::search_list(const task& t, const task_memory<T>& w, std::int64_t row) const {
  const std::int64_t lanes = kernel_->lanes, item = kernel_->itemsize, count = w.lists.counts[row];
  const listed* const list = w.lists.lists + row * lists_.capacity();
  tile_operands tile = {.x = w.x, .y = w.y, .steps = of_.d, .order = of_.order, .total = of_.total};
  const T* const results = reinterpret_cast<const T*>(w.tile) + row % kernel_->rows * lanes;
  for (std::int64_t first = 0; first < count; first += lanes) {
    const std::int64_t there = std::min(lanes, count - first);
    if (there < lanes) std::memset(w.y, 0, static_cast<std::size_t>(kernel_->y_panel_bytes(of_.d)));
    for (std::int64_t i = 0; i < there; ++i) {
      y_.copy_row(w.y + i * item, lanes * item, 0, t.first_point + list[first + i].index);
    }
    kernel_->tile(w.tile, lanes * static_cast<std::int64_t>(sizeof(T)), tile);
    for (std::int64_t i = 0; i < there; ++i) w.kept[first + i] = {results[i], list[first + i].index};
  }
  std::nth_element(w.kept, w.kept + plan_.k - 1, w.kept + count, before_);
  hand_over(t, row, w.kept, plan_.k);
}

// ---- a task -------------------------------------------------------------------------------------------------------
template <class T> void nearest_run<T>::search(const task& t, const task_memory<T>& w) const {
  start(t, w);
  for (std::int64_t first = t.first_point; first < t.last_point; first += kernel_->lanes) {
    compute_tiles(t, w, first);
    if (first - t.first_point + kernel_->lanes != open_points_) continue;
    for (std::int64_t row = 0; row < t.rows; ++row) keep_nearest(w, row);
  }
  for (std::int64_t row = 0; row < t.rows; ++row) {
    if (w.counts[row] > plan_.k) keep_nearest(w, row);
    hand_over(t, row, w.kept + row * capacity_, w.counts[row]);
  }
}

template <class T> void nearest_run<T>::start(const task& t, const task_memory<T>& w) const {
  const int rows = kernel_->rows;
  const std::int64_t padded = round_up(t.rows, rows);
  for (std::int64_t row = 0; row < t.rows; row += rows)
    x_.pack(w.x + row / rows * kernel_->x_panel_bytes(of_.d), t.batch, t.row + row, rows, 0, of_.d);
  if (x_.has_numbers()) x_.pack_numbers_of(w.x_numbers, t.batch, t.row, padded);
  std::fill_n(w.counts, t.rows, 0);
  std::fill_n(w.bounds, padded, std::numeric_limits<T>::quiet_NaN());
}

// One panel of points with each panel of queries.
template <class T>
void nearest_run<T>::compute_tiles(const task& t, const task_memory<T>& w, std::int64_t first) const {
  const tile_kernel& kernel = *kernel_;
  const std::int64_t pitch = kernel.tile_bytes() / kernel.rows;
  tile_operands tile;
  tile.y = w.y;
  tile.w = weights_.data();
  tile.order = of_.order;
  tile.total = of_.total;
  if (y_.has_numbers()) {
    y_.pack_numbers_of(w.y_numbers, t.batch, first, kernel.lanes);
    tile.y_row = w.y_numbers;
  }
  do {
    tile.steps = std::min(of_.d - tile.before, most_tile_steps);
    tile.last = tile.before + tile.steps == of_.d;
    y_.pack(w.y, t.batch, first, kernel.lanes, tile.before, tile.before + tile.steps);
    for (std::int64_t row = 0; row < t.rows; row += kernel.rows) {
      const std::int64_t panel = row / kernel.rows;
      tile.x = w.x + panel * kernel.x_panel_bytes(of_.d) + kernel.x_panel_bytes(tile.before);
      if (x_.has_numbers()) tile.x_row = w.x_numbers + row * kernel.itemsize;
      if (of_.d > most_tile_steps) tile.stack = w.stacks + panel * kernel.stack_bytes(of_.d);
      kernel.tile(w.tile, pitch, tile);
      if (tile.last) look_at(t, w, row, first);
    }
    if (weights_.data()) tile.w = static_cast<const std::byte*>(tile.w) + tile.steps * kernel.itemsize;
    tile.before += tile.steps;
  } while (!tile.last);
}

template <class T>
void nearest_run<T>::look_at(const task& t, const task_memory<T>& w, std::int64_t first_row, std::int64_t first) const {
  const int lanes = kernel_->lanes, rows = static_cast<int>(std::min<std::int64_t>(kernel_->rows, t.rows - first_row));
  const std::int64_t there = std::min<std::int64_t>(lanes, t.last_point - first);
  const std::uint64_t points = ~std::uint64_t{0} >> (64 - there);
  const auto* const results = reinterpret_cast<const T*>(w.tile);
  if (first - t.first_point < open_points_) {
    for (int r = 0; r < rows; ++r) keep(t, w, first_row + r, results + r * lanes, points, first);
    return;
  }
  std::uint64_t below[most_checked_rows];
  if (!check_(below, w.tile, kernel_->rows, w.bounds + first_row)) return;
  for (int r = 0; r < rows; ++r) {
    if ((below[r] & points) == 0) continue;
    keep(t, w, first_row + r, results + r * lanes, below[r] & points, first);
  }
}

// Of one row of a tile, those whose bits are set.
template <class T>
void nearest_run<T>::keep(const task& t, const task_memory<T>& w, std::int64_t row, const T* results,
                          std::uint64_t which, std::int64_t first) const {
  const std::int64_t self = plan_.exclude_self ? t.row + row + of_.first_row : -1;
  candidate<T>* const kept = w.kept + row * capacity_;
  std::int64_t count = w.counts[row];
  for (; which != 0; which &= which - 1) {
    const int lane = std::countr_zero(which);
    if (first + lane == self) continue;
    const candidate<T> c = {plan_.largest_first ? -results[lane] : results[lane],
                            static_cast<std::uint32_t>(first + lane - t.first_point)};
    std::int64_t place = count;
    if (keeps_sorted_) {
      if (count == plan_.k && !before_(c, kept[--place])) continue;
      for (; place > 0 && before_(c, kept[place - 1]); --place) kept[place] = kept[place - 1];
    }
    kept[place] = c;
    if (count < capacity_) ++count;
  }
  w.counts[row] = count;
  if (keeps_sorted_) {
    if (count == plan_.k) w.bounds[row] = bound_of(kept[count - 1].key);
  } else if (count > most_kept_) {
    keep_nearest(w, row);
  }
}

template <class T> void nearest_run<T>::keep_nearest(const task_memory<T>& w, std::int64_t row) const {
  candidate<T>* const kept = w.kept + row * capacity_;
  const std::int64_t k = plan_.k;
  if (keeps_sorted_ || w.counts[row] < k) return;  // fewer: of a last part that is short
  select_first(kept, kept + w.counts[row], kept + k - 1, before_);
  w.counts[row] = k;
  w.bounds[row] = bound_of(kept[k - 1].key);
}

/// A row's nearest of the task's points, in any order.
template <class T>
void nearest_run<T>::hand_over(const task& t, std::int64_t row, candidate<T>* kept, std::int64_t count) const {
  if (parts_ == 1) return write(t.batch, t.row + row, kept);
  const std::int64_t place = (t.batch * of_.n + t.row + row) * parts_ + t.part;
  part_counts_[place] = count;
  std::copy_n(kept, count, part_kept_ + place * plan_.k);
}

/// The k first of `found`, in order.
template <class T> template <class C> void nearest_run<T>::write(std::int64_t batch, std::int64_t row, C* found) const {
  const int axis = of_.batch.size();
  const auto place = [&](const strided& x) {
    return x.data + offset_at(of_.batch, x.strides, batch) + row * x.strides[axis];
  };
  std::sort(found, found + plan_.k, before_);
  std::byte *distances = place(plan_.distances), *indices = place(plan_.indices);
  for (std::int64_t i = 0; i < plan_.k; ++i) {
    const T key = found[i].key;
    const T distance = keys_are_squares_ ? std::sqrt(key) : plan_.largest_first ? -key : key;
    const std::int64_t index = found[i].index;
    std::memcpy(distances, &distance, sizeof distance);
    std::memcpy(indices, &index, sizeof index);
    distances += plan_.distances.strides[axis + 1];
    indices += plan_.indices.strides[axis + 1];
  }
}

}  // namespace

void nearest(const nearest_plan& plan) {
  if (plan.of.result == float32) {
    nearest_run<float>(plan).run();
  } else {
    nearest_run<double>(plan).run();
  }
}

}  // namespace tessera::detail::cpu
