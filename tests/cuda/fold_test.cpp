// Generated folds against the CPU's and against plain loops: every fold and dtype, axes in any position, layouts, pieces.
#include "cuda/fold.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <random>

#include "backend.hpp"
#include "cpu/elements.hpp"
#include "cpu/hand_made.hpp"
#include "cuda/geometry.hpp"
#include "cuda/launch.hpp"
#include "expr/fold.hpp"
#include "mirror.hpp"

namespace tessera::detail {
namespace {

using testing_kernels::kind_of;
using testing_kernels::read;
using testing_kernels::size_of;

constexpr dtype all_dtypes[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                                uint64, float16, bfloat16, float32, float64, complex64, complex128};
constexpr fold all_folds[] = {fold::sum, fold::prod, fold::min,    fold::max,    fold::fmin,     fold::fmax,
                              fold::any, fold::all,  fold::argmin, fold::argmax, deviations_fold};

bool is_position(fold by) { return by == fold::argmin || by == fold::argmax; }
dtype target_of(fold by, dtype type) {
  return by == fold::any || by == fold::all ? bool_ : is_position(by) ? int64 : type;
}

/// Elements of a dtype in a layout of their own, drawn at random; `special`: NaN and infinities among them.
struct values {
  std::vector<std::byte> bytes;
  strided view;

  values(dtype type, const shape& extents, layout how, unsigned seed, bool special) {
    const std::int64_t itemsize = size_of(type);
    std::int64_t step = itemsize * (how == layout::strided ? 3 : 1);
    view.type = type;
    view.strides = shape::filled(extents.size(), 0);
    for (int k = 0; k < extents.size(); ++k) {
      const int axis = how == layout::transposed ? k : extents.size() - 1 - k;
      view.strides[axis] = step;
      step *= extents[axis];
    }
    bytes.resize(static_cast<std::size_t>(step + 64));
    std::byte* const start = bytes.data() + (16 - reinterpret_cast<std::uintptr_t>(bytes.data()) % 16) % 16;
    std::mt19937_64 random(seed);
    for (std::int64_t at = 0; at + itemsize <= step; at += itemsize) put(start + at, type, random, special);
    view.data = start + (how == layout::misaligned ? itemsize / 2 : 0);
    if (how != layout::reversed) return;
    for (int axis = 0; axis < extents.size(); ++axis) {
      view.data += (extents[axis] - 1) * view.strides[axis];
      view.strides[axis] = -view.strides[axis];
    }
  }

