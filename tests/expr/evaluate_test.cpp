// Running recipes: results, memory order, overlap, staleness, and errors that leave everything as it was.
#include <gtest/gtest.h>

#include <cstdlib>

#include "array_values.hpp"
#include "tessera/tessera.hpp"

namespace tessera {
namespace {

using tessera_test::message_of;

std::vector<std::int64_t> values(const array& a) { return tessera_test::values<std::int64_t>(a.astype(int64)); }
using list = std::vector<std::int64_t>;

// ---- results

TEST(evaluation, gives_fresh_elements_even_of_a_plain_leaf) {
  array a = {1, 2, 3};
  const array b = expr(a).eval();
  a(0) = 9;
  EXPECT_EQ(values(b), (list{1, 2, 3}));
}

TEST(evaluation, keeps_the_memory_order_of_its_operands) {
  const array f = zeros({2, 3, 4}, float64, order::F), c = zeros({2, 3, 4});
  EXPECT_EQ(array(f + 1).strides(), shape({8, 16, 48}));
  EXPECT_EQ(array(f + c).strides(), shape({96, 32, 8}));
  EXPECT_EQ(array(sum(f, 0)).strides(), shape({8, 24}));
  EXPECT_EQ(array(sum(f, {.keepdims = true})).shape(), shape({1, 1, 1}));
  EXPECT_EQ(array(c(slice(none, none, -1)) + 1).strides(), shape({96, 32, 8}));
}

TEST(evaluation, of_numbers_alone_gives_an_array_without_axes) {
  const array a = expr(2) * expr(3.5);
  EXPECT_EQ(a.shape(), shape());
  EXPECT_EQ(a.item<double>(), 7.0);
}

TEST(evaluation, of_no_elements_runs_nothing) {
  const array empty = zeros({0, 3});
  EXPECT_EQ(array(empty + 1).shape(), shape({0, 3}));
  EXPECT_EQ(values(sum(empty, 0)), (list{0, 0, 0}));
  EXPECT_EQ(values(prod(empty, 0)), (list{1, 1, 1}));
  EXPECT_EQ(values(all(empty, 0)), (list{1, 1, 1}));
  EXPECT_EQ(values(any(empty, 0)), (list{0, 0, 0}));
  EXPECT_EQ(array(max(empty, 1)).shape(), shape({0}));
}

TEST(evaluation, prints_its_plan_when_TESSERA_EXPLAIN_is_set) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own: the variable is read once
  const auto add_two = [] {
    setenv("TESSERA_EXPLAIN", "1", 1);
    const array a = {1.0, 2.0};
    const array b = a + a(slice(none, none, -1));
    std::exit(b.size() == 2 ? 0 : 1);
  };
  EXPECT_EXIT(add_two(), testing::ExitedWithCode(0), "stage 1 of 1: extents \\(2,\\).*add\\(r0, r1\\) in float64");
}

TEST(evaluation, of_several_recipes_gives_each_its_array) {
  const array x = {1, 2, 3};
  const auto [low, high] = eval(x - 1, x + 1);
  EXPECT_EQ(values(low), (list{0, 1, 2}));
  EXPECT_EQ(values(high), (list{2, 3, 4}));
  const auto [total, same, once_more] = eval(sum(x), x, x);
  EXPECT_EQ(total.item<int>(), 6);
  EXPECT_EQ(values(same), (list{1, 2, 3}));
  EXPECT_FALSE(shares_memory(same, once_more));
}

TEST(evaluation, of_a_very_long_recipe_neither_overflows_the_stack_nor_the_registers) {
  const array a = zeros({3}, int64);
  expr x = a;
  for (int i = 0; i < 200000; ++i) x = x + 1;
  EXPECT_EQ(values(x), (list{200000, 200000, 200000}));
}

TEST(evaluation, of_dependent_folds_runs_them_in_order) {
  const array x = {{1, 2, 3}, {4, 6, 8}};
  EXPECT_EQ(values(x - sum(x, 1, {.keepdims = true}) + max(sum(x, 0))), (list{6, 7, 8, -3, -1, 1}));
}

TEST(evaluation, of_views_of_recipes_equals_views_of_their_results) {
  const array x = reshape(arange(24), {2, 3, 4}), row = {10, 20, 30, 40};
  const expr recipe = x * 2 + row;
  const array whole = recipe;
  EXPECT_TRUE(array_equal(recipe(1, slice(none, none, -1), slice(1, 3)), whole(1, slice(none, none, -1), slice(1, 3))));
  EXPECT_TRUE(array_equal(recipe.T(), whole.T()));
  EXPECT_TRUE(array_equal(reshape(recipe, {6, 4}), reshape(whole, {6, 4})));
  EXPECT_TRUE(array_equal(recipe(newaxis, ellipsis, 0), whole(newaxis, ellipsis, 0)));
  const expr fold = sum(x, 1);
  const array folded = fold;
  EXPECT_TRUE(array_equal(fold(all, slice(none, none, -2)) + 1, folded(all, slice(none, none, -2)) + 1));
  EXPECT_TRUE(array_equal(reshape(x.T() + 0, {24}), reshape(array(x.T() + 0), {24})));
}

// ---- overlap

TEST(overlap, of_the_same_view_is_updated_in_place) {
  array a = {1, 2, 3};
  a += a;
  EXPECT_EQ(values(a), (list{2, 4, 6}));
}

TEST(overlap, reads_as_if_the_source_had_been_copied_first) {
  array a = {1, 2, 3, 4, 5};
  a(slice(1, none)) = a(slice(none, -1)) + 0;
  EXPECT_EQ(values(a), (list{1, 1, 2, 3, 4}));
  a(slice(none, -1)) = a(slice(1, none));
  EXPECT_EQ(values(a), (list{1, 2, 3, 4, 4}));
  a(ellipsis) = a(slice(none, none, -1));
  EXPECT_EQ(values(a), (list{4, 4, 3, 2, 1}));
}

TEST(overlap, with_a_transposed_view_is_seen) {
  array m = reshape(arange(9), {3, 3});
  m += m.T();
  EXPECT_EQ(values(m), (list{0, 4, 8, 4, 8, 12, 8, 12, 16}));
}

TEST(overlap, of_a_broadcast_row_is_seen) {
  array m = reshape(arange(6), {2, 3});
  m += m(1);
  EXPECT_EQ(values(m), (list{3, 5, 7, 6, 8, 10}));
}

TEST(overlap, of_a_fold_with_its_operand_needs_no_copy) {
  array m = {{1.0, 2.0}, {3.0, 6.0}};
  m -= mean(m, 0);
  EXPECT_EQ(values(m), (list{-1, -2, 1, 2}));
  array n = {1, 2, 3};
  n(slice(0, 1)) = sum(n, {.keepdims = true});
  EXPECT_EQ(values(n), (list{6, 2, 3}));
}

TEST(overlap, through_the_mask_is_seen) {
  array m = {true, false, true, true};
  apply(m(slice(1, none)), false, {.where = m(slice(none, -1))});
  EXPECT_EQ(values(m), (list{1, 0, 1, 0}));
}

TEST(overlap, of_interleaved_halves_changes_nothing_else) {
  array a = {1, 10, 2, 20, 3, 30};
  a(slice(0, none, 2)) += a(slice(1, none, 2));
  EXPECT_EQ(values(a), (list{11, 10, 22, 20, 33, 30}));
}

// ---- into an array

TEST(assignment, casts_and_broadcasts) {
  array a = zeros({2, 3}, int32);
  a(ellipsis) = array{1.9, -1.9, 300.5};
  EXPECT_EQ(values(a), (list{1, -1, 300, 1, -1, 300}));
  a(0) = array{{7, 8, 9}};  // leading axes of extent 1 are ignored
  EXPECT_EQ(values(a(0)), (list{7, 8, 9}));
}

TEST(assignment, names_the_shapes_that_do_not_fit) {
  array a = {1, 2};
  EXPECT_EQ(message_of<shape_error>([&] {
              a += array{1, 2, 3};
            }),
            "add: shapes (2,) and (3,) do not broadcast: axis 0 has extents 2 and 3");
  EXPECT_EQ(message_of<shape_error>([&] {
              a += array{{1, 2}, {3, 4}};
            }),
            "add: shape (2, 2) does not broadcast to the destination's (2,)");
}

TEST(assignment, in_place_refuses_a_lower_kind) {
  array a = {1, 2};
  EXPECT_EQ(message_of<dtype_error>([&] { a += 1.5; }),
            "add: float64 does not cast to the destination's int64 (same_kind)");
  EXPECT_EQ(values(a), (list{1, 2}));
}

TEST(assignment, writes_only_where_asked) {
  array a = {1, 2, 3};
  apply(a, a * 10, {.where = array{true, false, true}});
  EXPECT_EQ(values(a), (list{10, 2, 30}));
}

TEST(assignment, of_a_number_that_does_not_fit_changes_nothing) {
  array a({1, 2}, int8);
  EXPECT_EQ(message_of<overflow_error>([&] { a(0) = 300; }), "assign: 300 is out of bounds for int8");
  EXPECT_EQ(values(a), (list{1, 2}));
}

// ---- errors

TEST(integer_powers, check_every_exponent_before_anything_is_written) {
  array a = {2, 3, 4};
  const array exponents = {2, -1, 2};
  EXPECT_EQ(message_of<value_error>([&] { a(ellipsis) = pow(a, exponents); }),
            "pow: integers to negative integer powers are not allowed");
  EXPECT_EQ(values(a), (list{2, 3, 4}));
  apply(a, pow(a, exponents), {.where = array{true, false, true}});
  EXPECT_EQ(values(a), (list{4, 3, 16}));
  EXPECT_THROW((void)pow(a, -1), value_error);
}

TEST(stale_recipes, are_refused_when_an_operand_was_written) {
  array a = {1, 2, 3};
  const array b = {1, 1, 1};
  const expr recipe = b + a;
  a(1) = 7;
  EXPECT_EQ(message_of<stale_expression>([&] { array c = recipe; }),
            "eval: operand 1 of shape (3,) was written after the recipe was built");
  const array fresh = b + a;
  EXPECT_EQ(values(fresh), (list{2, 8, 4}));
}

TEST(stale_recipes, are_those_whose_bytes_were_written) {
  array a = {1, 2, 3, 4};
  const expr front = a(slice(0, 2)) * 2;
  a(3) = 9;
  EXPECT_EQ(values(front), (list{2, 4}));
}

TEST(stale_recipes, are_not_those_between_whose_bytes_others_lie) {
  array a = zeros({3, 4}, int32);
  const expr column = a(all, 1) + 2, even = a(slice(none, none, 2)) + 1;
  a(all, 0) = 7;
  a(all, slice(2, none)) += 1;
  EXPECT_EQ(values(column.eval()), (list{2, 2, 2}));
  EXPECT_THROW((void)even.eval(), stale_expression) << "of its rows columns were written";
  a(2, 1) = 5;
  EXPECT_THROW((void)column.eval(), stale_expression);
}

TEST(stale_recipes, stay_stale_when_viewed) {
  array a = {1, 2, 3};
  const expr recipe = a + 1;
  a(0) = 5;
  const expr part = recipe(slice(0, 2));
  EXPECT_THROW((void)part.eval(), stale_expression);
}

TEST(recipes, keep_their_operands_alive) {
  const expr recipe = [] {
    const array a = {1, 2, 3};
    return a * 2;
  }();
  EXPECT_EQ(values(recipe), (list{2, 4, 6}));
}

TEST(recipes, say_where_they_were_built) {
  const array a = ones({3, 4});
  unsigned line = 0;
  try {
    line = __LINE__ + 1;
    (void)(a + ones({3, 5}));
    FAIL();
  } catch (const shape_error& e) {
    EXPECT_STREQ(e.what(), "add: shapes (3, 4) and (3, 5) do not broadcast: axis 1 has extents 4 and 5");
    EXPECT_EQ(e.where().line(), line);
  }
}

}  // namespace
}  // namespace tessera
