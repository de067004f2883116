// The arena that every parallel loop of the CPU backend runs in.
#include "cpu/threads.hpp"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#ifdef TESSERA_THREAD_SANITIZER
#include <thread>
#include <vector>
#endif

namespace tessera::detail::cpu {
namespace {

// An arena of our own: the implicit one takes its size from whoever uses oneTBB first in the process.
struct pool {
  explicit pool(int threads) : count(threads), arena(threads) {
    // oneTBB keeps to the number of cores unless told otherwise.
    if (threads > tbb::info::default_concurrency()) {
      more = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism,
                                                   static_cast<std::size_t>(threads));
    }
  }
  int count;
  std::unique_ptr<tbb::global_control> more;
  tbb::task_arena arena;
};

int default_thread_count() {
  constexpr int most = 1024;
  if (const char* text = std::getenv("TESSERA_NUM_THREADS")) {
    char* end = nullptr;
    const long count = std::strtol(text, &end, 10);
    if (end != text && *end == '\0' && count >= 1) return static_cast<int>(std::min<long>(count, most));
  }
  return std::clamp(tbb::info::default_concurrency(), 1, most);
}

// Never destroyed: arrays with static lifetime may still compute while the process exits.
pool*& the_pool() {
  static pool* instance = new pool(default_thread_count());
  return instance;
}

}  // namespace

int thread_count() noexcept { return the_pool()->count; }

void set_thread_count(int count) {
  pool*& instance = the_pool();
  delete instance;
  instance = new pool(std::max(count, 1));
}

int slots_for(std::int64_t count, std::int64_t work_each) noexcept {
  const bool small = count < 2 || count <= parallel_work / std::max<std::int64_t>(work_each, 1);
  return small ? 1 : thread_count();
}

void parallel_for(std::int64_t count, std::int64_t work_each, range_body body) {
  if (count <= 0) return;
  if (slots_for(count, work_each) == 1) return body(0, count, 0);
  const std::int64_t grain = std::max<std::int64_t>(1, task_work / std::max<std::int64_t>(work_each, 1));
#ifdef TESSERA_THREAD_SANITIZER
  // The sanitizer sees nothing of what oneTBB does to hand tasks over: plain threads, each with an equal share.
  (void)grain;
  std::vector<std::thread> threads;
  const int slots = thread_count();
  for (int slot = 0; slot < slots; ++slot) {
    threads.emplace_back([&, slot] {
      const std::int64_t first = count / slots * slot + std::min<std::int64_t>(slot, count % slots);
      const std::int64_t last = first + count / slots + (slot < count % slots ? 1 : 0);
      if (first < last) body(first, last, slot);
    });
  }
  for (std::thread& t : threads) t.join();
#else
  the_pool()->arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<std::int64_t>(0, count, static_cast<std::size_t>(grain)),
        [&](const tbb::blocked_range<std::int64_t>& range) {
          body(range.begin(), range.end(), tbb::this_task_arena::current_thread_index());
        },
        tbb::auto_partitioner());
  });
#endif
}

}  // namespace tessera::detail::cpu
