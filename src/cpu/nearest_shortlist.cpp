// Finds the box, rounds rows to integers, walks tiles of integers.
#include "cpu/nearest_shortlist.hpp"

#include <atomic>
#include <bit>
#include <cmath>
#include <limits>

#include "cpu/memory.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::int32_t least_key = std::numeric_limits<std::int32_t>::min(), largest_key = ~least_key;

// Below these sizes the pass over the points, rounding and the second look cost more than is won.
bool may_help(const nearest_plan& plan) {
  const distance_plan& of = plan.of;
  const bool is_euclidean = of.what == metric_code::euclidean || of.what == metric_code::sqeuclidean;
  return is_euclidean && of.type == float32 && !of.w.data && !plan.largest_first && count_of(of.batch) == 1 &&
         of.n >= 512 && of.m >= 16384 && of.d >= 32 && of.d <= 2048 && plan.k <= 64;
}

}  // namespace

shortlists::shortlists(const nearest_plan& plan, const packed_rows& x, const packed_rows& y)
    : plan_(plan), x_(x), y_(y) {
  if (!may_help(plan)) return;
  kernel_ = find_shortlist();
  if (!kernel_) return;
  pairs_ = (plan.of.d + 1) / 2;
  capacity_ = 4 * plan.k + 4 * kernel_->lanes;
  if (!find_box()) kernel_ = nullptr;
}

bool shortlists::find_box() {
  const distance_plan& of = plan_.of;
  const std::int64_t lanes = kernel_->lanes, count = of.d * lanes;
  const parallel_loop loop((of.m + lanes - 1) / lanes, count);
  const scratch memory(3 * loop.slots() * count * 4);
  float* const corners = reinterpret_cast<float*>(memory.data());
  for (std::int64_t slot = 0; slot < loop.slots(); ++slot) {
    std::fill_n(corners + 3 * slot * count, count, std::numeric_limits<float>::infinity());
    std::fill_n(corners + (3 * slot + 1) * count, count, -std::numeric_limits<float>::infinity());
  }
  std::atomic<bool> finite = true;
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    float* const low = corners + 3 * slot * count;
    float *const high = low + count, *const panel = high + count;
    for (std::int64_t p = first; p < last && finite.load(std::memory_order_relaxed); ++p) {
      y_.pack(reinterpret_cast<std::byte*>(panel), 0, std::min(p * lanes, of.m - lanes), kernel_->lanes, 0, of.d);
      if (!kernel_->widen(low, high, panel, count)) finite = false;
    }
  });
  if (!finite) return false;

  double half = 0;  // of the longest edge
  for (std::int64_t k = 0; k < of.d; ++k) {
    float low = corners[k * lanes], high = corners[count + k * lanes];
    for (std::int64_t slot = 0; slot < loop.slots(); ++slot) {
      for (std::int64_t i = k * lanes; i < (k + 1) * lanes; ++i) {
        low = std::min(low, corners[3 * slot * count + i]);
        high = std::max(high, corners[(3 * slot + 1) * count + i]);
      }
    }
    const float centre = low / 2 + high / 2;
    centre_.push_back(centre);
    half = std::max({half, double{high} - double{centre}, double{centre} - double{low}});
  }
  if (!(half > 1e-12 && half < 1e12)) return false;  // far from where squares overflow, or vanish
  const auto d = static_cast<double>(of.d);
  most_ = static_cast<float>(std::floor(std::sqrt(2147483647.0 / (4 * d))));  // all |u(x) - u(y)|^2 fit
  inverse_ = static_cast<float>(most_ / half * (1 - 1e-6));
  step_ = 1 / static_cast<double>(inverse_);
  y_radius_ = step_ * std::sqrt(d) * 0.502;  // half a step, and roundings of numbers up to 4096
  return true;
}

block_of_lists shortlists::block_in(workspace& memory, std::int64_t rows) const {
  const std::int64_t padded = round_up(rows, kernel_->rows), lanes = kernel_->lanes;
  block_of_lists b;
  b.panel = memory.take<float>(plan_.of.d * lanes);
  b.x = memory.take<std::int32_t>(padded * pairs_);
  b.y = memory.take<std::int32_t>(pairs_ * lanes);
  b.y_squares = memory.take<std::int32_t>(lanes);
  b.tile = memory.take<std::int32_t>(kernel_->rows * lanes);
  b.bounds = memory.take<std::int32_t>(padded);
  b.x_squares = memory.take<std::int32_t>(padded);
  b.radii = memory.take<double>(padded);
  b.counts = memory.take<std::int64_t>(padded);
  b.lists = memory.take<listed>(padded * capacity_);
  return b;
}

// ---- a block of rows ----------------------------------------------------------------------------------------------
void shortlists::start(const block_of_lists& b, const rows_and_points& of) const {
  const std::int64_t padded = round_up(of.rows, kernel_->rows);
  std::fill_n(b.x + of.rows * pairs_, (padded - of.rows) * pairs_, 0);
  std::fill_n(b.bounds, padded, least_key);
  for (std::int64_t row = 0; row < of.rows; row += kernel_->lanes) round_rows(b, row, of);
}

