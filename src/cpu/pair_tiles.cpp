// Packs panels, walks tiles, puts results where they belong.
#include "cpu/pair_tiles.hpp"

#include <algorithm>
#include <cstring>

#include "cpu/kernels/move.hpp"
#include "cpu/lanes.hpp"
#include "cpu/memory.hpp"
#include "cpu/threads.hpp"
#include "ops/distance_parts.hpp"

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
/// Steps that a tile makes at a time, where there are more than most_pass_steps: so many of a panel of y stay in the
/// first-level cache while panels of x come by.
constexpr std::int64_t pass_steps = 256, most_pass_steps = 384;
static_assert(part_steps % pass_steps == 0 && pass_steps % tile_leaf == 0 && most_pass_steps <= most_tile_steps);
constexpr std::int64_t x_block_bytes = 512 << 10, y_block_bytes = 4 << 20, most_stack_bytes = 2 << 20;
constexpr std::int64_t short_panel_bytes = 3 << 10, short_y_block_bytes = 256 << 10;
/// A unit is up to most_group panels of x by as many of y as have most_strip_bytes of results in a row.
constexpr std::int64_t most_group = 8, short_group = 4, most_tile_rows = 8, most_strip_bytes = 768;

/// One of the two operands, as it is blocked.
struct side {
  const pair_rows* rows;
  std::int64_t width;    // of a panel
  std::int64_t panels;   // of all rows
  std::int64_t block;    // panels in a block
  std::int64_t bytes;    // of a panel's part, packed
  std::int64_t numbers;  // bytes of a panel's numbers, or 0

  std::int64_t block_bytes() const { return round_up(block * (bytes + numbers)); }  // stacks lie behind
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
    std::byte *x, *x_numbers, *y, *y_numbers, *stacks, *unit_stacks;
    std::int64_t x_first, x_count, y_first, y_count;  // panels
  };
  struct unit {  // tiles that one thread makes together: panels of the block
    std::int64_t x, x_count, y, y_count;
  };
  side plan_side(const pair_rows& rows, std::int64_t width, std::int64_t panel_bytes, std::int64_t block_bytes) const;
  std::int64_t block_bytes() const;
  parallel_loop units_loop() const;
  point batch_point(std::int64_t number) const;
  /// `units`: who makes the units of a block; null: the caller.
  void run_batch(const point& at, std::byte* memory, const std::byte* w, const parallel_loop* units) const;
  void run_block(const point& at, const block& b, const std::byte* w, const parallel_loop* units) const;
  offsets offsets_of(const pair_rows& rows, std::int64_t number) const;
  void pack_block(const side& which, const offsets& at, std::int64_t first, std::int64_t count, const part& k,
                  std::byte* to, bool parallel) const;
  void run_unit(const unit& u, const block& b, const part& k, const std::byte* w, std::byte* stacks,
                std::byte* target) const;
  void store(const unit& u, const block& b, const std::byte* from, std::byte* target) const;
  bool is_whole() const { return part_steps_ >= steps_; }  // all steps are packed at once
  bool is_wanted(std::int64_t x_panel, std::int64_t y_panel) const {
    return !p_.to.condensed || (y_panel + 1) * y_.width > p_.to.first_row + x_panel * x_.width + 1;
  }
  template <class F> static void each(bool parallel, std::int64_t count, std::int64_t work, F&& body) {
    if (parallel) parallel_for(count, work, body);
    else body(0, count, 0);
  }

  const pair_problem& p_;
  const tile_kernel& kernel_;
  std::int64_t steps_, part_steps_, pass_steps_, batches_, stack_bytes_;
  std::int64_t group_, strip_;  // panels of x and y in a unit
  std::int64_t unit_bytes_;     // of the stacks of its tiles, where all steps are packed at once
  bool streams_;                // results go past the caches
  side x_, y_;
};

