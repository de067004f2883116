// Threads of the CPU backend: one oneTBB arena, work stealing, the caller takes part.
//
// Nothing that a thread computes may depend on how many there are: callers cut the work by its shape, this file only
// decides who does which piece.
#pragma once
#include <cstdint>
#include <memory>
#include <type_traits>

namespace tessera::detail::cpu {

/// Threads that a parallel loop may use: TESSERA_NUM_THREADS, else as many as the process may run on.
int thread_count();
/// 1024 at most. Loops that run go on with the threads they began with.
void set_thread_count(int count);

/// Units of work (about one simple operation on one element) below which a loop stays on the caller's thread: a fork
/// costs microseconds, this is 30 or so.
inline constexpr std::int64_t parallel_work = 128 * 1024;
/// Units of work worth a task of its own.
inline constexpr std::int64_t task_work = 64 * 1024;

/// A borrowed callable: body(first, last, slot).
class range_body {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, range_body>)
  range_body(F&& f)
      : object_(&f), call_([](const void* object, std::int64_t first, std::int64_t last, int slot) {
          (*static_cast<std::remove_reference_t<F>*>(const_cast<void*>(object)))(first, last, slot);
        }) {}
  void operator()(std::int64_t first, std::int64_t last, int slot) const { call_(object_, first, last, slot); }

 private:
  const void* object_;
  void (*call_)(const void*, std::int64_t, std::int64_t, int);
};

struct pool;

/// A loop over [0, count) and who will run it, chosen when it is made: the caller alone, without any cost, when
/// count * work_each is small.
class parallel_loop {
 public:
  parallel_loop(std::int64_t count, std::int64_t work_each);
  /// How many pieces of scratch memory the loop needs.
  int slots() const noexcept { return slots_; }
  /// Calls body over ranges that partition [0, count). No two calls that run at the same time have the same slot.
  void run(range_body body) const;

 private:
  std::int64_t count_, work_each_;
  int slots_ = 1;
  std::shared_ptr<pool> pool_;
};

/// The same for bodies that need no scratch memory.
inline void parallel_for(std::int64_t count, std::int64_t work_each, range_body body) {
  parallel_loop(count, work_each).run(body);
}

}  // namespace tessera::detail::cpu
