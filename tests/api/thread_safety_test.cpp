// What docs/thread-safety.md allows, done by many threads at once; under the thread sanitizer (./dev test tsan) every
// access is looked at, elsewhere the values.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <latch>
#include <limits>
#include <mutex>
#include <thread>
#include <tuple>
#include <vector>

#include "selections.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;

namespace {

constexpr int many = 6;

/// f(t) on `many` threads that begin together.
template <class F> void at_once(F&& f) {
  std::latch start(many);
  std::vector<std::thread> threads;
  for (int t = 0; t < many; ++t) {
    threads.emplace_back([&, t] {
      start.arrive_and_wait();
      f(t);
    });
  }
  for (std::thread& t : threads) t.join();
}

/// Calls `disturb(i)` again and again on a thread of its own for as long as it lives.
class disturbance {
 public:
  explicit disturbance(std::function<void(int)> disturb)
      : thread_([this, disturb] {
          for (int i = 0; !done_; ++i) disturb(i);
        }) {}
  ~disturbance() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

bool same(const array& a, const array& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() && all((a == b) | ((a != a) & (b != b))).item<bool>();
}

// Leaves the number of threads and the limits of memory as they were.
struct thread_safety : testing::Test {
  ~thread_safety() override {
    set_num_threads(threads_before);
    set_memory_limit(memory_before.memory_limit);
    set_cache_limit(memory_before.cache_limit);
  }
  int threads_before = num_threads();
  memory_statistics memory_before = memory_stats();
};

// In a process of its own, as ctest runs it: whatever is set up once is set up by one of these threads.
TEST_F(thread_safety, of_the_first_operations_of_a_process) {
  at_once([](int t) {
    const array x = arange(200'000.0) + t;
    EXPECT_EQ(sum(x).item<double>(), 19'999'900'000.0 + 200'000.0 * t);
    EXPECT_EQ(max(sort(-x)).item<double>(), -t);
    EXPECT_EQ(einsum("i,i->", ones({300}), ones({300})).item<double>(), 300.0);
    EXPECT_EQ(str(x(slice(0, 2))), "[" + std::to_string(t) + ". " + std::to_string(t + 1) + ".]");
    EXPECT_EQ(random::generator(t).uniform({1000}).size(), 1000);
    EXPECT_NE(explain(exp(x) + 1.0), "");
    EXPECT_EQ(memory_stats().memory_limit, std::numeric_limits<std::int64_t>::max());
  });
}

/// Recipes of each kind that is run in a way of its own, over shared arrays: large enough for parallel loops.
struct shared_recipes {
  array x = reshape(sin(arange(60'000.0)), {200, 300});
  array single = x.astype(float32), whole = (x * 100.0).eval().astype(int64);
  array small = arange(10.0), mask = x > 0.5;
  std::vector<expr> recipes = {
      x + 1.0,
      small* small - 1.0,
      sqrt(abs(single)) * 2.0F + single,
      where(mask, exp(x), x.T()(slice(0, 1), 0)),
      logical_and(x > 0.0, whole % 3 == 1),
      x.astype(float16) + 1.0,
      single.astype(complex64) * single,
      pow(whole, small.astype(int64)(slice(0, 1))),
      sum(x),
      sum(small),
      sum(x* x, 0),
      max(single, 1),
      argmin(x, 0),
      any(x > 0.99, 1),
      var(x, 1),
      norm(single, {.ord = 2}),
      logsumexp(x, 1),
      median(x, 0),
      (x - mean(x, 1, {.keepdims = true})) / stddev(x, 1, {.keepdims = true}),
      exp(x - max(x, 1, {.keepdims = true})) / sum(exp(x - max(x, 1, {.keepdims = true})), 1, {.keepdims = true}),
      sum(square(reshape(x, {200, 1, 300}) - reshape(x(slice(0, 20)), {1, 20, 300})), 2),
      (x * 2.0).T(),
      reshape((x + 1.0).T(), {60'000})(slice(none, none, 7)),
      x[mask],
      x[mask] * 2.0,
      diff(x, 1, 0),
  };
  std::vector<array> expected;
  shared_recipes() {
    for (const expr& r : recipes) expected.push_back(r.eval());
  }
  void check(std::size_t i) const { EXPECT_TRUE(same(recipes[i].eval(), expected[i])) << "recipe " << i; }
};

TEST_F(thread_safety, of_recipes_that_all_run) {
  const shared_recipes all_of;
  at_once([&](int t) {
    for (std::size_t i = 0; i < 2 * all_of.recipes.size(); ++i) all_of.check((i + 5 * t) % all_of.recipes.size());
  });
}

TEST_F(thread_safety, of_one_recipe_that_all_run) {
  const shared_recipes all_of;
  for (std::size_t i = 0; i < all_of.recipes.size(); ++i) {
    at_once([&](int) { all_of.check(i); });
  }
}

TEST_F(thread_safety, of_recipes_built_on_others_and_dropped) {
  const shared_recipes all_of;
  const std::size_t n = all_of.recipes.size();
  at_once([&](int t) {
    for (std::size_t i = 0; i < 20 * n; ++i) {
      const expr mine = all_of.recipes[(i + 5 * t) % n], more = mine + 1.0;
      const array view = all_of.x(t)(slice(i % 7, none));
      EXPECT_EQ(more.shape(), all_of.expected[(i + 5 * t) % n].shape());
      EXPECT_TRUE(view.base().is(all_of.x));
    }
  });
}

TEST_F(thread_safety, of_every_operation_while_the_number_of_threads_changes) {
  const shared_recipes all_of;
  const disturbance setter([](int i) { set_num_threads(1 + i % 5); });
  at_once([&](int t) {
    for (std::size_t i = 0; i < all_of.recipes.size(); ++i) all_of.check((i + 5 * t) % all_of.recipes.size());
  });
}

/// What is run at once, as it is called, over shared arrays.
std::vector<array> results_of_verbs(const array& x, int seed) {
  const array positions = argsort(x, 0), flat = reshape(x, {x.size()});
  array counts = zeros({100}, int64), copy = x.copy(order::F);
  add_at(counts, abs(x * 50.0).astype(int64), 1);
  copy(slice(none, none, 2)) = 3.0;
  put_along_axis(copy, positions(slice(0, 1)), -1.0, 0);
  random::generator g(7, {.stream = static_cast<std::uint64_t>(seed)});
  array shuffled = arange(5000);
  g.shuffle(shuffled);
  return {positions,
          counts,
          copy,
          sort(x),
          cumsum(x, 1),
          cumprod(flat),
          take(x, positions(0), 0),
          take_along_axis(x, positions, 0),
          nonzero(x > 0.0)[1],
          argwhere(x > 0.9),
          compress(x(0) > 0.0, x, 1),
          searchsorted(sort(flat), x),
          einsum("ij,kj->ik", x, x),
          einsum("ij->j", x),
          concatenate({x, x(slice(0, 5))}),
          tile(x, {2, 2}),
          roll(x, {3}),
          pad(x, 2),
          g.normal({20'000}),
          g.uniform({20'000}, {.dtype = float32}),
          g.integers(0, 1000, {20'000}),
          g.permutation(3000),
          shuffled};
}

TEST_F(thread_safety, of_verbs_over_shared_arrays_and_of_generators_one_a_thread) {
  const array x = reshape(sin(arange(60'000.0)), {200, 300});
  std::vector<std::vector<array>> expected;
  for (int t = 0; t < many; ++t) expected.push_back(results_of_verbs(x, t));
  const disturbance setter([](int i) { set_num_threads(1 + i % 5); });
  at_once([&](int t) {
    for (int round = 0; round < 2; ++round) {
      const std::vector<array> got = results_of_verbs(x, t);
      for (std::size_t i = 0; i < got.size(); ++i) {
        EXPECT_TRUE(same(got[i], expected[static_cast<std::size_t>(t)][i])) << "result " << i << " of thread " << t;
      }
    }
  });
}

// The two long ones are cut into pieces by each of the threads.
TEST_F(thread_safety, of_selections_from_shared_arrays_and_from_copies) {
  using tessera_test::content, tessera_test::differences;
  std::vector<array> inputs;
  for (const dtype type : {uint8, float16, int64, float32, complex64})
    inputs.push_back(tessera_test::selection_input(type, content::bits, 5000));
  inputs.push_back(tessera_test::selection_input(int32, content::few, 140'003));
  inputs.push_back(tessera_test::selection_input(float64, content::specials, 140'003));
  std::vector<tessera_test::named_arrays> expected, drawn;
  for (const array& x : inputs) expected.push_back(tessera_test::selections_of(x));
  for (int t = 0; t < many; ++t) drawn.push_back(tessera_test::draws_of(static_cast<std::uint64_t>(t), 9000, true));
  const disturbance setter([](int i) { set_num_threads(1 + i % 7); });
  at_once([&](int t) {
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const std::size_t i = (k + static_cast<std::size_t>(t)) % inputs.size();
      const array x = t % 2 == 0 ? inputs[i] : inputs[i].copy();
      EXPECT_EQ(differences(expected[i], tessera_test::selections_of(x)), "") << x.dtype().name() << " of thread " << t;
    }
    const auto seed = static_cast<std::size_t>(t);
    EXPECT_EQ(differences(drawn[seed], tessera_test::draws_of(seed, 9000, true)), "") << "draws of thread " << t;
  });
}

void write_in_many_ways(array x) {
  const array odd = reshape(arange(x.size()) % 2 == 1, x.shape());
  const bool counts = x.dtype() != bool_;
  for (int round = 0; round < 3; ++round) {
    x(ellipsis) = 1;
    if (counts) x += 1;
    x[odd] = 0;
    x(slice(none, none, 3)) = sqrt(x(slice(none, none, 3)).astype(float32));
    put_along_axis(x, zeros({1, x.shape()[1]}, int64), 1, 0);
    if (counts) add_at(x, array{5, 5, 7}, 1);
  }
}

// Each thread has elements that lie between those of the others: none may write what it read of a neighbour.
TEST_F(thread_safety, of_writes_to_neighbouring_elements) {
  set_num_threads(2);
  for (const dtype type : {uint8, bool_, int16, float16, float32, float64, complex64, complex128}) {
    for (const std::int64_t width : {1, 3, 7}) {
      array alone = zeros({500, width}, type), x = zeros({500, many * width}, type);
      write_in_many_ways(alone);
      const auto part = [&](int t) { return x(all, slice(t * width, (t + 1) * width)); };
      at_once([&](int t) { write_in_many_ways(part(t)); });
      for (int t = 0; t < many; ++t) EXPECT_TRUE(same(part(t), alone)) << type.name() << " of thread " << t;
    }
  }
}

TEST_F(thread_safety, of_one_thread_s_writes_beside_another_s_recipes) {
  const array x = ones({many, 1000});
  at_once([&](int t) {
    array row = x(t);
    for (int i = 0; i < 100; ++i) {
      const expr before = sum(row * 2.0);
      EXPECT_EQ(before.item<double>(), 2000.0 * (i + 1)) << "a row that others did not write is fresh";
      row += 1.0;
      EXPECT_THROW(before.eval(), stale_expression);
    }
  });
  EXPECT_TRUE(all(x == 101.0).item<bool>());
}

TEST_F(thread_safety, of_limits_of_memory_while_others_allocate) {
  constexpr std::int64_t mib = 1 << 20, no_limit = std::numeric_limits<std::int64_t>::max();
  const array x = sin(arange(100'000.0));
  const double expected = sum(x).item<double>();
  const std::int64_t before = memory_stats().bytes_in_use;
  std::atomic<int> refused{0}, granted{0};
  {
    const disturbance limits([&](int i) {
      set_memory_limit(i % 3 == 0 ? no_limit : before + i % 3 * mib);
      set_cache_limit(i % 4 * mib);
      if (i % 5 == 0) release_cached_memory();
      if (i % 7 == 0) reset_peak_memory();
      EXPECT_GE(memory_stats().bytes_cached, 0);
    });
    at_once([&](int t) {
      for (int i = 0; i < 200; ++i) {
        const std::int64_t n = (1000 << i % 9) + 100 * t;
        try {
          array a = zeros({n}), b = a + 1.0;
          EXPECT_EQ(sum(b).item<double>(), static_cast<double>(n));
          EXPECT_EQ(sum(sort(x)).size(), 1);
          EXPECT_EQ(sum(x).item<double>(), expected);
          ++granted;
        } catch (const out_of_memory&) {
          ++refused;
        }
      }
    });
  }
  set_memory_limit(no_limit);
  EXPECT_EQ(memory_stats().bytes_in_use, before);
  EXPECT_EQ(refused + granted, 200 * many);
}

TEST_F(thread_safety, of_arrays_dropped_by_another_thread_than_made_them) {
  const std::int64_t before = memory_stats().bytes_in_use;
  {
    std::mutex mutex;
    std::vector<std::tuple<array, array, expr, double>> exchange;
    at_once([&](int t) {
      for (int i = 0; i < 300; ++i) {
        const std::int64_t n = (10 << i % 15) + t;
        const array a = full({n}, t + i);
        const array view = a(slice(n / 2, none));
        std::tuple<array, array, expr, double> item{a, view, a + view(0), 2.0 * (t + i)};
        const std::lock_guard lock(mutex);
        if (exchange.size() > 20) {
          auto& [whole, part, recipe, value] = exchange[static_cast<std::size_t>(i) % exchange.size()];
          EXPECT_EQ(whole(0).item<double>() + part(-1).item<double>(), value);
          EXPECT_TRUE(all(recipe == value).item<bool>());
          exchange[static_cast<std::size_t>(i) % exchange.size()] = std::move(item);
        } else {
          exchange.push_back(std::move(item));
        }
      }
    });
  }
  EXPECT_EQ(memory_stats().bytes_in_use, before);
}

TEST_F(thread_safety, of_figures_while_threads_come_and_go) {
  const std::int64_t before = memory_stats().bytes_in_use;
  {
    const disturbance reader([](int) { memory_stats(); });
    at_once([](int) {
      for (int i = 0; i < 50; ++i) {
        std::thread([i] {
          const array a = arange(10.0 + i), b = a + 1.0;
          EXPECT_EQ(b.size(), 10 + i);
        }).join();
      }
    });
  }
  EXPECT_EQ(memory_stats().bytes_in_use, before);
}

TEST_F(thread_safety, of_errors_texts_and_files) {
  const array x = arange(12.0) / 7.0;
  const auto folder = std::filesystem::temp_directory_path() / ("tessera-threads-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const std::string shared = folder / "shared.npy";
  at_once([&](int t) {
    set_printoptions({.precision = t});
    const std::string text = str(x);
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(str(x), text) << "options are the thread's own";
      try {
        const array wrong = x + zeros({t + 2});
        FAIL();
      } catch (const shape_error& error) {
        EXPECT_EQ(std::string(error.what()), "add: shapes (12,) and (" + std::to_string(t + 2) +
                                                 ",) do not broadcast: axis 0 has extents 12 and " +
                                                 std::to_string(t + 2));
      }
      save(shared, x + t);
      const array any_of_them = load(shared);
      EXPECT_EQ(any_of_them.shape(), x.shape()) << "a file is complete or not there";
    }
  });
  std::filesystem::remove_all(folder);
}

}  // namespace
