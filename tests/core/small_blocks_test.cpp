// small_blocks: alignment, reuse, bounds, and what happens between threads and when they end.
#include "core/small_blocks.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "core/memory_count.hpp"

using namespace tessera::detail;

namespace {

const std::size_t sizes[] = {0,   1,   31,  32,   33,   63,   64,    65,    127,   128,
                             129, 256, 257, 1000, 4096, 4097, 60000, 65536, 65537, 1 << 20};

std::int64_t bytes_in_use() { return host_memory.now - small_bytes_cached(); }

struct block {
  std::size_t bytes;
  void* data = small_allocate(bytes);
};

TEST(small_blocks, are_aligned_and_disjoint) {
  std::vector<block> blocks;
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t bytes : sizes) {
      blocks.push_back({bytes});
      ASSERT_NE(blocks.back().data, nullptr) << bytes;
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back().data) % (bytes < 64 ? 16 : 64), 0U) << bytes;
      std::memset(blocks.back().data, static_cast<int>(blocks.size()), bytes);
    }
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto* bytes = static_cast<const unsigned char*>(blocks[i].data);
    for (std::size_t k = 0; k < blocks[i].bytes; ++k) ASSERT_EQ(bytes[k], i + 1);
    small_free(blocks[i].data, blocks[i].bytes);
  }
  small_free(nullptr, 8);
}

TEST(small_blocks, waste_no_more_than_a_quarter_above_512_bytes) {
  for (std::size_t bytes = 512; bytes <= largest_small_block; ++bytes) {
    const std::int64_t before = bytes_in_use();
    void* const data = small_allocate(bytes);
    const std::int64_t taken = bytes_in_use() - before;
    small_free(data, bytes);
    ASSERT_GE(taken, static_cast<std::int64_t>(bytes));
    ASSERT_LE(taken, static_cast<std::int64_t>(bytes + bytes / 4 + 64));
  }
}

TEST(small_blocks, come_back_to_the_thread_that_freed_them) {
  if (address_sanitizer) GTEST_SKIP() << "nothing is kept under the address sanitizer";
  void* const first = small_allocate(230);
  small_free(first, 230);
  void* const again = small_allocate(250);  // of the same class
  EXPECT_EQ(again, first);
  small_free(again, 250);
}

TEST(small_blocks, kept_for_reuse_are_bounded) {
  std::vector<void*> blocks(100'000);
  for (void*& b : blocks) b = small_allocate(4096);
  const std::int64_t in_use = bytes_in_use(), cached = small_bytes_cached();
  EXPECT_GE(in_use, 4096 * 100'000);
  for (void* b : blocks) small_free(b, 4096);
  EXPECT_LE(bytes_in_use(), in_use - 4096 * 100'000);
  EXPECT_LE(small_bytes_cached(), cached + 4 * 1024 * 1024);
  release_small_blocks();
  EXPECT_LE(small_bytes_cached(), cached);
}

TEST(small_blocks, freed_on_another_thread_are_found_by_both) {
  if (address_sanitizer) GTEST_SKIP() << "nothing is kept under the address sanitizer";
  release_small_blocks();
  std::set<void*> all;
  for (int i = 0; i < 1000; ++i) all.insert(small_allocate(512));
  ASSERT_EQ(all.size(), 1000U);
  const std::int64_t taken = host_memory.now.load();
  std::thread([&] {
    for (void* b : all) small_free(b, 512);
  }).join();
  std::vector<void*> again;
  for (int i = 0; i < 1000; ++i) {
    again.push_back(small_allocate(512));
    EXPECT_EQ(all.count(again.back()), 1U);
  }
  EXPECT_EQ(host_memory.now.load(), taken) << "nothing new was needed";
  for (void* b : again) small_free(b, 512);
}

TEST(small_blocks, of_a_thread_that_ended_go_to_others) {
  if (address_sanitizer) GTEST_SKIP() << "nothing is kept under the address sanitizer";
  release_small_blocks();
  void* theirs = nullptr;
  std::thread([&] {
    theirs = small_allocate(3000);
    small_free(theirs, 3000);
  }).join();
  void* const ours = small_allocate(3000);
  EXPECT_EQ(ours, theirs);
  small_free(ours, 3000);
}

struct allocates_when_it_ends {
  std::size_t bytes;
  void* held = small_allocate(bytes);
  ~allocates_when_it_ends() {
    small_free(held, bytes);
    void* const more = small_allocate(bytes);
    std::memset(more, 1, bytes);
    small_free(more, bytes);
  }
};
const allocates_when_it_ends at_exit{300};  // runs after main() under the address sanitizer too

TEST(small_blocks, serve_destructors_of_thread_local_and_static_objects) {
  const std::int64_t before = bytes_in_use();
  for (int i = 0; i < 50; ++i) {
    std::thread([] {
      static thread_local const allocates_when_it_ends before_the_lists{400};
      void* const block = small_allocate(500);
      static thread_local const allocates_when_it_ends after_the_lists{600};
      small_free(block, 500);
    }).join();
  }
  EXPECT_EQ(bytes_in_use(), before);
  EXPECT_NE(at_exit.held, nullptr);
}

TEST(small_blocks, serve_many_threads_that_exchange_blocks) {
  constexpr int threads = 4, slots = 64;
  const std::int64_t before = bytes_in_use();
  std::atomic<void*> exchange[slots] = {};
  const auto bytes_of = [](int slot) { return static_cast<std::size_t>(16 + slot * 37); };
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([&, t] {
      std::uint32_t state = 12345U + static_cast<std::uint32_t>(t);
      for (int i = 0; i < 20'000; ++i) {
        state = state * 1664525U + 1013904223U;
        const int slot = static_cast<int>(state >> 16) % slots;
        auto* const fresh = static_cast<unsigned char*>(small_allocate(bytes_of(slot)));
        std::memset(fresh, slot, bytes_of(slot));
        auto* const old = static_cast<unsigned char*>(exchange[slot].exchange(fresh));
        if (!old) continue;
        for (std::size_t k = 0; k < bytes_of(slot); ++k) ASSERT_EQ(old[k], slot);
        small_free(old, bytes_of(slot));
      }
    });
  }
  for (std::thread& t : all) t.join();
  for (int slot = 0; slot < slots; ++slot) small_free(exchange[slot].load(), bytes_of(slot));
  EXPECT_EQ(bytes_in_use(), before);
}

TEST(small_blocks, that_cannot_be_had_are_null) { EXPECT_EQ(small_allocate(SIZE_MAX - 100), nullptr); }

}  // namespace
