// memory.hpp: figures, limits and what is kept for reuse, through the public interface.
#include "tessera/memory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <limits>
#include <thread>

#include "core/small_blocks.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;
using detail::address_sanitizer;

namespace {

constexpr std::int64_t mib = 1 << 20, no_limit = std::numeric_limits<std::int64_t>::max();

#ifdef TESSERA_THREAD_SANITIZER
constexpr bool shadowed = true;
#else
constexpr bool shadowed = address_sanitizer;
#endif

array bytes(std::int64_t n) { return empty({n}, uint8); }

// Each test starts from nothing kept and leaves the limits as they were.
struct memory : testing::Test {
  memory() { release_cached_memory(); }
  ~memory() override {
    set_memory_limit(before.memory_limit);
    set_cache_limit(before.cache_limit);
  }
  memory_statistics before = memory_stats();
};

TEST_F(memory, in_use_follows_arrays) {
  const std::int64_t start = memory_stats().bytes_in_use;
  {
    const array a = bytes(10 * mib), small = bytes(1000);
    const array view = a(slice(0, 10));
    const std::int64_t in_use = memory_stats().bytes_in_use - start;
    EXPECT_GE(in_use, 10 * mib + 1000);
    EXPECT_LE(in_use, 12 * mib) << "rounded up by an eighth at most, and a view takes next to nothing";
  }
  EXPECT_EQ(memory_stats().bytes_in_use, start);
}

TEST_F(memory, peak_is_the_most_since_it_was_reset) {
  { const array big = bytes(20 * mib); }
  const std::int64_t peak = memory_stats().peak_bytes_in_use;
  EXPECT_GE(peak, memory_stats().bytes_in_use + 20 * mib);
  reset_peak_memory();
  const std::int64_t after = memory_stats().peak_bytes_in_use;
  EXPECT_LE(after, peak - 19 * mib);
  { const array smaller = bytes(5 * mib); }
  EXPECT_GE(memory_stats().peak_bytes_in_use, after + 5 * mib - mib);
  EXPECT_LE(memory_stats().peak_bytes_in_use, after + 7 * mib);
}

TEST_F(memory, that_is_not_there_is_in_no_peak) {
  reset_peak_memory();
  const std::int64_t before = memory_stats().peak_bytes_in_use;
  EXPECT_THROW(bytes(std::int64_t{1} << 60), out_of_memory);
  EXPECT_LT(memory_stats().peak_bytes_in_use, before + mib);
  EXPECT_LT(memory_stats().bytes_in_use, before + mib);
}

// A large array's storage is described by a block of its own, which is kept for reuse in the lists of small blocks.
constexpr std::int64_t handle = 64;

TEST_F(memory, of_a_dropped_array_serves_the_next_of_its_size) {
  if (address_sanitizer) GTEST_SKIP() << "nothing is kept under the address sanitizer";
  for (const std::int64_t n : {70'000L, 1'000'000L, 5'000'000L, 40'000'000L}) {
    const memory_statistics start = memory_stats();
    const void* const place = bytes(n).span<std::uint8_t>().data();
    EXPECT_GE(memory_stats().bytes_cached, start.bytes_cached + n);
    const array again = bytes(n - n / 100);
    const memory_statistics end = memory_stats();
    EXPECT_EQ(again.span<std::uint8_t>().data(), place) << n;
    EXPECT_NEAR(end.bytes_cached, start.bytes_cached, handle);
    EXPECT_EQ(end.allocations, start.allocations + 2);
    EXPECT_EQ(end.cache_hits, start.cache_hits + 1);
  }
}

TEST_F(memory, that_is_reused_is_zero_where_zeros_are_asked_for) {
  for (const std::int64_t n : {1000L, 100'000L, 3'000'000L}) {
    for (int round = 0; round < 3; ++round) {
      array a = zeros({n}, uint8);
      EXPECT_EQ(count_nonzero(a), 0) << n;
      a(ellipsis) = 255;
    }
  }
}

TEST_F(memory, kept_for_reuse_stays_below_its_limit_and_the_oldest_goes_first) {
  if (address_sanitizer) GTEST_SKIP() << "nothing is kept under the address sanitizer";
  const std::int64_t start = memory_stats().bytes_cached;
  set_cache_limit(10 * mib);
  { const array first = bytes(4 * mib), second = bytes(3 * mib); }  // second is freed first
  { const array third = bytes(5 * mib); }
  EXPECT_LE(memory_stats().bytes_cached - start, 10 * mib);
  const std::int64_t hits = memory_stats().cache_hits;
  const array third = bytes(5 * mib), first = bytes(4 * mib);
  EXPECT_EQ(memory_stats().cache_hits, hits + 2);
  const array second = bytes(3 * mib);
  EXPECT_EQ(memory_stats().cache_hits, hits + 2);
  { const array too_large = bytes(11 * mib); }
  EXPECT_NEAR(memory_stats().bytes_cached, start, handle);
}

TEST_F(memory, limit_of_the_cache_can_be_none_at_all) {
  { const array kept = bytes(4 * mib); }
  EXPECT_EQ(set_cache_limit(0), before.cache_limit);
  EXPECT_LT(memory_stats().bytes_cached, mib);
  { const array not_kept = bytes(4 * mib); }
  EXPECT_LT(memory_stats().bytes_cached, mib);
  EXPECT_EQ(set_cache_limit(before.cache_limit), 0);
}

TEST_F(memory, released_goes_back_to_the_system) {
  { const array kept = bytes(8 * mib), medium = bytes(mib), small = bytes(1000); }
  release_cached_memory();
  EXPECT_LT(memory_stats().bytes_cached, mib / 8);
}

TEST_F(memory, limit_is_kept_by_releasing_what_is_cached) {
  set_memory_limit(memory_stats().bytes_in_use + 30 * mib);
  { const array a = bytes(12 * mib), b = bytes(12 * mib); }
  const array c = bytes(25 * mib);
  EXPECT_LE(memory_stats().bytes_cached + memory_stats().bytes_in_use, memory_stats().memory_limit);
}

TEST_F(memory, beyond_the_limit_is_refused_with_all_figures) {
  EXPECT_EQ(set_memory_limit(64 * mib), no_limit);
  const array a = bytes(40 * mib);
  const std::int64_t in_use = memory_stats().bytes_in_use;
  try {
    const array b = zeros({4, mib}, float64);
    FAIL() << "32 MiB more were given";
  } catch (const out_of_memory& error) {
    EXPECT_EQ(
        std::string(error.what()).find("array: 32.00 MiB for shape (4, 1048576) of float64 are not available: 40."), 0U)
        << error.what();
    EXPECT_NE(std::string(error.what()).find(" MiB are in use, the limit is 64.00 MiB"), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(memory_stats().bytes_in_use, in_use) << "a call that fails leaks nothing";
  EXPECT_EQ(set_memory_limit(no_limit), 64 * mib);
  EXPECT_NO_THROW(zeros({4, mib}, float64));
}

TEST_F(memory, beyond_the_limit_fails_an_expression_before_it_writes) {
  array a = ones({mib}, float64);
  set_memory_limit(memory_stats().bytes_in_use + 2 * mib);
  EXPECT_THROW(array(a + 1), out_of_memory);
  EXPECT_NO_THROW(a += 1) << "in place it needs none";
  EXPECT_TRUE(all(a == 2).eval().item<bool>());
}

TEST_F(memory, limits_are_not_negative) {
  EXPECT_THROW(set_cache_limit(-1), value_error);
  try {
    set_memory_limit(-5);
    FAIL();
  } catch (const value_error& error) {
    EXPECT_STREQ(error.what(), "set_memory_limit: -5 bytes are less than none");
  }
}

TEST_F(memory, of_a_device_that_is_not_there_is_an_error) {
  EXPECT_THROW(memory_stats(device(device_kind::cuda, 99)), device_error);
}

// In a child process: what the system refuses is asked for again after the cache has been released.
template <class F> void expect_in_child(F&& f) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(f() ? 0 : 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

std::int64_t address_space() {
  long pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * ::sysconf(_SC_PAGESIZE);
}

TEST_F(memory, that_the_system_refuses_is_asked_for_again_without_the_cache) {
  if (shadowed) GTEST_SKIP() << "sanitizers need the address space";
  expect_in_child([] {
    set_cache_limit(no_limit);
    { const array kept = bytes(200 * mib); }
    const auto most = static_cast<rlim_t>(address_space() + 100 * mib);
    const rlimit limit{most, most};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) return false;
    try {
      const array fits = bytes(250 * mib);
    } catch (const out_of_memory&) {
      return false;
    }
    try {
      const array does_not = bytes(400 * mib);
      return false;
    } catch (const out_of_memory& error) {
      return std::string(error.what()) == "array: 400.00 MiB for shape (419430400,) of uint8 are not available";
    }
  });
}

TEST_F(memory, is_counted_over_all_threads) {
  const std::int64_t start = memory_stats().bytes_in_use;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 200; ++i) {
        array a = bytes(1000 + 7 * i), b = bytes(70'000 + 1000 * t), c = bytes(3 * mib);
        a(ellipsis) = 1;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(memory_stats().bytes_in_use, start);
}

}  // namespace
