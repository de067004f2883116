// storage: who frees, and which writes the log remembers.
#include <gtest/gtest.h>

#include <thread>

#include "core/storage.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

struct fixture {
  std::byte bytes[4096] = {};
  storage_ref s = storage::adopt(bytes, sizeof bytes, nullptr, nullptr, false);
  void write(int begin, int end) { s->note_write(bytes + begin, bytes + end); }
  bool stale(std::uint64_t since, int begin, int end) { return s->written_since(since, bytes + begin, bytes + end); }
};

TEST(storage, frees_foreign_memory_once_with_the_last_reference) {
  int freed = 0;
  std::byte memory[8];
  {
    storage_ref first = storage::adopt(
        memory, 8, [](void* count) { ++*static_cast<int*>(count); }, &freed, false);
    storage_ref second = first;
    EXPECT_EQ(first->use_count(), 2);
    EXPECT_FALSE(first->owns_memory());
    first = {};
    EXPECT_EQ(freed, 0);
  }
  EXPECT_EQ(freed, 1);
}

TEST(write_log, is_kept_only_while_somebody_watches) {
  fixture f;
  f.write(0, 8);
  const auto since = f.s->watch();
  EXPECT_FALSE(f.stale(since, 0, 8));
  f.write(8, 16);
  EXPECT_FALSE(f.stale(since, 0, 8));
  EXPECT_TRUE(f.stale(since, 12, 20));
  f.s->unwatch();
  const auto later = f.s->watch();
  EXPECT_FALSE(f.stale(later, 0, 4096));
  f.s->unwatch();
}

TEST(write_log, tells_old_writes_from_new_ones_in_the_same_bytes) {
  fixture f;
  const auto first = f.s->watch();
  f.write(0, 100);
  const auto second = f.s->watch();
  f.write(40, 60);
  EXPECT_TRUE(f.stale(first, 0, 10));
  EXPECT_TRUE(f.stale(first, 90, 95));
  EXPECT_FALSE(f.stale(second, 0, 40));
  EXPECT_TRUE(f.stale(second, 59, 80));
  EXPECT_FALSE(f.stale(second, 60, 100));
  f.s->unwatch();
  EXPECT_TRUE(f.stale(first, 0, 10)) << "one of two watchers has left";
  f.s->unwatch();
}

TEST(write_log, stays_bounded_and_misses_nothing) {
  fixture f;
  const auto since = f.s->watch();
  for (int i = 0; i < 1000; ++i) f.write(i * 4, i * 4 + 1);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(f.stale(since, i * 4, i * 4 + 1));
  EXPECT_FALSE(f.stale(since, 4000, 4096));
  f.s->unwatch();
}

TEST(write_log, serves_threads_that_write_different_bytes) {
  fixture f;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&f, t] {
      const int begin = t * 1000;
      for (int i = 0; i < 500; ++i) {
        const auto since = f.s->watch();
        EXPECT_FALSE(f.stale(since, begin, begin + 8));
        f.write(begin, begin + 8);
        EXPECT_TRUE(f.stale(since, begin, begin + 8));
        f.s->unwatch();
      }
    });
  }
  for (auto& t : threads) t.join();
}

}  // namespace
