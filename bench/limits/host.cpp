// The host's limits: loops of limits/loops.hpp over working sets from the nearest cache to beyond the last.
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "limits/loops.hpp"
#include "limits/parts.hpp"
#include "limits/team.hpp"

namespace bench {
namespace {

constexpr std::size_t smallest_set = 16 << 10;
constexpr std::size_t least_of_a_thread = 12 << 10;  // three arrays of one block
constexpr std::size_t streaming_from = 2 << 20;      // below, stores that pass the caches only lose
constexpr double pass_seconds = 5e-4;                // long beside the microseconds by which threads start apart

std::atomic<double> kept;  // what loops compute is used

/// Memory of its own for each thread, in large pages where the system has some.
class memory {
 public:
  explicit memory(std::size_t bytes) : bytes_(bytes) {
    at_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at_ == MAP_FAILED) throw std::runtime_error("limits: no memory for " + std::to_string(bytes) + " bytes");
    ::madvise(at_, bytes, MADV_HUGEPAGE);
  }
  memory(const memory&) = delete;
  memory& operator=(const memory&) = delete;
  ~memory() { ::munmap(at_, bytes_); }
  double* data() const { return static_cast<double*>(at_); }

 private:
  void* at_;
  std::size_t bytes_;
};

/// How often to repeat what takes so long that a pass is long enough.
std::size_t repetitions(const std::function<void(std::size_t)>& repeated) {
  std::size_t count = 1;
  for (;; count *= 2) {
    const auto begin = std::chrono::steady_clock::now();
    repeated(count);
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (took >= pass_seconds || count > std::size_t{1} << 30) return count;
  }
}

class host_limits {
 public:
  host_limits(const limit_options& options, const tessera_cli::machine& here)
      : options_(options), threads_(options.threads), most_(largest_set(here)) {
    for (int t = 1; options.threads.empty() && t < here.cores; t *= 2) threads_.push_back(t);
    if (options.threads.empty()) threads_.push_back(std::max(here.cores, 1));
    for (std::size_t bytes = smallest_set; bytes < most_; bytes *= static_cast<std::size_t>(std::max(options.step, 2)))
      sets_.push_back(bytes);
    sets_.push_back(most_);
    for (const int t : threads_) {
      figures_ += 2 * weight_of_peak;
      for (const std::size_t bytes : sets_) figures_ += !fits(bytes, t) ? 0 : bytes < streaming_from ? 3 : 5;
    }
  }

  void measure(limits& into) {
    for (const int t : threads_) {
      const std::size_t share = share_of(most_, t);
      memory all(share * static_cast<std::size_t>(t));
      touch(all, share, t);
      for (const std::size_t bytes : sets_) {
        if (fits(bytes, t)) into.bandwidths.push_back(bandwidth_of(all, share, bytes, t));
      }
      into.peaks.push_back(peak_of(t));
    }
  }

 private:
  static constexpr int weight_of_peak = 2;

  /// Four times the last caches of all cores, so that nothing of it is left in them, but no more than an eighth of the
  /// memory.
  static std::size_t largest_set(const tessera_cli::machine& here) {
    std::int64_t last = 0;
    for (const tessera_cli::cache& one : here.caches) {
      if (one.kind == "instruction") continue;
      const std::int64_t copies = one.cores > 0 ? std::max(1, here.cores / one.cores) : 1;
      last = std::max(last, one.bytes * copies);
    }
    const std::int64_t wanted = std::clamp<std::int64_t>(4 * last, 64 << 20, std::int64_t{2} << 30);
    const std::int64_t granted = here.memory > 0 ? std::min(wanted, here.memory / 8) : wanted;
    return std::max(smallest_set, static_cast<std::size_t>(granted) / 4096 * 4096);
  }

  static std::size_t share_of(std::size_t bytes, int threads) {
    return (bytes / static_cast<std::size_t>(threads) + 4095) / 4096 * 4096;
  }
  static bool fits(std::size_t bytes, int threads) {
    return bytes / static_cast<std::size_t>(threads) >= least_of_a_thread;
  }

