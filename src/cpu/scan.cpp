// Scans: element after element, as NumPy adds them, so that results are the same; 16-bit floats round at every step.
//
// Where neighbouring lanes lie closer together than neighbouring elements of one lane, a group of lanes is walked side
// by side: whole cache lines, and additions that do not wait for each other.
#include "cpu/scan.hpp"

#include <algorithm>
#include <cstdlib>

#include "cpu/lanes.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

template <class T> T combine(fold by, T a, T b) {
  const bool sum = by == fold::sum;
  if constexpr (complex_number<T>) {
    if (sum) return {a.re + b.re, a.im + b.im};
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  } else if constexpr (half<T>) {
    const float x = widen(a), y = widen(b);
    return T(sum ? x + y : x * y);
  } else if constexpr (std::same_as<T, bool>) {
    return sum ? a || b : a && b;
  } else if constexpr (integer<T>) {  // wraps; at least 32 bits wide, as uint16 would multiply as int
    const std::uint64_t x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    return static_cast<T>(sum ? x + y : x * y);
  } else {
    return sum ? a + b : a * b;
  }
}

/// Lanes side by side: `width` of them, these bytes apart.
struct lane_group {
  std::int64_t width, in_stride, out_stride;
};
constexpr std::int64_t most_lanes = 64;

template <class T> void scan_lane(const scan_plan& plan, const std::byte* in, std::byte* out) {
  T running = load<T>(in, 0);
  store(out, 0, running);
  for (std::int64_t i = 1; i < plan.count; ++i) {
    running = combine(plan.by, running, load<T>(in + i * plan.in_stride, 0));
    store(out + i * plan.out_stride, 0, running);
  }
}

template <class T>
void scan_lanes(const scan_plan& plan, const std::byte* in, std::byte* out, const lane_group& lanes) {
  T running[most_lanes];
  for (std::int64_t i = 0; i < plan.count; ++i, in += plan.in_stride, out += plan.out_stride) {
    for (std::int64_t k = 0; k < lanes.width; ++k) {
      const T value = load<T>(in + k * lanes.in_stride, 0);
      running[k] = i == 0 ? value : combine(plan.by, running[k], value);
      store(out + k * lanes.out_stride, 0, running[k]);
    }
  }
}

// The lanes with their closest neighbours last.
scan_plan closest_last(scan_plan plan) {
  int closest = plan.lanes.size() - 1;
  for (int i = 0; i < plan.lanes.size(); ++i) {
    const bool closer = std::abs(plan.in.strides[i]) < std::abs(plan.in.strides[closest]);
    if (plan.lanes[i] > 1 && (closer || plan.lanes[closest] == 1)) closest = i;
  }
  if (closest < 0) return plan;
  for (shape* s : {&plan.lanes, &plan.in.strides, &plan.out.strides}) {
    std::rotate(s->begin() + closest, s->begin() + closest + 1, s->end());
  }
  return plan;
}

}  // namespace

void scan(const scan_plan& original) {
  if (original.count <= 0) return;
  const scan_plan plan = closest_last(original);
  const int last = plan.lanes.size() - 1;
  const bool grouped = last >= 0 && std::abs(plan.in.strides[last]) < std::abs(plan.in_stride);
  const std::int64_t side = last >= 0 ? plan.lanes[last] : 1, width = grouped ? std::min(side, most_lanes) : 1;
  const std::int64_t groups = (side + width - 1) / width;  // along the last axis of lanes
  shape outer = plan.lanes;
  if (last >= 0) outer.erase(last);
  visit_element(plan.in.type, [&]<class T>() {
    parallel_for(count_of(outer) * groups, plan.count * width, [&](std::int64_t first, std::int64_t end, int) {
      for (std::int64_t number = first; number < end; ++number) {
        const std::int64_t begin = number % groups * width, at = number / groups;
        lane_group lanes{std::min(width, side - begin), 0, 0};
        const std::byte* in = plan.in.data + offset_at(outer, plan.in.strides, at);
        std::byte* out = plan.out.data + offset_at(outer, plan.out.strides, at);
        if (last >= 0) {
          lanes.in_stride = plan.in.strides[last];
          lanes.out_stride = plan.out.strides[last];
          in += begin * lanes.in_stride;
          out += begin * lanes.out_stride;
        }
        if (lanes.width == 1) {
          scan_lane<T>(plan, in, out);
        } else {
          scan_lanes<T>(plan, in, out, lanes);
        }
      }
    });
  });
}

}  // namespace tessera::detail::cpu
