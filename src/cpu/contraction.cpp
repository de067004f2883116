// Contracts in blocks that fit the caches.
//
//                 y, packed           for blocks of columns j (nc):
//               j 0..23  24..47         for blocks of summed points k (kc):   pack y
//              +-------+-------+          for blocks of rows i (mc):            pack x
//            k | panel | panel |            for panels of y:                      stays in L1 over all panels of x
//     x      +-+-------+-------+              for panels of x:                      one tile
//   i 0..3   | | tile  | tile  |
//   i 4..7   | | tile  | tile  |      A panel holds the elements of one tile for every k, those of one k side by side.
//
// Columns are what lies along the result's fastest axis, whichever operand they come from. Where the result is of
// another dtype than the sums, or its rows or columns are not equally spaced, sums are kept in a buffer until they are
// complete. The block of summed points decides the order in which products are added: it depends on the plan only, so
// that results do not depend on the number of threads.
#include "cpu/contraction.hpp"

#include <cstring>

#include "cpu/contraction_operand.hpp"
#include "cpu/kernels/move.hpp"
#include "cpu/memory.hpp"
#include "cpu/small_contraction.hpp"
#include "cpu/threads.hpp"
#include "cpu/vector_contraction.hpp"

namespace tessera::detail::cpu {
namespace {

std::int64_t parts_of(std::int64_t count, std::int64_t most) { return (count + most - 1) / most; }

/// The least multiple of `unit` that cuts `count` into as few parts as `most` does.
std::int64_t even_part(std::int64_t count, std::int64_t most, std::int64_t unit) {
  const std::int64_t parts = parts_of(count, most);
  return std::min(most, parts_of(parts_of(count, parts), unit) * unit);
}

/// Rows of sums, each contiguous.
struct sums_at {
  std::byte* data;
  std::int64_t pitch;
  std::int64_t row, rows, column, columns;  // which ones of the result
};

class contraction_run {
 public:
  explicit contraction_run(const contraction_plan& plan);
  void run() const;
  std::string text() const;

 private:
  friend class block_loops;
  void choose_packing();
  void run_batch(std::int64_t number, bool parallel) const;
  void run_buffered(std::int64_t number, bool parallel) const;
  void finish(std::int64_t number, const sums_at& from, bool parallel) const;
  std::int64_t work(std::int64_t rows, std::int64_t columns, std::int64_t steps) const;
  std::int64_t panel_columns() const { return vectors_ * type_.tiles->lanes / type_.parts; }

  contraction_type type_;
  contraction_operand x_, y_;
  walk rows_, columns_, batch_;  // of the result
  std::byte* to_;
  std::int64_t vectors_;  // of a tile
  std::int64_t kc_, mc_, nc_;
  bool packs_x_ = true, packs_y_ = true;
};

contraction_run::contraction_run(const contraction_plan& plan) : type_(plan.type), to_(plan.to) {
  using axis = contraction_axis;
  x_ = {plan.x, {plan.rows, &axis::x}, {plan.summed, &axis::x}, {plan.batch, &axis::x}, plan.conjugate_x};
  y_ = {plan.y, {plan.columns, &axis::y}, {plan.summed, &axis::y}, {plan.batch, &axis::y}, false};
  rows_ = {plan.rows, &axis::to};
  columns_ = {plan.columns, &axis::to};
  batch_ = {plan.batch, &axis::to};
  if (columns_.stride() != type_.element.itemsize() && rows_.stride() == type_.element.itemsize()) {
    std::swap(x_, y_);
    std::swap(rows_, columns_);
  }
  const contraction_kernels& kernels = *type_.tiles;
  vectors_ = kernels.lanes == 1 && type_.parts == 2 ? 2 : kernels.vectors;
  // A block of packed rows is more than L2 (512 KiB on Zen 3) and a panel of columns more than L1 (32 KiB): both are
  // read in order, and results are read and written less often. 512 x 384 is 2 % faster than 512 x 192, 10 % than
  // 256 x 336.
  constexpr std::int64_t most_rows = 384, most_columns = 4096;
  const bool long_sums = type_.sum.itemsize() == 4 && x_.steps.points() * type_.parts >= 1536;  // 1 % more
  kc_ = even_part(x_.steps.points(), (long_sums ? 768 : 512) / type_.parts, 1);
  mc_ = even_part(rows_.points(), most_rows, kernels.rows);
  nc_ = even_part(columns_.points(), most_columns / panel_columns() * panel_columns(), panel_columns());
  choose_packing();
}

// An operand is read where it lies when packing would cost more than it saves: x when few tiles use each of its
// elements, y when all of it stays in L1.
void contraction_run::choose_packing() {
  if (type_.widen || type_.parts > 1) return;
  constexpr std::int64_t few_columns = 256, few_bytes = 40 << 10;
  const std::int64_t size = type_.sum.itemsize(), columns = columns_.points();
  const bool x_regular = x_.lanes.regular() && x_.steps.regular(), y_regular = y_.lanes.regular() && y_.steps.regular();
  packs_x_ = !x_regular || (x_.steps.stride() != size && x_.lanes.stride() != size) || columns > few_columns;
  packs_y_ = !y_regular || y_.lanes.stride() != size || columns % type_.tiles->lanes != 0 ||
             columns * y_.steps.points() * size > few_bytes;
}

// In units of threads.hpp: a quarter of a nanosecond.
std::int64_t contraction_run::work(std::int64_t rows, std::int64_t columns, std::int64_t steps) const {
  const double products = static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(steps);
  return static_cast<std::int64_t>(std::min(products * type_.sum.itemsize() * type_.parts / 32, 1e15)) + 1;
}

// ---- the five loops -----------------------------------------------------------------------------------------------
/// The blocks of one point of the batch, one after the other.
class block_loops {
 public:
  block_loops(const contraction_run& all, std::int64_t number, const sums_at& to, bool parallel);
  void run();

