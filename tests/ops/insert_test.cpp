// insert, delete_, append, block, trim_zeros: NumPy's results, what is refused.
#include "ops/insert_cases.hpp"

using namespace tessera;

namespace {

TEST(insert, equals_numpys) { EXPECT_GT(tessera_test::replay_inserts(cpu(), 1), 600); }

TEST(insert, takes_integers_slices_lists_and_masks) {
  const array m = {{0, 1, 2}, {3, 4, 5}};
  EXPECT_EQ(ints(insert(m, 1, 9)), (list{0, 9, 1, 2, 3, 4, 5}));
  EXPECT_EQ(ints(insert(m, 1, {7, 8}, 1)), (list{0, 7, 1, 2, 3, 8, 4, 5}));
  EXPECT_EQ(ints(insert(m, {1}, array{{7}, {8}}, 1)), (list{0, 7, 1, 2, 3, 8, 4, 5}));
  EXPECT_EQ(ints(insert(m, {1}, {7, 8, 9}, 1)), (list{0, 7, 8, 9, 1, 2, 3, 7, 8, 9, 4, 5}));
  EXPECT_EQ(ints(insert(m, {1, 1, 3}, {7, 8, 9}, 1)), (list{0, 7, 8, 1, 2, 9, 3, 7, 8, 4, 5, 9}));
  EXPECT_EQ(ints(insert(m, slice(0, 2), {7, 8}, 1)), (list{7, 0, 8, 1, 2, 7, 3, 8, 4, 5}));
  EXPECT_EQ(ints(insert(m, array{true, false, true}, {7, 8}, 1)), (list{7, 0, 1, 8, 2, 7, 3, 4, 8, 5}));
  EXPECT_EQ(ints(insert(m, {}, 3)), (list{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(ints(insert(array(5), 0, 3)), (list{3, 5}));
  EXPECT_EQ(ints(insert(m, {1}, 1.7)), (list{0, 1, 1, 2, 3, 4, 5}));
  EXPECT_EQ(insert(m.copy(order::F), 1, 9, 0).strides(), shape({8, 24}));
}

TEST(insert, refuses_places_that_are_not_there) {
  const array m = {{0, 1, 2}, {3, 4, 5}};
  EXPECT_EQ(error_of([&] { insert(m, 4, 9, 1); }), "index_error insert: 4 is out of bounds for axis 1 with extent 3");
  EXPECT_EQ(error_of([&] {
              insert(m, {1, -4}, 9, 1);
            }),
            "index_error insert: -4 is out of bounds for axis 1 with extent 3");
  EXPECT_EQ(error_of([&] { insert(m, array{{1}}, 9, 1); }),
            "value_error insert: places of shape (1, 1); expected one axis");
  EXPECT_EQ(error_of([&] {
              insert(m, {1.5, 2.5}, 9, 1);
            }),
            "index_error insert: positions must be integers or bool, not float64");
  EXPECT_EQ(error_of([&] { insert(m, newaxis, 9); }),
            "index_error insert: places are integers, a slice, a list or a mask");
  EXPECT_EQ(error_of([&] {
              insert(m, 0, zeros({1, 1, 1}), 0);
            }),
            "shape_error insert: values of shape (1, 1, 1) have more axes than x of shape (2, 3)");
  EXPECT_EQ(error_of([&] {
              insert(m, {0, 1}, array{1, 2, 3}, 1);
            }),
            "shape_error insert: values of shape (3,) do not broadcast to (2, 2)");
  EXPECT_EQ(error_of([&] { insert(m, 0, 1, {0, 1}); }), "value_error insert: takes one axis, not 2");
  EXPECT_EQ(error_of([&] { insert(m, 0, 1, 2); }),
            "axis_error insert: axis 2 is out of bounds for an array with 2 axes");
  EXPECT_EQ(error_of([&] {
              insert(array({1}, int8), {0, 1}, 300);
            }),
            "overflow_error insert: 300 is out of bounds for int8");
}

TEST(delete_, takes_integers_slices_lists_and_masks) {
  const array m = {{0, 1, 2}, {3, 4, 5}};
  EXPECT_EQ(ints(delete_(m, 1)), (list{0, 2, 3, 4, 5}));
  EXPECT_EQ(ints(delete_(m, {0, -1, 0}, 1)), (list{1, 4}));
  EXPECT_EQ(ints(delete_(m, slice(none, none, -2), 1)), (list{1, 4}));
  EXPECT_EQ(ints(delete_(m, array{true, false, true}, 1)), (list{1, 4}));
  EXPECT_EQ(ints(delete_(m, array{{0, 1}}, 1)), (list{2, 5}));
  EXPECT_EQ(ints(delete_(m, {})), ints(m));
  EXPECT_FALSE(shares_memory(delete_(m, {}, 0), m));
  EXPECT_EQ(ints(delete_(arange(2000), {1999, 0, 7, -1})(slice(0, 8))), (list{1, 2, 3, 4, 5, 6, 8, 9}));
  EXPECT_EQ(int(delete_(arange(2000), {1999, 0, 7, -1})[-1]), 1998);
  EXPECT_EQ(error_of([&] { delete_(m, 3, 1); }), "index_error delete_: 3 is out of bounds for axis 1 with extent 3");
  EXPECT_EQ(error_of([&] {
              delete_(m, {1, 5}, 1);
            }),
            "index_error delete_: 5 is out of bounds for axis 1 with extent 3");
  EXPECT_EQ(error_of([&] { delete_(m, array{true}, 1); }),
            "value_error delete_: a mask of shape (1,) for axis 1 with extent 3");
  EXPECT_EQ(error_of([&] { delete_(m, array(0.5)); }),
            "index_error delete_: positions must be integers or bool, not float64");
}

TEST(insert, and_delete_take_unsigned_positions_as_they_are) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max(), half = std::uint64_t{1} << 63;
  const array x = arange(5);
  EXPECT_EQ(ints(delete_(x, array({0, 4}, uint64))), (list{1, 2, 3}));
  EXPECT_EQ(ints(insert(x, array({5, 0}, uint64), 9)), (list{9, 0, 1, 2, 3, 4, 9}));
  for (const std::uint64_t beyond : {half, half + 3, most}) {
    const std::string text = ": " + std::to_string(beyond) + " is out of bounds for axis 0 with extent 5";
    for (const array& places :
         {full({}, beyond), full({1}, beyond), concatenate({full({2}, beyond), ones({1}, uint64)})}) {
      ASSERT_EQ(places.dtype(), uint64);
      EXPECT_EQ(error_of([&] { delete_(x, places); }), "index_error delete_" + text);
      EXPECT_EQ(error_of([&] { insert(x, places, 9); }), "index_error insert" + text);
    }
  }
}

TEST(append, joins_or_flattens) {
  const array m = {{0, 1}, {2, 3}};
  EXPECT_EQ(ints(append(m, 7)), (list{0, 1, 2, 3, 7}));
  EXPECT_EQ(ints(append(m, array{{4, 5}}, 0)), (list{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(append(array({1}, float32), 2.5).dtype(), float64);
  EXPECT_EQ(error_of([&] {
              append(m, {1, 2}, 0);
            }),
            "shape_error append: shapes (2, 2) and (2,) have different numbers of axes");
  EXPECT_EQ(error_of([&] { append(m, m, std::int64_t{1} << 32); }),
            "axis_error append: axis 4294967296 is out of bounds for an array with 2 axes");
}

TEST(block, joins_nested_lists) {
  const array a = ones({2, 2}, int64), b = zeros({2, 1}, int64);
  EXPECT_EQ(ints(block({{a, b}, {array{{5, 6, 7}}}})), (list{1, 1, 0, 1, 1, 0, 5, 6, 7}));
  EXPECT_EQ(ints(block({array{1, 2}, 3})), (list{1, 2, 3}));
  EXPECT_EQ(ints(block({{1, 2}, {3, 4}})), (list{1, 2, 3, 4}));
  EXPECT_EQ(block({{1, 2}, {3, 4}}).shape(), shape({2, 2}));
  EXPECT_EQ(block(5).shape(), shape());
  EXPECT_EQ(block({{{a}}, {{a}}}).shape(), shape({2, 2, 2}));
  EXPECT_EQ(block({a, zeros({2, 1}, float32)}).dtype(), float64);
  std::vector<block_list> row(3, block_list(a));
  EXPECT_EQ(block({block_list(row), block_list(row)}).shape(), shape({4, 6}));
}

TEST(block, refuses_lists_that_do_not_fit) {
  const array a = ones({2, 2});
  EXPECT_EQ(error_of([&] {
              block({{a}, a});
            }),
            "value_error block: lists are nested to different depths: the first array is at depth 2, blocks[1] at "
            "depth 1");
  EXPECT_EQ(error_of([&] { block({{a}, {}}); }), "value_error block: the list blocks[1] is empty");
  EXPECT_EQ(error_of([&] {
              block({{a, a}, {a}});
            }),
            "shape_error block: shapes (2, 4) and (2, 2) do not join on axis 0: axis 1 has extents 4 and 2");
}

TEST(trim_zeros, cuts_zeros_off_the_ends) {
  const array x = {0, 0, 1, 0, 2, 0};
  EXPECT_EQ(ints(trim_zeros(x)), (list{1, 0, 2}));
  EXPECT_EQ(ints(trim_zeros(x, trim::front)), (list{1, 0, 2, 0}));
  EXPECT_EQ(ints(trim_zeros(x, trim::back)), (list{0, 0, 1, 0, 2}));
  EXPECT_EQ(trim_zeros(zeros({2, 3})).shape(), shape({0, 0}));
  EXPECT_EQ(trim_zeros(array{{0, 0, 0}, {0, 1, 0}}, trim::both, 1).shape(), shape({2, 1}));
  EXPECT_TRUE(shares_memory(trim_zeros(x), x));
}

}  // namespace
