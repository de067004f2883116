// Folds of segments of lanes: each element in turn, by the kernels of the binary operations.
#include <cassert>
#include <cstring>

#include "cpu/kernels/table.hpp"
#include "cpu/lanes.hpp"
#include "cpu/sort.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {

void reduce_segments(const segment_plan& plan) {
  const kernel apply = find_kernel(plan.code, plan.in.type);
  assert(apply);
  const std::size_t itemsize = static_cast<std::size_t>(plan.in.type.itemsize());
  const std::int64_t work = 8 * (plan.count / plan.segments + 1);
  parallel_for(count_of(plan.lanes) * plan.segments, work, [&](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t lane = i / plan.segments, segment = i % plan.segments, begin = plan.starts[segment];
      const std::int64_t end = segment + 1 < plan.segments ? plan.starts[segment + 1] : plan.count;
      const std::byte* in = plan.in.data + offset_at(plan.lanes, plan.in.strides, lane);
      std::byte* out = plan.out.data + offset_at(plan.lanes, plan.out.strides, lane) + segment * plan.out_stride;
      std::memcpy(out, in + begin * plan.in_stride, itemsize);
      for (std::int64_t k = begin + 1; k < end; ++k) apply(out, out, in + k * plan.in_stride, nullptr, 1);
    }
  });
}

}  // namespace tessera::detail::cpu
