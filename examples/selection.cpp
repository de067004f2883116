// Patterns that replace loops, each beside its loop: masks, where, select, choose, piecewise, searchsorted, groups. With a
// number of elements as argument it prints how long both take.
#include <tessera/tessera.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <span>
#include <vector>

using namespace tessera;

namespace {

using floats = std::vector<float>;

// [mask-loop]
floats inside_loop(std::span<const float> x) {
  floats result;
  for (float value : x) {
    if (value > -1 && value < 1) result.push_back(value);
  }
  return result;
}
// [/mask-loop]

// [mask]
array inside(const array& x) { return x[(x > -1) & (x < 1)]; }
// [/mask]

// [assign-loop]
void clear_loop(std::span<float> x) {
  for (float& value : x) {
    if (value < 0) value = 0;
  }
}
// [/assign-loop]

// [assign]
void clear(array& x) { x[x < 0] = 0; }
// [/assign]

// [where-loop]
floats leaky_loop(std::span<const float> x) {
  floats result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result[i] = x[i] > 0 ? x[i] : 0.1f * x[i];
  return result;
}
// [/where-loop]

// [where]
array leaky(const array& x) { return where(x > 0, x, 0.1 * x); }
// [/where]

// [select-loop]
floats ramp_loop(std::span<const float> x) {
  floats result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] < 0.2f) result[i] = x[i];
    else if (x[i] < 0.5f) result[i] = 2 * x[i];
    else if (x[i] < 0.8f) result[i] = 3 * x[i];
    else result[i] = 0;
  }
  return result;
}
// [/select-loop]

// [select]
array ramp(const array& x) { return select({x < 0.2, x < 0.5, x < 0.8}, {x, 2 * x, 3 * x}, 0); }
// [/select]

// [choose-loop]
floats mixed_loop(std::span<const std::int64_t> which, std::span<const float> x, std::span<const float> y) {
  floats result(which.size());
  for (std::size_t i = 0; i < which.size(); ++i) {
    switch (which[i]) {
      case 0: result[i] = x[i]; break;
      case 1: result[i] = y[i]; break;
      default: result[i] = -1;
    }
  }
  return result;
}
// [/choose-loop]

// [choose]
array mixed(const array& which, const array& x, const array& y) { return choose(which, {x, y, -1}); }
// [/choose]

// [piecewise-loop]
floats bent_loop(std::span<const float> x) {
  floats result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] < 0) result[i] = std::expm1(x[i]);
    else if (x[i] > 1) result[i] = 1 + std::log(x[i]);
    else result[i] = x[i];
  }
  return result;
}
// [/piecewise-loop]

// [piecewise]
array bent(const array& x) {
  return piecewise(
      x, {x<0, x> 1}, [](const array& low) { return expm1(low); }, [](const array& high) { return 1 + log(high); },
      [](const array& rest) { return rest; });
}
// [/piecewise]

// [search-loop]
std::vector<std::int64_t> classes_loop(std::span<const float> sorted, std::span<const float> x) {
  std::vector<std::int64_t> result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    result[i] = std::upper_bound(sorted.begin(), sorted.end(), x[i]) - sorted.begin();
  }
  return result;
}
// [/search-loop]

// [search]
array classes(const array& sorted, const array& x) { return searchsorted(sorted, x, {.side = side::right}); }
// [/search]

// [group-loop]
std::map<std::int64_t, double> totals_loop(std::span<const std::int64_t> keys, std::span<const double> amounts) {
  std::map<std::int64_t, double> totals;
  for (std::size_t i = 0; i < keys.size(); ++i) totals[keys[i]] += amounts[i];
  return totals;
}
// [/group-loop]

// [group]
group_result totals(const array& keys, const array& amounts) { return group_reduce(keys, amounts, group_fold::sum); }
// [/group]

/// What docs/selection.md shows beside the pairs above.
void masks_and_grades() {
  // [masks]
  array x = reshape(arange(12.0), {3, 4});
  array rows = x[max(x, 1) > 5];  // a mask of fewer axes picks whole rows: (2, 4)
  x[x > 9] *= 10;                 // in place, where the mask is true
  array bright = compress(any(x > 50, 0), x, 1);
  auto [row, column] = std::pair(nonzero(x == 3)[0], nonzero(x == 3)[1]);  // where it is, not what
  // [/masks]
  print(rows);
  print(x);
  print(bright, row, column);

  // [grades]
  array limits{50, 63, 75, 88}, points{92, 50, 49, 75, 87};
  array grades = array{5, 4, 3, 2, 1}[searchsorted(limits, points, {.side = side::right})];
  // [/grades]
  print(grades);
}

