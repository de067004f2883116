// Packs panels, walks tiles, puts results where they belong.
#include "cpu/pair_tiles.hpp"

#include <algorithm>
#include <cstring>

#include "cpu/kernels/move.hpp"
#include "cpu/lanes.hpp"
#include "cpu/memory.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {

// ---- packing ------------------------------------------------------------------------------------------------------
void pack_panel(std::byte* to, const pair_rows& rows, const shape& steps, const std::int64_t* offsets, int itemsize,
                const panel_range& range) {
  const std::int64_t count = std::clamp<std::int64_t>(range.count - range.first, 0, range.width);
  const std::int64_t line = std::int64_t{range.width} * itemsize;
  const std::int64_t pitch = line * static_cast<std::int64_t>(rows.fields.size());
  if (count < range.width) std::memset(to, 0, static_cast<std::size_t>(pitch * (range.end - range.begin)));
  const auto transpose = find_moves(itemsize).transpose;
  const int last = steps.size() - 1;
  for (std::size_t f = 0; f < rows.fields.size(); ++f) {
    const pair_field& field = rows.fields[f];
    const std::byte* const from = field.data + offsets[f] + range.first * field.row;
    std::byte* out = to + static_cast<std::int64_t>(f) * line;
    for (std::int64_t k = range.begin; k < range.end;) {
      const std::int64_t now = std::min(steps[last] - k % steps[last], range.end - k);
      transpose(out, pitch, {from + offset_at(steps, field.steps, k), field.row, field.steps[last]}, count, now);
      out += now * pitch;
      k += now;
    }
  }
}

void pack_numbers(std::byte* to, const std::byte* from, std::int64_t stride, std::int64_t count, std::int64_t width,
                  int itemsize) {
  find_row_copy(itemsize)(to, itemsize, from, stride, std::max<std::int64_t>(count, 0));
  if (count < width) std::memset(to + count * itemsize, 0, static_cast<std::size_t>((width - count) * itemsize));
}

namespace {

// ---- the walk -----------------------------------------------------------------------------------------------------
/// Steps that are packed at a time, where there are more than most_whole_steps.
constexpr std::int64_t part_steps = 1024, most_whole_steps = 4096;
static_assert(part_steps % tile_leaf == 0 && most_whole_steps <= most_tile_steps);
constexpr std::int64_t x_block_bytes = 256 << 10, y_block_bytes = 1 << 20;

/// One of the two operands, as it is blocked.
struct side {
  const pair_rows* rows;
  std::int64_t width;    // of a panel
  std::int64_t panels;   // of all rows
  std::int64_t block;    // panels in a block
  std::int64_t bytes;    // of a panel's part, packed
  std::int64_t numbers;  // bytes of a panel's numbers, or 0

  std::int64_t block_bytes() const { return block * (bytes + numbers); }
};

struct part {
  std::int64_t begin, end;
  bool last;
};

class tile_walk {
 public:
  explicit tile_walk(const pair_problem& p);
  void run() const;

 private:
  struct offsets {
    std::int64_t fields[3] = {}, number = 0;
  };
  struct point {  // of the batch
    offsets x, y;
    std::int64_t to;
  };
  struct block {  // what is packed of it, and where its tiles' stacks are
    std::byte *x, *x_numbers, *y, *y_numbers, *stacks;
    std::int64_t x_first, x_count, y_first, y_count;  // panels
  };
  side plan_side(const pair_rows& rows, std::int64_t width, std::int64_t panel_bytes, std::int64_t block_bytes) const;
  std::int64_t scratch_bytes() const;
  point batch_point(std::int64_t number) const;
  void run_batch(const point& at, std::byte* memory, const std::byte* w, bool parallel) const;
  void run_block(const point& at, const block& b, const std::byte* w, bool parallel) const;
  offsets offsets_of(const pair_rows& rows, std::int64_t number) const;
  void pack_block(const side& which, const offsets& at, std::int64_t first, std::int64_t count, const part& k,
                  std::byte* to, bool parallel) const;
  void run_tile(const block& b, const part& k, const std::byte* w, std::int64_t x, std::int64_t y,
                std::byte* target) const;
  void store(const std::byte* tile, std::int64_t i, std::int64_t j, std::byte* target) const;
  bool is_wanted(std::int64_t x_panel, std::int64_t y_panel) const {
    return !p_.to.condensed || (y_panel + 1) * y_.width > p_.to.first_row + x_panel * x_.width + 1;
  }
  template <class F> static void each(bool parallel, std::int64_t count, std::int64_t work, F&& body) {
    if (parallel) parallel_for(count, work, body);
    else body(0, count, 0);
  }

