// Contractions against nested loops: plans made by hand, every dtype, any strides, every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <complex>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>

#include "cpu/contraction.hpp"
#include "cpu/elements.hpp"
#include "cpu/kernels/table.hpp"
#include "cpu/memory.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

using testing_kernels::number;
using extents_list = std::vector<std::int64_t>;
using generator = std::mt19937_64;

std::int64_t product(const extents_list& extents) {
  return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
}

std::int64_t pick(generator& random, std::int64_t least, std::int64_t most) {
  return std::uniform_int_distribution<std::int64_t>(least, most)(random);
}

// ---- elements -----------------------------------------------------------------------------------------------------
void write_random(dtype type, std::byte* at, generator& random) {
  const auto put = [at](auto value) { std::memcpy(at, &value, sizeof(value)); };
  const double re = std::uniform_real_distribution<>(-1, 1)(random),
               im = std::uniform_real_distribution<>(-1, 1)(random);
  switch (type.code()) {
    case dtype_code::bool_: return put(static_cast<std::uint8_t>(random() % 8 == 0 ? random() % 256 : 0));
    case dtype_code::float16: return put(float16_t(re));
    case dtype_code::bfloat16: return put(bfloat16_t(static_cast<float>(re)));
    case dtype_code::float32: return put(static_cast<float>(re));
    case dtype_code::float64: return put(re);
    case dtype_code::complex64: return put(std::complex<float>(static_cast<float>(re), static_cast<float>(im)));
    case dtype_code::complex128: return put(std::complex<double>(re, im));
    default: {
      const std::uint64_t bits = random();
      std::memcpy(at, &bits, static_cast<std::size_t>(type.itemsize()));
    }
  }
}

/// How far a sum of k products of magnitude 1 may be off, relative to the sum of their magnitudes.
long double tolerance(dtype type, std::int64_t k) {
  const bool is_double = type == float64 || type == complex128;
  const long double unit = is_double ? 0x1p-53L : 0x1p-24L, rounding = type == float16    ? 0x1p-11L
                                                                       : type == bfloat16 ? 0x1p-8L
                                                                                          : 0;
  return rounding + unit * static_cast<long double>(std::min<std::int64_t>(2 * k, 600) + k / 128 + 2);
}

// ---- plans --------------------------------------------------------------------------------------------------------
enum class lie { plain, shuffled, reversed, repeated, spaced, misaligned, any };
constexpr lie all_lies[] = {lie::plain,  lie::shuffled,   lie::reversed, lie::repeated,
                            lie::spaced, lie::misaligned, lie::any};

/// Elements over axes, in bytes of their own.
struct lying {
  std::vector<std::byte> bytes;
  std::byte* data = nullptr;
  extents_list strides;

  lying(const extents_list& extents, lie how, std::int64_t itemsize, generator& random) : strides(extents.size()) {
    std::vector<std::size_t> order(extents.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (how != lie::plain) std::shuffle(order.begin(), order.end(), random);
    const auto chance = [&](lie special) { return how == special || (how == lie::any && random() % 3 == 0); };
    std::int64_t step = itemsize, offset = 0;
    for (std::size_t k = order.size(); k-- > 0;) {
      const std::size_t axis = order[k];
      if (chance(lie::repeated) && random() % 2 == 0) continue;
      if (chance(lie::spaced)) step *= pick(random, 1, 3);
      strides[axis] = step;
      step *= extents[axis];
      if (!chance(lie::reversed) || random() % 2 == 0) continue;
      offset += (extents[axis] - 1) * strides[axis];
      strides[axis] = -strides[axis];
    }
    const std::int64_t shift = chance(lie::misaligned) ? 1 : 0;
    bytes.resize(static_cast<std::size_t>(step + itemsize + shift));
    data = bytes.data() + offset + shift;
  }
};

/// A contraction and what it must give.
class problem {
 public:
  struct groups {
    extents_list b, m, n, k;
  };

