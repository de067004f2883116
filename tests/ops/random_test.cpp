// Random numbers against docs/random.md written down as plain loops, and their statistics. Every seed is fixed.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <sstream>

#include "elements.hpp"

using namespace tessera;
using tessera::random::generator;
using tessera::random::generator_state;

namespace {

using block = std::array<std::uint32_t, 4>;

// ---- oracle: the definition, one element at a time

/// Philox4x32-10 as its paper has it.
block philox(block counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0], b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return counter;
}

std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

/// Word i of the calls that start in this state.
std::uint32_t word(const generator_state& s, std::int64_t i) {
  const std::uint64_t counter = s.counter + static_cast<std::uint64_t>(i / 4);
  const block words = philox({low(counter), high(counter), low(s.stream), high(s.stream)}, {low(s.seed), high(s.seed)});
  return words[static_cast<std::size_t>(i % 4)];
}
std::uint64_t word64(const generator_state& s, std::int64_t i) {
  return word(s, 2 * i) | std::uint64_t{word(s, 2 * i + 1)} << 32;
}

/// floor(w * range / 2**bits) for the 64 (or 128) bits of an element, by long multiplication in base 2**32; range 0: 2**64.
std::uint64_t bounded(const generator_state& s, std::int64_t i, std::uint64_t range, int words) {
  const std::uint64_t factor[3] = {low(range), high(range), range == 0 ? 1u : 0u};
  std::uint64_t sum[8] = {};
  for (int j = 0; j < words; ++j) {
    std::uint64_t carry = 0;
    for (int k = 0; k < 3; ++k) {
      const std::uint64_t digit = sum[j + k] + word(s, i * words + j) * factor[k] + carry;
      sum[j + k] = low(digit);
      carry = high(digit);
    }
    sum[j + 3] += carry;
  }
  return sum[words] | sum[words + 1] << 32;
}

/// Element i of standard normal numbers by Box and Muller, in higher precision than it has.
long double normal_number(const generator_state& s, std::int64_t i, bool single) {
  const std::int64_t first = i & ~std::int64_t{1};
  long double u, rest;  // of a quarter turn
  unsigned quarter;
  if (single) {
    u = static_cast<float>(word(s, first) | 1u) * 0x1p-32L;
    const std::uint32_t angle = word(s, first + 1);
    quarter = (angle + (1u << 29)) >> 30;
    rest = static_cast<float>(static_cast<std::int32_t>(angle << 2 | 2u)) * 0x1p-32L;
  } else {
    u = static_cast<double>(word64(s, first) | 1u) * 0x1p-64L;
    const std::uint64_t angle = word64(s, first + 1);
    quarter = static_cast<unsigned>((angle + (std::uint64_t{1} << 61)) >> 62);
    rest = static_cast<double>(static_cast<std::int64_t>(angle << 2 | 2u)) * 0x1p-64L;
  }
  const long double r = std::sqrt(-2 * std::log(u)), half_pi = std::acos(0.0L);
  const long double sine = std::sin(rest * half_pi), cosine = std::cos(rest * half_pi);
  const long double of[4] = {cosine, -sine, -cosine, sine};  // the cosine with 0, 1, 2, 3 quarters more
  return r * of[(quarter + (i % 2 == 0 ? 0 : 3)) & 3];
}

template <class T> double ulps(T got, long double wanted) {
  const T nearest = static_cast<T>(wanted);
  const long double unit = static_cast<long double>(std::nextafter(std::abs(nearest), INFINITY)) - std::abs(nearest);
  return static_cast<double>(std::abs(got - wanted) / unit);
}

const generator_state states[] = {
    {0, 0, 0}, {42, 0, 7}, {0xFEDCBA9876543210, 0x0123456789ABCDEF, 0xFFFFFFFE}, {~0ull, ~0ull, ~0ull - 2}};
const std::int64_t counts[] = {1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 33, 63, 64, 65, 127, 129, 1000};

