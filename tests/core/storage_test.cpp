// storage: who frees, and which writes the log remembers.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <thread>

#include "core/access.hpp"
#include "core/storage.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

struct fixture {
  std::byte bytes[4096] = {};
  storage_ref s = storage::adopt({.data = bytes, .nbytes = sizeof bytes});
  void write(int begin, int end) { s->note_write({bytes + begin, bytes + end}); }
  bool stale(std::uint64_t since, int begin, int end) { return s->written_since(since, {bytes + begin, bytes + end}); }
};

TEST(storage, frees_foreign_memory_once_with_the_last_reference) {
  int freed = 0;
  std::byte memory[8];
  {
    storage_ref first = storage::adopt({.data = memory, .nbytes = 8});
    first->free_with([](void* count) { ++*static_cast<int*>(count); }, &freed);
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

// Bytes in rows of 64: the columns [first, first + width).
byte_comb columns(const fixture& f, int first, int width) {
  return {f.bytes + first, f.bytes + first + 63 * 64 + width, 64, width};
}

TEST(write_log, tells_columns_from_their_neighbours) {
  fixture f;
  const auto since = f.s->watch();
  f.s->note_write(columns(f, 8, 8));
  const auto stale = [&](const byte_comb& read) { return f.s->written_since(since, read); };
  EXPECT_TRUE(stale(columns(f, 8, 8)));
  EXPECT_TRUE(stale(columns(f, 0, 9)));
  EXPECT_TRUE(stale(columns(f, 15, 4)));
  EXPECT_FALSE(stale(columns(f, 0, 8)));
  EXPECT_FALSE(stale(columns(f, 16, 48)));
  EXPECT_TRUE(stale(columns(f, 56, 17))) << "the last ones reach into the next row";
  EXPECT_FALSE(stale(columns(f, 56, 16)));
  EXPECT_TRUE(f.stale(since, 70, 73));
  EXPECT_FALSE(f.stale(since, 64, 72));
  EXPECT_FALSE(f.stale(since, 16, 72));
  EXPECT_FALSE(stale({f.bytes, f.bytes + 4096, 32, 8})) << "no column of 32 bytes' distance";
  EXPECT_TRUE(stale({f.bytes, f.bytes + 4096, 24, 8})) << "some of 24 bytes' distance";
  const auto later = f.s->watch();
  EXPECT_FALSE(f.s->written_since(later, columns(f, 8, 8)));
  f.s->note_write(columns(f, 8, 8));
  EXPECT_TRUE(f.s->written_since(later, columns(f, 8, 8)));
  f.s->unwatch();
  f.s->unwatch();
}

TEST(write_log, misses_no_column_however_many_are_written) {
  fixture f;
  const auto since = f.s->watch();
  for (int i = 0; i < 64; ++i) {
    for (int width = 1; width < 5; ++width) f.s->note_write(columns(f, i, width));
  }
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(f.s->written_since(since, columns(f, i, 1)));
  f.s->unwatch();
}

array any_view(const array& a, std::mt19937& random) {
  const auto part = [&](std::int64_t extent) {
    const std::int64_t step = static_cast<std::int64_t>(random() % 3) + 1,
                       first = static_cast<std::int64_t>(random() % 3);
    return random() % 2 ? slice(first, none, step) : slice(extent - first, none, -step);
  };
  const array view = a(part(5), part(6), part(4));
  return random() % 3 == 0 ? view.T() : random() % 3 == 0 ? view(0) : random() % 3 == 0 ? view(ellipsis, 0) : view;
}

std::set<const std::byte*> bytes_of(const array& a) {
  if (a.ndim() == 0) {
    std::set<const std::byte*> result;
    for (int i = 0; i < a.itemsize(); ++i) result.insert(static_cast<const std::byte*>(a.data()) + i);
    return result;
  }
  std::set<const std::byte*> result;
  for (std::int64_t i = 0; i < a.shape()[0]; ++i) result.merge(bytes_of(a(i)));
  return result;
}

TEST(byte_combs, meet_wherever_views_have_a_byte_in_common) {
  std::mt19937 random(1);
  int apart = 0;
  for (const dtype type : {uint8, int16, float64}) {
    const array a = zeros({5, 6, 4}, type);
    for (int i = 0; i < 1000; ++i) {
      const array x = any_view(a, random), y = any_view(a, random);
      const auto of_x = bytes_of(x), of_y = bytes_of(y);
      const bool common = std::any_of(of_x.begin(), of_x.end(), [&](const std::byte* b) { return of_y.contains(b); });
      const bool met = meet(comb_of(x), comb_of(y));
      EXPECT_TRUE(met || !common) << x.shape() << x.strides() << " and " << y.shape() << y.strides();
      apart += !met;
    }
  }
  EXPECT_GT(apart, 100);
}

TEST(byte_combs, of_columns_meet_only_where_columns_are_the_same) {
  const array a = zeros({7, 9}, float32);
  for (int i = 0; i < 9; ++i) {
    for (int k = 0; k < 9; ++k) {
      EXPECT_EQ(meet(comb_of(a(all, i)), comb_of(a(slice(none, none, -1), k))), i == k);
      EXPECT_EQ(meet(comb_of(a(all, slice(i, i + 2))), comb_of(a(all, k))), k == i || k == i + 1);
    }
  }
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
