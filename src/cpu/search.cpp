// Binary search of many values in one sorted array: sixteen at a time in step, without branches, so that their cache misses
// overlap (a million doubles in a million: a third of the time of one after the other). Values that ascend themselves are
// searched for between the places of the first and the last of the sixteen, which are found from where the last ones were.
// Where there are enough of them a grid tells first about where each one lies.
#include <algorithm>
#include <new>

#include "cpu/lanes.hpp"
#include "cpu/ordering.hpp"
#include "cpu/search_grid.hpp"
#include "cpu/sort.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

/// What an element is compared by; NaN is looked after apart.
template <class T> constexpr auto key_of(T x) noexcept {
  if constexpr (half<T>) return order_key(x);
  else if constexpr (std::same_as<T, bool>) return static_cast<int>(x);
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

  /// For `values` searches; without effect where a grid is not worth it, or there is no memory for one.
  void make_grid(std::int64_t values) {
    if constexpr (sizeof(T) >= 4) {
      if (values < numbers_ / 8) return;
      try {
        grid_ = search_grid<key>::over(numbers_, [&](std::int64_t i) { return at(i); });
      } catch (const std::bad_alloc&) {}
    }
  }

  /// Places of n <= together values. `near`: where a search may begin, and the last place found.
  void find(const key* values, int n, std::int64_t* places, std::int64_t& near) const {
    bool ascending = n == together;
    for (int k = 0; k + 1 < together; ++k) ascending = ascending & (values[k] <= values[k + 1]);
    if (ascending) {
      const std::int64_t first = from(near, values[0]), last = from(first, values[together - 1]);
      std::fill(places, places + together, first);
      step_all(values, last - first, places);
    } else if (grid_) {
      step_all(values, first_places(values, places), places);
    } else {
      std::fill(places, places + together, 0);
      step_all(values, numbers_, places);
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

  /// Where the buckets begin; how many elements from there on are to be searched: those of the fullest one for all.
  std::int64_t first_places(const key* values, std::int64_t* places) const {
    std::int64_t length = 0;
    for (int k = 0; k < together; ++k) {
      const std::int64_t bucket = grid_->bucket(values[k]);
      places[k] = grid_->begin(bucket);
      length = std::max(length, grid_->end(bucket) - places[k]);
    }
    for (int k = 0; k < together; ++k) places[k] = std::min(places[k], numbers_ - length);
    return length;
  }

  /// Places among the `length` elements that begin with those of `places`.
  void step_all(const key* values, std::int64_t length, std::int64_t* places) const {
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
  std::optional<search_grid<key>> grid_;
};

template <class T, bool Right>
void search_range(const searcher<T, Right>& among, const strided_points& values, const strided_points& out,
                  std::int64_t first, std::int64_t last) {
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

/// As NumPy does it, so that what is not sorted gives NumPy's places: each value from the place of the one before it on, or up
/// to it.
template <class T, bool Right>
void search_in_turn(const search_plan& plan, const strided_points& values, const strided_points& out,
                    std::int64_t first, std::int64_t last) {
  const auto precedes = [](T a, T b) { return Right ? !before(b, a) : before(a, b); };
  std::int64_t begin = 0, end = plan.count;
  T previous = load<T>(values.at(first), 0);
  for (std::int64_t i = first; i < last; ++i) {
    const T x = load<T>(values.at(i), 0);
    const bool further = precedes(previous, x);
    if (!further) begin = 0;
    end = further ? plan.count : std::min(end + 1, plan.count);
    previous = x;
    while (begin < end) {
      const std::int64_t middle = begin + (end - begin) / 2;
      if (precedes(load<T>(plan.sorted, static_cast<std::size_t>(middle)), x)) begin = middle + 1;
      else end = middle;
    }
    store(out.at(i), 0, begin);
  }
}

template <class T> bool is_sorted(const search_plan& plan) {
  bool sorted = true;
  for (std::int64_t i = 1; i < plan.count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    sorted &= !before(load<T>(plan.sorted, at), load<T>(plan.sorted, at - 1));
  }
  return sorted;
}

template <class T, bool Right> void search_all(const search_plan& plan) {
  const strided_points values(plan.extents, plan.values), out(plan.extents, plan.out);
  const std::int64_t count = count_of(plan.extents);
  constexpr std::int64_t work_each = 64;
  // Looking through 64 elements costs less than one search; where there are more to a value, nobody looks.
  if (plan.count / 64 <= count && !is_sorted<T>(plan)) return search_in_turn<T, Right>(plan, values, out, 0, count);
  if constexpr (complex_number<T>) {
    parallel_for(count, work_each, [&](std::int64_t first, std::int64_t last, int) {
      search_in_turn<T, Right>(plan, values, out, first, last);
    });
  } else {
    searcher<T, Right> among(plan);
    among.make_grid(count);
    parallel_for(count, work_each,
                 [&](std::int64_t first, std::int64_t last, int) { search_range(among, values, out, first, last); });
  }
}

}  // namespace

void search(const search_plan& plan) {
  visit_element(plan.values.type,
                [&]<class T>() { plan.right ? search_all<T, true>(plan) : search_all<T, false>(plan); });
}

}  // namespace tessera::detail::cpu
