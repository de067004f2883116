// Binary search of many values in one sorted array.
#include "cpu/sort.hpp"

#include "cpu/lanes.hpp"
#include "cpu/ordering.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// How many of the sorted elements come before x; with `right` those equal to it too.
template <class T> std::int64_t place_of(const search_plan& plan, T x) {
  std::int64_t begin = 0, length = plan.count;
  while (length > 0) {
    const std::int64_t half = length / 2;
    const T middle = load<T>(plan.sorted, static_cast<std::size_t>(begin + half));
    const bool above = plan.right ? !before(x, middle) : before(middle, x);
    begin += above ? half + 1 : 0;
    length = above ? length - half - 1 : half;
  }
  return begin;
}

}  // namespace

void search(const search_plan& plan) {
  constexpr std::int64_t work = 64;
  visit_element(plan.values.type, [&]<class T>() {
    parallel_for(count_of(plan.extents), work, [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t i = first; i < last; ++i) {
        const T x = load<T>(plan.values.data + offset_at(plan.extents, plan.values.strides, i), 0);
        store(plan.out.data + offset_at(plan.extents, plan.out.strides, i), 0, place_of(plan, x));
      }
    });
  });
}

}  // namespace tessera::detail::cpu
