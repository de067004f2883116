// The arena that every parallel loop of the CPU backend runs in.
#include "cpu/threads.hpp"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <string>
#ifdef TESSERA_THREAD_SANITIZER
#include <exception>
#include <thread>
#include <vector>
#endif

#include "tessera/error.hpp"
#include "tessera/threads.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr int most_threads = 1024;

// oneTBB keeps to the number of cores unless told otherwise. Once and for all: of several such controls the least counts,
// also while a pool that is going still holds its own. Nobody reads the pointer: were it not [[gnu::used]], it would be
// optimised away, and the leak checker would see 24 bytes that nothing points to.
void allow_more() {
  [[gnu::used]] static const auto* const control =
      new tbb::global_control(tbb::global_control::max_allowed_parallelism, most_threads);
}

}  // namespace

// An arena of our own: the implicit one takes its size from whoever uses oneTBB first in the process.
struct pool {
  explicit pool(int threads) : count(threads), arena(threads) {
    if (threads > tbb::info::default_concurrency()) allow_more();
  }
  const int count;
  tbb::task_arena arena;
};

namespace {

int default_thread_count() {
  if (const char* text = std::getenv("TESSERA_NUM_THREADS")) {
    char* end = nullptr;
    const long count = std::strtol(text, &end, 10);
    if (end != text && *end == '\0' && count >= 1) return static_cast<int>(std::min<long>(count, most_threads));
  }
  return std::clamp(tbb::info::default_concurrency(), 1, most_threads);
}

struct setting {
  std::mutex mutex;
  std::shared_ptr<pool> present = std::make_shared<pool>(default_thread_count());
  std::shared_ptr<pool> get() {
    const std::lock_guard lock(mutex);
    return present;
  }
};

// Never destroyed: arrays with static lifetime may still compute while the process exits.
setting& the_setting() {
  static setting& instance = *new setting;
  return instance;
}

}  // namespace

int thread_count() { return the_setting().get()->count; }

void set_thread_count(int count) {
  auto fresh = std::make_shared<pool>(std::clamp(count, 1, most_threads));
  const std::lock_guard lock(the_setting().mutex);
  the_setting().present.swap(fresh);
}  // the one before goes now, or with the last loop that runs in it

parallel_loop::parallel_loop(std::int64_t count, std::int64_t work_each) : count_(count), work_each_(work_each) {
  std::int64_t work = 0;
  if (count < 2 || (!__builtin_mul_overflow(count, work_each, &work) && work <= parallel_work)) return;
  pool_ = the_setting().get();
  slots_ = pool_->count;
}

void parallel_loop::run(range_body body) const {
  if (count_ <= 0) return;
  if (slots_ == 1) return body(0, count_, 0);
#ifdef TESSERA_THREAD_SANITIZER
  // The sanitizer sees nothing of what oneTBB does to hand tasks over: plain threads, each with an equal share.
  std::vector<std::thread> threads;
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(slots_));
  for (int slot = 0; slot < slots_; ++slot) {
    threads.emplace_back([&, slot] {
      const std::int64_t first = count_ / slots_ * slot + std::min<std::int64_t>(slot, count_ % slots_);
      const std::int64_t last = first + count_ / slots_ + (slot < count_ % slots_ ? 1 : 0);
      try {
        if (first < last) body(first, last, slot);
      } catch (...) {
        errors[static_cast<std::size_t>(slot)] = std::current_exception();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  for (const std::exception_ptr& e : errors) {
    if (e) std::rethrow_exception(e);
  }
#else
  const auto grain =
      static_cast<std::size_t>(std::max<std::int64_t>(1, task_work / std::max<std::int64_t>(work_each_, 1)));
  pool_->arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<std::int64_t>(0, count_, grain),
        [&](const tbb::blocked_range<std::int64_t>& range) {
          body(range.begin(), range.end(), tbb::this_task_arena::current_thread_index());
        },
        tbb::auto_partitioner());
  });
#endif
}

}  // namespace tessera::detail::cpu

namespace tessera {

int num_threads() { return detail::cpu::thread_count(); }

void set_num_threads(int count, caller where) {
  if (count < 1) throw value_error("set_num_threads: " + std::to_string(count) + " threads: there must be one", where);
  detail::cpu::set_thread_count(count);
}

}  // namespace tessera