 private:
  /// An operand as tiles read it, from its first row or column of the block on.
  struct block_operand {
    const std::byte* data;
    std::int64_t lane, step;  // bytes; of packed ones tiles know them
  };

  void pack_columns(std::int64_t first, std::int64_t last) const;
  void pack_rows(std::int64_t i, std::int64_t rows, std::byte* to) const;
  void run_tasks(std::int64_t first, std::int64_t last, int slot);
  block_operand packed_rows(std::int64_t i, std::int64_t rows, int slot);
  void run_tiles(const block_operand& x, std::int64_t i, std::int64_t rows, std::int64_t from,
                 std::int64_t count) const;
  template <class Body> void each(std::int64_t count, std::int64_t work, Body&& body) const {
    if (parallel_) parallel_for(count, work, body);
    else body(0, count, 0);
  }

  const contraction_run& all_;
  const contraction_kernels& kernels_ = *all_.type_.tiles;
  const std::int64_t parts_ = all_.type_.parts, size_ = all_.type_.sum.itemsize();
  const std::int64_t width_ = all_.panel_columns();
  const sums_at to_;
  const bool parallel_;
  const std::int64_t x_offset_, y_offset_;
  const std::int64_t row_blocks_ = parts_of(to_.rows, all_.mc_);
  std::int64_t groups_, group_columns_;                   // of a block of columns; one task packs rows for one of them
  std::int64_t j_ = 0, columns_ = 0, k_ = 0, steps_ = 0;  // the present block
  std::byte *y_ = nullptr, *x_ = nullptr;                 // packed; x for each slot
  std::int64_t x_bytes_;
  inline_vector<std::int64_t, 8> packed_;  // which rows are in the slot's x
};

block_loops::block_loops(const contraction_run& all, std::int64_t number, const sums_at& to, bool parallel)
    : all_(all),
      to_(to),
      parallel_(parallel),
      x_offset_(all.x_.batch.offset(number)),
      y_offset_(all.y_.batch.offset(number)) {
  const std::int64_t panels = parts_of(std::min(all.nc_, to.columns), width_);
  // As many groups of columns as keep threads busy to the end.
  const parallel_loop probe(parallel ? panels : 1, all.work(to.rows, width_, all.kc_));
  groups_ = std::clamp<std::int64_t>(parts_of(8 * (probe.slots() - 1), row_blocks_), 1, panels);
  group_columns_ = parts_of(panels, groups_) * width_;
  x_bytes_ = all.packs_x_ ? all.mc_ * all.kc_ * size_ * parts_ : 0;
}

void block_loops::run() {
  const parallel_loop tasks(parallel_ ? row_blocks_ * groups_ : 1, all_.work(all_.mc_, group_columns_, all_.kc_));
  const std::int64_t columns = parts_of(std::min(all_.nc_, to_.columns), width_) * width_;
  const std::int64_t y_bytes = all_.packs_y_ ? columns * all_.kc_ * size_ * parts_ * parts_ : 0;
  const scratch memory(y_bytes + tasks.slots() * x_bytes_ + 64);
  y_ = memory.data();
  x_ = y_ + y_bytes;
  const std::int64_t all_steps = all_.x_.steps.points();
  for (j_ = 0; j_ < to_.columns; j_ += all_.nc_) {
    columns_ = std::min(all_.nc_, to_.columns - j_);
    for (k_ = 0; k_ < all_steps; k_ += all_.kc_) {
      steps_ = std::min(all_.kc_, all_steps - k_);
      if (all_.packs_y_) {
        each(parts_of(columns_, width_), 2 * width_ * steps_,
             [&](std::int64_t first, std::int64_t last, int) { pack_columns(first, last); });
      }
      packed_.assign(static_cast<std::size_t>(tasks.slots()), -1);
      if (parallel_) {
        tasks.run([&](std::int64_t first, std::int64_t last, int slot) { run_tasks(first, last, slot); });
      } else {
        run_tasks(0, row_blocks_, 0);
      }
    }
  }
}

// Where the elements of a step lie side by side, panels are filled a few steps at a time: a cache line is in several.
void block_loops::pack_columns(std::int64_t first, std::int64_t last) const {
  const std::int64_t end = std::min(last * width_, columns_);
  const std::int64_t at_once = all_.y_.lanes.stride() == all_.type_.element.itemsize() ? 16 : steps_;
  for (std::int64_t k = 0; k < steps_; k += at_once) {
    const std::int64_t steps = std::min(at_once, steps_ - k);
    for (std::int64_t p = first * width_; p < end; p += width_) {
      const std::int64_t count = std::min(width_, columns_ - p);
      const std::int64_t width = parts_of(count * parts_, kernels_.lanes) * kernels_.lanes / parts_;
      all_.y_.pack_y(all_.type_, y_offset_, {to_.column + j_ + p, count, width, k_ + k, steps},
                     y_ + (p * steps_ + k * width) * size_ * parts_ * parts_);
    }
  }
}

void block_loops::pack_rows(std::int64_t i, std::int64_t rows, std::byte* to) const {
  const contraction_operand& x = all_.x_;
  std::int64_t done = 0;
  if (x.in_rows(all_.type_)) {
    done = rows / kernels_.rows * kernels_.rows;
    x.pack_panels(all_.type_, x_offset_, {to_.row + i, done, kernels_.rows, k_, steps_}, to);
  }
  for (std::int64_t r = done; r < rows; r += kernels_.rows) {
    const std::int64_t count = std::min<std::int64_t>(kernels_.rows, rows - r);
    x.pack_x(all_.type_, x_offset_, {to_.row + i + r, count, count, k_, steps_}, to + r * steps_ * parts_ * size_);
  }
}

block_loops::block_operand block_loops::packed_rows(std::int64_t i, std::int64_t rows, int slot) {
  const contraction_operand& x = all_.x_;
  if (!all_.packs_x_) {
    const std::int64_t lane = x.lanes.stride(), step = x.steps.stride();
    return {x.data + x_offset_ + (to_.row + i) * lane + k_ * step, lane, step};
  }
  std::byte* const to = x_ + slot * x_bytes_;
  if (packed_[slot] != i) pack_rows(i, rows, to);
  packed_[slot] = i;
  return {to, 0, 0};
}

void block_loops::run_tasks(std::int64_t first, std::int64_t last, int slot) {
  for (std::int64_t task = first; task < last; ++task) {
    const std::int64_t i = task / groups_ * all_.mc_, from = task % groups_ * group_columns_;
    if (from >= columns_) continue;
    const std::int64_t rows = std::min(all_.mc_, to_.rows - i);
    run_tiles(packed_rows(i, rows, slot), i, rows, from, std::min(group_columns_, columns_ - from));
  }
}

void block_loops::run_tiles(const block_operand& x, std::int64_t i, std::int64_t rows, std::int64_t from,
                            std::int64_t count) const {
  const bool packed = all_.packs_x_ && all_.packs_y_;
  const std::int64_t lanes = kernels_.lanes, steps = steps_ * parts_;
  contraction_tile tile;
  tile.steps = steps;
  tile.pitch = to_.pitch;
  tile.add = k_ > 0;
  for (std::int64_t j = from; j < from + count; j += width_) {
    const std::int64_t used = std::min(width_, from + count - j) * parts_, vectors = parts_of(used, lanes);
    tile.last = used - (vectors - 1) * lanes;
    if (all_.packs_y_) {
      tile.y = y_ + j * parts_ * steps * size_;
      tile.y_step = vectors * lanes * size_;
    } else {
      tile.y_step = all_.y_.steps.stride();
      tile.y = all_.y_.data + y_offset_ + (to_.column + j_ + j) * size_ + k_ * tile.y_step;
    }
    std::byte* to = to_.data + i * to_.pitch + (j_ + j) * parts_ * size_;
    for (std::int64_t r = 0; r < rows; r += kernels_.rows, to += kernels_.rows * to_.pitch) {
      const std::int64_t height = std::min<std::int64_t>(kernels_.rows, rows - r);
      tile.to = to;
      if (packed) {
        tile.x = x.data + r * steps * size_;
        kernels_.packed[height - 1][vectors - 1](tile);
        continue;
      }
      tile.x_row = all_.packs_x_ ? size_ : x.lane;
      tile.x_step = all_.packs_x_ ? height * size_ : x.step;
      tile.x = x.data + r * (all_.packs_x_ ? steps * size_ : x.lane);
      kernels_.strided[height - 1][vectors - 1](tile);
    }
  }
}

// ---- results ------------------------------------------------------------------------------------------------------
void contraction_run::finish(std::int64_t number, const sums_at& from, bool parallel) const {
  const std::int64_t itemsize = type_.element.itemsize(), size = type_.sum.itemsize() * type_.parts;
  const row_copy copy = find_row_copy(static_cast<int>(itemsize));
  std::byte* const to = to_ + batch_.offset(number);
  const auto some_rows = [&](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::byte* sums = from.data + i * from.pitch;
      std::byte* const row = to + rows_.offset(from.row + i);
      constexpr std::int64_t at_once = 256;
      alignas(64) std::byte narrow[at_once * 16];
      for (std::int64_t j = 0; j < from.columns;) {
        walk::run run = columns_.run_at(from.column + j, from.columns - j);
        if (type_.narrow) run.length = std::min(run.length, at_once);
        const std::byte* elements = sums + j * size;
        if (type_.narrow) {
          type_.narrow(narrow, elements, nullptr, nullptr, static_cast<std::size_t>(run.length));
          elements = narrow;
        }
        copy(row + run.offset, run.stride, elements, itemsize, run.length);
        j += run.length;
      }
    }
  };
  if (parallel) {
    parallel_for(from.rows, from.columns, some_rows);
  } else {
    some_rows(0, from.rows, 0);
  }
}

void contraction_run::run_buffered(std::int64_t number, bool parallel) const {
  constexpr std::int64_t most_bytes = 8 << 20;
  const std::int64_t size = type_.sum.itemsize() * type_.parts, width = panel_columns();
  const std::int64_t columns = std::min(columns_.points(), 1024 / width * width);
  const std::int64_t rows = std::min(rows_.points(), most_bytes / (columns * size));
  const scratch memory(rows * columns * size);
  for (std::int64_t j = 0; j < columns_.points(); j += columns) {
    for (std::int64_t i = 0; i < rows_.points(); i += rows) {
      const sums_at sums{memory.data(),
                         columns * size,
                         i,
                         std::min(rows, rows_.points() - i),
                         j,
                         std::min(columns, columns_.points() - j)};
      block_loops(*this, number, sums, parallel).run();
      finish(number, sums, parallel);
    }
  }
}

void contraction_run::run_batch(std::int64_t number, bool parallel) const {
  const bool in_place = !type_.narrow && rows_.regular() && columns_.regular() &&
                        (columns_.points() == 1 || columns_.stride() == type_.element.itemsize());
  if (!in_place) return run_buffered(number, parallel);
  block_loops(*this, number, {to_ + batch_.offset(number), rows_.stride(), 0, rows_.points(), 0, columns_.points()},
              parallel)
      .run();
}

void contraction_run::run() const {
  const std::int64_t batches = batch_.points(), each = work(rows_.points(), columns_.points(), x_.steps.points());
  const parallel_loop loop(batches, each);
  if (loop.slots() == 1 || batches < 2 * loop.slots()) {
    for (std::int64_t b = 0; b < batches; ++b) run_batch(b, true);
    return;
  }
  loop.run([&](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t b = first; b < last; ++b) run_batch(b, false);
  });
}