tile_walk::tile_walk(const pair_problem& p)
    : p_(p), kernel_(*p.kernel), steps_(count_of(p.steps)), batches_(count_of(p.batch)) {
  const bool whole = steps_ <= most_whole_steps;
  part_steps_ = whole ? steps_ : part_steps;
  pass_steps_ = steps_ <= most_pass_steps ? steps_ : pass_steps;
  stack_bytes_ = steps_ <= most_pass_steps ? 0 : kernel_.stack_bytes(steps_);
  const std::int64_t y_bytes = kernel_.y_panel_bytes(part_steps_);
  // Of short panels there is little to use again: fewer rows at a time, each written further.
  const bool is_short = y_bytes <= short_panel_bytes;
  group_ = is_short ? short_group : most_group;
  strip_ = std::max<std::int64_t>(1, most_strip_bytes / (kernel_.lanes * kernel_.itemsize));
  unit_bytes_ = whole ? group_ * strip_ * stack_bytes_ : 0;
  x_ = plan_side(p.x, kernel_.rows, kernel_.x_panel_bytes(part_steps_), x_block_bytes);
  y_ = plan_side(p.y, kernel_.lanes, y_bytes, is_short ? short_y_block_bytes : y_block_bytes);
  if (!is_whole()) x_.block = std::clamp<std::int64_t>(most_stack_bytes / (stack_bytes_ * y_.block), 1, x_.block);
  constexpr std::int64_t large = 8 << 20;
  std::int64_t count;
  const bool overflows = __builtin_mul_overflow(p.x.count, p.y.count * batches_, &count);
  streams_ = p.to.y == p.to.itemsize && (overflows || count >= large / p.to.itemsize);
}

side tile_walk::plan_side(const pair_rows& rows, std::int64_t width, std::int64_t panel_bytes,
                          std::int64_t block_bytes) const {
  side s = {&rows, width, (rows.count + width - 1) / width, 1, panel_bytes, 0};
  if (rows.number.data) s.numbers = width * kernel_.itemsize;
  s.block = std::clamp<std::int64_t>(block_bytes / std::max<std::int64_t>(panel_bytes + s.numbers, 1), 1, s.panels);
  return s;
}

std::int64_t tile_walk::block_bytes() const {
  const std::int64_t bytes =
      x_.block_bytes() + y_.block_bytes() + (is_whole() ? 0 : x_.block * y_.block * stack_bytes_);
  return (bytes + 64) / 64 * 64;
}