TEST(philox4x32_10, has_the_words_of_its_authors) {  // kat_vectors of Random123
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(philox4x32_10, takes_seed_stream_and_counter_from_the_low_word_up) {
  generator g(generator_state{0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88});
  const auto got = elements<float>(g.uniform({4}, {.dtype = float32}));
  const std::vector<float> wanted = {0xd16cfe * 0x1p-24f, 0x94fdcc * 0x1p-24f, 0x5001e4 * 0x1p-24f,
                                     0x24126e * 0x1p-24f};
  EXPECT_EQ(got, wanted);
}

// ---- bits
TEST(random_uniform, float32_is_the_upper_24_bits_of_a_word) {
  for (const generator_state& s : states) {
    for (const std::int64_t n : counts) {
      const auto got = elements<float>(generator(s).uniform({n}, {.dtype = float32}));
      for (std::int64_t i = 0; i < n; ++i)
        ASSERT_EQ(got[static_cast<std::size_t>(i)], static_cast<float>(word(s, i) >> 8) / 16777216.0f)
            << i << " of " << n;
    }
  }
}

TEST(random_uniform, float64_is_the_upper_53_bits_of_two_words) {
  for (const generator_state& s : states) {
    for (const std::int64_t n : counts) {
      const auto got = elements<double>(generator(s).uniform({n}));
      for (std::int64_t i = 0; i < n; ++i)
        ASSERT_EQ(got[static_cast<std::size_t>(i)], static_cast<double>(word64(s, i) >> 11) / 9007199254740992.0);
    }
  }
}

TEST(random_uniform, of_an_interval_is_scaled_and_shifted_in_the_dtype) {
  const generator_state s{5, 6, 7};
  const auto wide = elements<double>(generator(s).uniform(-3, 1e10, {500}));
  const auto narrow = elements<float>(generator(s).uniform(0.1, 0.7, {500}, {.dtype = float32}));
  for (std::int64_t i = 0; i < 500; ++i) {
    volatile double product = (1e10 + 3) * (static_cast<double>(word64(s, i) >> 11) * 0x1p-53);  // not fused
    volatile float single = (0.7f - 0.1f) * (static_cast<float>(word(s, i) >> 8) * 0x1p-24f);
    ASSERT_EQ(wide[static_cast<std::size_t>(i)], -3 + product);
    ASSERT_EQ(narrow[static_cast<std::size_t>(i)], 0.1f + single);
  }
}

TEST(random_uniform, never_gives_the_upper_end) {
  // Two neighbours: half of all sums round up to the end.
  const float low = 1.0f, high = std::nextafter(low, 2.0f);
  for (const float x : elements<float>(generator(1).uniform(low, high, {1000}, {.dtype = float32}))) ASSERT_EQ(x, low);
  for (const double x : elements<double>(generator(1).uniform(1e16, 1e16 + 4, {1000}))) {
    ASSERT_GE(x, 1e16);
    ASSERT_LT(x, 1e16 + 4);
  }
  for (const double x : elements<double>(generator(1).uniform(-5e-324, 0, {100}))) ASSERT_EQ(x, -5e-324);
}

template <class T> void check_integers(dtype type, std::int64_t first, std::uint64_t range, int words) {
  for (const generator_state& s : {states[1], states[2]}) {
    for (const std::int64_t n : counts) {
      generator g(s);
      const random::bound from(first),
          to = first < 0 ? random::bound(static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + range - 1))
                         : random::bound(static_cast<std::uint64_t>(first) + range - 1);
      const array x = g.integers(from, to, {n}, {.dtype = type, .endpoint = true});
      const auto got = tessera_test::values<T>(x);
      ASSERT_EQ(x.dtype(), type);
      for (std::int64_t i = 0; i < n; ++i) {
        const auto wanted = static_cast<T>(static_cast<std::uint64_t>(first) + bounded(s, i, range, words));
        ASSERT_EQ(got[static_cast<std::size_t>(i)], wanted) << type.name() << " " << i << " of " << n;
      }
      ASSERT_EQ(g.state().counter, s.counter + static_cast<std::uint64_t>((n * words + 3) / 4));
    }
  }
}

TEST(random_integers, are_the_upper_bits_of_64_bits_times_the_range) {
  check_integers<bool>(bool_, 0, 2, 2);
  check_integers<std::int8_t>(int8, -128, 256, 2);
  check_integers<std::uint8_t>(uint8, 3, 7, 2);
  check_integers<std::int16_t>(int16, -300, 1000, 2);
  check_integers<std::uint16_t>(uint16, 0, 65536, 2);
  check_integers<std::int32_t>(int32, -2147483648, std::uint64_t{1} << 32, 2);
  check_integers<std::uint32_t>(uint32, 0, 4000000000, 2);
  check_integers<std::int64_t>(int64, -5, 1, 2);
  check_integers<std::int64_t>(int64, -7, 13, 2);
  check_integers<std::uint64_t>(uint64, 1, std::uint64_t{1} << 32, 2);
}

