// argmin and argmax: ties, NaN, zeros of either sign, every length, layout, dtype and instruction set, against plain loops.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/half.hpp"
#include "cpu/kernels/table.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

/// Position of the first best of values: NaN before all, else by order.
template <class T> std::int64_t first_best(fold by, const std::vector<T>& x) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (x[best] != x[best]) break;
    const bool better = by == fold::argmin ? x[i] < x[best] : x[best] < x[i];
    if (better || x[i] != x[i]) best = i;
  }
  return static_cast<std::int64_t>(best);
}

template <class T> void expect_positions(fold by, operand_of<T>& x, const std::vector<bool>& folded) {
  fold_target<std::int64_t> target(x.extents(), folded, int64);
  stage s = fold_stage(by, x.extents(), folded, x.view(), target.view());
  cpu_backend().run(s);
  std::map<std::size_t, std::vector<T>> groups;
  for (std::int64_t i = 0; i < x.size(); ++i) groups[target.place(x.extents(), i)].push_back(x.get(i));
  for (const auto& [place, values] : groups) {
    ASSERT_EQ(target.values()[place], first_best(by, values))
        << simd_target() << " " << x.view().type.name() << " " << to_string(x.extents()) << " result " << place;
  }
}

template <class F> void on_every_target(F&& f) {
  const std::string best = simd_target();
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    f();
  }
  use_simd_target(best);
}

/// Few values, so that there are ties.
template <class T> void check_lengths(dtype type) {
  for (std::int64_t n = 1; n <= 200; ++n) {
    operand_of<T> row({n}, layout::misaligned, type), lanes({5, n}, layout::contiguous, type);
    for (const std::int64_t few : {2, 7, 100}) {
      const auto value = [&](std::int64_t i) {
        return static_cast<T>((i * 7919 + few * n) % few % (type == bool_ ? 2 : few));
      };
      row.fill(value);
      lanes.fill(value);
      for (const fold by : {fold::argmin, fold::argmax}) {
        expect_positions(by, row, {true});
        expect_positions(by, lanes, {true, false});
        expect_positions(by, lanes, {false, true});
      }
    }
  }
}

TEST(positions, are_right_for_every_length_and_dtype) {
  on_every_target([] {
    check_lengths<std::uint8_t>(bool_);
    check_lengths<std::int8_t>(int8);
    check_lengths<std::uint8_t>(uint8);
    check_lengths<std::int16_t>(int16);
    check_lengths<std::uint16_t>(uint16);
    check_lengths<std::int32_t>(int32);
    check_lengths<std::uint32_t>(uint32);
    check_lengths<std::int64_t>(int64);
    check_lengths<std::uint64_t>(uint64);
    check_lengths<float>(float32);
    check_lengths<double>(float64);
  });
}

TEST(positions, of_bools_ask_whether_bytes_are_zero) {
  operand_of<std::uint8_t> x({3, 700}, layout::contiguous, bool_);
  x.fill([](std::int64_t i) { return static_cast<std::uint8_t>(i % 700 < 300 ? 0 : 1 << (i % 8)); });
  fold_target<std::int64_t> largest(x.extents(), {false, true}, int64), least(x.extents(), {false, true}, int64);
  cpu_backend().run(fold_stage(fold::argmax, x.extents(), {false, true}, x.view(), largest.view()));
  cpu_backend().run(fold_stage(fold::argmin, x.extents(), {false, true}, x.view(), least.view()));
  EXPECT_EQ(largest.values(), (std::vector<std::int64_t>{300, 300, 300}));
  EXPECT_EQ(least.values(), (std::vector<std::int64_t>{0, 0, 0}));
}

TEST(positions, take_the_first_nan_and_zeros_of_either_sign_as_equal) {
  on_every_target([] {
    for (const std::int64_t n : {3, 16, 64, 65, 700, 9000}) {
      for (const shape& extents : {shape{n}, shape{n, 40}, shape{40, n}}) {
        operand_of<float> x(extents, layout::contiguous, float32);
        operand_of<double> y(extents, layout::transposed, float64);
        const std::int64_t count = x.size();
        for (const std::int64_t nan : {std::int64_t{-1}, std::int64_t{0}, count / 2, count - 1}) {
          const auto value = [&](std::int64_t i) {
            return i == nan || i == nan + 1 ? std::nanf("") : i % 3 == 0 ? -0.0f : 0.0f;
          };
          x.fill(value);
          y.fill(value);
          for (const fold by : {fold::argmin, fold::argmax}) {
            for (unsigned bits = 1; bits < (1u << extents.size()); ++bits) {
              std::vector<bool> folded;
              for (int axis = 0; axis < extents.size(); ++axis) folded.push_back((bits >> axis & 1u) != 0);
              expect_positions(by, x, folded);
              expect_positions(by, y, folded);
            }
          }
        }
      }
    }
  });
}

// In Fortran order memory is not walked in the order of the positions.
TEST(positions, count_in_c_order_whatever_the_layout) {
  for (const shape& extents :
       {shape{70, 90}, shape{300, 20}, shape{9, 80, 70}, shape{100, 3, 90}, shape{2, 3, 4, 90}}) {
    for (const layout how : all_layouts) {
      for (const int few : {1, 2, 50, 100'000}) {
        operand_of<float> x(extents, how, float32);
        x.fill([&](std::int64_t i) { return static_cast<float>((i * 7919 + 13) % few); });
        for (unsigned bits = 1; bits < (1u << extents.size()); ++bits) {
          std::vector<bool> folded;
          for (int axis = 0; axis < extents.size(); ++axis) folded.push_back((bits >> axis & 1u) != 0);
          expect_positions(fold::argmax, x, folded);
          expect_positions(fold::argmin, x, folded);
        }
      }
    }
  }
}

TEST(positions, are_the_same_on_any_number_of_threads) {
  operand_of<float> x({900, 1100}, layout::transposed, float32);
  x.fill([](std::int64_t i) { return static_cast<float>((i * 7919) % 1000); });
  with_thread_counts([&](int) {
    for (const std::vector<bool>& folded : {std::vector<bool>{true, true}, {true, false}, {false, true}})
      expect_positions(fold::argmax, x, folded);
  });
}

}  // namespace
}  // namespace tessera::detail
