// The planner: which stages a recipe becomes. Nothing is run here.
#include "expr/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "expr/axes.hpp"
#include "expr/evaluate.hpp"
#include "expr/fold.hpp"
#include "tessera/tessera.hpp"

namespace tessera::detail {
namespace {

small_vector<stage> stages_of(const expr& x) { return plan(x, nullptr, caller()).stages; }

small_vector<stage> stages_of(std::initializer_list<expr> recipes) {
  std::vector<request> requests;
  for (const expr& x : recipes) requests.push_back({to_node(x, caller()), nullptr, {}});
  return make_plan(requests, {"test", caller(), false}).steps.stages;
}

std::vector<op> codes_of(const stage& s) {
  std::vector<op> codes;
  for (const instruction& i : s.instructions) codes.push_back(i.code);
  return codes;
}

using codes = std::vector<op>;
using folds = axis_flags;

TEST(planner, runs_an_elementwise_recipe_in_one_stage) {
  const array a = zeros({3, 4}), b = zeros({3, 4});
  const auto stages = stages_of(sqrt(a * 2 + b));
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(codes_of(stages[0]), (codes{op::multiply, op::add, op::sqrt}));
  EXPECT_EQ(stages[0].extents, shape({12}));
  EXPECT_EQ(stages[0].inputs.size(), 2u);
  EXPECT_EQ(stages[0].constants.size(), 1u);
}

TEST(planner, numbers_registers_inputs_first_then_constants_then_results) {
  const array a = zeros({3}), b = zeros({3});
  const stage s = stages_of((a + 1) * b)[0];
  EXPECT_EQ(s.instructions[0].source[0], 0);
  EXPECT_EQ(s.instructions[0].source[1], 2);
  EXPECT_EQ(s.instructions[0].result, 3);
  EXPECT_EQ(s.instructions[1].result, 4);
  EXPECT_EQ(s.results[0].value, 4);
  EXPECT_EQ(s.register_types.size(), 5u);
}

TEST(planner, computes_an_equal_subexpression_once) {
  const array a = zeros({5});
  const auto stages = stages_of(exp(a + 1) * exp(a + 1));
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(codes_of(stages[0]), (codes{op::add, op::exp, op::multiply}));
  EXPECT_EQ(stages[0].inputs.size(), 1u);
}

TEST(planner, keeps_operations_that_differ_in_a_constant_apart) {
  const array a = zeros({5});
  EXPECT_EQ(stages_of((a + 1) * (a + 2))[0].instructions.size(), 3u);
}

TEST(planner, inserts_casts_where_dtypes_differ) {
  const array a = zeros({5}, int32), b = zeros({5}, float64);
  const stage s = stages_of(a + b)[0];
  EXPECT_EQ(codes_of(s), (codes{op::cast, op::add}));
  EXPECT_EQ(s.register_types.back(), float64);
}

TEST(planner, passes_over_the_identity) {
  const array a = zeros({5});
  EXPECT_EQ(codes_of(stages_of(+(+a) - 1)[0]), (codes{op::subtract}));
}

// ---- axes

TEST(axes, merge_where_every_operand_continues) {
  const array a = zeros({2, 3, 4}), row = zeros({4});
  EXPECT_EQ(stages_of(a + 1)[0].extents, shape({24}));
  EXPECT_EQ(stages_of(a + row)[0].extents, shape({6, 4}));
}

TEST(axes, of_extent_one_are_dropped) {
  const array a = zeros({1, 3, 1});
  EXPECT_EQ(stages_of(a + 1)[0].extents, shape({3}));
  EXPECT_EQ(stages_of(zeros({1, 1}) + 1)[0].extents, shape());
}

TEST(axes, follow_the_memory_of_the_operands) {
  const array a = zeros({3, 4}, float64, order::F);
  const stage s = stages_of(a + 1)[0];
  EXPECT_EQ(s.extents, shape({12}));
  EXPECT_EQ(s.results[0].target.strides, shape({8}));
}

TEST(axes, take_c_order_where_operands_disagree) {
  const array a = zeros({3, 4}), b = zeros({3, 4}, float64, order::F);
  const stage s = stages_of(b + a)[0];
  EXPECT_EQ(s.extents, shape({3, 4}));
  EXPECT_EQ(s.results[0].target.strides, shape({32, 8}));
}

TEST(axes, reversed_in_every_operand_are_walked_forward) {
  const array a = zeros({6});
  const array b = a(slice(none, none, -1));
  const array target = zeros({6});
  const array reversed = target(slice(none, none, -1));
  const program p = plan(b + 1, &reversed, caller());
  EXPECT_EQ(p.stages[0].inputs[0].strides, shape({8}));
  EXPECT_EQ(p.stages[0].inputs[0].data, access::data(a));
  EXPECT_EQ(p.stages[0].results[0].target.data, access::data(target));
}

TEST(axes, of_positions_keep_their_order_and_direction) {
  const array a = zeros({3, 4}, float64, order::F);
  const array b = a(all, slice(none, none, -1));
  const stage s = stages_of(argmax(b))[0];
  EXPECT_EQ(s.extents, shape({3, 4}));
  EXPECT_EQ(s.folded, (folds{true, true}));
  EXPECT_EQ(s.inputs[0].strides, shape({8, -24}));
}

TEST(axes, without_a_verdict_do_not_stop_the_search) {
  const shape strides{8, 0, 64};  // the middle axis is repeated: it says nothing
  EXPECT_EQ(walking_order(3, std::array<const shape*, 1>{&strides}, folds(3)), (small_vector<int>{1, 2, 0}));
}

// ---- folds

TEST(planner, fuses_what_leads_to_a_fold_and_leaves_what_follows_to_a_small_stage) {
  const array x = zeros({1000, 3}), y = zeros({1000, 3});
  const auto stages = stages_of(sqrt(sum(square(x - y), 1)));
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_EQ(codes_of(stages[0]), (codes{op::subtract, op::square}));
  EXPECT_EQ(stages[0].results[0].by, fold::sum);
  EXPECT_EQ(stages[0].folded, (folds{false, true}));
  EXPECT_EQ(stages[0].results[0].target.strides, shape({8, 0}));
  EXPECT_EQ(codes_of(stages[1]), (codes{op::sqrt}));
  EXPECT_EQ(stages[1].extents, shape({1000}));
}

TEST(planner, runs_the_broadcasting_distance_matrix_without_its_cube) {
  const array x = zeros({100, 3}), y = zeros({200, 3});
  const auto stages = stages_of(sqrt(sum(square(x(all, newaxis, all) - y(newaxis, all, all)), 2)));
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_EQ(stages[0].extents, shape({100, 200, 3}));
  EXPECT_EQ(stages[0].inputs[0].strides, shape({24, 0, 8}));
  EXPECT_EQ(stages[0].inputs[1].strides, shape({0, 24, 8}));
  EXPECT_EQ(stages[1].extents, shape({20000}));
}

TEST(planner, shares_a_pass_between_folds_of_one_operand) {
  const array x = zeros({50, 4});
  const auto stages = stages_of({sum(x, 0), sum(square(x), 0), max(x, 0)});
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(stages[0].results.size(), 3u);
  EXPECT_EQ(stages[0].inputs.size(), 1u);
}

TEST(planner, keeps_folds_of_unrelated_operands_apart) {
  const array x = zeros({50, 4}), y = zeros({50, 4}, float64, order::F);
  EXPECT_EQ(stages_of({sum(x, 0), sum(y, 0)}).size(), 2u);
}

TEST(planner, chains_dependent_folds) {
  const array x = zeros({10, 7});
  const expr shifted = exp(x - max(x, 1, {.keepdims = true}));
  const auto stages = stages_of(shifted / sum(shifted, 1, {.keepdims = true}));
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_EQ(stages[0].results[0].by, fold::max);
  EXPECT_EQ(stages[1].results[0].by, fold::sum);
  EXPECT_EQ(codes_of(stages[2]), (codes{op::subtract, op::exp, op::divide}));
  EXPECT_EQ(stages[2].extents, shape({10, 7}));
}

TEST(planner, folds_no_axis_as_a_copy) {
  const array x = zeros({3, 1});
  const auto stages = stages_of(sum(x, 1));
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(stages[0].results[0].by, fold::none);
  EXPECT_EQ(stages[0].extents, shape({3}));
}

TEST(planner, fills_a_fold_over_nothing_with_its_identity) {
  const auto stages = stages_of(prod(zeros({0, 3}), 0));
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(stages[0].inputs.size(), 0u);
  EXPECT_EQ(stages[0].extents, shape({3}));
  EXPECT_TRUE(stages_of(zeros({0, 3}) + 1).empty());
}

// ---- cutting

TEST(planner, computes_a_smaller_broadcast_operation_once) {
  const array x = zeros({100, 4}), row = zeros({4});
  const auto stages = stages_of(x * exp(row));
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_EQ(codes_of(stages[0]), (codes{op::exp}));
  EXPECT_EQ(codes_of(stages[1]), (codes{op::multiply}));
}

TEST(planner, runs_outputs_of_one_shape_in_one_pass) {
  const array x = zeros({6});
  const expr shifted = x - 1;
  const auto stages = stages_of({shifted, shifted * 2});
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(codes_of(stages[0]), (codes{op::subtract, op::multiply}));
  EXPECT_EQ(stages[0].results.size(), 2u);
}

TEST(planner, cuts_a_chain_longer_than_a_stage_holds) {
  const array a = zeros({4});
  expr x = a;
  for (int i = 0; i < 100000; ++i) x = x + 1;
  const auto stages = stages_of(x);
  EXPECT_GT(stages.size(), 5u);
  for (const stage& s : stages) EXPECT_LT(s.register_types.size(), 0xffffu);
  expr short_enough = a;
  for (int i = 0; i < 5000; ++i) short_enough = short_enough + 1;
  EXPECT_EQ(stages_of(short_enough).size(), 1u);
}

TEST(planner, cuts_through_all_that_is_needed_later) {
  // Two chains in step, each of which is read by the other: both are alive at a cut.
  const array a = zeros({4});
  expr x = a, y = a + 1;
  for (int i = 0; i < 20000; ++i) {
    const expr next = x + y;
    x = y;
    y = next;
  }
  const auto stages = stages_of(y);
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_EQ(stages[0].results.size(), 2u);
  EXPECT_EQ(stages[1].inputs.size(), 2u);
}

TEST(planner, passes_a_long_chain_on_in_ranges) {
  const array a = zeros({100000});
  expr x = a;
  for (int i = 0; i < 40000; ++i) x = x + 1;
  const program p = plan(x, nullptr, caller());
  ASSERT_EQ(p.stages.size(), 3u);
  EXPECT_TRUE(p.stages[1].joins);
  EXPECT_TRUE(p.stages[2].joins);
  EXPECT_EQ(p.keep.size(), 0u);
}

TEST(planner, folds_the_mean_and_the_deviations_of_an_operand_in_one_pass) {
  const array x = zeros({30, 40});
  const std::vector<expr> both{mean(x, 1), stddev(x, 1)};
  const auto stages = stages_of({both[0], both[1]});
  ASSERT_GE(stages.size(), 2u);
  ASSERT_EQ(stages[0].results.size(), 2u);
  EXPECT_EQ(stages[0].inputs.size(), 1u);
  EXPECT_EQ(stages[0].results[0].by, fold::sum);
  EXPECT_EQ(stages[0].results[1].by, deviations_fold);
  for (std::size_t i = 1; i < stages.size(); ++i) EXPECT_EQ(stages[i].results[0].by, fold::none);
}

TEST(planner, counts_shared_operands_once) {
  const array a = zeros({4});
  expr x = a;
  for (int i = 0; i < 60; ++i) x = x + x;
  ASSERT_EQ(stages_of(x).size(), 1u);
  EXPECT_EQ(stages_of(x)[0].instructions.size(), 60u);
}

// ---- row groups

/// How many stages run together, group by group.
std::vector<int> groups_of(const program& plan) {
  std::vector<int> sizes;
  for (const stage& s : plan.stages) {
    if (s.joins) ++sizes.back();
    else sizes.push_back(1);
  }
  return sizes;
}
std::vector<int> groups_of(const expr& x) { return groups_of(plan(x, nullptr, caller())); }
using sizes = std::vector<int>;

expr softmax(const expr& x, int axis) {
  const expr shifted = exp(x - max(x, axis, {.keepdims = true}));
  return shifted / sum(shifted, axis, {.keepdims = true});
}

TEST(row_groups, hold_dependent_folds_over_the_axes_within_a_row) {
  const array x = zeros({2000, 500});
  const program p = plan(softmax(x, 1), nullptr, caller());
  ASSERT_EQ(groups_of(p), (sizes{4}));
  for (const stage& s : p.stages) EXPECT_EQ(s.row_axis, 0);
  EXPECT_EQ(p.stages[0].results[0].target.temporary, 0);
  EXPECT_EQ(p.stages[1].inputs[1].temporary, 0);
  EXPECT_EQ(p.stages[1].results[0].target.temporary, 1);
  EXPECT_EQ(p.stages[3].results[0].target.temporary, -1);
  EXPECT_EQ(p.keep.size(), 0u);
}

TEST(planner, computes_exp_once_where_its_rows_stay_in_cache) {
  const auto exps = [](const small_vector<stage>& stages) {
    std::ptrdiff_t count = 0;
    for (const stage& s : stages) {
      const codes found = codes_of(s);
      count += std::count(found.begin(), found.end(), op::exp);
    }
    return count;
  };
  const array x = zeros({2000, 500}), f = zeros({2000, 500}, float64, order::F), small = zeros({50, 500});
  EXPECT_EQ(exps(stages_of(softmax(x, 1))), 1);
  EXPECT_EQ(exps(stages_of(softmax(small, 1))), 1);
  EXPECT_EQ(exps(stages_of(softmax(small, 0))), 1);
  EXPECT_EQ(exps(stages_of(softmax(x, 0))), 2);  // would be an array of x's size
  EXPECT_EQ(exps(stages_of(softmax(f, 1))), 2);
  EXPECT_EQ(exps(stages_of(softmax(zeros({10, 7}), 1))), 2);  // less than what a stage costs
  EXPECT_EQ(stages_of(softmax(zeros({10, 7}), 1)).size(), 3u);
  // a variance of exponentials: the mean and the deviations from it
  EXPECT_EQ(exps(stages_of(sum(square(exp(x) - mean(exp(x), 1, {.keepdims = true})), 1))), 1);
  // read by one fold, or by several in one pass
  EXPECT_EQ(stages_of({sum(exp(x), 1), max(exp(x), 1)}).size(), 1u);
}

TEST(row_groups, hold_the_small_stages_in_between) {
  const array x = zeros({2000, 500});
  EXPECT_EQ(groups_of((x - mean(x, 1, {.keepdims = true})) / stddev(x, 1, {.keepdims = true})).size(), 1u);
  EXPECT_EQ(groups_of(log(sum(exp(x - max(x, 1, {.keepdims = true})), 1)) + max(x, 1)).size(), 1u);
}

TEST(row_groups, are_columns_when_axis_0_is_folded) {
  const array x = zeros({500, 2000});
  const program p = plan(softmax(x, 0), nullptr, caller());
  ASSERT_EQ(groups_of(p), (sizes{3}));
  EXPECT_EQ(p.stages[0].row_axis, 1);
  const array f = zeros({500, 2000}, float64, order::F);
  EXPECT_EQ(plan(softmax(f, 0), nullptr, caller()).stages[0].row_axis, 0);  // its columns lie together
}

TEST(row_groups, merge_the_axes_that_all_stages_share) {
  const array x = zeros({30, 40, 500});
  for (const stage& s : plan(softmax(x, 2), nullptr, caller()).stages) EXPECT_EQ(s.extents, shape({1200, 500}));
  const array y = zeros({500, 40, 30});
  for (const stage& s : plan(softmax(y, 1), nullptr, caller()).stages) {
    EXPECT_EQ(s.extents, shape({500, 40, 30}));
    EXPECT_EQ(s.row_axis, 0);
  }
}

TEST(row_groups, hold_a_large_operation_on_a_smaller_shape) {
  const array x = zeros({200000, 2}), column = zeros({200000, 1}), row = zeros({2, 200000});
  EXPECT_EQ(groups_of(x * exp(column)), (sizes{2}));
  const array short_row = zeros({1, 2});
  EXPECT_EQ(groups_of(x * exp(column) + exp(short_row) * x), (sizes{1, 2}));  // the row first, the column with the rows
  EXPECT_EQ(groups_of(exp(short_row) * x + x * exp(column)), (sizes{1, 2}));
  const program p = plan(x.T() * exp(column.T()), nullptr, caller());
  EXPECT_EQ(groups_of(p), (sizes{2}));
  EXPECT_EQ(p.keep.size(), 0u);
}

TEST(row_groups, are_not_made_of_what_stays_in_cache) {
  EXPECT_EQ(groups_of(softmax(zeros({100, 100}), 1)), (sizes{1, 1, 1, 1}));
  const array x = zeros({2000, 500});
  EXPECT_EQ(groups_of(sqrt(sum(x, 1))), (sizes{1, 1}));
}

TEST(row_groups, end_where_rows_depend_on_other_rows) {
  const array x = zeros({600, 600});
  const expr scaled = x / max(x, 1, {.keepdims = true});
  EXPECT_EQ(groups_of(x - sum(scaled, 0)), (sizes{1, 2}));                                     // rows, then columns
  EXPECT_EQ(groups_of(x - sum(x, 1)), (sizes{1, 1}));                                          // a column read as a row
  EXPECT_EQ(groups_of(x - sum(x)), (sizes{1, 1}));                                             // every row
  EXPECT_EQ(groups_of(x - sum(x, 1)(slice(none, none, -1))(all, newaxis)), (sizes{1, 1, 1}));  // in another order
  EXPECT_EQ(groups_of(softmax(x, 1) + softmax(x, 0)), (sizes{2, 3}));
}

TEST(row_groups, take_in_what_only_reads_the_same_rows) {
  const array x = zeros({600, 600}), y = zeros({600, 600});
  EXPECT_EQ(groups_of(softmax(x, 1) + softmax(y, 1)).size(), 1u);
}

TEST(row_groups, keep_an_array_that_is_read_outside) {
  const array x = zeros({600, 600});
  const expr top = max(x, 1, {.keepdims = true});
  const program p = plan(x - top + sum(top), nullptr, caller());
  EXPECT_EQ(p.stages[0].results[0].target.temporary, -1);
}

TEST(row_groups, write_a_destination_only_where_its_rows_have_been_read) {
  const array m = zeros({600, 600});
  const auto into = [](const array& to, const expr& x) { return groups_of(plan(x, &to, caller())); };
  EXPECT_EQ(into(m, softmax(m, 1)), (sizes{4}));
  EXPECT_EQ(into(m.T(), softmax(m.T(), 1)), (sizes{3}));
  const array other = zeros({600, 600});
  EXPECT_EQ(into(other.T(), softmax(m, 1)), (sizes{4}));
  // rows of m are folded that lie across the rows that are written, shifted, or in another order
  EXPECT_EQ(into(m, other - max(m.T(), 1, {.keepdims = true}) + max(other, 1, {.keepdims = true})), (sizes{1, 1, 1}));
  EXPECT_EQ(into(m(slice(1, none)), other(slice(1, none)) - max(m(slice(none, -1)), 1, {.keepdims = true})),
            (sizes{1, 1}));
  EXPECT_EQ(into(m(slice(none, none, -1)), other - max(m + other, 1, {.keepdims = true})), (sizes{1, 1}));
  EXPECT_EQ(into(m, other - max(m + other, 1, {.keepdims = true})), (sizes{2}));
}

// ---- views of recipes

TEST(views_of_recipes, compute_only_what_they_need) {
  const array x = zeros({100, 4}), row = zeros({4});
  const auto stages = stages_of((x + row)(slice(10, 20), 1));
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(stages[0].extents, shape({10}));
  EXPECT_EQ(stages[0].inputs[0].strides, shape({32}));
  EXPECT_EQ(stages[0].inputs[1].strides, shape({0}));
}

TEST(views_of_recipes, walk_a_computed_fold_with_strides) {
  const array x = zeros({3, 5});
  const auto stages = stages_of(sum(x, 1)(slice(none, none, -1)) * 2);
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_EQ(stages[1].extents, shape({3}));
}

TEST(explanation, lists_stages_registers_and_bytes) {
  const array x = zeros({10, 4});
  EXPECT_EQ(explain(sum(x * 2, 0)),
            "stage 1 of 1: extents (10, 4), folded (0,)\n"
            "  r0 = load float64, strides (32, 8)\n"
            "  r1 = 2 (float64)\n"
            "  r2 = multiply(r0, r1) in float64\n"
            "  sum(r2) -> float64, strides (0, 8)\n"
            "  reads 320 bytes, writes 32 bytes\n");
}

}  // namespace
}  // namespace tessera::detail