/// Over the units of a whole block; one at the edge has fewer.
parallel_loop tile_walk::units_loop() const {
  const std::int64_t groups = (x_.block + group_ - 1) / group_, strips = (y_.block + strip_ - 1) / strip_;
  // A step takes a quarter of its share.
  return {groups * strips, group_ * x_.width * strip_ * y_.width * (part_steps_ + 4) / 4};
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

/// The rows of a finished unit, their results one after the other in memory.
void tile_walk::store(const unit& u, const block& b, const std::byte* from, std::byte* target) const {
  const std::int64_t pitch = u.y_count * y_.width * kernel_.itemsize;
  const std::int64_t i = (b.x_first + u.x) * x_.width, j = (b.y_first + u.y) * y_.width;
  const std::int64_t rows = std::min(u.x_count * x_.width, x_.rows->count - i);
  const std::int64_t count = std::min(u.y_count * y_.width, y_.rows->count - j), m = y_.rows->count - p_.to.first_row;
  const move_kernels& moves = find_moves(p_.to.itemsize);
  alignas(64) std::byte converted[2 * most_strip_bytes];
  for (std::int64_t r = 0; r < rows; ++r, from += pitch) {
    const std::int64_t row = i + r, self = p_.to.first_row + row;
    const std::int64_t skipped = p_.to.condensed ? std::clamp<std::int64_t>(self + 1 - j, 0, count) : 0;
    const std::byte* results = from;
    if (p_.to.convert) {
      p_.to.convert(converted, from, from, from, static_cast<std::size_t>(count));
      results = converted;
    }
    results += skipped * p_.to.itemsize;
    const std::int64_t before =
        p_.to.condensed ? (condensed_before(row, m) + j + skipped - self - 1) * p_.to.y : row * p_.to.x + j * p_.to.y;
    if (streams_) moves.stream(target + before, results, count - skipped);
    else moves.row(target + before, p_.to.y, results, p_.to.itemsize, count - skipped);
  }
}

// Steps are made in passes. Results go through a strip: rows of the target are written many lines at a time, in order.
// Tile by tile they were 1.5 lines each in 64 rows, and 2000 x 2000 x 3 took 7 ms instead of 2.5.
void tile_walk::run_unit(const unit& u, const block& b, const part& k, const std::byte* w, std::byte* stacks,
                         std::byte* target) const {
  if (!is_wanted(b.x_first + u.x, b.y_first + u.y + u.y_count - 1)) return;
  const std::int64_t width = y_.width * kernel_.itemsize, pitch = u.y_count * width;
  alignas(64) std::byte strip[most_group * most_tile_rows * most_strip_bytes];
  tile_operands of;
  of.order = p_.order;
  of.total = p_.total;
  std::int64_t done = 0;
  do {
    of.before = k.begin + done;
    of.steps = std::min(pass_steps_, k.end - of.before);
    of.last = k.last && of.before + of.steps == k.end;
    if (w) of.w = w + of.before * kernel_.itemsize;
    for (std::int64_t y = u.y; y < u.y + u.y_count; ++y) {
      of.y = b.y + y * y_.bytes + kernel_.y_panel_bytes(done);
      if (y_.numbers) of.y_row = b.y_numbers + y * y_.numbers;
      for (std::int64_t x = u.x; x < u.x + u.x_count; ++x) {
        of.x = b.x + x * x_.bytes + kernel_.x_panel_bytes(done);
        if (x_.numbers) of.x_row = b.x_numbers + x * x_.numbers;
        if (b.stacks) of.stack = b.stacks + (x * y_.block + y) * stack_bytes_;
        else if (stack_bytes_) of.stack = stacks + ((x - u.x) * strip_ + y - u.y) * stack_bytes_;
        kernel_.tile(strip + (x - u.x) * x_.width * pitch + (y - u.y) * width, pitch, of);
      }
    }
    done += of.steps;
  } while (done < k.end - k.begin);
  if (k.last) store(u, b, strip, target);
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
void tile_walk::run_block(const point& at, const block& b, const std::byte* w, const parallel_loop* units) const {
  const std::int64_t groups = (b.x_count + group_ - 1) / group_, strips = (b.y_count + strip_ - 1) / strip_;
  std::byte* const target = p_.to.data + at.to;
  for (std::int64_t begin = 0; begin == 0 || begin < steps_; begin += part_steps_) {
    const part k = {begin, std::min(begin + part_steps_, steps_), begin + part_steps_ >= steps_};
    if (!is_whole()) pack_block(y_, at.y, b.y_first, b.y_count, k, b.y, units != nullptr);
    pack_block(x_, at.x, b.x_first, b.x_count, k, b.x, units != nullptr);
    const auto make = [&](std::int64_t first, std::int64_t last, int slot) {
      for (std::int64_t n = first; n < std::min(last, strips * groups); ++n) {
        const std::int64_t x = n / strips * group_, y = n % strips * strip_;
        run_unit({x, std::min(group_, b.x_count - x), y, std::min(strip_, b.y_count - y)}, b, k, w,
                 b.unit_stacks + slot * unit_bytes_, target);
      }
      if (streams_) finish_streaming();
    };
    if (units) units->run(make);
    else make(0, strips * groups, 0);
    if (k.last) return;
  }
}

void tile_walk::run_batch(const point& at, std::byte* memory, const std::byte* w, const parallel_loop* units) const {
  block b;
  b.y = memory;
  b.y_numbers = b.y + y_.block * y_.bytes;
  b.x = memory + y_.block_bytes();
  b.x_numbers = b.x + x_.block * x_.bytes;
  b.stacks = is_whole() ? nullptr : b.x + x_.block_bytes();
  b.unit_stacks = memory + block_bytes();
  for (b.y_first = 0; b.y_first < y_.panels; b.y_first += y_.block) {
    b.y_count = std::min(y_.block, y_.panels - b.y_first);
    if (is_whole()) pack_block(y_, at.y, b.y_first, b.y_count, {0, steps_, true}, b.y, units != nullptr);
    for (b.x_first = 0; b.x_first < x_.panels; b.x_first += x_.block) {
      b.x_count = std::min(x_.block, x_.panels - b.x_first);
      if (is_wanted(b.x_first, b.y_first + b.y_count - 1)) run_block(at, b, w, units);
    }
  }
}

void tile_walk::run() const {
  const std::int64_t pairs = x_.rows->count * y_.rows->count;
  const scratch weights(p_.w ? (steps_ + 1) * kernel_.itemsize : 1);
  if (p_.w) pack_numbers(weights.data(), p_.w, p_.w_stride, steps_, steps_, kernel_.itemsize);
  const std::byte* const w = p_.w ? weights.data() : nullptr;
  std::int64_t work;  // a step takes a quarter of its share
  const bool is_large = __builtin_mul_overflow(pairs, (steps_ + 4) / 4, &work) || work > 8 * task_work;
  if (batches_ == 1 || is_large) {
    const parallel_loop units = units_loop();
    const scratch memory(block_bytes() + units.slots() * unit_bytes_);
    for (std::int64_t b = 0; b < batches_; ++b) run_batch(batch_point(b), memory.data(), w, &units);
    return;
  }
  const parallel_loop loop(batches_, work);
  const std::int64_t bytes = block_bytes() + unit_bytes_;
  const scratch memory(loop.slots() * bytes);
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    for (std::int64_t b = first; b < last; ++b) run_batch(batch_point(b), memory.data() + slot * bytes, w, nullptr);
  });
}

}  // namespace

void run_tiles(const pair_problem& problem) { tile_walk(problem).run(); }

}  // namespace tessera::detail::cpu
