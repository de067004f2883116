// How folds combine values, and the stack of partial results.
#include "cpu/fold_state.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>
#include <string>

#include "tessera/error.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::int64_t round_up(std::int64_t n) { return (n + 63) / 64 * 64; }

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
    default: return {"argmax", op::maximum};
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
  tree_ = (by == fold::sum || by == fold::prod) && (accumulator_.kind() == 'f' || accumulator_.kind() == 'c');
  bool missing = false;
  if (value != accumulator_) missing |= !(convert_ = find_cast(value, accumulator_));
  if (position) {
    missing |= !(positions_ = find_position_fold(by, accumulator_));
  } else {
    missing |= !(combine_ = find_kernel(info_of(by).combine, accumulator_));
    missing |= !(rows_ = find_row_fold(by, accumulator_));
    if (target != accumulator_) missing |= !(deliver_ = find_cast(accumulator_, target));
  }
  if (missing) throw device_error(std::string(info_of(by).name) + ": the CPU has no kernel for " + value.name());
}

std::int64_t fold_rule::bytes(std::int64_t width) const noexcept {
  return round_up(width * accumulator_.itemsize()) + (positions_ ? round_up(width * 8) : 0);
}

std::int64_t* fold_rule::where(std::byte* entry, std::int64_t capacity) const noexcept {
  return reinterpret_cast<std::int64_t*>(entry + round_up(capacity * accumulator_.itemsize()));
}
const std::int64_t* fold_rule::where(const std::byte* entry, std::int64_t capacity) const noexcept {
  return where(const_cast<std::byte*>(entry), capacity);
}

void fold_rule::combine(std::byte* entry, const std::byte* other, std::int64_t capacity, std::int64_t width) const {
  if (positions_) {
    positions_->combine(entry, where(entry, capacity), other, where(other, capacity), static_cast<std::size_t>(width));
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
    } else {
      combine_(entry, entry, upper, upper, static_cast<std::size_t>(n));
    }
    rows = half;
  }
}

const std::byte* fold_rule::finish(std::byte* entry, std::int64_t capacity, std::byte* buffer,
                                   std::int64_t width) const {
  if (positions_) return reinterpret_cast<const std::byte*>(where(entry, capacity));
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

// ---- fold_state ---------------------------------------------------------------------------------------------------
// One for each level of the tree, one that is added to, one for rows before they are added.
std::int64_t fold_state::entries(const fold_rule& rule, std::int64_t steps) noexcept {
  return std::bit_width(static_cast<std::uint64_t>(rule.tree_ ? (steps + leaf - 1) / leaf : 1)) + 2;
}

std::int64_t fold_state::bytes(const fold_rule& rule, std::int64_t width, std::int64_t steps,
                               std::int64_t points) noexcept {
  return entries(rule, steps) * rule.bytes(width) +
         (rule.convert_ ? round_up(points * rule.accumulator_.itemsize()) : 0);
}

void fold_state::start() noexcept {
  depth_ = 0;
  open_ = false;
  added_ = leaves_ = 0;
}

void fold_state::add(const std::byte* x, std::int64_t n, std::int64_t row_length, std::int64_t lanes,
                     std::int64_t first) {
  const bool fresh = !open_;
  if (fresh) {
    assert(depth_ < most_levels);
    ++depth_;
    open_ = true;
  }
  std::byte* const top = entry(depth_ - 1);
  const std::int64_t rows = row_length == 0 ? 0 : n / row_length;
  if (fresh) widths_[depth_ - 1] = row_length == 0 ? n : rows;
  const auto size = static_cast<std::size_t>(n);
  if (rule_->convert_) {
    rule_->convert_(converted_, x, x, x, size);
    x = converted_;
  }
  if (rule_->positions_) {
    std::int64_t* const where = rule_->where(top, capacity_);
    if (row_length == 0) {
      rule_->positions_->lanes(top, where, x, size, static_cast<std::size_t>(lanes), first, fresh);
    } else {
      rule_->positions_->rows(top, where, x, static_cast<std::size_t>(rows), static_cast<std::size_t>(row_length),
                              first, fresh);
    }
  } else if (row_length == 0) {
    if (fresh) {
      std::memcpy(top, x, size * static_cast<std::size_t>(rule_->accumulator_.itemsize()));
    } else {
      rule_->combine_(top, top, x, x, size);
    }
  } else {
    std::byte* const folded = fresh ? top : entry(depth_);
    rule_->rows_(folded, x, static_cast<std::size_t>(rows), static_cast<std::size_t>(row_length));
    if (!fresh) rule_->combine_(top, top, folded, folded, static_cast<std::size_t>(rows));
  }
  if (rule_->tree_ && ++added_ == leaf) close_leaf();
}

// As a binary counter: after an even number of leaves the last two entries hold as many each, and so on.
void fold_state::close_leaf() {
  open_ = false;
  added_ = 0;
  ++leaves_;
  for (std::int64_t n = leaves_; n % 2 == 0; n /= 2) merge_top();
}

void fold_state::merge_top() {
  --depth_;
  rule_->combine(entry(depth_ - 1), entry(depth_), capacity_, widths_[depth_]);
}

std::byte* fold_state::result() {
  while (depth_ > 1) merge_top();
  return entry(0);
}

}  // namespace tessera::detail::cpu