TEST(random_integers, of_large_ranges_are_the_upper_bits_of_128_bits_times_the_range) {
  check_integers<std::int64_t>(int64, -1, (std::uint64_t{1} << 32) + 1, 4);
  check_integers<std::int64_t>(int64, 0, 1000000000000000, 4);
  check_integers<std::uint64_t>(uint64, 1, ~std::uint64_t{0}, 4);
  check_integers<std::uint64_t>(uint64, 0, 0, 4);  // 2**64
}

TEST(random_integers, of_the_whole_int64_range) {
  const std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                     greatest = std::numeric_limits<std::int64_t>::max();
  const auto got = ints(generator(3).integers(least, greatest, {200}, {.endpoint = true}));
  for (std::int64_t i = 0; i < 200; ++i)
    ASSERT_EQ(static_cast<std::uint64_t>(got[static_cast<std::size_t>(i)]),
              static_cast<std::uint64_t>(least) + bounded({3, 0, 0}, i, 0, 4));
}

TEST(random_normal, is_within_three_ulp_of_the_formula) {
  for (const generator_state& s : states) {
    const std::int64_t n = 20001;
    const auto single = elements<float>(generator(s).normal({n}, {.dtype = float32}));
    const auto pair = elements<double>(generator(s).normal({n}));
    double worst = 0, worst_single = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      worst_single = std::max(worst_single, ulps(single[static_cast<std::size_t>(i)], normal_number(s, i, true)));
      worst = std::max(worst, ulps(pair[static_cast<std::size_t>(i)], normal_number(s, i, false)));
    }
    EXPECT_LE(worst_single, 3.0);
    EXPECT_LE(worst, 3.0);
  }
}

TEST(random_normal, of_any_size_is_a_prefix) {
  const auto all = elements<double>(generator(9).normal({1000}));
  const auto singles = elements<float>(generator(9).normal({1000}, {.dtype = float32}));
  for (const std::int64_t n : counts) {
    const auto end = static_cast<std::ptrdiff_t>(n);
    EXPECT_EQ(elements<double>(generator(9).normal({n})), std::vector<double>(all.begin(), all.begin() + end)) << n;
    EXPECT_EQ(elements<float>(generator(9).normal({n}, {.dtype = float32})),
              std::vector<float>(singles.begin(), singles.begin() + end));
  }
}

TEST(random_normal, of_other_parameters_is_scaled_and_shifted) {
  const auto z = elements<double>(generator(9).normal({100})),
             x = elements<double>(generator(9).normal(10, 0.5, {100}));
  for (std::size_t i = 0; i < 100; ++i) {
    volatile double product = 0.5 * z[i];
    ASSERT_EQ(x[i], 10 + product);
  }
  for (const double constant : elements<double>(generator(9).normal(-2, 0, {10}))) EXPECT_EQ(constant, -2);
}

TEST(random_normal, reaches_beyond_six_deviations) {
  EXPECT_NEAR(double(max(generator(generator_state{1, 0, 91093890}).normal({4}, {.dtype = float32}))), 6.094060, 1e-6);
  EXPECT_NEAR(double(max(generator(generator_state{1, 0, 304439540}).normal({2}))), 6.261248, 1e-6);
}

TEST(random_fills, of_many_elements_are_the_same_bits) {  // pieces, threads, streaming stores
  const std::int64_t n = 5'000'001;
  const generator_state s{12, 3, 4};
  const array single = generator(s).uniform({n}, {.dtype = float32}), wide = generator(s).uniform({n});
  const array numbers = generator(s).integers(0, 1000, {n}), z = generator(s).normal({n});
  const auto a = single.span<float>();
  const auto b = wide.span<double>(), d = z.span<double>();
  const auto c = numbers.span<std::int64_t>();
  for (std::int64_t i = 0; i < n; i += i < n - 40 ? 997 : 1) {
    const auto at = static_cast<std::size_t>(i);
    ASSERT_EQ(a[at], static_cast<float>(word(s, i) >> 8) * 0x1p-24f) << i;
    ASSERT_EQ(b[at], static_cast<double>(word64(s, i) >> 11) * 0x1p-53) << i;
    ASSERT_EQ(static_cast<std::uint64_t>(c[at]), bounded(s, i, 1000, 2)) << i;
    ASSERT_LE(ulps(d[at], normal_number(s, i, false)), 3.0) << i;
  }
}