  const pair_problem& p_;
  const tile_kernel& kernel_;
  std::int64_t steps_, part_steps_, batches_, stack_bytes_;
  side x_, y_;
};

tile_walk::tile_walk(const pair_problem& p)
    : p_(p), kernel_(*p.kernel), steps_(count_of(p.steps)), batches_(count_of(p.batch)) {
  const bool whole = steps_ <= most_whole_steps;
  part_steps_ = whole ? steps_ : part_steps;
  stack_bytes_ = whole ? 0 : kernel_.stack_bytes(steps_);
  x_ = plan_side(p.x, kernel_.rows, kernel_.x_panel_bytes(part_steps_), x_block_bytes);
  y_ = plan_side(p.y, kernel_.lanes, kernel_.y_panel_bytes(part_steps_), y_block_bytes);
}

side tile_walk::plan_side(const pair_rows& rows, std::int64_t width, std::int64_t panel_bytes,
                          std::int64_t block_bytes) const {
  side s = {&rows, width, (rows.count + width - 1) / width, 1, panel_bytes, 0};
  if (rows.number.data) s.numbers = width * kernel_.itemsize;
  s.block = std::clamp<std::int64_t>(block_bytes / std::max<std::int64_t>(panel_bytes + s.numbers, 1), 1, s.panels);
  return s;
}

std::int64_t tile_walk::scratch_bytes() const {
  const std::int64_t bytes = x_.block_bytes() + y_.block_bytes() + x_.block * y_.block * stack_bytes_;
  return (bytes + 64) / 64 * 64;
}

tile_walk::offsets tile_walk::offsets_of(const pair_rows& rows, std::int64_t number) const {
  offsets at;
  for (std::size_t f = 0; f < rows.fields.size(); ++f) at.fields[f] = offset_at(p_.batch, rows.fields[f].batch, number);
  if (rows.number.data) at.number = offset_at(p_.batch, rows.number.batch, number);
  return at;
}

tile_walk::point tile_walk::batch_point(std::int64_t number) const {
  return {offsets_of(p_.x, number), offsets_of(p_.y, number), offset_at(p_.batch, p_.to.batch, number)};
}

void tile_walk::store(const std::byte* tile, std::int64_t i, std::int64_t j, std::byte* target) const {
  const std::int64_t rows = std::min(x_.width, x_.rows->count - i), lanes = std::min(y_.width, y_.rows->count - j);
  const std::int64_t itemsize = kernel_.result_itemsize;
  alignas(64) std::byte converted[2 * most_tile_bytes];
  const row_copy copy = find_row_copy(p_.to.itemsize);
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::byte* from = tile + r * y_.width * itemsize;
    const std::int64_t row = i + r, self = p_.to.first_row + row;
    const std::int64_t first = p_.to.condensed ? std::max(j, self + 1) : j;
    if (first >= j + lanes) return;
    if (p_.to.convert) {
      p_.to.convert(converted, from, from, from, static_cast<std::size_t>(lanes));
      from = converted;
    }
    // The rows before have m - 1 - first_row, m - 2 - first_row, … results.
    const std::int64_t place = row * (2 * (y_.rows->count - p_.to.first_row) - row - 1) / 2 + first - self - 1;
    std::byte* const to = target + (p_.to.condensed ? place * p_.to.y : row * p_.to.x + j * p_.to.y);
    copy(to, p_.to.y, from + (first - j) * p_.to.itemsize, p_.to.itemsize, lanes - (first - j));
  }
}

void tile_walk::run_tile(const block& b, const part& k, const std::byte* w, std::int64_t x, std::int64_t y,
                         std::byte* target) const {
  const std::int64_t i = (b.x_first + x) * x_.width, j = (b.y_first + y) * y_.width;
  tile_operands of;
  of.x = b.x + x * x_.bytes;
  of.y = b.y + y * y_.bytes;
  of.steps = k.end - k.begin;
  if (w) of.w = w + k.begin * kernel_.itemsize;
  if (x_.numbers) of.x_row = b.x_numbers + x * x_.numbers;
  if (y_.numbers) of.y_row = b.y_numbers + y * y_.numbers;
  of.order = p_.order;
  of.total = p_.total;
  of.before = k.begin;
  of.last = k.last;
  if (stack_bytes_) of.stack = b.stacks + (x * y_.block + y) * stack_bytes_;
  const bool whole = i + x_.width <= x_.rows->count && j + y_.width <= y_.rows->count;
  if (whole && p_.to.y == kernel_.result_itemsize && !p_.to.convert && !p_.to.condensed) {
    return kernel_.tile(target + i * p_.to.x + j * p_.to.y, p_.to.x, of);
  }
  alignas(64) std::byte tile[most_tile_bytes];
  kernel_.tile(tile, y_.width * kernel_.result_itemsize, of);
  if (k.last) store(tile, i, j, target);
}

