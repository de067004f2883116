// Elementwise stages: blocks in any order on any thread.
#include "cpu/run.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "cpu/block_program.hpp"
#include "cpu/copy.hpp"
#include "cpu/small_stage.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

// Registers of 4 KiB: with three or four of them in use at a time they stay in L1, and a call of a kernel costs little
// beside its work. 1 KiB is 10-25 % slower, 8 KiB up to half when there are intermediate results.
std::int64_t block_points(const stage& s) {
  constexpr std::int64_t register_bytes = 4096;
  std::int64_t widest = 1;
  for (const dtype& type : s.register_types) widest = std::max<std::int64_t>(widest, type.itemsize());
  return register_bytes / widest;
}

// One input stored as it is: no register is needed.
bool is_copy(const stage& s) {
  return s.instructions.empty() && s.inputs.size() == 1 && s.results.size() == 1 && s.results[0].value == 0 &&
         s.results[0].mask == no_reg && s.inputs[0].data != s.results[0].target.data;
}

// The stage's order, but with the axis along which a transposed input is fastest beside the last one: its panels.
small_vector<int> store_axes(const stage& s, std::int64_t limit) {
  small_vector<int> axes(static_cast<std::size_t>(s.extents.size()));
  std::iota(axes.begin(), axes.end(), 0);
  const int last = s.extents.size() - 1;
  if (last < 2 || s.extents[last] * 4 < limit) return axes;
  for (const strided& x : s.inputs) {
    int fastest = last;
    for (int i = 0; i < last; ++i) {
      if (x.strides[i] != 0 && std::abs(x.strides[i]) < std::abs(x.strides[fastest])) fastest = i;
    }
    if (fastest == last) continue;
    std::rotate(axes.begin() + fastest, axes.begin() + fastest + 1, axes.begin() + last);
    break;
  }
  return axes;
}

block_program make_program(const stage& s) {
  const std::int64_t limit = block_points(s);
  return block_program(s, store_axes(s, limit), block_size::of(limit), block_program::numbering::panels);
}

void run_range(block_program::worker& registers, const blocking& blocks, std::int64_t first, std::int64_t last) {
  for (std::int64_t i = first; i < last; ++i) registers.run(block(blocks, i));
  registers.finish();
}

}  // namespace

void run_blocks(const stage& s) {
  const block_program program = make_program(s);
  const std::int64_t count = program.blocks().count(), work = program.block_work(), bytes = program.scratch_bytes();
  const parallel_loop loop(count, work);
  const scratch memory(loop.slots() * bytes);
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    block_program::worker registers(program, memory.data() + slot * bytes);
    run_range(registers, program.blocks(), first, last);
  });
}

namespace {

class prepared_stores final : public prepared_stage {
 public:
  explicit prepared_stores(const stage& s) : program_(make_program(s)) {}
  std::int64_t scratch_bytes() const noexcept override { return program_.scratch_bytes(); }
  void run(const placement& where, std::byte* memory) const override {
    block_program::worker registers(program_, memory, where);
    run_range(registers, program_.blocks(), 0, program_.blocks().count());
  }

 private:
  block_program program_;
};

bool folds(const stage& s) { return !s.results.empty() && s.results[0].by != fold::none; }

}  // namespace

void run(const stage& s) {
  if (folds(s)) {
    if (!run_small(s)) run_folds(s);
  } else if (is_copy(s)) {
    const strided &from = s.inputs[0], &to = s.results[0].target;
    copy_elements(from.type.itemsize(), s.extents, from.data, from.strides, to.data, to.strides);
  } else if (!run_small(s)) {
    run_blocks(s);
  }
}

std::unique_ptr<prepared_stage> prepare(const stage& s) {
  if (folds(s)) return prepare_folds(s);
  return std::make_unique<prepared_stores>(s);
}

}  // namespace tessera::detail::cpu
