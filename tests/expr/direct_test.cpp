// Recipes that need no plan: the same bytes in the same memory order, as the planner gives.
#include "expr/direct.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <thread>

#include "backend.hpp"
#include "expr/evaluate.hpp"
#include "expr/plan.hpp"
#include "tessera/tessera.hpp"

namespace tessera::detail {
namespace {

const dtype all_dtypes[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                            uint64, float16, bfloat16, float32, float64, complex64, complex128};

/// The result by way of the planner.
array planned_result(const expr& x) {
  const request whole{to_node(x, caller()), nullptr, {}};
  planned p = make_plan({&whole, 1}, {"test", caller()});
  for (const stage& s : p.steps.stages) cpu_backend().run(s);
  return p.results[0];
}

std::vector<std::byte> bytes_of(const array& x) {
  std::vector<std::byte> bytes;
  const array flat = x.copy();
  bytes.resize(static_cast<std::size_t>(flat.nbytes()));
  if (!bytes.empty()) std::memcpy(bytes.data(), flat.data(), bytes.size());
  return bytes;
}

void expect_as_planned(const expr& x, const std::string& what) {
  const array direct = evaluate(x, caller()), planned = planned_result(x);
  EXPECT_EQ(direct.dtype(), planned.dtype()) << what;
  EXPECT_EQ(direct.shape(), planned.shape()) << what;
  EXPECT_EQ(direct.strides(), planned.strides()) << what;
  EXPECT_EQ(bytes_of(direct), bytes_of(planned)) << what;
}

/// Small numbers of both signs where there are such.
array numbers(const shape& extents, dtype type) {
  const std::int64_t count = zeros(extents).size();
  const expr values = arange(count) % 7 - (type.kind() == 'u' || type.kind() == 'b' ? 0 : 3);
  return reshape(array(values), extents).astype(type);
}

/// The same elements in memory in different ways.
std::vector<array> layouts(const array& x) {
  std::vector<array> all{x, x.copy(order::F)};
  std::vector<std::int64_t> twice(x.shape().begin(), x.shape().end());
  if (x.ndim() > 0) {
    twice.back() *= 2;
    array wide = zeros(shape(twice), x.dtype());
    array strided = wide(ellipsis, slice(none, none, 2));
    strided() = x;
    all.push_back(strided);
    all.push_back(flip(array(flip(x).copy())));
  }
  const array raw = zeros(shape(x.nbytes() + 1), uint8);
  if (x.size() > 0) {
    array misaligned = reshape(raw(slice(1, none)).view(x.dtype()), x.shape());
    misaligned() = x;
    all.push_back(misaligned);
  }
  return all;
}

const shape shapes[] = {{}, {1}, {10}, {0}, {2, 3}, {1, 5, 1}, {3, 0, 2}, {1, 1}, {2, 3, 4}, {257}, {5000}, {20000}};

TEST(direct_operations, are_what_the_planner_makes_of_them_for_every_dtype) {
  for (const dtype type : all_dtypes) {
    for (const shape& extents : {shape{10}, shape{2, 3}, shape{}, shape{0}}) {
      const array x = numbers(extents, type), y = array(x + x).astype(type);
      const std::string what = std::string(type.name()) + " " + to_string(extents);
      expect_as_planned(x + y, what + " add");
      expect_as_planned(x * y, what + " multiply");
      expect_as_planned(x == y, what + " equal");
      expect_as_planned(x * x, what + " square by multiply");
      expect_as_planned(maximum(x, y), what + " maximum");
      expect_as_planned(where(x == y, x, y), what + " where");
      expect_as_planned(abs(x), what + " abs");
      expect_as_planned(expr(x).astype(float64), what + " cast");
      expect_as_planned(x + true, what + " number");
      expect_as_planned(sum(x), what + " sum");
      expect_as_planned(max(concatenate({ravel(x), ones({1}, type)})), what + " max");
      expect_as_planned(any(x), what + " any");
      expect_as_planned(all(x, {}, {.keepdims = true}), what + " all");
    }
  }
}

TEST(direct_operations, are_what_the_planner_makes_of_them_in_every_layout) {
  for (const shape& extents : shapes) {
    const array x = numbers(extents, float64), y = numbers(extents, float64), scalar = numbers({}, float64);
    const std::vector<array> xs = layouts(x), ys = layouts(y);
    for (std::size_t i = 0; i < xs.size(); ++i) {
      for (std::size_t k = 0; k < ys.size(); ++k) {
        const std::string what = to_string(extents) + " in layouts " + std::to_string(i) + " and " + std::to_string(k);
        expect_as_planned(xs[i] - ys[k], what);
        expect_as_planned(xs[i] / 2.5, what + " number");
        expect_as_planned(scalar - xs[i], what + " 0-d");
      }
      expect_as_planned(sum(xs[i]), to_string(extents) + " sum of layout " + std::to_string(i));
      expect_as_planned(sum(xs[i], {}, {.keepdims = true}), to_string(extents) + " keepdims");
      if (x.size() > 0) expect_as_planned(argmax(xs[i]), to_string(extents) + " argmax");
    }
  }
}

/// Recipes of several operations on x and y of one shape.
std::vector<std::pair<const char*, expr>> chains(const array& x, const array& y) {
  const expr d = x - y;
  std::vector<std::pair<const char*, expr>> all{{"products and sums", (x + y) * x - y * 2},
                                                {"a shared operand", d * d + d},
                                                {"sum of products", sum(x * y)},
                                                {"sum of a number", sum(x * y + 1.5, {}, {.keepdims = true})},
                                                {"choice", where(x < y, x + 1, y - 1)},
                                                {"mean", mean(x)},
                                                {"truth", any(x > y)}};
  if (x.size() == 0) return all;
  const expr largest = max(x, {}, {.keepdims = true}), e = exp(x - largest);
  all.insert(all.end(), {{"softmax", e / sum(e)},
                         {"range", max(x) - min(x)},
                         {"positions", argmax(x * y) + argmin(x)},
                         {"x by its sum", x / sum(x)}});
  return all;
}

TEST(direct_operations, may_follow_each_other) {
  for (const dtype type : {int16, float16, float32, float64, complex64}) {
    for (const shape& extents : {shape{10}, shape{2, 3}, shape{}, shape{1, 1}, shape{0}, shape{300}, shape{700}}) {
      const array x = numbers(extents, type), y = array(x + 1).astype(type);
      const std::string where = std::string(type.name()) + " " + to_string(extents) + " ";
      if (type == complex64) {
        expect_as_planned(x * y + x, where + "products");
        expect_as_planned(sum(x * y) / 2, where + "sum");
        continue;
      }
      for (const auto& [name, recipe] : chains(x, y)) expect_as_planned(recipe, where + name);
      expect_as_planned(var(x), where + "var");
      expect_as_planned(stddev(x * y, {}, {.ddof = 1}) + mean(x * y), where + "stddev");
    }
  }
}

TEST(direct_operations, of_many_values_or_much_memory_are_planned) {
  const array x = ones({500}), y = ones({10});
  expr many = y, large = x;
  for (int i = 0; i < 40; ++i) many = many * 1.5 + y;
  for (int i = 0; i < 8; ++i) large = large * 1.5;
  EXPECT_FALSE(direct_recipe(*access::node_of(many)).fits());
  EXPECT_FALSE(direct_recipe(*access::node_of(large)).fits());
  expect_as_planned(many, "many");
  expect_as_planned(large, "large");
  expr deep = y;
  for (int i = 0; i < 200000; ++i) deep = -deep;
  EXPECT_EQ(array(deep)(3).item<double>(), 1.0);
}

TEST(direct_operations, write_where_an_assignment_says) {
  const array x = numbers({10}, float64), y = numbers({10}, float64) * 2.0 + 1.0;
  const auto read = [](const array& a, int i) { return a(i).item<double>(); };
  array target = zeros({10});
  target() = (x + y) * x;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(read(target, i), (read(x, i) + read(y, i)) * read(x, i));
  const array before = target.copy();
  target() = target / sum(target) + x;  // reads what it replaces, and all of it before that
  double total = 0;
  for (int i = 0; i < 10; ++i) total += read(before, i);  // small integers: exact in any order
  for (int i = 0; i < 10; ++i) EXPECT_EQ(read(target, i), read(before, i) / total + read(x, i));
  target -= x;
  target *= 2.0;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(read(target, i), (read(before, i) / total + read(x, i) - read(x, i)) * 2.0);
}

TEST(direct_operations, leave_overlapping_and_other_destinations_to_the_planner) {
  array a = arange(10.0);
  a(slice(1, none)) = a(slice(none, -1)) + a(slice(none, -1));  // shifted: as if the operand had been copied
  for (int i = 1; i < 10; ++i) EXPECT_EQ(a(i).item<double>(), 2.0 * (i - 1));
  array b = arange(10.0);
  b() = b(3) + b;  // one element of the destination, repeated
  for (int i = 0; i < 10; ++i) EXPECT_EQ(b(i).item<double>(), 3.0 + i);
  array c = zeros({10}, float32), d = zeros({2, 10}), e = zeros({20});
  c() = a + a;                      // another dtype
  d() = a + a;                      // repeated
  e(slice(none, none, 2)) = a + a;  // strided
  for (int i = 0; i < 10; ++i) {
    const double expected = 2 * a(i).item<double>();
    EXPECT_EQ(c(i).item<double>(), expected);
    EXPECT_EQ(d(1, i).item<double>(), expected);
    EXPECT_EQ(e(2 * i).item<double>(), expected);
  }
  array integers = arange(10), bits = integers.view(float64);
  bits() = where(integers > 4, 1.0, 0.0);  // the same bytes as another dtype
  for (int i = 0; i < 10; ++i) EXPECT_EQ(bits(i).item<double>(), i > 4 ? 1.0 : 0.0);
}

TEST(direct_operations, that_fail_leave_the_destination_alone) {
  array target = ones({4}), source = ones({4});
  const expr recipe = (source + 1) * target;
  source(0) = 7;
  EXPECT_THROW(target() = recipe, stale_expression);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(target(i).item<double>(), 1.0);
}

TEST(direct_operations, are_those_of_arrays_that_lie_alike) {
  const array x = zeros({2, 3}), row = zeros({3}), f = zeros({2, 3}, float64, order::F);
  const auto direct = [](const expr& e) { return direct_recipe(*access::node_of(e)).fits(); };
  EXPECT_TRUE(direct(x + x));
  EXPECT_TRUE(direct(x + 1));
  EXPECT_TRUE(direct(x + zeros({})));
  EXPECT_TRUE(direct(sum(x)));
  EXPECT_TRUE(direct(x + x + x));
  EXPECT_TRUE(direct(sum(x + x)));
  EXPECT_TRUE(direct(var(x)));
  EXPECT_TRUE(direct(x - max(x)));
  EXPECT_FALSE(direct(x + row));
  EXPECT_FALSE(direct(x + f));
  EXPECT_FALSE(direct(+x));
  EXPECT_FALSE(direct(sum(x, 0)));
  EXPECT_FALSE(direct(x + x.T().T()(slice(none, none, -1))));
  EXPECT_FALSE(direct(zeros({0}) + 1));
}

TEST(direct_operations, refuse_operands_that_were_written) {
  array a = ones({4}), b = ones({4});
  const expr total = a + b, largest = max(b);
  b(0) = 5;
  try {
    total.eval();
    FAIL() << "stale";
  } catch (const stale_expression& error) {
    EXPECT_STREQ(error.what(), "eval: operand 1 of shape (4,) was written after the recipe was built");
    EXPECT_GT(error.where().line(), 0u);
  }
  EXPECT_THROW(largest.eval(), stale_expression);
}

TEST(direct_operations, take_any_exponents_only_after_a_look) {
  const array x = ones({3}, int64), exponents = array({1, 2, -1});
  EXPECT_THROW(pow(x, exponents).eval(), value_error);
}

TEST(recipes, may_be_released_on_another_thread) {
  array a = ones({100});
  for (int round = 0; round < 200; ++round) {
    expr recipe = sqrt(a * 2 + a);
    array result;
    std::thread([moved = std::move(recipe), &result]() mutable {
      result = moved.eval();
      moved = expr(1);
    }).join();
    ASSERT_EQ(result(0).item<double>(), std::sqrt(3.0));
  }
}

TEST(recipes, are_built_and_released_by_many_threads_at_once) {
  const array a = ones({64}), b = ones({64});
  const expr shared = a + b;
  std::vector<std::thread> threads;
  std::vector<array> left(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const array view = a(slice(t, t + 8));
        const array sum_of_view = view + b(slice(0, 8));
        ASSERT_EQ(sum_of_view(7).item<double>(), 2.0);
        ASSERT_TRUE(view.base().is(a));
        left[static_cast<std::size_t>(t)] = shared * (i % 3);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  for (const array& x : left) EXPECT_EQ(x.size(), 64);  // freed here, allocated there
}

}  // namespace
}  // namespace tessera::detail
