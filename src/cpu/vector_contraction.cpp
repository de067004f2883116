// Recognises products of matrices and vectors and hands out their rows, or columns.
//
//     to[b, i] = sum over k of x[b, i, k] * y[b, k]
//
//   elements of x along k       each to[b, i] is a dot product; without i, those of neighbouring b
//   elements of x along i       rows x[b, :, k] are added to sums in L1, weighted by y[b, k]: blocks of i are tasks
//
// Long sums are cut by their length only, so that results do not depend on the number of threads.
#include "cpu/vector_contraction.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "cpu/kernels/contraction_vector.hpp"
#include "cpu/kernels/move.hpp"
#include "cpu/memory.hpp"
#include "cpu/threads.hpp"
#include "ops/contraction_axes.hpp"

namespace tessera::detail::cpu {
namespace {

struct problem {
  contraction_point origin;
  std::int64_t itemsize;
  contraction_axis summed, inner;  // inner: the rows or points of the batch that a kernel runs over
  contraction_axes outer;          // the others
  bool along_sum;                  // x's elements are neighbours along the summed axis, else along `inner`

  contraction_point at(std::int64_t number) const { return point_at(origin, outer, number); }
};

// A few long sums alone: the fused executor cuts them for threads.
bool is_few_long_sums(std::int64_t sums, std::int64_t steps) { return sums < 16 && steps > (32 << 10); }

// Shorter rows are faster in the fused executor, which runs along the others: 10**6 products in rows of 2, 3, 4, 8 take 590,
// 520, 670, 990 us there and 1420, 830, 620, 350 here; each row with another vector 1400, 1170, 1610, 1930 and 4390, 3300,
// 2700, 1450 (Zen 3).
constexpr std::int64_t shortest = 4, shortest_alone = 8;

std::optional<problem> recognised(const contraction_plan& plan) {
  if (plan.type != float32 && plan.type != float64) return {};
  if ((!plan.rows.empty() && !plan.columns.empty()) || plan.summed.size() != 1) return {};
  if (!plan.columns.empty()) return recognised(exchanged(plan));
  problem p = {{plan.x, plan.y, plan.to}, plan.type.itemsize(), plan.summed[0], {1, 0, 0, 0}, plan.batch, true};
  const contraction_axes& rows = plan.rows;
  if (is_few_long_sums(points(plan.batch) * points(rows), p.summed.extent)) return {};
  p.along_sum = p.summed.x == p.itemsize;
  if (rows.empty()) {
    if (!p.along_sum || p.summed.y != p.itemsize || p.summed.extent < shortest_alone) return {};
    if (!p.outer.empty()) {
      p.inner = p.outer.back();
      p.outer.pop_back();
    }
    return p;
  }
  std::size_t inner = rows.size() - 1;
  for (std::size_t i = 0; !p.along_sum && i < rows.size(); ++i) {
    if (rows[i].x == p.itemsize) inner = i;
  }
  p.inner = rows[inner];
  if (!p.along_sum && p.inner.x != p.itemsize) return {};
  if (p.along_sum && p.summed.extent < shortest) return {};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i != inner) p.outer.push_back(rows[i]);
  }
  return p;
}

/// The elements of y, one after the other: where they are, or copied to `memory`.
const std::byte* dense(const problem& p, const std::byte* y, std::byte* memory) {
  if (p.summed.y == p.itemsize) return y;
  find_row_copy(static_cast<int>(p.itemsize))(memory, p.itemsize, y, p.summed.y, p.summed.extent);
  return memory;
}

// In units of threads.hpp: a quarter of a nanosecond, in which memory gives about four bytes.
std::int64_t work(const problem& p, std::int64_t elements) { return elements * p.itemsize / 4 + 1; }

/// Tasks are points of the outer axes times blocks of `block` points of the inner one.
struct task_loop {
  std::int64_t blocks, block;
  parallel_loop loop;

  task_loop(const problem& p, std::int64_t block_size)
      : blocks((p.inner.extent + block_size - 1) / block_size),
        block(block_size),
        loop(points(p.outer) * blocks, work(p, std::min(block, p.inner.extent) * p.summed.extent)) {}
};

void run_dots(const problem& p, const vector_kernels& kernels) {
  constexpr std::int64_t elements_of_task = 16 << 10;
  const task_loop tasks(p, std::max<std::int64_t>(4, elements_of_task / p.summed.extent / 4 * 4));
  const std::int64_t y_bytes = p.summed.y == p.itemsize ? 0 : p.summed.extent * p.itemsize;
  const scratch memory(std::max<std::int64_t>(1, y_bytes * tasks.loop.slots()));
  const row_products rows = {p.summed.extent, p.inner.x, p.inner.y, p.inner.to};
  tasks.loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    for (std::int64_t task = first; task < last;) {
      const contraction_point from = p.at(task / tasks.blocks);
      const std::int64_t block = task % tasks.blocks, some = std::min(last - task, tasks.blocks - block);
      const std::int64_t i = block * tasks.block, count = std::min(some * tasks.block, p.inner.extent - i);
      const std::byte* const y = dense(p, from.y, memory.data() + slot * y_bytes);
      kernels.dots(rows, from.x + i * p.inner.x, y + i * p.inner.y, from.to + i * p.inner.to, count);
      task += some;
    }
  });
}

void run_rows(const problem& p, const vector_kernels& kernels) {
  constexpr std::int64_t block_bytes = 8 << 10, steps_at_once = 256;
  const task_loop tasks(p, block_bytes / p.itemsize);
  const row_copy copy = find_row_copy(static_cast<int>(p.itemsize));
  tasks.loop.run([&](std::int64_t first, std::int64_t last, int) {
    alignas(64) std::byte sums[block_bytes], part[block_bytes], weights[steps_at_once * sizeof(double)];
    for (std::int64_t task = first; task < last; ++task) {
      const contraction_point from = p.at(task / tasks.blocks);
      const std::int64_t i = task % tasks.blocks * tasks.block, count = std::min(tasks.block, p.inner.extent - i);
      const auto bytes = static_cast<std::size_t>(count * p.itemsize);
      for (std::int64_t k = 0; k < p.summed.extent; k += steps_at_once) {
        const std::int64_t steps = std::min(steps_at_once, p.summed.extent - k);
        std::byte* const to = k == 0 ? sums : part;
        std::memset(to, 0, bytes);
        copy(weights, p.itemsize, from.y + k * p.summed.y, p.summed.y, steps);
        kernels.add_rows(to, from.x + k * p.summed.x + i * p.itemsize, p.summed.x, weights, steps, count);
        if (k > 0) kernels.add(sums, part, count);
      }
      copy(from.to + i * p.inner.to, p.inner.to, sums, p.itemsize, count);
    }
  });
}

}  // namespace

bool is_vector_contraction(const contraction_plan& plan) { return recognised(plan).has_value(); }

bool run_vector_contraction(const contraction_plan& plan) {
  const std::optional<problem> p = recognised(plan);
  if (!p) return false;
  const vector_kernels& kernels = *find_vector_kernels(plan.type);
  if (p->along_sum) {
    run_dots(*p, kernels);
  } else {
    run_rows(*p, kernels);
  }
  return true;
}

}  // namespace tessera::detail::cpu
