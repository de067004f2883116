// fold_state: the partial results of one fold, a block of accumulators at a time.
//
// Sums and products are combined in a tree whatever the layout: `leaf` blocks one after the other, leaves in pairs,
// pairs in pairs (as a binary counter counts), so that errors grow with the logarithm of the count.
//
//     leaves     a   b   c   d   e             entries on the stack after leaf e:   (a b c d)   (e)
//                (a b)  (c d)
//                  (a b c d)
#pragma once
#include "cpu/kernels/reduce.hpp"
#include "cpu/kernels/table.hpp"
#include "cpu/memory.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cpu {

/// How a fold combines: resolved once a run.
class fold_rule {
 public:
  /// Values of dtype `value`, results of dtype `target`. Throws device_error when there is no kernel.
  fold_rule(fold by, dtype value, dtype target);

  dtype accumulator() const noexcept { return accumulator_; }
  /// Bytes of `width` accumulators.
  std::int64_t bytes(std::int64_t width) const noexcept;
  /// Folds the halves of rows * lanes accumulators onto each other until `lanes` are left.
  void collapse(std::byte* entry, std::int64_t capacity, std::int64_t width, std::int64_t lanes) const;
  /// entry = entry by other, lane by lane.
  void combine(std::byte* entry, const std::byte* other, std::int64_t capacity, std::int64_t width) const;
  /// The finished results of `width` accumulators, of the target's dtype; may change the entry.
  const std::byte* finish(std::byte* entry, std::int64_t capacity, std::byte* buffer, std::int64_t width) const;

 private:
  friend class fold_state;
  std::int64_t* where(std::byte* entry, std::int64_t capacity) const noexcept;
  const std::int64_t* where(const std::byte* entry, std::int64_t capacity) const noexcept;

  fold by_;
  dtype accumulator_, target_;
  bool tree_;                 // the order of combining matters
  kernel convert_ = nullptr;  // value -> accumulator
  kernel combine_ = nullptr;
  kernel deliver_ = nullptr;  // accumulator -> target
  row_fold rows_ = nullptr;
  const position_fold* positions_ = nullptr;
};

/// The stack of partial results over one run of steps.
class fold_state {
 public:
  /// For up to `steps` additions of up to `points` values into `width` accumulators, in `memory` of bytes(…).
  fold_state(const fold_rule& rule, std::int64_t width, std::int64_t steps, std::byte* memory) noexcept
      : rule_(&rule),
        capacity_(width),
        memory_(memory),
        converted_(memory + entries(rule, steps) * rule.bytes(width)) {}
  static std::int64_t bytes(const fold_rule& rule, std::int64_t width, std::int64_t steps,
                            std::int64_t points) noexcept;

  void start() noexcept;
  /// Adds n values lane by lane (row_length 0), or n / row_length rows of them. Value i of a row (or of the lanes,
  /// `lanes` each) has position first + i. Only the last addition may have fewer lanes than those before.
  void add(const std::byte* x, std::int64_t n, std::int64_t row_length, std::int64_t lanes, std::int64_t first);
  /// Combines what is left; the single entry and its width.
  std::byte* result();
  std::int64_t width() const noexcept { return widths_[0]; }

 private:
  static std::int64_t entries(const fold_rule& rule, std::int64_t steps) noexcept;
  std::byte* entry(int level) const noexcept { return memory_ + level * rule_->bytes(capacity_); }
  void close_leaf();
  void merge_top();

  static constexpr std::int64_t leaf = 16;  // additions one after the other
  static constexpr int most_levels = 64;
  const fold_rule* rule_;
  std::int64_t capacity_;
  std::byte* memory_;     // entries
  std::byte* converted_;  // values as they are accumulated
  int depth_ = 0;         // entries in use
  bool open_ = false;     // the top entry is a leaf that is still being added to
  std::int64_t added_ = 0, leaves_ = 0;
  std::int64_t widths_[most_levels] = {};
};

}  // namespace tessera::detail::cpu