// ---- state
TEST(random_generator, draws_what_its_state_says) {
  generator g(7, {.stream = 3});
  EXPECT_EQ(g.state(), (generator_state{7, 3, 0}));
  (void)g.uniform({10});  // 20 words
  EXPECT_EQ(g.state().counter, 5u);
  (void)g.uniform({10}, {.dtype = float32});
  EXPECT_EQ(g.state().counter, 8u);
  (void)g.normal({3, 3});
  EXPECT_EQ(g.state().counter, 13u);
  (void)g.integers(0, 10, {3});
  EXPECT_EQ(g.state().counter, 15u);
  (void)g.integers(0, 10'000'000'000, {3});
  EXPECT_EQ(g.state().counter, 18u);
  (void)g.uniform({0, 5});
  EXPECT_EQ(g.state().counter, 18u);
  EXPECT_EQ(random::to_string(g), "generator({.seed = 7, .stream = 3, .counter = 18})");
  std::ostringstream text;
  text << g;
  EXPECT_EQ(text.str(), random::to_string(g));
}

TEST(random_generator, restored_or_copied_goes_on_with_the_same_numbers) {
  generator g(11);
  (void)g.normal({33});
  generator copy = g, restored(g.state());
  EXPECT_TRUE(copy == g);
  const auto wanted = elements<double>(g.uniform({50}));
  EXPECT_EQ(elements<double>(copy.uniform({50})), wanted);
  EXPECT_EQ(elements<double>(restored.uniform({50})), wanted);
  EXPECT_TRUE(copy == g);
  EXPECT_FALSE(generator(11) == g);
}

TEST(random_generator, jumps_as_far_as_drawing_and_discarding) {
  generator drawn(11), jumped(11);
  (void)drawn.uniform({400}, {.dtype = float32});
  jumped.jump(60).jump(40);
  EXPECT_TRUE(drawn == jumped);
  EXPECT_EQ(elements<double>(drawn.normal({9})), elements<double>(jumped.normal({9})));
}

TEST(random_generator, of_another_seed_or_stream_draws_other_numbers) {
  const auto a = elements<double>(generator(1).uniform({100})), b = elements<double>(generator(2).uniform({100})),
             c = elements<double>(generator(1, {.stream = 1}).uniform({100}));
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_NE(a[i], b[i]);
    EXPECT_NE(a[i], c[i]);
  }
  EXPECT_FALSE(generator() == generator());  // equal once in 2**64
}

TEST(random_generator, draws_shapes) {
  generator g(42);
  array points = random::generator(42).uniform({1000, 3});
  EXPECT_EQ(points.shape(), shape({1000, 3}));
  EXPECT_TRUE(points.flags().c_contiguous);
  EXPECT_EQ(g.uniform(5).shape(), shape({5}));
  EXPECT_EQ(g.uniform(0.0, 1.0).ndim(), 0);
  EXPECT_EQ(g.normal(0, 1).ndim(), 0);
  EXPECT_EQ(g.integers(0, 6).ndim(), 0);
  EXPECT_EQ(g.integers(0, 6).dtype(), int64);
  EXPECT_EQ(g.normal({2, 0, 3}).shape(), shape({2, 0, 3}));
  EXPECT_EQ(g.normal({2, 2}, {.dtype = {}}).dtype(), float64);
}

// ---- errors: no counters are used up
struct failing_call {
  const char* text;
  std::function<void(generator&)> call;
};