void shortlists::round_rows(const block_of_lists& b, std::int64_t row, const rows_and_points& of) const {
  const std::int64_t d = plan_.of.d, lanes = kernel_->lanes;
  x_.pack(reinterpret_cast<std::byte*>(b.panel), 0, of.row + row, kernel_->lanes, 0, d);
  kernel_->round(b.y, b.y_squares, b.panel, d, centre_.data(), inverse_, most_);
  for (std::int64_t i = 0; i < std::min(lanes, of.rows - row); ++i) {
    double square = 0;
    for (std::int64_t k = 0; k < d; ++k) {
      const std::int32_t pair = b.y[k / 2 * lanes + i];
      b.x[(row + i) * pairs_ + k / 2] = pair;
      const auto integer = static_cast<std::int16_t>(static_cast<std::uint32_t>(pair) >> (k % 2 * 16));
      const double rest =
          double{b.panel[k * lanes + i]} - double{centre_[static_cast<std::size_t>(k)]} - step_ * integer;
      square += rest * rest;
    }
    const double radius = std::sqrt(square) * (1 + 1e-9);
    const bool usable = radius < 1e15;  // not NaN either
    b.radii[row + i] = radius + y_radius_;
    b.x_squares[row + i] = b.y_squares[i];
    b.counts[row + i] = usable ? 0 : -1;
    b.bounds[row + i] = usable ? largest_key : least_key;
  }
}

bool shortlists::find(const block_of_lists& b, const rows_and_points& of) const {
  constexpr std::int64_t panels_to_look = 64;
  const std::int64_t d = plan_.of.d, lanes = kernel_->lanes;
  start(b, of);
  for (std::int64_t first = of.first_point; first < of.last_point; first += lanes) {
    const bool look = (first - of.first_point) % (panels_to_look * lanes) == 0;
    if (look && 2 * std::count(b.counts, b.counts + of.rows, -1) > of.rows) return false;
    y_.pack(reinterpret_cast<std::byte*>(b.panel), 0, first, kernel_->lanes, 0, d);
    kernel_->round(b.y, b.y_squares, b.panel, d, centre_.data(), inverse_, most_);
    const std::uint64_t points = ~std::uint64_t{0} >> (64 - std::min(lanes, of.last_point - first));
    for (std::int64_t row = 0; row < of.rows; row += kernel_->rows) {
      std::uint64_t below[shortlist_rows];
      if (!kernel_->tile(b.tile, below, b.x + row * pairs_, b.y, b.y_squares, pairs_, b.bounds + row)) continue;
      for (std::int64_t r = 0; r < std::min<std::int64_t>(kernel_->rows, of.rows - row); ++r) {
        if ((below[r] & points) == 0) continue;
        const std::int64_t self = plan_.exclude_self ? of.row + row + r + plan_.of.first_row - of.first_point : -1;
        add(b, row + r, below[r] & points, b.tile + r * lanes, first - of.first_point, self);
      }
    }
  }
  for (std::int64_t row = 0; row < of.rows; ++row) {
    if (b.counts[row] > 0) shorten(b, row);
  }
  return true;
}

void shortlists::add(const block_of_lists& b, std::int64_t row, std::uint64_t which, const std::int32_t* keys,
                     std::int64_t first, std::int64_t self) const {
  listed* const list = b.lists + row * capacity_;
  std::int64_t count = b.counts[row];
  if (count < 0) return;
  for (; which != 0; which &= which - 1) {
    const int lane = std::countr_zero(which);
    if (first + lane != self) list[count++] = {keys[lane], static_cast<std::uint32_t>(first + lane)};
  }
  b.counts[row] = count;
  if (count > capacity_ - kernel_->lanes) shorten(b, row);
}

// Leaves those that may be among the k nearest, and lowers the bound; no list where they are too many.
void shortlists::shorten(const block_of_lists& b, std::int64_t row) const {
  listed* const list = b.lists + row * capacity_;
  listed *const end = list + b.counts[row], *const nth = list + plan_.k - 1;
  std::nth_element(list, nth, end, [](const listed& p, const listed& q) { return p.key < q.key; });
  const double radii = b.radii[row], square = static_cast<double>(nth->key) + b.x_squares[row];
  // The k-th nearest is no further than this. Computed distances have roundings of d terms and of their sum.
  const double nearest = step_ * std::sqrt(square) + radii;
  const double errors = 4 * static_cast<double>(plan_.of.d + 16) * 0x1p-24;
  const double furthest = (nearest * (1 + errors) + 1e-20 + radii) / step_;
  const double bound = std::floor(std::min(furthest * furthest * (1 + 1e-12), 2147483646.0)) + 1 - b.x_squares[row];
  b.bounds[row] = static_cast<std::int32_t>(bound);
  listed* const last = std::partition(nth, end, [&](const listed& p) { return p.key <= b.bounds[row]; });
  b.counts[row] = last - list;
  if (b.counts[row] <= capacity_ - 2 * kernel_->lanes) return;
  b.counts[row] = -1;
  b.bounds[row] = least_key;
}

}  // namespace tessera::detail::cpu