  problem(dtype type, const groups& sizes, lie x, lie y, lie to, std::uint64_t seed)
      : random_(seed),
        sizes_(sizes),
        x_(joined(sizes.b, sizes.m, sizes.k), x, type.itemsize(), random_),
        y_(joined(sizes.b, sizes.k, sizes.n), y, type.itemsize(), random_),
        to_(joined(sizes.b, sizes.m, sizes.n), to, type.itemsize(), random_) {
    plan.type = type;
    plan.x = x_.data;
    plan.y = y_.data;
    plan.to = to_.data;
    const std::size_t b = sizes.b.size(), m = sizes.m.size(), k = sizes.k.size();
    for (std::size_t i = 0; i < b; ++i)
      plan.batch.push_back({sizes.b[i], x_.strides[i], y_.strides[i], to_.strides[i]});
    for (std::size_t i = 0; i < m; ++i) plan.rows.push_back({sizes.m[i], x_.strides[b + i], 0, to_.strides[b + i]});
    for (std::size_t i = 0; i < sizes.n.size(); ++i)
      plan.columns.push_back({sizes.n[i], 0, y_.strides[b + k + i], to_.strides[b + m + i]});
    for (std::size_t i = 0; i < k; ++i)
      plan.summed.push_back({sizes.k[i], x_.strides[b + m + i], y_.strides[b + i], 0});
    for (lying* operand : {&x_, &y_}) {
      for (std::int64_t i = 0; i + type.itemsize() <= static_cast<std::int64_t>(operand->bytes.size()); ++i) {
        const std::int64_t at = operand->data - operand->bytes.data();
        if ((i - at) % type.itemsize() == 0) write_random(type, operand->bytes.data() + i, random_);
      }
    }
    std::fill(to_.bytes.begin(), to_.bytes.end(), std::byte{0x5a});
  }

  void sort_axes() {  // as the front end does
    const auto by_result = [](const contraction_axis& a, const contraction_axis& b) { return a.to > b.to; };
    for (contraction_axes* group : {&plan.batch, &plan.rows, &plan.columns})
      std::stable_sort(group->begin(), group->end(), by_result);
    std::stable_sort(plan.summed.begin(), plan.summed.end(), [](const contraction_axis& a, const contraction_axis& b) {
      return std::abs(a.y) > std::abs(b.y);
    });
  }

  const std::vector<std::byte>& result() const { return to_.bytes; }

  void expect_result(const std::string& text) const {
    const extents_list x_b = offsets(plan.batch, &contraction_axis::x), y_b = offsets(plan.batch, &contraction_axis::y),
                       to_b = offsets(plan.batch, &contraction_axis::to),
                       x_m = offsets(plan.rows, &contraction_axis::x), to_m = offsets(plan.rows, &contraction_axis::to),
                       y_n = offsets(plan.columns, &contraction_axis::y),
                       to_n = offsets(plan.columns, &contraction_axis::to),
                       x_k = offsets(plan.summed, &contraction_axis::x),
                       y_k = offsets(plan.summed, &contraction_axis::y);
    std::vector<std::byte> untouched = to_.bytes;
    std::vector<number> row(x_k.size()), column(y_k.size() * y_n.size());
    for (std::size_t b = 0; b < x_b.size(); ++b) {
      for (std::size_t n = 0; n < y_n.size(); ++n)
        for (std::size_t k = 0; k < y_k.size(); ++k)
          column[n * y_k.size() + k] = testing_kernels::read(plan.type, plan.y + y_b[b] + y_n[n] + y_k[k]);
      for (std::size_t m = 0; m < x_m.size(); ++m) {
        for (std::size_t k = 0; k < x_k.size(); ++k)
          row[k] = testing_kernels::read(plan.type, plan.x + x_b[b] + x_m[m] + x_k[k]);
        for (std::size_t n = 0; n < y_n.size(); ++n) {
          const std::int64_t at = to_b[b] + to_m[m] + to_n[n];
          ASSERT_NO_FATAL_FAILURE(expect_sum(row.data(), &column[n * y_k.size()], plan.to + at, x_k.size(), text))
              << "point " << b << ", " << m << ", " << n;
          std::fill_n(untouched.begin() + (plan.to - to_.bytes.data()) + at, plan.type.itemsize(), std::byte{0x5a});
        }
      }
    }
    EXPECT_EQ(std::count(untouched.begin(), untouched.end(), std::byte{0x5a}), std::ssize(untouched)) << text;
  }

  contraction_plan plan;

 private:
  static extents_list joined(extents_list a, const extents_list& b, const extents_list& c) {
    a.insert(a.end(), b.begin(), b.end());
    a.insert(a.end(), c.begin(), c.end());
    return a;
  }

  static extents_list offsets(const contraction_axes& group, std::int64_t contraction_axis::*stride) {
    extents_list result{0};
    for (const contraction_axis& axis : group) {
      extents_list next;
      for (const std::int64_t base : result)
        for (std::int64_t i = 0; i < axis.extent; ++i) next.push_back(base + i * axis.*stride);
      result = next;
    }
    return result;
  }