TEST(random_errors, say_what_is_wrong_and_leave_the_generator_as_it_was) {
  const double inf = INFINITY;
  const failing_call calls[] = {
      {"value_error uniform: low 1.0 is not below high 1.0", [](generator& g) { (void)g.uniform(1, 1, {3}); }},
      {"value_error uniform: low 2.0 is not below high 1.0", [](generator& g) { (void)g.uniform(2, 1, {3}); }},
      {"value_error uniform: low nan is not finite in float64", [](generator& g) { (void)g.uniform(NAN, 1, {3}); }},
      {"value_error uniform: high inf is not finite in float64", [=](generator& g) { (void)g.uniform(0, inf, {3}); }},
      {"value_error uniform: high 1e+39 is not finite in float32",
       [](generator& g) { (void)g.uniform(0, 1e39, {3}, {.dtype = float32}); }},
      {"value_error uniform: low 1.0 is not below high 1.0",
       [](generator& g) { (void)g.uniform(1, 1 + 1e-12, {3}, {.dtype = float32}); }},
      {"overflow_error uniform: high - low overflows float64",
       [](generator& g) { (void)g.uniform(-1.7e308, 1.7e308, {3}); }},
      {"overflow_error uniform: high - low overflows float32",
       [](generator& g) { (void)g.uniform(-3e38, 3e38, {3}, {.dtype = float32}); }},
      {"dtype_error uniform: dtype float16 is not float32 or float64",
       [](generator& g) { (void)g.uniform({3}, {.dtype = float16}); }},
      {"dtype_error normal: dtype int64 is not float32 or float64",
       [](generator& g) { (void)g.normal({3}, {.dtype = int64}); }},
      {"value_error normal: deviation -1.0 is negative", [](generator& g) { (void)g.normal(0, -1, {3}); }},
      {"value_error normal: mean nan is not finite in float64", [](generator& g) { (void)g.normal(NAN, 1, {3}); }},
      {"value_error normal: deviation inf is not finite in float64",
       [=](generator& g) { (void)g.normal(0, inf, {3}); }},
      {"value_error integers: low 5 is not below high 5", [](generator& g) { (void)g.integers(5, 5, {3}); }},
      {"value_error integers: low 5 is not below high -5", [](generator& g) { (void)g.integers(5, -5, {3}); }},
      {"value_error integers: low 5 is above high 4",
       [](generator& g) { (void)g.integers(5, 4, {3}, {.endpoint = true}); }},
      {"value_error integers: high 257 is out of bounds for uint8",
       [](generator& g) { (void)g.integers(0, 257, {3}, {.dtype = uint8}); }},
      {"value_error integers: high 256 is out of bounds for uint8",
       [](generator& g) { (void)g.integers(0, 256, {3}, {.dtype = uint8, .endpoint = true}); }},
      {"value_error integers: low -1 is out of bounds for uint64",
       [](generator& g) { (void)g.integers(-1, 5, {3}, {.dtype = uint64}); }},
      {"value_error integers: low -129 is out of bounds for int8",
       [](generator& g) { (void)g.integers(-129, 5, {3}, {.dtype = int8}); }},
      {"value_error integers: high 18446744073709551615 is out of bounds for int64",
       [](generator& g) { (void)g.integers(0, ~std::uint64_t{0}, {3}); }},
      {"value_error integers: high 3 is out of bounds for bool",
       [](generator& g) { (void)g.integers(0, 3, {3}, {.dtype = bool_}); }},
      {"dtype_error integers: dtype float64 is not an integer or bool",
       [](generator& g) { (void)g.integers(0, 3, {3}, {.dtype = float64}); }},
      {"value_error uniform: shape (-1,) has a negative extent", [](generator& g) { (void)g.uniform({-1}); }},
      {"value_error permutation: -3 is negative", [](generator& g) { (void)g.permutation(-3); }},
      {"axis_error permutation: axis 1 is out of bounds for an array with 1 axis",
       [](generator& g) { (void)g.permutation(arange(3), 1); }},
      {"axis_error permutation: axis 0 is out of bounds for an array with 0 axes",
       [](generator& g) { (void)g.permutation(array(3)); }},
      {"value_error shuffle: the destination is read-only", [](generator& g) { g.shuffle(arange(3).readonly()); }},
      {"axis_error shuffle: axis -3 is out of bounds for an array with 2 axes",
       [](generator& g) {
         array x = zeros({2, 2});
         g.shuffle(x, -3);
       }},
  };
  for (const failing_call& c : calls) {
    generator g(1);
    EXPECT_EQ(error_of([&] { c.call(g); }), c.text);
    EXPECT_TRUE(g == generator(1)) << c.text;
  }
}

TEST(random_errors, huge_shapes_are_out_of_memory) {
  generator g(1);
  EXPECT_THROW((void)g.uniform({std::int64_t{1} << 50}), out_of_memory);
  EXPECT_TRUE(g == generator(1));
}

