// Row groups: the same bits as stage after stage, in every layout, on any number of threads.
#include <gtest/gtest.h>

#include <algorithm>

#include "expr/plan.hpp"
#include "hand_made.hpp"
#include "tessera/tessera.hpp"

namespace tessera::detail {
namespace {

using recipe_of = expr (*)(const array& x);

expr softmax_of_rows(const array& x) {
  const expr shifted = exp(x - max(x, -1, {.keepdims = true}));
  return shifted / sum(shifted, -1, {.keepdims = true});
}
expr softmax_of_columns(const array& x) {
  const expr shifted = exp(x - max(x, 0, {.keepdims = true}));
  return shifted / sum(shifted, 0, {.keepdims = true});
}
expr scores(const array& x) { return (x - mean(x, -1, {.keepdims = true})) / stddev(x, -1, {.keepdims = true}); }
expr log_of_sums(const array& x) { return log(sum(exp(x - max(x, -1, {.keepdims = true})), -1)) + max(x, -1); }
expr middle(const array& x) { return x / sum(square(x), 1, {.keepdims = true}); }
expr repeated(const array& x) { return x * exp(x(ellipsis, slice(0, 1))) - sqrt(abs(x(slice(0, 1)))); }
expr places(const array& x) { return x + argmax(x, -1, {.keepdims = true}); }
expr many(const array& x) { return any(x > max(x, -1, {.keepdims = true}) / 2, -1); }

array varied(const shape& extents, dtype type) {
  const array n = arange(points_of(extents));
  return reshape(sin(n * 0.37) + n % 7, extents).astype(type);
}

/// The array that `plan` fills, its stages run one after the other over whole arrays.
array run_apart(planned plan) {
  std::vector<array> whole;
  for (stage& s : plan.steps.stages) {
    if (!s.joins) whole.clear();
    const auto bind = [&whole](strided& x) {
      if (x.temporary < 0) return;
      x.data = access::data(whole[static_cast<std::size_t>(x.temporary)]);
      x.temporary = -1;
    };
    for (strided& x : s.inputs) bind(x);
    for (result& r : s.results) {
      if (r.target.temporary < 0) continue;
      const auto place = static_cast<std::size_t>(r.target.temporary);
      if (place >= whole.size()) whole.resize(place + 1);
      whole[place] = zeros({points_of(s.extents)}, r.target.type);
      bind(r.target);
    }
    s.row_axis = -1;
    cpu_backend().run(s);
  }
  return plan.results[0];
}

array run_together(const planned& plan) {
  for (std::size_t first = 0; first < plan.steps.stages.size(); first += group_at(plan.steps.stages, first).size()) {
    const auto group = group_at(plan.steps.stages, first);
    if (group.size() == 1) cpu_backend().run(group[0]);
    else cpu_backend().run_rows(group);
  }
  return plan.results[0];
}

void expect_same_bits(const array& a, const array& b) {
  ASSERT_EQ(a.shape(), b.shape());
  const array x = ascontiguousarray(a), y = ascontiguousarray(b);
  EXPECT_EQ(std::memcmp(access::data(x), access::data(y), static_cast<std::size_t>(x.size() * x.itemsize())), 0);
}

void expect_same_together(recipe_of recipe, const array& x) {
  SCOPED_TRACE(explain(recipe(x)));
  const auto plan = [&] {
    const request whole{to_node(recipe(x), caller()), nullptr, {}};
    return make_plan({&whole, 1}, {"test", caller()});
  };
  const array apart = run_apart(plan());
  with_thread_counts([&](int) { expect_same_bits(run_together(plan()), apart); });
}

TEST(row_groups, give_the_bits_of_stages_run_apart) {
  const shape spaces[] = {{700, 300}, {60000, 3}, {9000, 17}, {5, 30001}, {3, 7, 9001}, {70, 30, 90}, {2, 100000}};
  for (const shape& extents : spaces) {
    for (const recipe_of recipe :
         {softmax_of_rows, softmax_of_columns, scores, log_of_sums, middle, repeated, places, many}) {
      expect_same_together(recipe, varied(extents, float64));
    }
  }
}

TEST(row_groups, take_every_layout) {
  const array x = varied({600, 400}, float32), y = varied({20, 60, 200}, float32);
  const array layouts[] = {x.T(),
                           x(slice(none, none, -1)),
                           x(all, slice(none, none, -1)),
                           x(slice(none, none, 2)),
                           x(all, slice(none, none, 3)),
                           y.T(),
                           swapaxes(y, 0, 1),
                           y(all, slice(none, none, -1))};
  for (const array& a : layouts) {
    for (const recipe_of recipe : {softmax_of_rows, softmax_of_columns, scores, middle, repeated})
      expect_same_together(recipe, a);
  }
}

TEST(row_groups, take_elements_of_every_size) {
  for (const dtype type : {bool_, int8, uint16, int32, uint64, float16, bfloat16, complex128}) {
    const array x = (varied({500, 700}, float64) * 3).astype(type);
    expect_same_together(middle, x);
    expect_same_together(repeated, x);
  }
}

TEST(row_groups, write_a_masked_destination_only_where_asked) {
  constexpr int rows = 300, columns = 500;
  const array x = reshape(array(arange(rows * columns) % 11), {rows, columns}).astype(float64);
  const array mask = x > 4.0, target = full({rows, columns}, -1.0);
  const expr centred = x - max(x, 1, {.keepdims = true});
  const request masked{to_node(centred, caller()), &target, to_node(mask, caller())};
  const planned p = make_plan({&masked, 1}, {"test", caller(), false});
  ASSERT_EQ(p.steps.stages.size(), 2u);
  ASSERT_TRUE(p.steps.stages[1].joins);
  apply(target, centred, {.where = {mask}});
  const auto from = x.accessor<const double, 2>(), to = target.accessor<const double, 2>();
  for (int i = 0; i < rows; ++i) {
    double largest = from(i, 0);
    for (int k = 1; k < columns; ++k) largest = std::max(largest, from(i, k));
    for (int k = 0; k < columns; ++k) {
      ASSERT_EQ(to(i, k), from(i, k) > 4.0 ? from(i, k) - largest : -1.0) << i << ", " << k;
    }
  }
}

TEST(row_groups, of_hand_made_stages_fill_their_targets) {
  // t = max of each row of x; out = x - t; with x from 0 to 999 in each row
  constexpr std::int64_t n = 1003, m = 1000;
  for (const layout how :
       {layout::contiguous, layout::strided, layout::transposed, layout::reversed, layout::misaligned}) {
    operand_of<float> x({n, m}, how, float32), out({n, m}, how, float32);
    x.fill([](std::int64_t i) { return static_cast<float>((i % m + i / m) % m); });
    stage top = fold_stage(fold::max, {n, m}, {false, true}, x.view(), {nullptr, float32, {4, 0}, 0});
    stage rest;
    rest.extents = {n, m};
    rest.folded = {false, false};
    rest.inputs = {x.view(), {nullptr, float32, {4, 0}, 0}};
    rest.register_types = {float32, float32, float32};
    rest.instructions = {{op::subtract, float32, 2, {0, 1, no_reg}}};
    rest.results = {{2, fold::none, out.view(), no_reg}};
    top.row_axis = rest.row_axis = 0;
    top.rows = rest.rows = n;
    rest.joins = true;
    const stage group[] = {top, rest};
    cpu_backend().run_rows(group);
    for (std::int64_t i = 0; i < n * m; ++i) ASSERT_EQ(out.get(i), x.get(i) - static_cast<float>(m - 1));
  }
}

TEST(row_groups, name_an_operation_without_a_kernel_before_they_write) {
  constexpr std::int64_t n = 1003, m = 1000;
  operand_of<std::int32_t> x({n, m}, layout::contiguous, int32), out({n, m}, layout::contiguous, int32);
  out.fill([](std::int64_t) { return 7; });
  stage first, second;
  first.extents = second.extents = {n, m};
  first.folded = second.folded = {false, false};
  first.inputs = second.inputs = {x.view()};
  first.register_types = second.register_types = {int32, int32};
  first.instructions = {{op::negative, int32, 1, {0, no_reg, no_reg}}};
  second.instructions = {{op::exp, int32, 1, {0, no_reg, no_reg}}};
  first.results = second.results = {{1, fold::none, out.view(), no_reg}};
  first.row_axis = second.row_axis = 0;
  first.rows = second.rows = n;
  second.joins = true;
  const stage group[] = {first, second};
  EXPECT_THROW(cpu_backend().run_rows(group), device_error);
  for (std::int64_t i = 0; i < n * m; ++i) ASSERT_EQ(out.get(i), 7);
}

}  // namespace
}  // namespace tessera::detail
