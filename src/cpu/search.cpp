// Binary search of many values in one sorted array: sixteen at a time in step, without branches, so that their cache misses
// overlap (a million doubles in a million: a third of the time of one after the other). Values that ascend themselves are
// searched for between the places of the first and the last of the sixteen, which are found from where the last ones were.
#include <algorithm>

#include "cpu/lanes.hpp"
#include "cpu/ordering.hpp"
#include "cpu/sort.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// What an element is compared by; NaN is looked after apart.
template <class T> constexpr auto key_of(T x) noexcept {
  if constexpr (half<T>) return order_key(x);
  else return x;
}

template <class T, bool Right> class searcher {
 public:
  static constexpr int together = 16;
  using key = decltype(key_of(T{}));

  explicit searcher(const search_plan& plan) : sorted_(plan.sorted), count_(plan.count), numbers_(plan.count) {
    if constexpr (std::floating_point<T>) {
      numbers_ = count_ > 0 && is_nan(at(count_ - 1)) ? last_number(count_) : count_;
    }
  }

  /// Places of n <= together values. `near`: where a search may begin, and the last place found.
  void find(const key* values, int n, std::int64_t* places, std::int64_t& near) const {
    bool ascending = n == together;
    for (int k = 0; k + 1 < together; ++k) ascending = ascending & (values[k] <= values[k + 1]);
    if (ascending) {
      const std::int64_t first = from(near, values[0]), last = from(first, values[together - 1]);
      step_all(values, first, last - first, places);
    } else {
      step_all(values, 0, numbers_, places);
    }
    if constexpr (std::floating_point<T>) {
      for (int k = 0; k < together; ++k) places[k] = is_nan(values[k]) ? (Right ? count_ : numbers_) : places[k];
    }
    near = std::min(places[n - 1], numbers_);
  }

 private:
  key at(std::int64_t i) const { return key_of(load<T>(sorted_, static_cast<std::size_t>(i))); }
  bool precedes(std::int64_t i, key x) const { return Right ? at(i) <= x : at(i) < x; }

  /// The number of elements before the NaN at the end.
  std::int64_t last_number(std::int64_t end) const {
    std::int64_t begin = 0;
    while (begin < end) {
      const std::int64_t middle = (begin + end) / 2;
      if (is_nan(at(middle))) end = middle;
      else begin = middle + 1;
    }
    return begin;
  }

  /// The place of x, which is most likely not far behind `start`.
  std::int64_t from(std::int64_t start, key x) const {
    if (start > 0 && !precedes(start - 1, x)) start = 0;
    std::int64_t step = 1;
    for (; start + step <= numbers_ && precedes(start + step - 1, x); step *= 2) start += step;
    std::int64_t length = std::min(step, numbers_ - start);
    while (length > 0) {
      const std::int64_t half = (length + 1) / 2;
      const std::int64_t before = precedes(start + half - 1, x);
      start += half & -before;
      length = before != 0 ? length - half : half - 1;
    }
    return start;
  }

  /// Places among the `length` elements that begin with `start`.
  void step_all(const key* values, std::int64_t start, std::int64_t length, std::int64_t* places) const {
    std::fill(places, places + together, start);
    if (length == 0) return;
    while (length > 1) {
      const std::int64_t half = length / 2;
      for (int k = 0; k < together; ++k)
        places[k] += half & -static_cast<std::int64_t>(precedes(places[k] + half - 1, values[k]));
      length -= half;
    }
    for (int k = 0; k < together; ++k) places[k] += static_cast<std::int64_t>(precedes(places[k], values[k]));
  }

  const std::byte* sorted_;
  std::int64_t count_, numbers_;
};

/// Complex numbers: one by one.
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

/// Where point i of an operand lies: at a stride where that can be, else by its coordinates.
class walk_of {
 public:
  walk_of(const shape& extents, const strided& x) : extents_(extents), x_(x) {
    std::int64_t step = 0, inner = 1;
    for (int axis = extents.size() - 1; axis >= 0; --axis) {
      if (extents[axis] == 1) continue;
      if (inner == 1) step = x.strides[axis];
      even_ = even_ && x.strides[axis] == step * inner;
      inner *= extents[axis];
    }
    stride_ = step;
  }
  std::byte* at(std::int64_t i) const { return x_.data + (even_ ? i * stride_ : offset_at(extents_, x_.strides, i)); }

 private:
  const shape& extents_;
  const strided& x_;
  std::int64_t stride_ = 0;
  bool even_ = true;
};

template <class T, bool Right>
void search_range(const search_plan& plan, const walk_of& values, const walk_of& out, std::int64_t first,
                  std::int64_t last) {
  if constexpr (complex_number<T>) {
    for (std::int64_t i = first; i < last; ++i) store(out.at(i), 0, place_of(plan, load<T>(values.at(i), 0)));
  } else {
    const searcher<T, Right> among(plan);
    constexpr int together = searcher<T, Right>::together;
    std::int64_t near = 0;
    for (std::int64_t i = first; i < last; i += together) {
      const int n = static_cast<int>(std::min<std::int64_t>(together, last - i));
      typename searcher<T, Right>::key keys[together];
      std::int64_t places[together];
      for (int k = 0; k < together; ++k) keys[k] = key_of(load<T>(values.at(i + std::min(k, n - 1)), 0));
      among.find(keys, n, places, near);
      for (int k = 0; k < n; ++k) store(out.at(i + k), 0, places[k]);
    }
  }
}

}  // namespace

void search(const search_plan& plan) {
  constexpr std::int64_t work = 64;
  const walk_of values(plan.extents, plan.values), out(plan.extents, plan.out);
  visit_element(plan.values.type, [&]<class T>() {
    parallel_for(count_of(plan.extents), work, [&](std::int64_t first, std::int64_t last, int) {
      plan.right ? search_range<T, true>(plan, values, out, first, last)
                 : search_range<T, false>(plan, values, out, first, last);
    });
  });
}

}  // namespace tessera::detail::cpu