TEST(random_errors, name_the_callers_line) {
  generator g(1);
  unsigned line = 0;
  try {
    line = __LINE__ + 1;
    (void)g.uniform(2, 1, {3});
    FAIL();
  } catch (const value_error& e) {
    EXPECT_EQ(e.where().line(), line);
  }
}

// ---- order
TEST(random_permutation, is_the_order_of_64_bit_integers) {
  const std::int64_t n = 1000;
  generator g(5);
  const auto got = ints(g.permutation(n));
  std::vector<std::int64_t> wanted(static_cast<std::size_t>(n));
  std::iota(wanted.begin(), wanted.end(), 0);
  std::stable_sort(wanted.begin(), wanted.end(), [](std::int64_t a, std::int64_t b) {
    return bounded({5, 0, 0}, a, 0, 4) < bounded({5, 0, 0}, b, 0, 4);
  });
  EXPECT_EQ(got, wanted);
  EXPECT_EQ(g.state().counter, 1000u);
}

TEST(random_permutation, has_every_number_once) {
  for (const std::int64_t n : {0, 1, 2, 3, 100, 300'000}) {
    auto got = ints(generator(8).permutation(n));
    std::sort(got.begin(), got.end());
    std::vector<std::int64_t> wanted(static_cast<std::size_t>(n));
    std::iota(wanted.begin(), wanted.end(), 0);
    EXPECT_EQ(got, wanted) << n;
  }
}

TEST(random_permutation, puts_every_number_everywhere_as_often) {
  const int n = 6, draws = 12000;
  std::vector<int> times(n * n, 0), orders(720, 0);
  generator g(31);
  for (int draw = 0; draw < draws; ++draw) {
    const auto p = ints(g.permutation(n));
    std::size_t order = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      ++times[i * n + static_cast<std::size_t>(p[i])];
      std::size_t smaller_later = 0;
      for (std::size_t j = i + 1; j < p.size(); ++j) smaller_later += p[j] < p[i];
      order = order * (p.size() - i) + smaller_later;
    }
    ++orders[order];
  }
  for (const int t : times) EXPECT_NEAR(t, draws / n, 5 * std::sqrt(draws / n));
  double chi2 = 0;  // over all 720 orders
  for (const int t : orders) chi2 += std::pow(t - draws / 720.0, 2) / (draws / 720.0);
  EXPECT_NEAR(chi2, 719, 4 * std::sqrt(2 * 719.0));
}

TEST(random_permutation, of_an_array_keeps_what_lies_along_the_axis_together) {
  const array x = reshape(arange(24), {4, 6});
  const auto order = ints(generator(2).permutation(6));
  const auto got = ints(generator(2).permutation(x.T(), 0).T()), along_1 = ints(generator(2).permutation(x, 1));
  for (std::size_t row = 0; row < 4; ++row)
    for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(along_1[row * 6 + k], static_cast<std::int64_t>(row * 6) + order[k]);
  EXPECT_EQ(got, along_1);
}

TEST(random_shuffle, permutes_in_place_and_through_views) {
  array x = arange(24);
  array rows = reshape(x, {6, 4});
  const array wanted = generator(4).permutation(rows);
  generator(4).shuffle(rows);
  EXPECT_EQ(ints(rows), ints(wanted));
  EXPECT_EQ(ints(x), ints(wanted));
  array columns = reshape(arange(24), {6, 4});
  generator(4).shuffle(columns(all, slice(none, none, -1)), 1);
  EXPECT_EQ(ints(generator(4).permutation(reshape(arange(24), {6, 4})(all, slice(none, none, -1)), 1)),
            ints(columns(all, slice(none, none, -1))));
}

// ---- statistics
/// Kolmogorov and Smirnov's distance between sample and distribution, times sqrt(n): above 1.95 once in a thousand.
template <class F> double distance(std::vector<double> sample, F&& distribution) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double worst = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double p = distribution(sample[i]);
    worst = std::max({worst, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  return worst * std::sqrt(n);
}

using tessera_test::doubles;

/// sum of x[i] y[i + lag], both standardised to mean 0 and variance 1, in units of its deviation.
double correlation(const std::vector<double>& x, const std::vector<double>& y, std::size_t lag, double mean,
                   double variance) {
  double sum = 0;
  for (std::size_t i = 0; i + lag < x.size(); ++i) sum += (x[i] - mean) * (y[i + lag] - mean) / variance;
  return sum / std::sqrt(static_cast<double>(x.size() - lag));
}

const std::int64_t sample_size = 400'000;

TEST(random_statistics, uniform_numbers_are_spread_evenly) {
  const auto identity = [](double x) { return x; };
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_LT(distance(doubles(generator(seed).uniform({sample_size})), identity), 1.95);
    EXPECT_LT(distance(doubles(generator(seed).uniform({sample_size}, {.dtype = float32})), identity), 1.95);
  }
}

