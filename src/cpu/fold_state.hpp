// fold_state: the partial results of one fold, a block of accumulators at a time.
//
// Sums and products are combined in a tree whatever the layout: some blocks into a leaf, leaves in pairs, pairs in pairs
// (as a binary counter counts), so that errors grow with the logarithm of the count.
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
  /// A sum of a map of values, for rows that are folded where they lie.
  void fold_mapped(fold_map map);

  dtype accumulator() const noexcept { return accumulator_; }
  /// Whether values are folded as they lie in memory, so that many blocks can be added at a time.
  bool takes_many() const noexcept { return convert_ == nullptr; }
  /// Bytes of `width` accumulators.
  std::int64_t bytes(std::int64_t width) const noexcept;
  /// Folds the halves of rows * lanes accumulators onto each other until `lanes` are left.
  void collapse(std::byte* entry, std::int64_t capacity, std::int64_t width, std::int64_t lanes) const;
  /// entry = entry by other, lane by lane.
  void combine(std::byte* entry, const std::byte* other, std::int64_t capacity, std::int64_t width) const;
  /// The finished results of `width` accumulators, of the target's dtype; may change the entry.
  const std::byte* finish(std::byte* entry, std::int64_t capacity, std::byte* buffer, std::int64_t width) const;

  /// The finished result of one row that fits a block into `target`, as a fold_state gives it.
  void fold_row(const std::byte* x, std::int64_t n, std::byte* target) const;

 private:
  friend class fold_state;
  std::int64_t* where(std::byte* entry, std::int64_t capacity) const noexcept;
  const std::int64_t* where(const std::byte* entry, std::int64_t capacity) const noexcept;
  deviations deviations_in(std::byte* entry, std::int64_t capacity, std::int64_t first = 0) const noexcept;

  fold by_;
  dtype accumulator_, target_;
  bool tree_;                 // the order of combining matters
  kernel convert_ = nullptr;  // value -> accumulator
  kernel combine_ = nullptr;
  kernel deliver_ = nullptr;  // accumulator -> target
  row_fold rows_ = nullptr;
  lane_fold lanes_ = nullptr;
  const position_fold* positions_ = nullptr;
  const deviation_fold* deviations_ = nullptr;
};

/// What is added to a fold at a time: rows that fold to one accumulator each, or lanes.
struct folded_block {
  const std::byte* data;
  const std::byte* other;  // of a map; as `data` without
  std::int64_t points;
  std::int64_t row_length;  // 0: lane by lane
  placing at;               // of positions
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
  /// Only the last addition may have fewer lanes than those before.
  void add(const folded_block& block);
  /// Adds `count` blocks lane by lane, `stride` bytes apart, where the rule `takes_many`.
  void add(const folded_block& block, std::ptrdiff_t stride, std::int64_t count);
  /// Steps that lie evenly spaced end here: what is added later is not taken together with what was before.
  void pause() { add_held(); }
  /// Whether nothing that is added later could change the single accumulator.
  bool decided() const noexcept;
  /// Combines what is left; the single entry and its width.
  std::byte* result();
  std::int64_t width() const noexcept { return widths_[0]; }

 private:
  static std::int64_t entries(const fold_rule& rule, std::int64_t steps) noexcept;
  std::byte* entry(int level) const noexcept { return memory_ + level * rule_->bytes(capacity_); }
  /// The top entry, opened if it is not; `fresh`: it holds nothing yet.
  std::byte* open(std::int64_t width, bool& fresh);
  void add_rows(const folded_block& block);
  void add_lanes(const folded_block& block, std::ptrdiff_t stride, std::int64_t count);
  void hold(const folded_block& block);
  void add_held();
  void added(std::int64_t count);
  void keep_in_order(const placing& at, std::int64_t count);
  void merge_top();

  static constexpr std::int64_t leaf = 16;  // additions one after the other
  static constexpr std::int64_t most_held = leaf;
  static constexpr int most_levels = 64;
  const fold_rule* rule_;
  std::int64_t capacity_;
  std::byte* memory_;     // entries
  std::byte* converted_;  // values as they are accumulated, for deviations of several blocks of lanes
  int depth_ = 0;         // entries in use
  bool open_ = false;     // the top entry is a leaf that is still being added to
  std::int64_t added_ = 0, leaves_ = 0;
  std::int64_t held_ = 0, held_points_ = 0;  // blocks of lanes that wait for others
  std::int64_t next_ = 0;                    // positions of lanes before this one have been seen
  std::int64_t widths_[most_levels] = {};
};

}  // namespace tessera::detail::cpu
