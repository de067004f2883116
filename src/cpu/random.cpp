// Random fills: pieces of counters, handed to threads in any order; every element depends on its own counter only.
#include "cpu/random.hpp"

#include <algorithm>

#include "cpu/kernels/random.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// Elements handed out at a time; a multiple of what a vector of counters makes, so that pieces start aligned.
constexpr std::int64_t piece = 8192;
/// From here on stores go past the caches: the array would not stay there.
constexpr std::int64_t streaming_bytes = std::int64_t{16} << 20;

}  // namespace

void random(const random_plan& plan) {
  const random_fill fill = find_random_fill(plan);
  const bool streaming =
      plan.count * plan.type.itemsize() >= streaming_bytes && reinterpret_cast<std::uintptr_t>(plan.out) % 64 == 0;
  const std::int64_t work_each = (plan.kind == distribution::normal ? 12 : 4) * plan.words;
  parallel_for((plan.count + piece - 1) / piece, piece * work_each, [&](std::int64_t begin, std::int64_t end, int) {
    const std::int64_t first = begin * piece;
    fill(plan, first, std::min(end * piece, plan.count) - first, streaming);
  });
}

}  // namespace tessera::detail::cpu
