// Sorts, selections and searches of one lane on the CPU, of every dtype and many patterns, against the standard library's.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/half.hpp"
#include "cpu/kernels/table.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

template <class T> double number_of(T x) {
  if constexpr (std::is_same_v<T, float16_t> || std::is_same_v<T, bfloat16_t>)
    return static_cast<double>(static_cast<float>(x));
  else return static_cast<double>(x);
}
/// Exact for 64-bit integers too.
template <class T> bool precedes(T a, T b) {
  if constexpr (std::is_integral_v<T>) return a < b;
  else {
    const double x = number_of(a), y = number_of(b);
    return x < y || (std::isnan(y) && !std::isnan(x));
  }
}

enum class pattern { random, few, ascending, descending, pipe, equal, nans, zeros, extremes, tied, outlier, bounds };
constexpr pattern all_patterns[] = {pattern::random,   pattern::few,   pattern::ascending, pattern::descending,
                                    pattern::pipe,     pattern::equal, pattern::nans,      pattern::zeros,
                                    pattern::extremes, pattern::tied,  pattern::outlier,   pattern::bounds};

template <class T> T from_bits(std::uint64_t bits) {
  T x;
  std::memcpy(&x, &bits, sizeof(T));
  return x;
}
template <class T> T converted(double x) {
  if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<std::int64_t>(x));
  else return T(static_cast<float>(x));
}

template <class T> std::vector<T> elements(pattern how, std::int64_t n) {
  std::mt19937_64 random(static_cast<std::uint64_t>(n) * 31 + static_cast<std::uint64_t>(how));
  std::vector<T> all(static_cast<std::size_t>(n));
  const std::vector<double> special = {0.0, -0.0, 1, -1, std::nan(""), INFINITY, -INFINITY, 3};
  for (std::int64_t i = 0; i < n; ++i) {
    T& x = all[static_cast<std::size_t>(i)];
    const std::uint64_t r = random();
    const double few = static_cast<double>(r % 7), limits[] = {1e30, -1e30, 0.0, -0.0, 5};
    switch (how) {
      case pattern::random: x = from_bits<T>(r); break;  // of floats NaN of all kinds too
      case pattern::few: x = converted<T>(few); break;
      case pattern::ascending: x = converted<T>(static_cast<double>(i % 1000000) / 8); break;
      case pattern::descending: x = converted<T>(static_cast<double>(n - i)); break;
      case pattern::pipe: x = converted<T>(static_cast<double>(std::min(i, n - i))); break;
      case pattern::equal: x = converted<T>(3); break;
      case pattern::nans:
        x = std::is_integral_v<T> || r % 3 == 0
                ? converted<T>(few)
                : from_bits<T>(r | (r % 2 == 0 ? ~std::uint64_t{0} : 0x7fffffffffff7fff));
        break;
      case pattern::zeros: x = std::is_integral_v<T> ? converted<T>(few) : converted<T>(special[r % 8]); break;
      case pattern::extremes:
        x = std::is_integral_v<T> ? (r % 2 != 0 ? std::numeric_limits<T>::max() : std::numeric_limits<T>::min())
                                  : converted<T>(limits[r % 5]);
        break;
      case pattern::tied:  // differ in low bits only, but for one
        x = sizeof(T) == 8 ? from_bits<T>(i == n / 2 ? 0xc000000000000000 : 0x3ff0000000000000 + r % 5)
                           : converted<T>(few);
        break;
      case pattern::outlier:
        x = sizeof(T) == 8 && i == n / 3 ? from_bits<T>(0x7000000000000000)
                                         : converted<T>(static_cast<double>(r % 100000));
        break;
      case pattern::bounds:  // of what is sorted as floats: the greatest number always, one of the others seldom
        x = converted<T>(few);
        if constexpr (std::is_floating_point_v<T>) {
          using limits_of = std::numeric_limits<T>;
          const T odd[] = {limits_of::infinity(), -limits_of::infinity(), limits_of::denorm_min(), -limits_of::min()};
          x = r % 3 == 0 ? limits_of::max() : r % 3 == 1 ? limits_of::lowest() : x;
          if (i == n / 2) x = odd[n % 4];
        }
        break;
    }
    if constexpr (std::is_same_v<T, bool>) x = r % 2 != 0;
  }
  return all;
}

template <class T> std::vector<std::int64_t> stable_order(const std::vector<T>& x, bool descending) {
  std::vector<std::int64_t> order(x.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const T p = x[static_cast<std::size_t>(a)], q = x[static_cast<std::size_t>(b)];
    return descending ? precedes(q, p) : precedes(p, q);
  });
  return order;
}

