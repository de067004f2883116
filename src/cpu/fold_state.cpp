// How folds combine values, and the stack of partial results.
#include "cpu/fold_state.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>
#include <string>

#include "expr/fold.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cpu {
namespace {

bool is_half(dtype type) { return type == float16 || type == bfloat16; }

struct fold_info {
  const char* name;
  op combine;
};
fold_info info_of(fold by) {
  switch (by) {
    case fold::sum: return {"sum", op::add};
    case fold::prod: return {"prod", op::multiply};
    case fold::min: return {"min", op::minimum};
    case fold::max: return {"max", op::maximum};
    case fold::fmin: return {"fmin", op::fmin};
    case fold::fmax: return {"fmax", op::fmax};
    case fold::any: return {"any", op::logical_or};
    case fold::all: return {"all", op::logical_and};
    case fold::argmin: return {"argmin", op::minimum};
    case fold::argmax: return {"argmax", op::maximum};
    default: return {"deviations", op::add};
  }
}

// A sum starts from +0.0: the sum of -0.0 is +0.0.
template <class T> void add_zero(std::byte* x, std::int64_t n) {
  auto* values = reinterpret_cast<T*>(x);
  for (std::int64_t i = 0; i < n; ++i) values[i] += T(0);
}

}  // namespace

// ---- fold_rule ----------------------------------------------------------------------------------------------------
fold_rule::fold_rule(fold by, dtype value, dtype target) : by_(by), target_(target) {
  const bool logical = by == fold::any || by == fold::all;
  const bool position = by == fold::argmin || by == fold::argmax;
  accumulator_ = logical ? bool_ : is_half(value) ? float32 : value;
  const bool rounds = by == fold::sum || by == fold::prod || by == deviations_fold;
  tree_ = rounds && (accumulator_.kind() == 'f' || accumulator_.kind() == 'c');
  bool missing = false;
  if (value != accumulator_) missing |= !(convert_ = find_cast(value, accumulator_));
  if (position) {
    missing |= !(positions_ = find_position_fold(by, accumulator_));
  } else if (by == deviations_fold) {
    missing |= !(deviations_ = find_deviation_fold(accumulator_));
    if (target != float64) missing |= !(deliver_ = find_cast(float64, target));
  } else {
    missing |= !(combine_ = find_kernel(info_of(by).combine, accumulator_));
    missing |= !(rows_ = find_row_fold(by, accumulator_)) || !(lanes_ = find_lane_fold(by, accumulator_));
    if (target != accumulator_) missing |= !(deliver_ = find_cast(accumulator_, target));
  }
  if (missing) throw device_error(std::string(info_of(by).name) + ": the CPU has no kernel for " + value.name());
}

void fold_rule::fold_mapped(fold_map map) { rows_ = find_mapped_sum(map, accumulator_); }

std::int64_t fold_rule::bytes(std::int64_t width) const noexcept {
  if (deviations_) return 4 * round_up(width * 8);
  return round_up(width * accumulator_.itemsize()) + (positions_ ? round_up(width * 8) : 0);
}

std::int64_t* fold_rule::where(std::byte* entry, std::int64_t capacity) const noexcept {
  return reinterpret_cast<std::int64_t*>(entry + round_up(capacity * accumulator_.itemsize()));
}
const std::int64_t* fold_rule::where(const std::byte* entry, std::int64_t capacity) const noexcept {
  return where(const_cast<std::byte*>(entry), capacity);
}

deviations fold_rule::deviations_in(std::byte* entry, std::int64_t capacity, std::int64_t first) const noexcept {
  const auto row = [&](int i) { return reinterpret_cast<double*>(entry + i * round_up(capacity * 8)) + first; };
  return {row(0), row(1), row(2), row(3)};
}

void fold_rule::combine(std::byte* entry, const std::byte* other, std::int64_t capacity, std::int64_t width) const {
  if (positions_) {
    positions_->combine(entry, where(entry, capacity), other, where(other, capacity), static_cast<std::size_t>(width));
  } else if (deviations_) {
    deviations_->combine(deviations_in(entry, capacity), deviations_in(const_cast<std::byte*>(other), capacity),
                         static_cast<std::size_t>(width));
  } else {
    combine_(entry, entry, other, other, static_cast<std::size_t>(width));
  }
}