  void expect_sum(const number* x, const number* y, const std::byte* at, std::size_t steps,
                  const std::string& text) const {
    const number got = testing_kernels::read(plan.type, at);
    std::uint64_t integer = 0;
    bool any = false;
    std::complex<long double> sum = 0;
    long double magnitude = 0;
    for (std::size_t k = 0; k < steps; ++k) {
      integer += static_cast<std::uint64_t>(x[k].integer) * static_cast<std::uint64_t>(y[k].integer);
      any |= x[k].integer != 0 && y[k].integer != 0;
      const std::complex<long double> a(x[k].re, plan.conjugate_x ? -x[k].im : x[k].im), b(y[k].re, y[k].im);
      sum += a * b;
      magnitude += (std::abs(a.real()) + std::abs(a.imag())) * (std::abs(b.real()) + std::abs(b.imag()));
    }
    const char kind = testing_kernels::kind_of(plan.type);
    if (kind == 'b') {
      ASSERT_EQ(static_cast<int>(*at), any) << text;
    } else if (kind == 'i' || kind == 'u') {
      const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * plan.type.itemsize());
      ASSERT_EQ(static_cast<std::uint64_t>(got.integer) & mask, integer & mask) << text;
    } else {
      const long double least = plan.type == float16 ? 0x1p-25L : 0;  // subnormal results
      const long double most = tolerance(plan.type, static_cast<std::int64_t>(steps)) * magnitude + least;
      ASSERT_LE(std::abs(got.re - sum.real()), most) << text << ": " << got.re << " for " << sum.real();
      ASSERT_LE(std::abs(got.im - sum.imag()), most) << text << ": " << got.im << " for " << sum.imag();
    }
  }

  generator random_;
  groups sizes_;
  lying x_, y_, to_;
};

constexpr dtype all_types[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                               uint64, float16, bfloat16, float32, float64, complex64, complex128};
constexpr dtype each_kind[] = {bool_, int64, uint16, float16, float32, complex128};

class contraction : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { use_simd_target(GetParam()); }
  void TearDown() override {
    use_simd_target(simd_targets().front());
    set_thread_count(1);
  }
  /// Runs it packed and expects what the loops give.
  static void expect_packed(problem& p, const std::string& text) {
    p.sort_axes();
    contract_packed(p.plan);
    p.expect_result(text);
  }
};

std::string text_of(dtype type, const std::string& what, std::int64_t m, std::int64_t n, std::int64_t k) {
  return std::string(testing_kernels::name_of(type)) + " " + what + ", m " + std::to_string(m) + ", n " +
         std::to_string(n) + ", k " + std::to_string(k);
}

TEST_P(contraction, of_random_groups_on_any_strides) {
  generator random(20);
  const auto group = [&](bool large) {
    constexpr std::int64_t most[] = {0, 40, 7, 4};
    extents_list result(static_cast<std::size_t>(pick(random, 0, 3)));
    for (std::int64_t& extent : result) extent = pick(random, 2, large ? most[result.size()] : 2);
    return result;
  };
  for (const dtype type : all_types) {
    for (int i = 0; i < 150; ++i) {
      const problem::groups sizes{group(false), group(true), group(true), group(true)};
      const lie x = all_lies[random() % 7], y = all_lies[random() % 7];
      const lie to = random() % 2 == 0 ? lie::plain : lie::shuffled;
      problem p(type, sizes, x, y, to, random());
      p.plan.conjugate_x = type.kind() == 'c' && random() % 2 == 0;
      const std::string text =
          text_of(type, "problem " + std::to_string(i), product(sizes.m), product(sizes.n), product(sizes.k));
      set_thread_count(static_cast<int>(pick(random, 1, 3)));
      ASSERT_NO_FATAL_FAILURE(expect_packed(p, text));
    }
  }
}

// Around the sizes of tiles (up to 8 rows, up to 192 columns) and of blocks.
TEST_P(contraction, of_every_size_around_tiles_and_blocks) {
  const struct {
    extents_list m, n, k;
  } sweeps[] = {{{1, 2, 3, 4, 5, 7, 8, 9}, {1, 2, 3, 5, 8, 11, 12, 13, 16, 23, 24, 25, 47, 49}, {1, 2, 3, 17}},
                {{2, 4, 5}, {7, 24}, {255, 256, 257, 511, 512, 513, 1025, 1537}},
                {{384, 385, 769}, {25, 257, 264}, {9}},
                {{3, 9}, {2040, 4079, 4080, 4081, 4097}, {5}}};
  for (const auto& sweep : sweeps) {
    for (const dtype type : all_types) {
      if (&sweep != sweeps && std::ranges::find(each_kind, type) == std::end(each_kind)) continue;
      for (const std::int64_t m : sweep.m) {
        for (const std::int64_t n : sweep.n) {
          for (const std::int64_t k : sweep.k) {
            const lie x = all_lies[(m + n + k) % 7], y = all_lies[(m + 2 * n + k) % 7];
            problem p(type, {{}, {m}, {n}, {k}}, x, y, lie::plain, static_cast<std::uint64_t>(m + n + k));
            ASSERT_NO_FATAL_FAILURE(expect_packed(p, text_of(type, "edge", m, n, k)));
          }
        }
      }
    }
  }
}