template <class T> struct lane_test {
  std::vector<T> x;
  dtype type;
  bool descending = false;

  template <class Out>
  std::vector<Out> run(sort_plan::kind what, std::int64_t keep, const std::vector<std::int64_t>& nth = {}) const {
    std::vector<T> in(x.begin(), x.end());
    std::vector<Out> out(static_cast<std::size_t>(keep));
    sort_plan plan;
    plan.what = what;
    plan.descending = descending;
    plan.count = static_cast<std::int64_t>(x.size());
    plan.keep = keep;
    plan.nth = nth;
    plan.in = {reinterpret_cast<std::byte*>(in.data()), type, {}};
    plan.out = {reinterpret_cast<std::byte*>(out.data()), what == sort_plan::kind::values ? type : int64, {}};
    plan.in_stride = sizeof(T);
    plan.out_stride = sizeof(Out);
    cpu_backend().sort(plan);
    return out;
  }
};

template <class T> void expect_sorted(const std::vector<T>& x, dtype type, const std::string& what) {
  const auto n = static_cast<std::int64_t>(x.size());
  for (const bool descending : {false, true}) {
    const lane_test<T> lane{x, type, descending};
    const std::vector<std::int64_t> order = stable_order(x, descending);
    const std::vector<std::int64_t> places = lane.template run<std::int64_t>(sort_plan::kind::indices, n);
    ASSERT_TRUE(places == order) << what << " positions, descending " << descending;
    const std::vector<T> values = lane.template run<T>(sort_plan::kind::values, n);
    for (std::int64_t i = 0; i < n; ++i) {
      ASSERT_EQ(std::memcmp(&values[static_cast<std::size_t>(i)],
                            &x[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])], sizeof(T)),
                0)
          << what << " value " << i << ", descending " << descending;
    }
    for (const std::int64_t keep : {std::int64_t{1}, n / 20, n / 2}) {
      if (keep == 0) continue;
      const std::vector<std::int64_t> first = lane.template run<std::int64_t>(sort_plan::kind::indices, keep);
      ASSERT_TRUE(std::equal(first.begin(), first.end(), order.begin())) << what << " first " << keep;
    }
  }
}

template <class T> void expect_selected(const std::vector<T>& x, dtype type, const std::string& what) {
  const auto n = static_cast<std::int64_t>(x.size());
  const std::vector<std::int64_t> order = stable_order(x, false);
  const auto in_order = [&](std::int64_t i) { return x[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]; };
  const lane_test<T> lane{x, type};
  const std::vector<std::int64_t> lists[] = {
      {n / 2}, {0}, {n - 1}, {n / 2, n / 2, n - 1, n - 1}, {0, 0, n / 9, n / 3, n * 9 / 10}};
  for (const std::vector<std::int64_t>& nth : lists) {
    const std::vector<T> values = lane.template run<T>(sort_plan::kind::values, n, nth);
    const std::vector<std::int64_t> places = lane.template run<std::int64_t>(sort_plan::kind::indices, n, nth);
    std::vector<T> picked, again = values;
    for (const std::int64_t place : places) picked.push_back(x[static_cast<std::size_t>(place)]);
    std::vector<std::int64_t> all = places;
    std::sort(all.begin(), all.end());
    std::sort(again.begin(), again.end(), precedes<T>);
    for (std::int64_t i = 0; i < n; ++i) {
      ASSERT_EQ(all[static_cast<std::size_t>(i)], i) << what;
      ASSERT_FALSE(precedes<T>(again[static_cast<std::size_t>(i)], in_order(i)) ||
                   precedes<T>(in_order(i), again[static_cast<std::size_t>(i)]))
          << what;
    }
    for (const std::vector<T>* found :
         {static_cast<const std::vector<T>*>(&values), static_cast<const std::vector<T>*>(&picked)}) {
      for (const std::int64_t place : nth) {
        for (std::int64_t i = 0; i < n; ++i) {
          const T e = (*found)[static_cast<std::size_t>(i)], pivot = in_order(place);
          ASSERT_FALSE(i < place   ? precedes<T>(pivot, e)
                       : i > place ? precedes<T>(e, pivot)
                                   : precedes<T>(e, pivot) || precedes<T>(pivot, e))
              << what << " place " << place << " at " << i;
        }
      }
    }
  }
}

template <class F> void with_element(dtype type, F&& f) {
  switch (type.code()) {
    case dtype_code::int8: return f(std::int8_t{});
    case dtype_code::int16: return f(std::int16_t{});
    case dtype_code::int32: return f(std::int32_t{});
    case dtype_code::int64: return f(std::int64_t{});
    case dtype_code::uint8: return f(std::uint8_t{});
    case dtype_code::uint16: return f(std::uint16_t{});
    case dtype_code::uint32: return f(std::uint32_t{});
    case dtype_code::uint64: return f(std::uint64_t{});
    case dtype_code::float16: return f(float16_t{});
    case dtype_code::bfloat16: return f(bfloat16_t{});
    case dtype_code::float32: return f(float{});
    default: return f(double{});
  }
}
const std::vector<dtype> sorted_types = {int8,   int16,  int32,   int64,    uint8,   uint16,
                                         uint32, uint64, float16, bfloat16, float32, float64};