void fold_rule::collapse(std::byte* entry, std::int64_t capacity, std::int64_t width, std::int64_t lanes) const {
  const std::int64_t itemsize = accumulator_.itemsize();
  for (std::int64_t rows = width / lanes; rows > 1;) {
    const std::int64_t half = (rows + 1) / 2, n = (rows - half) * lanes;
    const std::byte* upper = entry + half * lanes * itemsize;
    if (positions_) {
      std::int64_t* places = where(entry, capacity);
      positions_->combine(entry, places, upper, places + half * lanes, static_cast<std::size_t>(n));
    } else if (deviations_) {
      deviations_->combine(deviations_in(entry, capacity), deviations_in(entry, capacity, half * lanes),
                           static_cast<std::size_t>(n));
    } else {
      combine_(entry, entry, upper, upper, static_cast<std::size_t>(n));
    }
    rows = half;
  }
}

const std::byte* fold_rule::finish(std::byte* entry, std::int64_t capacity, std::byte* buffer,
                                   std::int64_t width) const {
  if (positions_) return reinterpret_cast<const std::byte*>(where(entry, capacity));
  if (deviations_) entry = reinterpret_cast<std::byte*>(deviations_in(entry, capacity).squares);
  if (by_ == fold::sum) {
    const int part = accumulator_.kind() == 'c' ? 2 : 1;
    if (accumulator_ == float32 || accumulator_ == complex64) add_zero<float>(entry, part * width);
    if (accumulator_ == float64 || accumulator_ == complex128) add_zero<double>(entry, part * width);
  }
  if (accumulator_ == bool_) {  // a single value may still be any byte
    for (std::int64_t i = 0; i < width; ++i) entry[i] = std::byte{entry[i] != std::byte{0}};
  }
  if (!deliver_) return entry;
  deliver_(buffer, entry, entry, entry, static_cast<std::size_t>(width));
  return buffer;
}

void fold_rule::fold_row(const std::byte* x, std::int64_t n, std::byte* target) const {
  alignas(64) std::byte small[512];
  const std::int64_t bytes_needed = bytes(1) + round_up(16) + (convert_ ? round_up(n * accumulator_.itemsize()) : 0);
  scratch large;
  if (bytes_needed > std::int64_t{sizeof small}) large = scratch(bytes_needed);
  std::byte* const entry = large.data() ? large.data() : small;
  std::byte *const buffer = entry + bytes(1), *const converted = buffer + round_up(16);
  const auto size = static_cast<std::size_t>(n);
  if (convert_) {
    convert_(converted, x, x, x, size);
    x = converted;
  }
  if (positions_) {
    positions_->rows(entry, where(entry, 1), x, 1, size, {.first = 0, .step = 1, .row = 0, .lanes = 1}, true);
  } else if (deviations_) {
    deviations_->rows(deviations_in(entry, 1), x, 1, size, true);
  } else {
    rows_(entry, x, x, 1, size);
  }
  std::memcpy(target, finish(entry, 1, buffer, 1), static_cast<std::size_t>(target_.itemsize()));
}

// ---- fold_state ---------------------------------------------------------------------------------------------------
// One for each level of the tree, one that is added to, one for rows before they are added.
std::int64_t fold_state::entries(const fold_rule& rule, std::int64_t steps) noexcept {
  const std::int64_t leaves = rule.tree_ ? (steps + leaf - 1) / leaf : 1;
  return std::bit_width(static_cast<std::uint64_t>(leaves)) + 2;
}

std::int64_t fold_state::bytes(const fold_rule& rule, std::int64_t width, std::int64_t steps,
                               std::int64_t points) noexcept {
  const std::int64_t blocks = rule.deviations_ ? most_held : rule.convert_ ? 1 : 0;
  return entries(rule, steps) * rule.bytes(width) + blocks * round_up(points * rule.accumulator_.itemsize());
}

void fold_state::start() noexcept {
  depth_ = 0;
  open_ = false;
  added_ = leaves_ = next_ = held_ = 0;
}

std::byte* fold_state::open(std::int64_t width, bool& fresh) {
  fresh = !open_;
  if (fresh) {
    assert(depth_ < most_levels);
    widths_[depth_++] = width;
    open_ = true;
  }
  return entry(depth_ - 1);
}