TEST(random_statistics, normal_numbers_have_the_normal_distribution) {
  const auto normal = [](double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; };
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_LT(distance(doubles(generator(seed).normal({sample_size})), normal), 1.95);
    EXPECT_LT(distance(doubles(generator(seed).normal({sample_size}, {.dtype = float32})), normal), 1.95);
  }
}

TEST(random_statistics, normal_numbers_have_the_normal_moments_and_tails) {
  const std::int64_t n = 4'000'000;
  for (const dtype type : {float32, float64}) {
    const auto z = doubles(generator(77).normal({n}, {.dtype = type}));
    double moment[5] = {};
    std::int64_t beyond[6] = {};
    for (const double x : z) {
      for (int k = 1; k < 5; ++k) moment[k] += std::pow(x, k);
      for (int k = 1; k < 6; ++k) beyond[k] += x > k || x < -k;
    }
    for (double& m : moment) m /= static_cast<double>(n);
    const double unit = 1 / std::sqrt(static_cast<double>(n));
    EXPECT_NEAR(moment[1], 0, 4 * unit);
    EXPECT_NEAR(moment[2], 1, 4 * std::sqrt(2.0) * unit);
    EXPECT_NEAR(moment[3], 0, 4 * std::sqrt(15.0) * unit);
    EXPECT_NEAR(moment[4], 3, 4 * std::sqrt(96.0) * unit);
    for (int k = 1; k < 6; ++k) {
      const double expected = static_cast<double>(n) * std::erfc(k / std::sqrt(2.0));
      EXPECT_NEAR(static_cast<double>(beyond[k]), expected, 4 * std::sqrt(expected) + 1) << k;
    }
  }
}

TEST(random_statistics, integers_come_equally_often) {
  for (const std::int64_t range : {2, 3, 10, 1000}) {
    std::vector<double> times(static_cast<std::size_t>(range), 0);
    for (const std::int64_t x : ints(generator(6).integers(100, 100 + range, {sample_size})))
      ++times.at(static_cast<std::size_t>(x - 100));
    const double expected = static_cast<double>(sample_size) / static_cast<double>(range);
    double chi2 = 0;
    for (const double t : times) chi2 += (t - expected) * (t - expected) / expected;
    const auto freedom = static_cast<double>(range - 1);
    EXPECT_LT(chi2, freedom + 4 * std::sqrt(2 * freedom) + 4) << range;
  }
}

TEST(random_statistics, neighbours_and_streams_are_not_correlated) {
  const auto uniform = doubles(generator(21).uniform({sample_size})), z = doubles(generator(21).normal({sample_size}));
  for (const std::size_t lag : {1, 2, 3, 4, 7, 8, 16, 64, 1000}) {
    EXPECT_LT(std::abs(correlation(uniform, uniform, lag, 0.5, 1.0 / 12)), 4) << lag;
    EXPECT_LT(std::abs(correlation(z, z, lag, 0, 1)), 4) << lag;
  }
  for (const std::uint64_t stream : {1, 2, 3}) {
    const auto other = doubles(generator(21, {.stream = stream}).uniform({sample_size}));
    EXPECT_LT(std::abs(correlation(uniform, other, 0, 0.5, 1.0 / 12)), 4) << stream;
    const auto seeded = doubles(generator(21 + stream).uniform({sample_size}));
    EXPECT_LT(std::abs(correlation(uniform, seeded, 0, 0.5, 1.0 / 12)), 4) << stream;
  }
  // The two of a Box-Muller pair share their radius: their squares would be correlated if it were not Rayleigh's.
  double squares = 0;
  for (std::size_t i = 0; i + 1 < z.size(); i += 2) squares += (z[i] * z[i] - 1) * (z[i + 1] * z[i + 1] - 1) / 2;
  EXPECT_LT(std::abs(squares / std::sqrt(static_cast<double>(z.size()) / 2)), 4);
}

}  // namespace
