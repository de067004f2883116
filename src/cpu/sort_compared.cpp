// Sorts what has no words by comparing, lane by lane in scratch memory: gather, sort, scatter. Everything is stable, and NaN
// is last (first when descending: the reverse order, with equal elements still in their original order).
#include <algorithm>
#include <bit>

#include "cpu/box.hpp"
#include "cpu/lanes.hpp"
#include "cpu/memory.hpp"
#include "cpu/ordering.hpp"
#include "cpu/sort_lane.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

template <class T> struct indexed {
  T value;
  std::int64_t index;
};

template <class T> const T& value_of(const T& x) { return x; }
template <class T> const T& value_of(const indexed<T>& x) { return x.value; }

/// Sorts n elements, or elements with their index, or puts some of them at their places.
template <class Element> void sort_lane(const sort_plan& plan, Element* lane) {
  const auto ascending = [](const Element& a, const Element& b) { return before(value_of(a), value_of(b)); };
  const auto descending = [](const Element& a, const Element& b) { return before(value_of(b), value_of(a)); };
  const auto apply = [&](auto order) {
    if (!plan.nth.empty()) {
      Element *begin = lane, *const end = lane + plan.count;
      for (const std::int64_t nth : plan.nth) {
        if (lane + nth < begin) continue;  // named twice
        std::nth_element(begin, lane + nth, end, order);
        begin = lane + nth + 1;
      }
    } else if constexpr (std::is_integral_v<Element>) {
      std::sort(lane, lane + plan.count, order);  // equal ones cannot be told apart
    } else {
      std::stable_sort(lane, lane + plan.count, order);
    }
  };
  plan.descending ? apply(descending) : apply(ascending);
}

template <class T> void sort_values(const sort_plan& plan, const std::byte* in, std::byte* out, void* memory) {
  T* lane = static_cast<T*>(memory);
  for (std::int64_t i = 0; i < plan.count; ++i) lane[i] = load<T>(in + i * plan.in_stride, 0);
  sort_lane(plan, lane);
  for (std::int64_t i = 0; i < plan.keep; ++i) store(out + i * plan.out_stride, 0, lane[i]);
}

template <class T> void sort_indices(const sort_plan& plan, const std::byte* in, std::byte* out, void* memory) {
  auto* lane = static_cast<indexed<T>*>(memory);
  for (std::int64_t i = 0; i < plan.count; ++i) lane[i] = {load<T>(in + i * plan.in_stride, 0), i};
  sort_lane(plan, lane);
  for (std::int64_t i = 0; i < plan.keep; ++i) store(out + i * plan.out_stride, 0, lane[i].index);
}

}  // namespace

void sort_compared(const sort_plan& plan) {
  const std::int64_t lanes = count_of(plan.lanes),
                     work = 4 * plan.count * std::bit_width(static_cast<std::uint64_t>(plan.count));
  visit_element(plan.in.type, [&]<class T>() {
    const bool indices = plan.what == sort_plan::kind::indices;
    const std::int64_t itemsize = indices ? sizeof(indexed<T>) : sizeof(T);
    const std::int64_t bytes = round_up(plan.count * itemsize);
    const parallel_loop loop(lanes, work);
    const scratch memory(loop.slots() * bytes);
    loop.run([&](std::int64_t first, std::int64_t last, int slot) {
      for (std::int64_t i = first; i < last; ++i) {
        const std::byte* in = plan.in.data + offset_at(plan.lanes, plan.in.strides, i);
        std::byte* out = plan.out.data + offset_at(plan.lanes, plan.out.strides, i);
        (indices ? sort_indices<T> : sort_values<T>)(plan, in, out, memory.data() + slot * bytes);
      }
    });
  });
}

}  // namespace tessera::detail::cpu
