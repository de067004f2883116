// team: a barrier before each pass.
#include "limits/team.hpp"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <limits>
#include <thread>
#include <vector>

namespace bench {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

double shortest_pass(int threads, double seconds, const std::function<void(int)>& prepare,
                     const std::function<void(int)>& pass) {
  std::vector<double> begin(static_cast<std::size_t>(threads)), end = begin;
  double best = std::numeric_limits<double>::infinity(), deadline = 0;
  int passes = 0;
  bool again = true;
  // Runs on one thread, between the passes.
  const auto between = [&]() noexcept {
    if (passes++ == 0) {
      deadline = now() + seconds;
      return;
    }
    best = std::min(best, *std::max_element(end.begin(), end.end()) - *std::min_element(begin.begin(), begin.end()));
    again = passes <= 3 || now() < deadline;
  };
  std::barrier after(threads, between);
  std::barrier before(threads);  // nobody starts while `between` runs on another thread
  const auto work = [&](int thread) {
    const auto k = static_cast<std::size_t>(thread);
    prepare(thread);
    after.arrive_and_wait();
    while (again) {
      before.arrive_and_wait();
      begin[k] = now();
      pass(thread);
      end[k] = now();
      after.arrive_and_wait();
    }
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; ++thread) others.emplace_back(work, thread);
  work(0);
  for (std::thread& each : others) each.join();
  return best;
}

}  // namespace bench
