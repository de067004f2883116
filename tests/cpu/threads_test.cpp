// Threads: who runs a loop, changing their number while loops run, arrays read by many at once.
#include "tessera/threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "cpu/threads.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;
using detail::cpu::parallel_loop;

namespace {

// Leaves the number of threads as it was.
struct threads : testing::Test {
  ~threads() override { set_num_threads(before); }
  int before = num_threads();
};

TEST_F(threads, are_as_many_as_were_asked_for) {
  for (const int count : {1, 2, 7}) {
    set_num_threads(count);
    EXPECT_EQ(num_threads(), count);
    EXPECT_EQ(parallel_loop(100, 1 << 20).slots(), count);
  }
  set_num_threads(2000);
  EXPECT_EQ(num_threads(), 1024);
}

TEST_F(threads, are_at_least_one) {
  for (const int count : {0, -3}) EXPECT_THROW(set_num_threads(count), value_error);
  try {
    set_num_threads(0);
  } catch (const value_error& error) {
    EXPECT_STREQ(error.what(), "set_num_threads: 0 threads: there must be one");
  }
  EXPECT_EQ(num_threads(), before);
}

TEST_F(threads, are_not_used_for_little_work) {
  set_num_threads(4);
  EXPECT_EQ(parallel_loop(1, std::int64_t{1} << 40).slots(), 1);
  EXPECT_EQ(parallel_loop(1000, 10).slots(), 1);
  EXPECT_EQ(parallel_loop(std::int64_t{1} << 40, std::int64_t{1} << 40).slots(), 4) << "the product overflows";
  EXPECT_EQ(parallel_loop(0, 1 << 20).slots(), 1);
}

TEST_F(threads, of_a_loop_stay_what_they_were_when_it_was_made) {
  set_num_threads(2);
  const parallel_loop loop(1000, 1 << 16);
  set_num_threads(8);
  ASSERT_EQ(loop.slots(), 2);
  std::atomic<int> highest{0}, count{0};
  loop.run([&](std::int64_t first, std::int64_t last, int slot) {
    for (int seen = highest; seen < slot && !highest.compare_exchange_weak(seen, slot);) {}
    count += static_cast<int>(last - first);
  });
  EXPECT_LT(highest, 2);
  EXPECT_EQ(count, 1000);
}

TEST_F(threads, never_have_a_slot_of_one_loop_at_the_same_time) {
  std::atomic<bool> done{false};
  std::atomic<int> shared{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 6; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < 30; ++i) {
        const parallel_loop loop(200, 1 << 17);
        std::vector<std::atomic<bool>> busy(static_cast<std::size_t>(loop.slots()));
        loop.run([&](std::int64_t first, std::int64_t last, int slot) {
          std::atomic<bool>& mine = busy.at(static_cast<std::size_t>(slot));
          if (mine.exchange(true)) ++shared;
          for (std::int64_t k = first; k < last; ++k) std::this_thread::yield();
          mine = false;
        });
      }
    });
  }
  std::thread setter([&] {
    for (int i = 0; !done; ++i) set_num_threads(2 + i % 4);
  });
  for (std::thread& t : callers) t.join();
  done = true;
  setter.join();
  EXPECT_EQ(shared, 0);
}

TEST_F(threads, may_be_set_while_others_compute) {
  const array x = arange(300'000.0);
  const double expected = sum(sqrt(x) * 2.0).eval().item<double>();
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      for (int i = 0; i < 30; ++i) EXPECT_EQ(sum(sqrt(x) * 2.0).eval().item<double>(), expected);
    });
  }
  std::thread setter([&] {
    for (int i = 0; !done; ++i) set_num_threads(1 + i % 5);
  });
  for (std::thread& t : readers) t.join();
  done = true;
  setter.join();
}

TEST_F(threads, change_no_bit_of_a_result) {
  const array x = sin(arange(1'000'000.0)).eval();
  const auto results = [&] {
    return std::vector<array>{sum(x), sum(reshape(x, {1000, 1000}), 0), cumsum(x), exp(x) / 3.0, sort(x), mean(x),
                              var(x)};
  };
  set_num_threads(1);
  const std::vector<array> expected = results();
  for (const int count : {2, 3, 8}) {
    set_num_threads(count);
    const std::vector<array> got = results();
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_TRUE(all(got[i] == expected[i]).eval().item<bool>()) << "result " << i << " with " << count << " threads";
    }
  }
}

TEST_F(threads, of_the_program_may_read_one_array_and_its_recipes_at_once) {
  const array x = reshape(arange(60'000.0), {200, 300});
  const auto recipe = x.T() * 2.0 + 1.0;
  const array expected = recipe.eval();
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const array copy = x, row = x(t), result = recipe.eval();
        EXPECT_TRUE(all(result == expected).eval().item<bool>());
        EXPECT_EQ(row.base().shape(), x.base().shape());
        EXPECT_EQ(sum(copy(t)).eval().item<double>(), 300.0 * (300.0 * t) + 299.0 * 150.0);
        EXPECT_FALSE(str(row).empty());
      }
    });
  }
  for (std::thread& t : readers) t.join();
}

TEST_F(threads, of_the_program_may_write_different_rows_at_once) {
  array x = zeros({8, 50'000});
  std::vector<std::thread> writers;
  for (int t = 0; t < 8; ++t) {
    writers.emplace_back([x, t]() mutable {
      for (int i = 0; i < 10; ++i) x(t) += t;
    });
  }
  for (std::thread& t : writers) t.join();
  for (int t = 0; t < 8; ++t) EXPECT_TRUE(all(x(t) == 10.0 * t).eval().item<bool>()) << t;
}

}  // namespace