void sets_and_ranks() {
  // [sets]
  array x{30, 10, 20, 30, 10, 30};
  array kinds = unique(x);                              // sorted: 10, 20, 30
  auto [values, first, which, counts] = unique_all(x);  // where each stands first, which one each element is, how often
  array known = isin(x, {10, 30});
  auto [best, places] = topk(x, 2);  // the largest and where they are, best first
  array middle = quantile(x, 0.5), order = argsort(x);
  // [/sets]
  print(kinds, first, which, counts);
  print(known, best, places, middle, order);
}

/// Shortest time of a call in milliseconds, over at least three calls and a fifth of a second.
template <class Work> double milliseconds(const Work& work) {
  using clock = std::chrono::steady_clock;
  double best = 1e300;
  const auto end = clock::now() + std::chrono::milliseconds(200);
  for (int calls = 0; calls < 3 || clock::now() < end; ++calls) {
    const auto begin = clock::now();
    work();
    best = std::min(best, std::chrono::duration<double, std::milli>(clock::now() - begin).count());
  }
  return best;
}

template <class Loop, class Ours> void row(const char* name, const Loop& loop, const Ours& ours) {
  const double plain = milliseconds(loop), own = milliseconds(ours);
  std::printf("%-40s %9.2f %9.2f %7.1f\n", name, plain, own, plain / own);
}

void race(std::int64_t n) {
  random::generator rng(1);
  const array x = rng.normal(shape{n}, {.dtype = float32, .device = cpu()});
  const array u = rng.uniform(shape{n}, {.dtype = float32, .device = cpu()});
  const array limits = sort(rng.uniform({1000}, {.dtype = float32, .device = cpu()}));
  const array which = rng.integers(0, 3, shape{n}, {.device = cpu()});
  const array keys = rng.integers(0, 1000, shape{n}, {.device = cpu()}), amounts = x.astype(float64);
  const auto values = x.span<const float>(), uniform = u.span<const float>(), sorted = limits.span<const float>();
  const auto numbers = which.span<const std::int64_t>(), members = keys.span<const std::int64_t>();
  std::printf("%-40s %9s %9s %7s\n", "milliseconds", "loop", "tessera", "gain");
  row(
      "x[(x > -1) & (x < 1)]", [&] { inside_loop(values); }, [&] { inside(x); });
  // Both copy, so that there is something to write every time.
  row(
      "b = x; b[b < 0] = 0",
      [&] {
        floats b(values.begin(), values.end());
        clear_loop(b);
      },
      [&] {
        array b = x.copy();
        clear(b);
      });
  row(
      "where(x > 0, x, 0.1 * x)", [&] { leaky_loop(values); }, [&] { leaky(x); });
  row(
      "select of three", [&] { ramp_loop(uniform); }, [&] { ramp(u); });
  row(
      "choose of three", [&] { mixed_loop(numbers, values, uniform); }, [&] { mixed(which, x, u); });
  row(
      "piecewise of three", [&] { bent_loop(values); }, [&] { bent(x); });
  row(
      "group_reduce, 1000 sums", [&] { totals_loop(members, amounts.span<const double>()); },
      [&] { totals(keys, amounts); });
  row(
      "searchsorted, 1000 limits", [&] { classes_loop(sorted, uniform); }, [&] { classes(limits, u); });
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1) {
    race(std::atoll(arguments[1]));
    return 0;
  }
  const floats values{-2, -0.5, 0.25, 3, 0.75, -1, 0.1f};
  const floats limits{0, 0.25, 0.5};
  const array x = from_range(values);
  print(inside(x), array_equal(inside(x), from_range(inside_loop(values))));
  floats written = values;
  clear_loop(written);
  array b = x.copy();
  clear(b);
  print(b, array_equal(b, from_range(written)));
  print(leaky(x), allclose(leaky(x), from_range(leaky_loop(values))));
  print(ramp(x), array_equal(ramp(x), from_range(ramp_loop(values))));
  const std::vector<std::int64_t> which{0, 1, 2, 1, 0, 2, 1}, keys{7, 3, 7, 5, 3, 7, 3};
  const floats others{1, 2, 3, 4, 5, 6, 7};
  const array numbers = from_range(which), y = from_range(others);
  print(mixed(numbers, x, y), array_equal(mixed(numbers, x, y), from_range(mixed_loop(which, values, others))));
  print(allclose(bent(x), from_range(bent_loop(values))));
  const std::vector<double> amounts{1, 2, 3, 4, 5, 6, 7};
  const auto [groups, sums] = totals(from_range(keys), from_range(amounts));
  print(groups, sums);
  for (const auto& [key, sum] : totals_loop(keys, amounts)) std::printf("%d: %g\n", int(key), sum);
  print(classes(from_range(limits), x),
        array_equal(classes(from_range(limits), x), from_range(classes_loop(limits, values))));
  masks_and_grades();
  sets_and_ranks();
}
