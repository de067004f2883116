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
// Columns are what lies along the result's fastest axis, whichever operand they come from. Where the result is of another
// dtype than the sums, or its rows or columns are not equally spaced, sums are kept in a buffer until they are complete.
// The block of summed points decides the order in which products are added: it depends on the plan only, so that results
// do not depend on the number of threads.
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
  void run_batch(std::int64_t number, bool parallel) const;
  void run_buffered(std::int64_t number, bool parallel) const;
  void multiply(std::int64_t number, const sums_at& to, bool parallel) const;
  void run_tiles(const std::byte* x, const std::byte* y, const sums_at& block, std::int64_t steps, bool add) const;
  void finish(std::int64_t number, const sums_at& from, bool parallel) const;
  std::int64_t work(std::int64_t rows, std::int64_t columns, std::int64_t steps) const;
  std::int64_t panel_columns() const { return vectors_ * type_.tiles->lanes / type_.parts; }

  contraction_type type_;
  contraction_operand x_, y_;
  walk rows_, columns_, batch_;  // of the result
  std::byte* to_;
  std::int64_t vectors_;  // of a tile
  std::int64_t kc_, mc_, nc_;
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
  const std::int64_t size = type_.sum.itemsize(), most_steps = 256 / type_.parts;
  kc_ = even_part(x_.steps.points(), most_steps, 1);
  mc_ = even_part(rows_.points(), (336 << 10) / (256 * size) / kernels.rows * kernels.rows, kernels.rows);
  nc_ = even_part(columns_.points(), 4096 / panel_columns() * panel_columns(), panel_columns());
}

// In units of threads.hpp: a quarter of a nanosecond.
std::int64_t contraction_run::work(std::int64_t rows, std::int64_t columns, std::int64_t steps) const {
  const double products = static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(steps);
  return static_cast<std::int64_t>(std::min(products * type_.sum.itemsize() * type_.parts / 32, 1e15)) + 1;
}

// ---- the five loops -----------------------------------------------------------------------------------------------
void contraction_run::run_tiles(const std::byte* x, const std::byte* y, const sums_at& block, std::int64_t steps,
                                bool add) const {
  const contraction_kernels& kernels = *type_.tiles;
  const std::int64_t lanes = kernels.lanes, width = panel_columns(), size = type_.sum.itemsize();
  const std::int64_t own_steps = steps * type_.parts;
  contraction_tile tile;
  tile.steps = own_steps;
  tile.pitch = block.pitch;
  tile.add = add;
  for (std::int64_t j = 0; j < block.columns; j += width) {
    const std::int64_t used = std::min(width, block.columns - j) * type_.parts, vectors = parts_of(used, lanes);
    tile.y = y + j * type_.parts * own_steps * size;
    tile.last = used - (vectors - 1) * lanes;
    for (std::int64_t i = 0; i < block.rows; i += kernels.rows) {
      const std::int64_t rows = std::min<std::int64_t>(kernels.rows, block.rows - i);
      tile.x = x + i * own_steps * size;
      tile.to = block.data + i * block.pitch + j * type_.parts * size;
      kernels.packed[rows - 1][vectors - 1](tile);
    }
  }
}

void contraction_run::multiply(std::int64_t number, const sums_at& to, bool parallel) const {
  const contraction_kernels& kernels = *type_.tiles;
  const std::int64_t size = type_.sum.itemsize() * type_.parts, steps = x_.steps.points(), width = panel_columns();
  const std::int64_t x_offset = x_.batch.offset(number), y_offset = y_.batch.offset(number);
  const std::int64_t row_blocks = parts_of(to.rows, mc_);
  const std::int64_t most_columns = std::min(nc_, parts_of(to.columns, width) * width);
  const std::int64_t panels = parts_of(most_columns, width);
  // As many groups of columns as keep threads busy to the end: each packs the rows that it needs.
  const parallel_loop probe(parallel ? panels : 1, work(to.rows, width, kc_));
  const std::int64_t groups = std::clamp<std::int64_t>(parts_of(4 * (probe.slots() - 1), row_blocks), 1, panels);
  const std::int64_t group_panels = parts_of(panels, groups);
  const parallel_loop tiles(parallel ? row_blocks * groups : 1, work(mc_, group_panels * width, kc_));
  const std::int64_t x_bytes = mc_ * kc_ * size, y_bytes = most_columns * kc_ * size * type_.parts;
  const scratch memory(y_bytes + tiles.slots() * x_bytes);
  for (std::int64_t j = 0; j < to.columns; j += nc_) {
    const std::int64_t columns = std::min(nc_, to.columns - j);
    for (std::int64_t k = 0; k < steps; k += kc_) {
      const std::int64_t own = std::min(kc_, steps - k);
      const auto pack_y = [&](std::int64_t first, std::int64_t last, int) {
        for (std::int64_t p = first * width; p < std::min(last * width, columns); p += width) {
          const std::int64_t count = std::min(width, columns - p);
          const std::int64_t lanes = parts_of(count * type_.parts, kernels.lanes) * kernels.lanes;
          y_.pack_y(type_, y_offset, {to.column + j + p, count, lanes / type_.parts, k, own},
                  memory.data() + p * own * size * type_.parts);
        }
      };
      if (parallel) {
        parallel_for(parts_of(columns, width), 2 * width * own, pack_y);
      } else {
        pack_y(0, parts_of(columns, width), 0);
      }
      inline_vector<std::int64_t, 8> packed(static_cast<std::size_t>(tiles.slots()), -1);
      const auto run_blocks = [&](std::int64_t first, std::int64_t last, int slot) {
        std::byte* const x = memory.data() + y_bytes + slot * x_bytes;
        for (std::int64_t task = first; task < last; ++task) {
          const std::int64_t i = task / groups * mc_, rows = std::min(mc_, to.rows - i);
          const std::int64_t from = task % groups * group_panels * width;
          if (from >= columns) continue;
          for (std::int64_t r = 0; packed[slot] != i && r < rows; r += kernels.rows) {
            const std::int64_t count = std::min<std::int64_t>(kernels.rows, rows - r);
            x_.pack_x(type_, x_offset, {to.row + i + r, count, count, k, own}, x + r * own * size);
          }
          packed[slot] = i;
          const sums_at block{to.data + i * to.pitch + (j + from) * size,    to.pitch, i, rows, j + from,
                              std::min(group_panels * width, columns - from)};
          run_tiles(x, memory.data() + from * own * size * type_.parts, block, own, k > 0);
        }
      };
      if (parallel) {
        tiles.run(run_blocks);
      } else {
        run_blocks(0, row_blocks, 0);
      }
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
      multiply(number, sums, parallel);
      finish(number, sums, parallel);
    }
  }
}

void contraction_run::run_batch(std::int64_t number, bool parallel) const {
  const bool in_place = !type_.narrow && rows_.regular() && columns_.regular() &&
                        (columns_.points() == 1 || columns_.stride() == type_.element.itemsize());
  if (!in_place) return run_buffered(number, parallel);
  multiply(number, {to_ + batch_.offset(number), rows_.stride(), 0, rows_.points(), 0, columns_.points()}, parallel);
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
  const std::int64_t blocks = parts_of(rows_.points(), mc_) * parts_of(columns_.points(), nc_);
  return "packed tiles of " + count(type_.tiles->rows) + " x " + count(panel_columns()) + ", " + count(blocks) +
         (blocks == 1 ? " block" : " blocks") + " x " + count(parts_of(x_.steps.points(), kc_));
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