void sweep(const std::vector<std::int64_t>& sizes, const std::vector<dtype>& types) {
  for (const dtype& type : types) {
    with_element(type, [&]<class T>(T) {
      for (const pattern how : all_patterns) {
        for (const std::int64_t n : sizes) {
          const std::string what = std::string(type.name()) + ", pattern " + std::to_string(static_cast<int>(how)) +
                                   ", " + std::to_string(n);
          expect_sorted(elements<T>(how, n), type, what);
          expect_selected(elements<T>(how, n), type, what);
          if (testing::Test::HasFatalFailure()) return;
        }
      }
    });
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(sorting_lanes, equals_a_stable_sort_on_every_instruction_set) {
  const std::string best = simd_target();
  for (const std::string& target : simd_targets()) {
    SCOPED_TRACE(target);
    use_simd_target(target);
    sweep({1, 2, 3, 7, 16, 33, 100, 257, 1025, 5000}, sorted_types);
  }
  use_simd_target(best);
}

TEST(sorting_lanes, that_are_long_equal_a_stable_sort) { sweep({20'001}, sorted_types); }

TEST(sorting_lanes, gives_the_same_on_any_number_of_threads) {
  with_thread_counts([](int) { sweep({140'003}, {int64, float32, float64}); });
}

TEST(sorting_lanes, splits_them_for_many_threads_on_every_instruction_set) {
  const std::string best = simd_target();
  const int threads = cpu::thread_count();
  for (const std::string& target : simd_targets()) {
    SCOPED_TRACE(target);
    use_simd_target(target);
    for (const int count : {2, 7}) {
      cpu::set_thread_count(count);
      for (const pattern how : {pattern::random, pattern::few, pattern::equal, pattern::nans}) {
        expect_sorted(elements<std::int32_t>(how, 150'001), int32, "int32");
        expect_sorted(elements<std::uint64_t>(how, 150'001), uint64, "uint64");
        expect_sorted(elements<float>(how, 150'001), float32, "float32");
        expect_sorted(elements<double>(how, 150'001), float64, "float64");
      }
    }
  }
  cpu::set_thread_count(threads);
  use_simd_target(best);
}

template <class T>
void expect_found(const std::vector<T>& among, std::vector<T> values, dtype type, const std::string& what) {
  const auto n = static_cast<std::int64_t>(values.size());
  for (const bool right : {false, true}) {
    std::vector<std::int64_t> places(values.size());
    const search_plan plan{right,
                           static_cast<std::int64_t>(among.size()),
                           reinterpret_cast<const std::byte*>(among.data()),
                           {n},
                           {reinterpret_cast<std::byte*>(values.data()), type, {sizeof(T)}},
                           {reinterpret_cast<std::byte*>(places.data()), int64, {8}}};
    cpu_backend().search(plan);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto want = right ? std::upper_bound(among.begin(), among.end(), values[i], precedes<T>)
                              : std::lower_bound(among.begin(), among.end(), values[i], precedes<T>);
      ASSERT_EQ(places[i], want - among.begin()) << type.name() << " " << what << " at " << i << " right " << right;
    }
  }
}

TEST(searching_lanes, equals_the_standard_search) {
  for (const dtype& type : sorted_types) {
    with_element(type, [&]<class T>(T) {
      for (const std::int64_t count : {1, 2, 15, 1000, 70'000}) {
        for (const pattern how : {pattern::random, pattern::few, pattern::zeros, pattern::extremes, pattern::nans}) {
          std::vector<T> among = elements<T>(how, count), values = elements<T>(how, 999);
          std::sort(among.begin(), among.end(), precedes<T>);
          std::sort(values.begin() + 400, values.begin() + 800, precedes<T>);  // some blocks ascend
          values.resize(997);
          expect_found(among, values, type, std::to_string(count));
        }
      }
    });
    if (testing::Test::HasFatalFailure()) return;
  }
}

/// A third of the numbers themselves, a third of what lies beside them, a third of anything, and the ends of the type.
template <class T> std::vector<T> looked_for(const std::vector<T>& among, pattern how) {
  using bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::conditional_t<sizeof(T) == 4, std::uint32_t, T>>;
  std::vector<T> values = elements<T>(how, static_cast<std::int64_t>(among.size() / 3) + 1);
  const std::vector<T> other = elements<T>(pattern::random, static_cast<std::int64_t>(among.size() / 9));
  values.insert(values.end(), other.begin(), other.end());
  std::mt19937_64 random(7);
  for (std::size_t i = 0; i < among.size() / 3; ++i) {
    const T x = among[random() % among.size()];
    values.push_back(x);
    if constexpr (sizeof(T) >= 4) {
      values.push_back(std::bit_cast<T>(static_cast<bits>(std::bit_cast<bits>(x) + 1)));
      values.push_back(std::bit_cast<T>(static_cast<bits>(std::bit_cast<bits>(x) - 1)));
    }
  }
  using limits = std::numeric_limits<T>;
  if constexpr (std::is_arithmetic_v<T>)
    values.insert(values.end(), {limits::lowest(), limits::max(), limits::infinity(),
                                 static_cast<T>(-limits::infinity()), limits::quiet_NaN(), limits::denorm_min(), T{0}});
  return values;
}

TEST(searching_lanes, of_many_values_in_any_distribution_equals_the_standard_search) {
  for (const dtype& type : sorted_types) {
    with_element(type, [&]<class T>(T) {
      for (const std::int64_t count : {1024, 1500, 40'000}) {
        for (const pattern how : all_patterns) {
          std::vector<T> among = elements<T>(how, count);
          std::sort(among.begin(), among.end(), precedes<T>);
          expect_found(among, looked_for(among, how), type,
                       "pattern " + std::to_string(static_cast<int>(how)) + ", " + std::to_string(count));
        }
      }
    });
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(searching_lanes, of_many_values_among_skewed_numbers_equals_the_standard_search) {
  std::mt19937_64 random(3);
  constexpr std::size_t n = 20'000;
  const double inf = std::numeric_limits<double>::infinity(), least = std::numeric_limits<double>::denorm_min();
  const auto with = [&](const std::string& what, const auto& number) {
    std::vector<double> among(n);
    for (std::size_t i = 0; i < n; ++i) among[i] = number(i, static_cast<double>(random() % 1'000'000) / 1e6);
    std::sort(among.begin(), among.end());
    expect_found(among, looked_for(among, pattern::zeros), float64, what);
    std::vector<float> narrow(n);
    for (std::size_t i = 0; i < n; ++i)
      narrow[i] = static_cast<float>(std::isinf(among[i]) ? among[i] : std::clamp(among[i], -3e38, 3e38));
    expect_found(narrow, looked_for(narrow, pattern::zeros), float32, what);
  };
  with("exponents", [](std::size_t, double u) { return std::exp(600 * u - 300); });
  with("one far", [](std::size_t i, double u) { return i == 5 ? 1e300 : u; });
  with("many far", [](std::size_t i, double u) { return i % 100 == 0 ? 1e300 : u; });
  with("both ends", [](std::size_t i, double u) { return i % 2 == 0 ? 1.7e308 * u : -1.7e308 * u; });
  with("infinite ends", [&](std::size_t i, double u) { return i % 10 == 0 ? inf : i % 10 == 1 ? -inf : u; });
  with("few infinite", [&](std::size_t i, double u) { return i == 0 ? inf : i == 1 ? -inf : u; });
  with("subnormal", [&](std::size_t, double u) { return std::floor(1e6 * u) * least; });
  with("two subnormal", [&](std::size_t i, double) { return i % 2 == 0 ? least : 0.0; });
  with("beside one", [](std::size_t i, double) { return i % 2 == 0 ? 1.0 : std::nextafter(1.0, 2.0); });
  std::vector<std::int64_t> far(n);
  for (std::size_t i = 0; i < n; ++i) {
    far[i] = std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(i % 1000);
    if (i % 2 == 0) far[i] = -far[i] - 1;
  }
  std::sort(far.begin(), far.end());
  expect_found(far, looked_for(far, pattern::random), int64, "extremes");
  far.erase(far.begin(), far.begin() + n / 2);
  expect_found(far, looked_for(far, pattern::random), int64, "greatest");
}

TEST(searching_lanes, of_few_values_in_what_is_not_sorted_gives_places_within) {
  const std::int64_t n = 9000, few = 100;  // so few that nobody looks at the order
  std::vector<double> among = elements<double>(pattern::zeros, n), values = elements<double>(pattern::few, few);
  for (std::size_t i = 0; i < among.size(); i += 2) among[i] = static_cast<double>(i * 7919 % 1000) / 100;
  among.front() = 0;
  among.back() = 9;
  std::vector<std::int64_t> places(values.size(), -1);
  const search_plan plan{false,
                         n,
                         reinterpret_cast<const std::byte*>(among.data()),
                         {few},
                         {reinterpret_cast<std::byte*>(values.data()), float64, {8}},
                         {reinterpret_cast<std::byte*>(places.data()), int64, {8}}};
  cpu_backend().search(plan);
  for (const std::int64_t place : places) ASSERT_TRUE(place >= 0 && place <= n) << place;
}

}  // namespace
}  // namespace tessera::detail
