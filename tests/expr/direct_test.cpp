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

TEST(direct_operations, are_those_of_arrays_that_lie_alike) {
  const array x = zeros({2, 3}), row = zeros({3}), f = zeros({2, 3}, float64, order::F);
  const auto direct = [](const expr& e) { return is_direct(*access::node_of(e)); };
  EXPECT_TRUE(direct(x + x));
  EXPECT_TRUE(direct(x + 1));
  EXPECT_TRUE(direct(x + zeros({})));
  EXPECT_TRUE(direct(sum(x)));
  EXPECT_FALSE(direct(x + row));
  EXPECT_FALSE(direct(x + f));
  EXPECT_FALSE(direct(x + x + x));
  EXPECT_FALSE(direct(+x));
  EXPECT_FALSE(direct(sum(x, 0)));
  EXPECT_FALSE(direct(sum(x + x)));
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