std::string contraction_run::text() const {
  const auto count = [](std::int64_t n) { return std::to_string(n); };
  const char* const how = packs_x_ && packs_y_ ? "packed" : packs_x_ || packs_y_ ? "partly packed" : "unpacked";
  return std::string(how) + " tiles of " + count(type_.tiles->rows) + " x " + count(panel_columns()) + ", " +
         count(parts_of(rows_.points(), mc_)) + " x " + count(parts_of(columns_.points(), nc_)) + " blocks of " +
         count(kc_) + " steps";
}

}  // namespace

bool contracts(const contraction_plan& plan) {
  if (is_small_contraction(plan) || is_vector_contraction(plan)) return true;
  const bool multiplies_only = plan.summed.empty();  // bound by memory: one pass writes the result
  return points(plan.rows) > 1 && points(plan.columns) > 1 && !multiplies_only;
}

void contract(const contraction_plan& plan) {
  if (!run_small_contraction(plan) && !run_vector_contraction(plan)) contract_packed(plan);
}
void contract_packed(const contraction_plan& plan) { contraction_run(plan).run(); }

std::string contraction_text(const contraction_plan& plan) {
  if (is_small_contraction(plan)) return "small matrices";
  return is_vector_contraction(plan) ? "rows and a vector" : contraction_run(plan).text();
}

}  // namespace tessera::detail::cpu