 private:
  static double draw(std::mt19937_64& random, bool special) {
    if (special && random() % 64 == 0) return random() % 2 == 0 ? NAN : random() % 2 == 0 ? INFINITY : -INFINITY;
    return static_cast<double>(static_cast<int>(random() % 17)) / 8 - 1;
  }
  static void put(std::byte* to, dtype type, std::mt19937_64& random, bool special) {
    const std::uint64_t bits = random() % 3 == 0 ? random() : random() % 100;
    switch (kind_of(type)) {
      case 'f': return testing_kernels::write_real(type, to, draw(random, special));
      case 'c':
        for (int part = 0; part < 2; ++part) {
          testing_kernels::write_real(type == complex64 ? float32 : float64, to + part * size_of(type) / 2,
                                      draw(random, special));
        }
        return;
      default: std::memcpy(to, &bits, static_cast<std::size_t>(size_of(type)));
    }
  }
};

void run_there(const stage& s) {
  cuda::run_mirrored({&s, 1}, [](cuda::context& on, std::span<const stage> all) {
    for (const stage& each : all) cuda::run_folds(on, each);
  });
}

/// Target bytes, contiguous over the kept axes.
struct target_bytes {
  std::vector<std::byte> bytes;
  strided view;
  std::int64_t count = 1;
  target_bytes(dtype type, const shape& extents, const std::vector<bool>& folded) {
    view.type = type;
    view.strides = shape::filled(extents.size(), 0);
    for (int axis = extents.size() - 1; axis >= 0; --axis) {
      if (folded[static_cast<std::size_t>(axis)]) continue;
      view.strides[axis] = count * size_of(type);
      count *= extents[axis];
    }
    bytes.resize(static_cast<std::size_t>(count * size_of(type)), std::byte{0x5a});
    view.data = bytes.data();
  }
};

/// Equal bits, zeros of any sign, NaN for NaN; sums and products within `bound` ulp of the larger part.
bool agrees(dtype type, const std::byte* got, const std::byte* want, double bound) {
  if (std::memcmp(got, want, static_cast<std::size_t>(size_of(type))) == 0) return true;
  if (kind_of(type) != 'f' && kind_of(type) != 'c') return false;
  auto g = read(type, got), w = read(type, want);
  if (kind_of(type) == 'c' && (std::isnan(w.re) || std::isnan(w.im))) return std::isnan(g.re) || std::isnan(g.im);
  return testing_kernels::ulps(type, g, w, false) <= bound;
}

void expect_same_fold(fold by, dtype type, const shape& extents, const std::vector<bool>& folded, layout how,
                      bool special) {
  SCOPED_TRACE(testing::Message() << "fold " << static_cast<int>(by) << " of " << type.name() << ", "
                                  << to_string(extents) << ", layout " << static_cast<int>(how) << ", axis 0 "
                                  << (folded[0] ? "folded" : "kept"));
  const values x(type, extents, how, 11, special);
  target_bytes want(target_of(by, type), extents, folded), got(target_of(by, type), extents, folded);
  cpu_backend().run(fold_stage(by, extents, folded, x.view, want.view));
  run_there(fold_stage(by, extents, folded, x.view, got.view));
  const bool rounds = by == fold::sum || by == fold::prod || by == deviations_fold;
  const bool half = type == float16 || type == bfloat16;
  const double bound = !rounds                 ? 0
                       : half                  ? 1
                       : by == deviations_fold ? 64
                       : by == fold::prod      ? 128
                                               : 256;  // sums cancel
  const int itemsize = size_of(want.view.type);
  int shown = 0;
  for (std::int64_t i = 0; i < want.count && shown < 3; ++i) {
    if (agrees(want.view.type, got.bytes.data() + i * itemsize, want.bytes.data() + i * itemsize, bound)) continue;
    ++shown;
    ADD_FAILURE() << "result " << i << ": "
                  << testing_kernels::text(want.view.type, read(want.view.type, got.bytes.data() + i * itemsize))
                  << " not "
                  << testing_kernels::text(want.view.type, read(want.view.type, want.bytes.data() + i * itemsize));
  }
}

bool has(fold by, dtype type) { return by == deviations_fold ? kind_of(type) == 'f' : true; }

TEST(cuda_folds, of_every_dtype_along_rows_and_columns) {
  for (const fold by : all_folds) {
    for (const dtype type : all_dtypes) {
      if (!has(by, type)) continue;
      const bool special = by != fold::sum && by != fold::prod && by != deviations_fold;
      expect_same_fold(by, type, {13, 37}, {false, true}, layout::contiguous, special);
      expect_same_fold(by, type, {37, 13}, {true, false}, layout::contiguous, special);
      expect_same_fold(by, type, {5, 2000}, {false, true}, layout::contiguous, special);
    }
  }
}

TEST(cuda_folds, over_any_axes_of_any_layout) {
  const shape extents{6, 5, 9, 8};
  for (const fold by : {fold::sum, fold::max, fold::argmin, deviations_fold}) {
    for (const layout how :
         {layout::contiguous, layout::reversed, layout::strided, layout::transposed, layout::misaligned}) {
      for (int mask = 1; mask < 16; ++mask) {
        expect_same_fold(by, float32, extents, {(mask & 8) != 0, (mask & 4) != 0, (mask & 2) != 0, (mask & 1) != 0},
                         how, false);
      }
    }
  }
}

TEST(cuda_folds, of_all_lengths) {
  for (const std::int64_t n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 31, 33, 63, 65, 127, 255, 257, 1023, 1025, 4097, 70001}) {
    for (const fold by : {fold::sum, fold::argmax, fold::any}) {
      expect_same_fold(by, float32, {n}, {true}, layout::contiguous, false);
      expect_same_fold(by, float32, {n, 3}, {true, false}, layout::contiguous, false);
      expect_same_fold(by, uint8, {2, n}, {false, true}, layout::contiguous, false);
    }
  }
}

TEST(cuda_folds, in_slabs_find_the_same) {
  const std::int64_t before = cuda::set_slab_units(50);
  for (const fold by : {fold::sum, fold::argmin, fold::fmax, deviations_fold}) {
    expect_same_fold(by, float32, {1000}, {true}, layout::contiguous, false);
    expect_same_fold(by, float32, {30, 40}, {true, true}, layout::strided, false);
    expect_same_fold(by, float32, {70, 61}, {true, false}, layout::contiguous, false);
    expect_same_fold(by, float64, {61, 70}, {false, true}, layout::contiguous, false);
    expect_same_fold(by, float32, {7, 11, 13}, {true, false, true}, layout::reversed, false);
  }
  cuda::set_slab_units(before);
}

TEST(cuda_folds, take_at_most_two_launches) {
  const auto launches = [](const shape& extents, const std::vector<bool>& folded) {
    const values x(float32, extents, layout::contiguous, 3, false);
    target_bytes to(float32, extents, folded);
    const std::int64_t before = cuda::launch_count();
    run_there(fold_stage(fold::sum, extents, folded, x.view, to.view));
    return cuda::launch_count() - before;
  };
  EXPECT_EQ(launches({2000, 64}, {false, true}), 1);
  EXPECT_EQ(launches({8, 70000}, {true, false}), 1);
  EXPECT_EQ(launches({300000}, {true}), 2);
  EXPECT_EQ(launches({30000, 8}, {true, false}), 2);
}

TEST(cuda_folds, several_at_once_after_instructions) {
  const shape extents{40, 50};
  operand_of<float> x(extents, layout::contiguous, float32);
  std::mt19937 random(5);
  x.fill([&](auto) { return static_cast<float>(random() % 1000) / 64; });
  const auto run = [&](const std::vector<bool>& folded, auto&& backend) {
    target_bytes sum(float32, extents, folded), most(float32, extents, folded), where(int64, extents, folded),
        any(bool_, extents, folded);
    stage s = fold_stage(fold::sum, extents, folded, x.view(), sum.view);
    s.instructions.push_back({op::multiply, float32, 1, {0, 0, no_reg}});
    s.register_types.push_back(float32);
    s.results = {{1, fold::sum, sum.view, no_reg},
                 {0, fold::max, most.view, no_reg},
                 {1, fold::argmax, where.view, no_reg},
                 {0, fold::any, any.view, no_reg}};
    backend(s);
    std::vector<std::byte> all = most.bytes;
    all.insert(all.end(), where.bytes.begin(), where.bytes.end());
    all.insert(all.end(), any.bytes.begin(), any.bytes.end());
    all.insert(all.end(), sum.bytes.begin(),
               sum.bytes.end());  // multiples of 2**-12 below 2**24 units: exact in any order
    return all;
  };
  for (const std::vector<bool>& folded : {std::vector<bool>{true, false}, {false, true}, {true, true}}) {
    const auto want = run(folded, [](const stage& s) { cpu_backend().run(s); });
    const std::int64_t before = cuda::launch_count();
    const auto got = run(folded, [](const stage& s) { run_there(s); });
    EXPECT_LE(cuda::launch_count() - before, 2);
    EXPECT_TRUE(got == want || !folded[0] || !folded[1] || std::equal(got.begin(), got.begin() + 13, want.begin()));
  }
}

TEST(cuda_folds, of_minus_zeros_are_plus_zero) {
  std::vector<float> x(100, -0.0f);
  float sum = -1;
  stage s = fold_stage(fold::sum, {100}, {true}, {reinterpret_cast<std::byte*>(x.data()), float32, shape(4)},
                       {reinterpret_cast<std::byte*>(&sum), float32, shape(0)});
  run_there(s);
  EXPECT_EQ(sum, 0);
  EXPECT_FALSE(std::signbit(sum));
}

// (1 + 0i) * (-inf + NaN i) has NaN for both parts: a total without factors yet must not be multiplied by.
TEST(cuda_folds, of_complex_factors_leave_threads_without_any_out) {
  const std::vector<std::complex<double>> x = {-5, 1, 2, 2, INFINITY, 3};
  std::vector<std::complex<double>> products(2);
  const stage s =
      fold_stage(fold::prod, {3, 2}, {true, false},
                 {reinterpret_cast<std::byte*>(const_cast<std::complex<double>*>(x.data())), complex128, shape{32, 16}},
                 {reinterpret_cast<std::byte*>(products.data()), complex128, shape{0, 16}});
  run_there(s);
  EXPECT_EQ(products[0].real(), -INFINITY);
  EXPECT_TRUE(std::isnan(products[0].imag()));
  EXPECT_EQ(products[1], 6.0);
}

/// |error| / (eps * sum of |x|).
double error_of_sum(bool there, const std::vector<float>& x, bool column) {
  const std::int64_t n = static_cast<std::int64_t>(x.size()) / (column ? 4 : 1);
  std::vector<float> sums(column ? 4 : 1);
  const strided from{reinterpret_cast<std::byte*>(const_cast<float*>(x.data())), float32,
                     column ? shape{16, 4} : shape(4)};
  const strided to{reinterpret_cast<std::byte*>(sums.data()), float32, column ? shape{0, 4} : shape(0)};
  const stage s =
      column ? fold_stage(fold::sum, {n, 4}, {true, false}, from, to) : fold_stage(fold::sum, {n}, {true}, from, to);
  if (there) run_there(s);
  else cpu_backend().run(s);
  double worst = 0;
  for (std::size_t k = 0; k < sums.size(); ++k) {
    long double exact = 0, size = 0;
    for (std::size_t i = k; i < x.size(); i += sums.size()) {
      exact += x[i];
      size += std::abs(x[i]);
    }
    worst = std::max(worst, static_cast<double>(std::abs(sums[k] - exact) / (size * 0x1p-24L)));
  }
  return worst;
}

// As the CPU's: errors of a million floats stay below a few ulp.
TEST(cuda_folds, of_many_floats_are_as_exact_as_the_cpus) {
  std::mt19937 random(9);
  std::vector<float> x(1 << 20);
  for (const float low : {0.0f, -1.0f, 100.0f}) {
    for (float& each : x) each = std::uniform_real_distribution<float>(low, low + 1)(random);
    for (const bool column : {false, true}) {
      const double here = error_of_sum(true, x, column), cpu = error_of_sum(false, x, column);
      EXPECT_LE(here, std::max(3.0, 2 * cpu)) << "cpu " << cpu;
    }
  }
}

TEST(cuda_folds, of_deviations_are_exact_where_the_mean_is_large) {
  std::mt19937 random(4);
  for (const bool column : {false, true}) {
    std::vector<float> x(60000);
    for (float& each : x) each = 1e6f + std::normal_distribution<float>(0, 2)(random);
    const std::int64_t k = column ? 3 : 1, n = static_cast<std::int64_t>(x.size()) / k;
    std::vector<double> sums(static_cast<std::size_t>(k));
    stage s = fold_stage(deviations_fold, {n, k}, {true, false},
                         {reinterpret_cast<std::byte*>(x.data()), float32, shape{4 * k, 4}},
                         {reinterpret_cast<std::byte*>(sums.data()), float64, shape{0, 8}});
    run_there(s);
    for (std::int64_t c = 0; c < k; ++c) {
      long double mean = 0, squares = 0;
      for (std::int64_t i = 0; i < n; ++i) mean += x[static_cast<std::size_t>(i * k + c)];
      mean /= n;
      for (std::int64_t i = 0; i < n; ++i)
        squares += (x[static_cast<std::size_t>(i * k + c)] - mean) * (x[static_cast<std::size_t>(i * k + c)] - mean);
      EXPECT_NEAR(sums[static_cast<std::size_t>(c)] / static_cast<double>(squares), 1, 3e-6);
    }
  }
}

}  // namespace
}  // namespace tessera::detail