void tile_walk::pack_block(const side& which, const offsets& at, std::int64_t first, std::int64_t count, const part& k,
                           std::byte* to, bool parallel) const {
  const pair_rows& rows = *which.rows;
  std::byte* const numbers = to + which.block * which.bytes;
  each(parallel, count, which.width * (k.end - k.begin + 1), [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t p = begin; p < end; ++p) {
      const std::int64_t row = (first + p) * which.width;
      pack_panel(to + p * which.bytes, rows, p_.steps, at.fields, kernel_.itemsize,
                 {row, rows.count, static_cast<int>(which.width), k.begin, k.end});
      if (!which.numbers) continue;
      pack_numbers(numbers + p * which.numbers, rows.number.data + at.number + row * rows.number.row, rows.number.row,
                   std::min(which.width, rows.count - row), which.width, kernel_.itemsize);
    }
  });
}

// All parts of the steps of a block of tiles. y is there already, unless there are several parts.
void tile_walk::run_block(const point& at, const block& b, const std::byte* w, bool parallel) const {
  constexpr std::int64_t group = 16;  // tiles
  const std::int64_t groups = (b.x_count + group - 1) / group;
  std::byte* const target = p_.to.data + at.to;
  for (std::int64_t begin = 0; begin == 0 || begin < steps_; begin += part_steps_) {
    const part k = {begin, std::min(begin + part_steps_, steps_), begin + part_steps_ >= steps_};
    if (part_steps_ < steps_) pack_block(y_, at.y, b.y_first, b.y_count, k, b.y, parallel);
    pack_block(x_, at.x, b.x_first, b.x_count, k, b.x, parallel);
    const std::int64_t work =
        group * x_.width * y_.width * (k.end - k.begin + 4) / 4;  // a step takes a quarter of its share
    each(parallel, b.y_count * groups, work, [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t n = first; n < last; ++n) {
        const std::int64_t y = n / groups, x = n % groups * group;
        for (std::int64_t i = x; i < std::min(x + group, b.x_count); ++i)
          if (is_wanted(b.x_first + i, b.y_first + y)) run_tile(b, k, w, i, y, target);
      }
    });
    if (k.last) return;
  }
}

void tile_walk::run_batch(const point& at, std::byte* memory, const std::byte* w, bool parallel) const {
  block b;
  b.y = memory;
  b.y_numbers = b.y + y_.block * y_.bytes;
  b.x = memory + y_.block_bytes();
  b.x_numbers = b.x + x_.block * x_.bytes;
  b.stacks = b.x + x_.block_bytes();
  for (b.y_first = 0; b.y_first < y_.panels; b.y_first += y_.block) {
    b.y_count = std::min(y_.block, y_.panels - b.y_first);
    if (part_steps_ >= steps_) pack_block(y_, at.y, b.y_first, b.y_count, {0, steps_, true}, b.y, parallel);
    for (b.x_first = 0; b.x_first < x_.panels; b.x_first += x_.block) {
      b.x_count = std::min(x_.block, x_.panels - b.x_first);
      if (is_wanted(b.x_first, b.y_first + b.y_count - 1)) run_block(at, b, w, parallel);
    }
  }
}

void tile_walk::run() const {
  const std::int64_t pairs = x_.rows->count * y_.rows->count, bytes = scratch_bytes();
  const scratch weights(p_.w ? (steps_ + 1) * kernel_.itemsize : 1);
  if (p_.w) pack_numbers(weights.data(), p_.w, p_.w_stride, steps_, steps_, kernel_.itemsize);
  const std::byte* const w = p_.w ? weights.data() : nullptr;
  std::int64_t work;  // a step takes a quarter of its share
  const bool is_large = __builtin_mul_overflow(pairs, (steps_ + 4) / 4, &work) || work > 8 * task_work;
  if (batches_ == 1 || is_large) {
    const scratch memory(bytes);
    for (std::int64_t b = 0; b < batches_; ++b) run_batch(batch_point(b), memory.data(), w, true);
    return;
  }
  const parallel_loop loop(batches_, work);
  const scratch memory(loop.slots() * bytes);
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    for (std::int64_t b = first; b < last; ++b) run_batch(batch_point(b), memory.data() + slot * bytes, w, false);
  });
}

}  // namespace

void run_tiles(const pair_problem& problem) { tile_walk(problem).run(); }

}  // namespace tessera::detail::cpu
