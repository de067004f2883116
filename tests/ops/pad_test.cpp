// Borders: NumPy's in every mode, what is refused.
#include "ops/pad_cases.hpp"

using namespace tessera;

namespace {

TEST(pad, equals_numpys) { EXPECT_GT(tessera_test::replay_pads(cpu(), 1), 500); }

TEST(pad, takes_values_for_each_side) {
  const array x = {1, 2};
  EXPECT_EQ(ints(pad(x, 1, {.constant_values = {7}})), (list{7, 1, 2, 7}));
  EXPECT_EQ(ints(pad(x, 1, {.constant_values = {7, 8}})), (list{7, 1, 2, 8}));
  EXPECT_EQ(ints(pad(x, 1, {.constant_values = {array{7, 8}}})), (list{7, 1, 2, 8}));
  EXPECT_EQ(ints(pad(x, 2, {.mode = pad_mode::linear_ramp, .end_values = {5, -4}})), (list{5, 3, 1, 2, -1, -4}));
  EXPECT_EQ(ints(pad(x, 1, {.mode = pad_mode::maximum, .stat_length = 1})), (list{1, 1, 2, 2}));
  EXPECT_EQ(ints(pad(x, 3, {.mode = pad_mode::reflect, .reflect_type = reflection::odd})),
            (list{-2, -1, 0, 1, 2, 3, 4, 5}));
}

TEST(pad, refuses_options_that_do_not_fit) {
  const array x = {{1, 2}, {3, 4}};
  EXPECT_EQ(error_of([&] {
              pad(x, 1, {.constant_values = {1, 2, 3}});
            }),
            "value_error pad: constant_values are one number, two, or one array");
  EXPECT_EQ(error_of([&] {
              pad(x, 1, {.end_values = {array{1, 2, 3}}});
            }),
            "shape_error pad: end_values of shape (3,) do not broadcast to (2, 2)");
  EXPECT_EQ(error_of([&] { pad(x, 1, {.mode = pad_mode::minimum, .stat_length = 0}); }),
            "value_error pad: stat_length 0 has no maximum and no minimum");
  EXPECT_EQ(error_of([&] { pad(x, 1, {.mode = pad_mode::mean, .stat_length = -1}); }),
            "value_error pad: lengths must not be negative: -1, -1");
  EXPECT_EQ(error_of([&] { pad(array({1}, int8), 1, {.constant_values = {300}}); }),
            "overflow_error pad: 300 is out of bounds for int8");
}

}  // namespace
