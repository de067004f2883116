// Random fills: pieces of counters, handed to threads in any order; every element depends on its own counter only.
#include "cpu/random.hpp"

#include <algorithm>

#include "cpu/kernels/random.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// Elements handed out at a time; whole counters, whole cache lines.
constexpr std::int64_t piece = 8192;

}  // namespace

// Making numbers is slower than memory takes them: 5 GB/s uniform on one Zen 3 core, the same into L1 and into fresh lines
// of 80 MB, and with streaming stores, so plain ones do.
void random(const random_plan& plan) {
  const random_fill fill = find_random_fill(plan);
  const std::int64_t work_each = (plan.kind == distribution::normal ? 12 : 4) * plan.words;
  parallel_for((plan.count + piece - 1) / piece, piece * work_each, [&](std::int64_t begin, std::int64_t end, int) {
    const std::int64_t first = begin * piece;
    fill(plan, first, std::min(end * piece, plan.count) - first);
  });
}

}  // namespace tessera::detail::cpu