  void tell(int more = 1) {
    done_ += more;
    if (options_.progress) options_.progress(static_cast<double>(done_) / figures_);
  }
  double budget(int weight = 1) const { return options_.seconds * weight / figures_; }

  /// Each thread writes its share first: it lies in the memory beside its core then.
  void touch(const memory& all, std::size_t share, int threads) const {
    const auto fill = [&](int thread) {
      double* const own = all.data() + static_cast<std::size_t>(thread) * share / sizeof(double);
      std::fill_n(own, share / sizeof(double), 1e-9);
    };
    shortest_pass(threads, 0, fill, [](int) {});
  }

  /// Bytes a second of `bytes_each` a call on each thread.
  double rate(int threads, double bytes_each, const std::function<void(double* own)>& call, const memory& all,
              std::size_t share) {
    const auto own = [&](int thread) { return all.data() + static_cast<std::size_t>(thread) * share / sizeof(double); };
    const std::size_t count = repetitions([&](std::size_t n) {
      while (n-- > 0) call(own(0));
    });
    const auto pass = [&](int thread) {
      for (std::size_t n = count; n > 0; --n) call(own(thread));
    };
    const double seconds = shortest_pass(
        threads, budget(), [](int) {}, pass);
    tell();
    return bytes_each * static_cast<double>(count) * threads / seconds;
  }

  bandwidth bandwidth_of(const memory& all, std::size_t share, std::size_t bytes, int threads) {
    const std::size_t each = bytes / static_cast<std::size_t>(threads) / sizeof(double);
    const auto part = [&](std::size_t of) { return each / of / loop_block * loop_block; };
    const std::size_t one = part(1), half = part(2), third = part(3);
    const auto measured = [&](double arrays, std::size_t n, const std::function<void(double*)>& call) {
      return rate(threads, arrays * sizeof(double) * static_cast<double>(n), call, all, share);
    };
    bandwidth found;
    found.threads = threads;
    found.working_set = static_cast<std::int64_t>(bytes);
    found.read = measured(1, one, [&](double* p) { kept.store(loops_.read(p, one), std::memory_order_relaxed); });
    found.copy = measured(2, half, [&](double* p) { loops_.copy(p + half, p, half); });
    found.triad = measured(3, third, [&](double* p) { loops_.triad(p + 2 * third, p, p + third, third); });
    if (bytes < streaming_from) return found;
    found.copy_streaming = measured(2, half, [&](double* p) { loops_.copy_streaming(p + half, p, half); });
    found.triad_streaming =
        measured(3, third, [&](double* p) { loops_.triad_streaming(p + 2 * third, p, p + third, third); });
    return found;
  }

  peak peak_of(int threads) {
    constexpr std::size_t steps = 20000;
    const auto rate_of = [&](double operations, const std::function<void()>& call) {
      const std::size_t count = repetitions([&](std::size_t n) {
        while (n-- > 0) call();
      });
      const auto pass = [&](int) {
        for (std::size_t n = count; n > 0; --n) call();
      };
      const double seconds = shortest_pass(
          threads, budget(weight_of_peak), [](int) {}, pass);
      tell(weight_of_peak);
      return operations * steps * static_cast<double>(count) * threads / seconds;
    };
    // The numbers go towards 1 and stay there: neither denormal nor infinite.
    peak found;
    found.threads = threads;
    found.float32 = rate_of(loops_.operations_float32, [&] {
      kept.store(loops_.multiply_add_float32(steps, 0.999f, 0.001f), std::memory_order_relaxed);
    });
    found.float64 = rate_of(loops_.operations_float64, [&] {
      kept.store(loops_.multiply_add_float64(steps, 0.999, 0.001), std::memory_order_relaxed);
    });
    return found;
  }

  const limit_options& options_;
  const limit_loops loops_ = find_limit_loops();
  std::vector<int> threads_;
  std::vector<std::size_t> sets_;
  std::size_t most_;
  int figures_ = 0, done_ = 0;
};

}  // namespace

void measure_host(const limit_options& options, const tessera_cli::machine& here, limits& into) {
  host_limits(options, here).measure(into);
}

}  // namespace bench