void fold_state::add(const folded_block& block) {
  if (rule_->deviations_ && block.row_length == 0) return hold(block);
  folded_block values = block;
  if (rule_->convert_) {
    rule_->convert_(converted_, block.data, block.data, block.data, static_cast<std::size_t>(block.points));
    values.data = values.other = converted_;
  }
  if (block.row_length == 0) {
    add_lanes(values, 0, 1);
  } else {
    add_rows(values);
  }
}

void fold_state::add(const folded_block& block, std::ptrdiff_t stride, std::int64_t count) {
  add_lanes(block, stride, count);
}

// Deviations of a lane are taken from the mean of several elements.
void fold_state::hold(const folded_block& block) {
  if (held_ == most_held || (held_ > 0 && block.points != held_points_)) add_held();
  held_points_ = block.points;
  const std::int64_t bytes = block.points * rule_->accumulator_.itemsize();
  std::byte* const to = converted_ + held_++ * bytes;
  if (rule_->convert_) {
    rule_->convert_(to, block.data, block.data, block.data, static_cast<std::size_t>(block.points));
  } else {
    std::memcpy(to, block.data, static_cast<std::size_t>(bytes));
  }
}

void fold_state::add_held() {
  const std::int64_t count = held_;
  held_ = 0;
  if (count > 0)
    add_lanes({converted_, converted_, held_points_, 0, {}}, held_points_ * rule_->accumulator_.itemsize(), count);
}

void fold_state::add_rows(const folded_block& block) {
  bool fresh;
  const std::int64_t rows = block.points / block.row_length;
  std::byte* const top = open(rows, fresh);
  const auto count = static_cast<std::size_t>(rows), length = static_cast<std::size_t>(block.row_length);
  if (rule_->positions_) {
    rule_->positions_->rows(top, rule_->where(top, capacity_), block.data, count, length, block.at, fresh);
  } else if (rule_->deviations_) {
    rule_->deviations_->rows(rule_->deviations_in(top, capacity_), block.data, count, length, fresh);
  } else {
    std::byte* const folded = fresh ? top : entry(depth_);
    rule_->rows_(folded, block.data, block.other, count, length);
    if (!fresh) rule_->combine_(top, top, folded, folded, count);
  }
  added(1);
}

void fold_state::add_lanes(const folded_block& block, std::ptrdiff_t stride, std::int64_t count) {
  const auto points = static_cast<std::size_t>(block.points);
  if (rule_->positions_) keep_in_order(block.at, count);
  for (std::int64_t done = 0; done < count;) {
    bool fresh;
    std::byte* const top = open(block.points, fresh);
    const std::int64_t some = rule_->tree_ ? std::min(count - done, leaf - added_) : count - done;
    const std::byte* const from = block.data + done * stride;
    if (rule_->positions_) {
      rule_->positions_->lanes(top, rule_->where(top, capacity_), from, stride, static_cast<std::size_t>(some), points,
                               block.at, fresh);
      if (depth_ > 1) merge_top();
    } else if (rule_->deviations_) {
      rule_->deviations_->lanes(rule_->deviations_in(top, capacity_), from, stride, static_cast<std::size_t>(some),
                                points, fresh);
    } else {
      rule_->lanes_(top, from, stride, static_cast<std::size_t>(some), points, fresh);
    }
    done += some;
    added(some);
  }
}

// Lanes keep what they found first of equal elements. Where positions do not grow, an entry of its own is combined.
void fold_state::keep_in_order(const placing& at, std::int64_t count) {
  if (at.first < next_) open_ = false;
  next_ = at.first + (count - 1) * at.row + 1;
}

// As a binary counter: after an even number of leaves the last two entries hold as many each, and so on.
void fold_state::added(std::int64_t count) {
  if (!rule_->tree_) return;
  added_ += count;
  if (added_ < leaf) return;
  open_ = false;
  added_ = 0;
  ++leaves_;
  for (std::int64_t n = leaves_; n % 2 == 0; n /= 2) merge_top();
}

void fold_state::merge_top() {
  --depth_;
  rule_->combine(entry(depth_ - 1), entry(depth_), capacity_, widths_[depth_]);
}

bool fold_state::decided() const noexcept {
  const bool any = rule_->by_ == fold::any;
  return (any || rule_->by_ == fold::all) && depth_ == 1 && widths_[0] == 1 && (entry(0)[0] != std::byte{0}) == any;
}

std::byte* fold_state::result() {
  add_held();
  while (depth_ > 1) merge_top();
  return entry(0);
}

}  // namespace tessera::detail::cpu
