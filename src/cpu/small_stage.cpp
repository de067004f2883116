// What block_program does for many blocks, done at once for one.
//
// Planning blocks, slots and threads costs 1-2 µs, which is what thousands of simple operations take. Here every register
// has its own memory: an operand where it lies if it is contiguous, everything else in a piece of the stack.
#include "cpu/small_stage.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cpu/block_program.hpp"
#include "cpu/box.hpp"
#include "cpu/copy.hpp"
#include "cpu/fold_state.hpp"
#include "expr/fold.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::size_t most_registers = 24;
constexpr std::int64_t stack_bytes = 16 * 1024;
// Points times instructions: even of heavy operations less than what is worth a second thread.
constexpr std::int64_t most_work = 4096;

class small_stage {
 public:
  explicit small_stage(const stage& s) : stage_(s) {
    for (const std::int64_t extent : s.extents) points_ *= extent;
  }

  bool run() {
    if (!fits()) return false;
    bind_inputs();
    bind_constants();
    run_instructions();
    for (const result& r : stage_.results) {
      if (r.by == fold::none) store(r);
      else fold_to(r);
    }
    return true;
  }

 private:
  /// Whether elements with these strides lie one after the other.
  bool is_dense(const shape& strides, std::int64_t itemsize) const noexcept {
    for (int axis = strides.size() - 1; axis >= 0; --axis) {
      if (strides[axis] != itemsize) return points_ == 1;
      itemsize *= stage_.extents[axis];
    }
    return true;
  }
  bool is_dense(const strided& x) const noexcept { return is_dense(x.strides, x.type.itemsize()); }

  std::int64_t register_bytes(dtype type) const noexcept { return round_up(points_ * type.itemsize()); }

  /// Whether the last instruction may write where its result goes: all else has been read by then.
  bool writes_target() const noexcept {
    return stage_.results.size() == 1 && !stage_.instructions.empty() &&
           stage_.results[0].value == stage_.instructions.back().result && is_dense(stage_.results[0].target);
  }

  /// Folds: of one row, whole, no longer than a block of fold_run, so that it is folded in the same order.
  bool is_foldable() const noexcept {
    if (stage_.extents.size() != 1 || !stage_.folded[0]) return false;
    for (const result& r : stage_.results) {
      if (r.by == deviations_fold) return false;  // their rows have kernels of their own
    }
    std::int64_t widest = 4;
    for (const dtype& type : stage_.register_types) widest = std::max<std::int64_t>(widest, type.itemsize());
    return points_ * widest <= (stage_.instructions.empty() ? 16384 : 4096);
  }

  bool fits() {
    const std::size_t first = stage_.inputs.size() + stage_.constants.size();
    if (stage_.register_types.size() > most_registers || points_ > most_work) return false;
    if (points_ * static_cast<std::int64_t>(stage_.instructions.size()) > most_work) return false;
    const bool folds = stage_.results[0].by != fold::none;
    if (folds && !is_foldable()) return false;
    for (const result& r : stage_.results) {
      if (folds) break;
      // Several results: none may be an operand, which an earlier one's target could be.
      if (r.mask != no_reg || (stage_.results.size() > 1 && r.value < first)) return false;
    }
    direct_ = !folds && writes_target();
    std::int64_t bytes = 0;
    for (const strided& x : stage_.inputs) bytes += is_dense(x) ? 0 : register_bytes(x.type);
    for (const constant& c : stage_.constants) bytes += register_bytes(c.type);
    for (const instruction& i : stage_.instructions) bytes += register_bytes(stage_.register_types[i.result]);
    if (direct_) bytes -= register_bytes(stage_.results[0].target.type);
    return bytes <= stack_bytes;
  }

  std::byte* take(dtype type) noexcept { return std::exchange(next_, next_ + register_bytes(type)); }

  shape dense_strides(std::int64_t itemsize) const {
    shape strides = stage_.extents;
    for (int axis = strides.size() - 1; axis >= 0; --axis) {
      strides[axis] = itemsize;
      itemsize *= stage_.extents[axis];
    }
    return strides;
  }

  void bind_inputs() {
    std::size_t place = 0;
    for (const strided& x : stage_.inputs) {
      std::byte* here = x.data;
      if (!is_dense(x)) {
        here = take(x.type);
        const int itemsize = x.type.itemsize();
        if (x.strides.size() == 1) {
          find_row_copy(itemsize)(here, itemsize, x.data, x.strides[0], points_);
        } else {
          copy_elements(itemsize, stage_.extents, x.data, x.strides, here, dense_strides(itemsize));
        }
      }
      registers_[place++] = here;
    }
  }

  void bind_constants() {
    std::size_t place = stage_.inputs.size();
    for (const constant& c : stage_.constants) {
      const int itemsize = c.type.itemsize();
      std::byte* const here = take(c.type);
      find_row_copy(itemsize)(here, itemsize, c.bytes, 0, points_);
      registers_[place++] = here;
    }
  }

  void run_instructions() {
    const std::size_t count = stage_.instructions.size();
    for (std::size_t k = 0; k < count; ++k) {
      const instruction& i = stage_.instructions[k];
      const bool last = direct_ && k + 1 == count;
      registers_[i.result] = last ? stage_.results[0].target.data : take(stage_.register_types[i.result]);
      const std::byte* const a = registers_[i.source[0]];
      const std::byte* const b = i.source[1] == no_reg ? a : registers_[i.source[1]];
      const std::byte* const c = i.source[2] == no_reg ? a : registers_[i.source[2]];
      find_step(stage_, i)(registers_[i.result], a, b, c, static_cast<std::size_t>(points_));
    }
  }

  void store(const result& r) {
    if (direct_) return;
    const std::int64_t itemsize = r.target.type.itemsize();
    const std::byte* const from = registers_[r.value];
    if (from == r.target.data) return;  // an operand assigned to itself
    if (is_dense(r.target)) {
      std::memcpy(r.target.data, from, static_cast<std::size_t>(points_ * itemsize));
    } else {
      copy_elements(r.target.type.itemsize(), stage_.extents, from, dense_strides(itemsize), r.target.data,
                    r.target.strides);
    }
  }

  void fold_to(const result& r) {
    const fold_rule rule(r.by, stage_.register_types[r.value], r.target.type);
    rule.fold_row(registers_[r.value], points_, r.target.data);
  }

  const stage& stage_;
  std::int64_t points_ = 1;
  bool direct_ = false;
  std::byte* registers_[most_registers];
  alignas(64) std::byte memory_[stack_bytes];
  std::byte* next_ = memory_;
};

}  // namespace

bool run_small(const stage& s) { return small_stage(s).run(); }

}  // namespace tessera::detail::cpu
