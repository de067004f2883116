// Random fills: pieces of counters, handed to threads in any order; every element depends on its own counter only.
#include "cpu/random.hpp"

#include <algorithm>

#include "cpu/kernels/random.hpp"
#include "cpu/memory.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// Elements handed out at a time; whole counters, whole cache lines.
constexpr std::int64_t piece = 8192;

// Making numbers is slower than memory takes them: 5 GB/s uniform on one Zen 3 core, the same into L1 and into fresh lines
// of 80 MB, and with streaming stores, so plain ones do.
void fill(const random_plan& plan) {
  const random_fill make = find_random_fill(plan);
  const std::int64_t work_each = (plan.kind == distribution::normal ? 12 : 4) * plan.words;
  parallel_for((plan.count + piece - 1) / piece, piece * work_each, [&](std::int64_t begin, std::int64_t end, int) {
    const std::int64_t first = begin * piece;
    make(plan, first, std::min(end * piece, plan.count) - first);
  });
}

// Sorts pairs of key and index with vectors: 10^6 numbers take 39 ms on a Zen 3 core; an argsort of the keys took 200.
void permute(const random_plan& plan) {
  fill(plan);  // the keys lie where the indices will
  auto* const out = reinterpret_cast<std::uint64_t*>(plan.out);
  const scratch memory(plan.count * static_cast<std::int64_t>(sizeof(keyed_index)));
  auto* const pairs = reinterpret_cast<keyed_index*>(memory.data());
  for (std::int64_t i = 0; i < plan.count; ++i) pairs[i] = {static_cast<std::uint64_t>(i), out[i]};
  sort_by_key(pairs, plan.count);
  for (std::int64_t i = 0; i < plan.count; ++i) out[i] = pairs[i].index;
}

/// Elements sampled at a time: two columns of them fill the first cache.
constexpr std::int64_t sampler_piece = 2048;

void sample(const random_plan& plan) {
  const sampler_kernel kernel = find_sampler(plan);
  const std::uint64_t blocks = static_cast<std::uint64_t>(plan.count + 1) / 2;
  random_plan column = plan;
  column.type = float64, column.words = 2, column.low = 0, column.width = 1, column.last = 1;
  sampler_columns ahead{kernel.columns_ahead(plan), {}};
  random_fill make[sampler_columns::most];
  for (int k = 0; k < ahead.count; ++k) {
    column.kind = kernel.is_normal(k) ? distribution::normal : distribution::uniform;
    make[k] = find_random_fill(column);
  }
  const auto pieces = [&](std::int64_t begin, std::int64_t end, int) {
    alignas(64) double numbers[sampler_columns::most][sampler_piece];
    for (std::int64_t first = begin * piece; first < std::min(end * piece, plan.count); first += sampler_piece) {
      const std::int64_t count = std::min(sampler_piece, plan.count - first);
      sampler_columns here = ahead;
      for (int k = 0; k < here.count; ++k) {
        random_plan part = column;
        part.out = reinterpret_cast<std::byte*>(numbers[k]);
        part.counter += static_cast<std::uint64_t>(k) * blocks + static_cast<std::uint64_t>(first) / 2;
        make[k](part, 0, count);
        here.at[k] = numbers[k];
      }
      kernel.sample(plan, first, count, here);
    }
  };
  parallel_for((plan.count + piece - 1) / piece, piece * 60, pieces);
}

}  // namespace

void random(const random_plan& plan) {
  if (plan.kind == distribution::permutation) {
    permute(plan);
  } else if (plan.kind == distribution::sampler) {
    sample(plan);
  } else {
    fill(plan);
  }
}

}  // namespace tessera::detail::cpu
