// Scans: element after element, as NumPy adds them, so that results are the same; 16-bit floats round at every step.
//
// An addition that waits for the one before takes 3 or 4 cycles, so lanes are walked side by side:
//
//     neighbouring lanes next to each other    a row of them at a time, by the elementwise kernels
//     others                                   eight at a time
//
// A single lane stays as slow as its additions (1 ns an element on Zen 3, less than its memory takes when that is fresh):
// sums within vectors would be faster and differ from NumPy's.
#include "cpu/scan.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "cpu/kernels/table.hpp"
#include "cpu/lanes.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

template <fold By, class T> T combine(T a, T b) {
  constexpr bool sum = By == fold::sum;
  if constexpr (complex_number<T>) {
    if constexpr (sum) return {a.re + b.re, a.im + b.im};
    else return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
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

/// Lanes side by side, these bytes apart.
struct lane_group {
  const std::byte* in;
  std::byte* out;
  std::int64_t in_stride, out_stride, width;
};

template <fold By, class T, int Width> void scan_beside(const scan_plan& plan, lane_group lanes) {
  T running[Width];
  for (int k = 0; k < Width; ++k) {
    running[k] = load<T>(lanes.in + k * lanes.in_stride, 0);
    store(lanes.out + k * lanes.out_stride, 0, running[k]);
  }
  for (std::int64_t i = 1; i < plan.count; ++i) {
    lanes.in += plan.in_stride;
    lanes.out += plan.out_stride;
    for (int k = 0; k < Width; ++k) {
      running[k] = combine<By>(running[k], load<T>(lanes.in + k * lanes.in_stride, 0));
      store(lanes.out + k * lanes.out_stride, 0, running[k]);
    }
  }
}

constexpr std::int64_t beside = 8;

template <fold By, class T> void scan_group(const scan_plan& plan, lane_group lanes) {
  for (; lanes.width >= beside; lanes.width -= beside) {
    scan_beside<By, T, beside>(plan, lanes);
    lanes.in += beside * lanes.in_stride;
    lanes.out += beside * lanes.out_stride;
  }
  for (; lanes.width > 0; --lanes.width) {
    scan_beside<By, T, 1>(plan, lanes);
    lanes.in += lanes.in_stride;
    lanes.out += lanes.out_stride;
  }
}

/// Rows of neighbouring lanes: each is the one before and its elements.
void scan_rows(const scan_plan& plan, lane_group lanes) {
  const kernel combine_rows = find_kernel(plan.by == fold::sum ? op::add : op::multiply, plan.in.type);
  const auto n = static_cast<std::size_t>(lanes.width);
  if (plan.in.type == bool_) {  // the elements may be any byte
    for (std::size_t i = 0; i < n; ++i) store(lanes.out, i, load<bool>(lanes.in, i));
  } else {
    std::memcpy(lanes.out, lanes.in, n * static_cast<std::size_t>(plan.in.type.itemsize()));
  }
  for (std::int64_t i = 1; i < plan.count; ++i) {
    std::byte* const before = lanes.out;
    lanes.in += plan.in_stride;
    lanes.out += plan.out_stride;
    combine_rows(lanes.out, before, lanes.in, lanes.in, n);
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
  const std::int64_t side = last >= 0 ? plan.lanes[last] : 1, itemsize = plan.in.type.itemsize();
  lane_group all{plan.in.data, plan.out.data, 0, 0, side};
  if (last >= 0) {
    all.in_stride = plan.in.strides[last];
    all.out_stride = plan.out.strides[last];
  }
  constexpr std::int64_t row_bytes = 16384, shortest_row = 64;  // several rows share L1
  const bool rows = all.in_stride == itemsize && all.out_stride == itemsize && side * itemsize >= shortest_row;
  const std::int64_t width = rows ? std::min(side, row_bytes / itemsize) : std::min(side, beside);
  const std::int64_t groups = (side + width - 1) / width;  // along the last axis of lanes
  shape outer = plan.lanes;
  if (last >= 0) outer.erase(last);
  visit_element(plan.in.type, [&]<class T>() {
    parallel_for(count_of(outer) * groups, plan.count * width, [&](std::int64_t first, std::int64_t end, int) {
      for (std::int64_t number = first; number < end; ++number) {
        const std::int64_t begin = number % groups * width, at = number / groups;
        lane_group lanes = all;
        lanes.width = std::min(width, side - begin);
        lanes.in += offset_at(outer, plan.in.strides, at) + begin * lanes.in_stride;
        lanes.out += offset_at(outer, plan.out.strides, at) + begin * lanes.out_stride;
        if (rows) {
          scan_rows(plan, lanes);
        } else if (plan.by == fold::sum) {
          scan_group<fold::sum, T>(plan, lanes);
        } else {
          scan_group<fold::prod, T>(plan, lanes);
        }
      }
    });
  });
}

}  // namespace tessera::detail::cpu