TEST_P(contraction, gives_the_same_bits_at_any_number_of_threads) {
  const problem::groups shapes[] = {{{}, {301}, {263}, {290}},
                                    {{}, {9}, {1500}, {270}},
                                    {{}, {1500}, {9}, {270}},
                                    {{40}, {31}, {33}, {65}},
                                    {{3}, {5, 41}, {7, 30}, {3, 67}}};
  for (const dtype type : each_kind) {
    for (const auto& shape : shapes) {
      std::vector<std::byte> first;
      for (const int threads : {1, 2, 3, 7}) {
        set_thread_count(threads);
        problem p(type, shape, lie::any, lie::any, lie::plain, 5);
        p.sort_axes();
        contract_packed(p.plan);
        if (threads == 1) first = p.result();
        ASSERT_EQ(p.result(), first) << testing_kernels::name_of(type) << ", " << threads << " threads";
      }
    }
  }
}

// Lanes that only fill a tile up must not spread what is beside them.
TEST_P(contraction, carries_nan_and_infinity_to_their_row_and_column_only) {
  constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::int64_t m : {5, 13}) {
    for (const std::int64_t n : {3, 9, 26, 50}) {
      const std::int64_t k = 300;
      std::vector<float> x(static_cast<std::size_t>(m * k), 1), y(static_cast<std::size_t>(k * n), 1);
      std::vector<float> to(static_cast<std::size_t>(m * n));
      x[(m - 1) * k + 7] = nan;
      y[290 * n + n - 1] = infinity;
      contraction_plan plan{.type = float32,
                            .x = reinterpret_cast<std::byte*>(x.data()),
                            .y = reinterpret_cast<std::byte*>(y.data()),
                            .to = reinterpret_cast<std::byte*>(to.data()),
                            .batch = {},
                            .rows = {{m, 4 * k, 0, 4 * n}},
                            .columns = {{n, 0, 4, 4}},
                            .summed = {{k, 4, 4 * n, 0}}};
      contract_packed(plan);
      for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
          const float got = to[i * n + j];
          const bool right = i == m - 1 ? std::isnan(got) : got == (j == n - 1 ? infinity : 300);
          ASSERT_TRUE(right) << i << ", " << j << " is " << got;
        }
      }
    }
  }
}

TEST_P(contraction, without_memory_throws_and_leaves_nothing_behind) {
  for (const dtype type : {float32, float16, complex64}) {
    problem p(type, {{2}, {300}, {200}, {100}}, lie::plain, lie::plain, lie::plain, 3);
    release_cached();
    const std::int64_t before = memory_stats().bytes_in_use;
    const std::int64_t limit = set_memory_limit(before + 1000);
    for (const int threads : {1, 3}) {
      set_thread_count(threads);
      EXPECT_THROW(contract_packed(p.plan), std::bad_alloc);
      EXPECT_EQ(memory_stats().bytes_in_use, before);
    }
    set_memory_limit(limit);
    expect_packed(p, "with memory");
  }
}

TEST(contraction_text, says_how_work_is_cut) {
  const auto text = [](std::int64_t m, std::int64_t n, std::int64_t k) {
    return contraction_text(problem(float32, {{}, {m}, {n}, {k}}, lie::plain, lie::plain, lie::plain, 3).plan);
  };
  use_simd_target("SCALAR");
  EXPECT_EQ(text(900, 300, 1100), "packed tiles of 4 x 3, 3 x 1 blocks of 367 steps");
  EXPECT_EQ(text(900, 90, 1100), "partly packed tiles of 4 x 3, 3 x 1 blocks of 367 steps");
  EXPECT_EQ(text(90, 90, 90), "unpacked tiles of 4 x 3, 1 x 1 blocks of 90 steps");
  use_simd_target(simd_targets().front());
}

INSTANTIATE_TEST_SUITE_P(every_target, contraction, testing::ValuesIn(simd_targets()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace tessera::detail::cpu
