// A little of everything a device is asked for, for tests that make the runtime fail: every failure must come as one of the
// library's exceptions that names what failed, and leave nothing behind and the host working; when nothing fails any more the
// device must work again.
//
//   cuda_workload                                    once; prints what failed, exits with 0 if all is as it should be
//   cuda_workload --fail FUNCTION:CALL:STATUS        once, with that call failing (0: each call)
//   cuda_workload --each [--samples] [--fault]       makes each call of each function fail, each in a process of its own; a few
//                                                    calls of each with --samples; with --fault nothing works afterwards
//   cuda_workload --functions                        what can be made to fail
//   cuda_workload --groups                           what is done
// and with each of them
//   --without-pools    the device has no stream-ordered memory
//   --only GROUP       one group of steps
//   --of FUNCTION      with --each, only calls of this function
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <set>
#include <span>
#include <string>

#include <cuda_runtime_api.h>

#include "cuda/failing_runtime.hpp"
#include "ops/dlpack_tensors.hpp"
#include "tessera/tessera.hpp"

namespace {

using namespace tessera;

/// What came of all steps.
struct outcome {
  int failures = 0, wrong = 0;
  int of_cub = 0;                 // among the failures
  std::set<std::string> missing;  // verbs that the backend does not have
};

class workload {
 public:
  /// Messages have to name what is failing.
  workload(outcome& into, const failing_runtime::failure& failing, bool quiet)
      : into_(into), failing_(failing.function), ended_(failing.for_good), quiet_(quiet) {}

  struct group {
    const char* name;
    void (workload::*steps)();
  };
  static std::span<const group> groups() {
    static constexpr group all[] = {{"creation", &workload::creation_and_copies},
                                    {"programs", &workload::programs},
                                    {"lanes", &workload::lanes},
                                    {"order", &workload::order},
                                    {"selections", &workload::selections},
                                    {"masks", &workload::masks},
                                    {"counts", &workload::counts},
                                    {"streams", &workload::streams},
                                    {"crossings", &workload::crossings},
                                    {"figures", &workload::figures}};
    return all;
  }

  /// One group of steps, or all where none is named.
  void run(const std::string& only) {
    for (const group& each : groups()) {
      if (only.empty() || only == each.name) (this->*each.steps)();
    }
  }

  void run_on_host() {
    step("host", [] { return sum(arange(10)).item<int>() == 45; });
    step("host again", [] { return is(ones({1000}, {.device = cpu()}) + 1, 2); });
  }

 private:
  static bool is(const array& x, double value) { return bool(all(x.to(cpu()) == value)); }
  static bool same(const array& x, const array& expected) { return bool(array_equal(x.to(cpu()), expected)); }
  static array filled(double value) { return full({1000}, value, {.dtype = float32, .device = cuda()}); }
  static array counting(const shape& extents) { return reshape(arange(0, 12, 1, {.device = cpu()}), extents); }

  void step(const char* name, const std::function<bool()>& work) {
    try {
      if (work()) return;
      std::printf("%s: wrong result\n", name);
      ++into_.wrong;
    } catch (const out_of_memory& e) {
      failed(name, "out_of_memory", e.what());
    } catch (const device_error& e) {
      failed(name, "device_error", e.what());
    } catch (const std::exception& e) {
      ++into_.wrong;
      std::printf("%s: unexpected exception %s\n", name, e.what());
    }
  }

  void failed(const char* name, const char* type, const std::string& text) {
    if (text.find("not available on cuda:0 yet") != std::string::npos) {
      into_.missing.insert(text.substr(0, text.find(':')));
      return;
    }
    ++into_.failures;
    into_.of_cub += text.find(": cub_") != std::string::npos;
    if (!quiet_) std::printf("%s: %s %s\n", name, type, text.c_str());
    const auto says = [&](const char* part) { return text.find(part) != std::string::npos; };
    const bool memory = failing_.find("lloc") != std::string::npos,
               launch = failing_.find("LaunchKernel") != std::string::npos;
    const bool named = says(failing_.c_str()) || (memory && says("not available on cuda:")) ||
                       (launch && says("tessera_")) || says(": cub_") || says(": cublas") ||
                       (failing_ == "cudaGetDeviceCount" && says("is not there")) ||
                       (ended_ && (says("cannot use the device any more") || says("is not there")));
    if (named) return;
    ++into_.wrong;
    std::printf("%s: %s is not named by: %s\n", name, failing_.c_str(), text.c_str());
  }

  void creation_and_copies() {
    step("fill", [] { return is(filled(2), 2); });
    step("zeros", [] { return is(zeros({10}, {.device = cuda()}), 0); });
    step("small copy", [] { return is(ones({10}, {.device = cpu()}).to(cuda()), 1); });
    step("large copy", [] { return is(ones({1'500'000}, {.device = cpu()}).to(cuda()), 1); });
    step("strided copies", [] {
      const array x = ones({200, 300}, {.device = cpu()});
      return is(x(all, slice(none, none, -2)).to(cuda()).T(), 1);
    });
    step("strided copy to the device", [] {
      array there = zeros({4, 3}, {.dtype = int64, .device = cuda()});
      there(all, slice(none, none, -1)) = counting({4, 3}).to(cuda());
      return same(there, counting({4, 3})(all, slice(none, none, -1)));
    });
    step("copy on the device", [] { return same(counting({3, 4}).to(cuda()).T().copy(), counting({3, 4}).T()); });
    step("copy to another device", [] {
      if (backends()[1].devices < 2) return true;
      const array x = counting({3, 4}).to(cuda());
      return same(x.to(cuda(1)), counting({3, 4})) &&
             same(x.T()(slice(1, 3)).to(cuda(1)), counting({3, 4}).T()(slice(1, 3)));
    });
    step("item", [] { return filled(5)(3).item<float>() == 5; });
    step("print", [] { return str(filled(1)(slice(0, 2))) == "[1. 1.]"; });
  }

  void programs() {
    step("arithmetic", [] { return is(filled(2) * 3 + 1, 7); });
    step("reduction", [] { return sum(filled(2)).item<float>() == 2000; });
    step("reduction in two launches",
         [] { return sum(zeros({300'000}, {.dtype = float32, .device = cuda()}) + 2).item<float>() == 600'000; });
    step("row group", [] {
      const array x = counting({3, 4}).to(cuda());
      const expr shifted = x - max(x, 1, {.keepdims = true});
      return same(shifted / sum(shifted, 1, {.keepdims = true}),
                  array{{.5, 1. / 3, 1. / 6, 0.}, {.5, 1. / 3, 1. / 6, 0.}, {.5, 1. / 3, 1. / 6, 0.}});
    });
    step("pairs", [] {
      const array x = ones({70, 40}, {.dtype = float32, .device = cuda()});
      return is(sum(square(expand_dims(x, 1) - expand_dims(x * 2, 0)), -1), 40);
    });
    step("matrix product", [] {
      const array x = ones({70, 40}, {.dtype = float32, .device = cuda()});
      return is(einsum("ik,jk->ij", x, x), 40);
    });
    step("matrix products", [] {  // strided ones, with copies of both operands
      const array x = ones({20, 30, 3}, {.dtype = float32, .device = cuda()});
      return is(einsum("ikb,jkb->bij", x, x), 30);
    });
    step("many matrix products", [] {  // by pointers
      const array x = ones({9, 16, 9, 16}, {.dtype = float32, .device = cuda()});
      return is(einsum("bihd,bjhd->bhij", x, x), 16);
    });
    step("product of integers", [] {
      const array x = ones({70, 40}, {.dtype = int32, .device = cuda()});
      return is(einsum("ik,jk->ij", x, x), 40);
    });
  }

  void lanes() {
    step("scan", [] { return same(cumsum(counting({3, 4}).to(cuda()), 1), cumsum(counting({3, 4}), 1)); });
    step("scan in two launches", [] {
      return cumsum(ones({300'000}, {.dtype = int64, .device = cuda()}))(-1).item<std::int64_t>() == 300'000;
    });
    step("random", [] {
      random::generator here(1), there(1);
      return same(there.uniform({100}, {.device = cuda()}), here.uniform({100}, {.device = cpu()}));
    });
    step("permutation", [] {
      random::generator here(1), there(1);
      return same(there.permutation(counting({12}).to(cuda())), here.permutation(counting({12})));
    });
    step("sampler", [] {
      random::generator here(1), there(1);
      const array rates = array{.5, 3., 30.};
      return same(there.poisson(rates.to(cuda()), {8, 3}), here.poisson(rates, {8, 3}));
    });
    step("choice", [] {
      random::generator here(1), there(1);
      const array weights = array{.25, .5, .25};
      return same(there.choice(counting({3, 4}).to(cuda()), {9}, {.p = {weights.to(cuda())}}),
                  here.choice(counting({3, 4}), {9}, {.p = {weights}}));
    });
  }

  /// More elements than a block sorts; no more than needed, as the emulator takes its time.
  static array falling(dtype type, std::int64_t count = 2100) {
    return arange(count - 1, -1, -1, {.dtype = type, .device = cuda()});
  }

  void order() {
    const auto shuffled = [] { return counting({12})(slice(none, none, -1)).to(cuda()); };
    step("sort", [&] { return same(sort(shuffled()), counting({12})); });
    step("argsort", [&] { return same(argsort(shuffled()), counting({12})(slice(none, none, -1))); });
    step("sort of a long lane", [] { return same(sort(falling(int32, 5000)), arange(5000, {.device = cpu()})); });
    step("sort of long lanes in several passes", [] {
      const array x = stack({falling(float64), falling(float64) + 1});
      return same(sort(x), x.to(cpu())(all, slice(none, none, -1)));
    });
    step("lexsort", [] {
      const array x = falling(int32);
      return same(lexsort({x, floor_divide(x, 1050)}), arange(2099, -1, -1, {.device = cpu()}));
    });
    step("topk", [] { return same(topk(falling(int32), 3).values, array{2099, 2098, 2097}); });
    step("topk at the front", [] { return same(topk(falling(int32), 3).indices, array{0, 1, 2}); });
    step("partition", [] { return partition(falling(int32), 1050)(1050).item<int>() == 1050; });
    step("argpartition", [] { return argpartition(falling(int32), {7, 1050})(7).item<std::int64_t>() == 2092; });
    step("segments", [] {
      return same(add_reduceat(falling(int32), array{0, 2099, 2090}), array{2099 * 1050, 0, 45});
    });
    step("segments in pieces", [] {
      const array x = arange(0, 20'000, 1, {.dtype = int64, .device = cuda()});
      return same(add_reduceat(x, array{0, 19'000}), array{180'490'500, 19'499'500});
    });
    step("search", [] {
      return same(searchsorted(counting({12}).to(cuda()), counting({3, 4}).to(cuda())), counting({3, 4}));
    });
    step("median", [&] { return median(shuffled()).item<double>() == 5.5; });
    step("quantile", [] { return same(quantile(falling(float64), array{0., .5, 1.}), array{0., 1049.5, 2099.}); });
    step("quantile with weights", [&] {
      const array weights = ones({12}, {.device = cuda()});
      return same(quantile(shuffled(), array{.25, 1.}, {.method = quantile_method::inverted_cdf, .weights = {weights}}),
                  array{2, 11});
    });
  }

  void selections() {
    const auto places = [] { return array{3, 0, -1}.to(cuda()); };
    step("gather", [&] { return same(take(counting({12}).to(cuda()), places()), array{3, 0, 11}); });
    step("scatter", [&] {
      array x = counting({12}).to(cuda());
      x(places()) = 100;
      return sum(x).item<int>() == 66 - 14 + 300;
    });
    step("accumulate", [&] {
      array x = counting({12}).to(cuda());
      add_at(x, places(), 1);
      return sum(x).item<int>() == 69;
    });
    step("accumulate in runs", [&] {
      array x = zeros({12}, {.device = cuda()});
      add_at(x, array{3, 0, 3}.to(cuda()), array{.5, 1., 2.}.to(cuda()));
      return same(x(slice(0, 4)), array{1., 0., 0., 2.5});
    });
    step("nonzero", [] { return same(flatnonzero(counting({3, 4}).to(cuda())), counting({12})(slice(1, none))); });
    step("bounds", [&] {
      try {
        take(counting({12}).to(cuda()), array{3, 12}.to(cuda()));
      } catch (const index_error&) {
        return true;
      }
      return false;
    });
  }

  void masks() {
    const auto there = [] { return counting({12}).to(cuda()); };
    step("mask", [&] {
      const array x = there();
      return same(x(x > 8), array{9, 10, 11});
    });
    step("compress", [] {
      const array x = counting({3, 4}).to(cuda()), odd = array{false, true, false, true}.to(cuda());
      return same(compress(odd, x, 1), array{{1, 3}, {5, 7}, {9, 11}});
    });
    step("positions", [] {
      const std::vector<array> at = nonzero(counting({3, 4}).to(cuda()) > 9);
      return same(at[0], array{2, 2}) && same(at[1], array{2, 3});
    });
    const auto changed = [&](const std::function<void(const array&)>& change, const array& expected) {
      const array x = there();
      change(x);
      return same(x(slice(8, none)), expected);
    };
    step("assignment to a mask", [&] {
      return changed([](array x) { x(x > 8) = array{30, 20, 10}.to(cuda()); }, array{8, 30, 20, 10});
    });
    step("in place in a mask", [&] { return changed([](array x) { x(x > 8) += 1; }, array{8, 10, 11, 12}); });
    step("place", [&] { return changed([](array x) { place(x, x > 8, array{5, 6}.to(cuda())); }, array{8, 5, 6, 5}); });
    step("putmask", [&] { return changed([](array x) { putmask(x, x > 8, -x); }, array{8, -9, -10, -11}); });
    step("choose", [&] {
      const array x = there();
      return same(choose(x % 2, {x, -x})(slice(8, none)), array{8, -9, 10, -11});
    });
    step("piecewise", [&] {
      const array x = there();
      return same(piecewise(
                      x, {x > 9}, [](const array& some) { return some * 2; }, 1)(slice(8, none)),
                  array{1, 1, 20, 22});
    });
    step("insert", [&] { return same(insert(there(), {1, 1, 11}, -1)(slice(11, none)), array{9, 10, -1, 11}); });
    step("delete_", [&] { return same(delete_(there(), {0, -1})(slice(7, none)), array{8, 9, 10}); });
    step("pad", [&] {
      return same(pad(there()(slice(0, 3)), 2, {.mode = pad_mode::reflect}), array{2, 1, 0, 1, 2, 1, 0});
    });
  }

  void counts() {
    const auto numbers = [] { return array{3, 0, 3, 5}.to(cuda()); };
    step("bincount", [&] { return same(bincount(numbers()), array{1, 0, 0, 2, 0, 1}); });
    step("bincount in tables", [] {
      return same(bincount(arange(0, 4096, 1, {.device = cuda()}) % 3), array{1366, 1365, 1365});
    });
    step("bincount with weights", [&] {
      const array weights = array{.5, 1., 2., 4.}.to(cuda());
      return same(bincount(numbers(), {.weights = {weights}}), array{1., 0., 0., 2.5, 0., 4.});
    });
    step("histogram", [&] {
      const histogram_result h = histogram(numbers(), 5);
      return same(h.counts, array{1, 0, 0, 2, 1}) && same(h.edges, counting({12})(slice(0, 6)));
    });
    step("histogram between edges", [&] { return same(histogram(numbers(), {0, 1, 5}).counts, array{1, 3}); });
    step("digitize", [&] { return same(digitize(numbers(), array{0, 3, 4}), array{2, 1, 2, 3}); });
    step("interp", [] {
      return same(interp(array{.5, 3.}.to(cuda()), array{0., 1.}.to(cuda()), array{2., 4.}.to(cuda())), array{3., 4.});
    });
    step("unique", [&] {
      const unique_all_result all = unique_all(numbers());
      return same(all.values, array{0, 3, 5}) && same(all.indices, array{1, 0, 3}) &&
             same(all.inverse_indices, array{1, 0, 1, 2}) && same(all.counts, array{1, 2, 1});
    });
    step("sets", [&] {
      const array other = array{5, 3, 9}.to(cuda());
      return same(intersect1d(numbers(), other), array{3, 5}) && same(setxor1d(numbers(), other), array{0, 9}) &&
             same(isin(numbers(), other), array{true, false, true, true});
    });
    step("groups", [&] {
      const group_result sums = group_reduce(numbers(), counting({12}).to(cuda())(slice(0, 4)), group_fold::sum);
      return same(sums.keys, array{0, 3, 5}) && same(sums.values, array{1, 2, 3});
    });
  }

  void streams() {
    step("streams", [] {
      const array x = filled(1);
      const stream other(cuda());
      array y;
      {
        const stream_scope on(other);
        y = x + 1;
      }
      const event e = other.record();
      stream(cuda()).wait_for(e);
      e.done();
      e.wait();
      other.synchronize();
      return is(y, 2);
    });
    step("synchronize", [] {
      synchronize(cuda());
      return true;
    });
  }

  /// Memory of somebody else comes in, goes on to a default stream and a side stream, and is given back once or not at all.
  void crossings() {
    step("crossings", [this] {
      float* data = nullptr;
      cudaStream_t side = nullptr;
      const bool ready = cudaSetDevice(0) == cudaSuccess &&  // putting another one back may have been what failed
                         cudaMalloc(reinterpret_cast<void**>(&data), 4000) == cudaSuccess &&
                         cudaStreamCreateWithFlags(&side, cudaStreamNonBlocking) == cudaSuccess &&
                         cudaMemsetAsync(data, 0, 4000, cudaStreamLegacy) == cudaSuccess;
      const auto free_all = [&] {
        if (data != nullptr) cudaFree(data);
        if (side != nullptr) cudaStreamDestroy(side);
        cudaGetLastError();
      };
      tessera_test::versioned offer(data, {1000});
      offer.tensor.dl_tensor.device = {2, 0};
      bool right = true, taken = false;
      try {
        if (ready) {
          const array x = from_dlpack(&offer.tensor, {.stream = 1});
          taken = true;
          const tessera_test::owned second(to_dlpack(x, {.stream = 2}));
          const tessera_test::owned third(to_dlpack(x, {.stream = reinterpret_cast<std::intptr_t>(side)}));
          right = is(x + 1, 1);
        }
      } catch (...) {
        free_all();
        into_.wrong += offer.deleted != taken;
        throw;
      }
      free_all();
      return right && offer.deleted == taken;
    });
  }

  void figures() {
    step("properties", [] { return properties(cuda()).total_memory > 0; });
    step("statistics", [] { return memory_stats(cuda()).bytes_in_use >= 0; });
    step("limits", [] {
      const std::int64_t before = set_cache_limit(0, cuda());
      const bool right = is(filled(3), 3);
      set_cache_limit(before, cuda());
      return right;
    });
  }

  outcome& into_;
  const std::string failing_;
  const bool ended_, quiet_;
};

/// Prints and counts what the device or the host has lost.
void check_nothing_is_left(outcome& of, std::int64_t host_before) {
  const auto expect_none = [&](const char* what, long count) {
    if (count == 0) return;
    std::printf("left behind: %ld %s\n", count, what);
    ++of.wrong;
  };
  expect_none("bytes on the host", static_cast<long>(memory_stats(cpu()).bytes_in_use - host_before));
  try {
    release_cached_memory(cuda());
    expect_none("bytes in use", static_cast<long>(memory_stats(cuda()).bytes_in_use));
  } catch (const error&) {  // no device
  }
  const failing_runtime::live_objects alive = failing_runtime::alive();
  expect_none("device blocks", alive.device_blocks);
  expect_none("pinned blocks", alive.host_blocks);
  expect_none("events that no stream has", alive.events - alive.streams);
}

/// One failure and what comes after it. True if all is as it should be.
bool survives(const failing_runtime::failure& f, const std::string& only, bool quiet) {
  outcome during, after;
  const std::int64_t host_before = memory_stats(cpu()).bytes_in_use;
  failing_runtime::fail(f);
  workload(during, f, quiet).run(only);
  workload host(during, f, quiet);
  const int on_device = during.failures;
  host.run_on_host();
  if (during.failures != on_device) ++during.wrong;
  const bool happened = failing_runtime::has_failed();
  failing_runtime::fail_no_more();
  check_nothing_is_left(during, host_before);
  workload(after, f, true).run(only);
  // Asked once in the life of a process, by the library or by CUB, which remember the answer.
  const bool remembered = f.function == "cudaGetDeviceCount";
  if (f.for_good && happened) {
    if (after.failures == 0 && on_device > 0 && !remembered) {
      std::printf("the device works after a fault\n");
      ++after.wrong;
    }
  } else if (happened && after.failures > after.of_cub && !remembered) {
    std::printf("the device does not work again: %d failures\n", after.failures);
    ++after.wrong;
  }
  if (!quiet) std::printf("failures: %d, wrong: %d\n", during.failures, during.wrong + after.wrong);
  return during.wrong + after.wrong == 0;
}

/// The exit status of a child process that does `work`, or what ended it as text.
std::string in_a_process(const std::function<bool()>& work) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(600);
    std::exit(work() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return std::string("ended by ") + strsignal(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : "wrong";
}

/// How often each function is called, in a process of its own: this one never touches the runtime.
std::vector<long> count_calls(const std::string& only) {
  const std::vector<std::string>& names = failing_runtime::functions();
  std::vector<long> counts(names.size());
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) return counts;
  in_a_process([&] {
    outcome all;
    workload(all, {}, true).run(only);
    for (std::size_t i = 0; i < names.size(); ++i) counts[i] = failing_runtime::calls_of(names[i]);
    const auto bytes = static_cast<ssize_t>(counts.size() * sizeof(long));
    for (const std::string& verb : all.missing) std::printf("not there yet: %s\n", verb.c_str());
    return ::write(pipe_ends[1], counts.data(), static_cast<std::size_t>(bytes)) == bytes &&
           all.failures + all.wrong == 0;
  });
  ::close(pipe_ends[1]);
  const ssize_t got = ::read(pipe_ends[0], counts.data(), counts.size() * sizeof(long));
  ::close(pipe_ends[0]);
  if (got != static_cast<ssize_t>(counts.size() * sizeof(long))) counts.assign(counts.size(), 0);
  return counts;
}

int fail_each(const std::string& only, const std::string& of, bool samples, bool for_good) {
  const std::vector<std::string>& names = failing_runtime::functions();
  const std::vector<long> counts = count_calls(only);
  int cases = 0, bad = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!of.empty() && names[i] != of) continue;
    std::set<long> calls;
    for (long n = 1; n <= counts[i]; ++n) {
      if (!samples || n == 1 || n == counts[i] / 2 || n == counts[i]) calls.insert(n);
    }
    const bool allocates = names[i].find("Alloc") != std::string::npos || names[i].find("Malloc") != std::string::npos;
    for (const long n : calls) {
      // cudaErrorMemoryAllocation, cudaErrorIllegalAddress, cudaErrorUnknown
      const failing_runtime::failure f{names[i], n, for_good ? 700 : allocates ? 2 : 999, for_good};
      const std::string problem = in_a_process([&] { return survives(f, only, true); });
      ++cases;
      if (problem.empty()) continue;
      ++bad;
      std::printf("^ call %ld of %s: %s\n", n, names[i].c_str(), problem.c_str());
    }
    std::printf("%s: %ld calls\n", names[i].c_str(), counts[i]);
  }
  std::printf("cases: %d, wrong: %d\n", cases, bad);
  return bad == 0 && cases > 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> given(arguments + 1, arguments + count);
  const auto has = [&](const char* option) { return std::find(given.begin(), given.end(), option) != given.end(); };
  if (has("--functions")) {
    for (const std::string& name : failing_runtime::functions()) std::printf("%s\n", name.c_str());
    return 0;
  }
  if (has("--groups")) {
    for (const workload::group& each : workload::groups()) std::printf("%s\n", each.name);
    return 0;
  }
  if (has("--without-pools")) failing_runtime::hide_memory_pools();
  const auto value_of = [&](const char* option) {
    const auto at = std::find(given.begin(), given.end(), option);
    return at == given.end() || at + 1 == given.end() ? std::string() : at[1];
  };
  const std::string only = value_of("--only"), fail = value_of("--fail");
  if (has("--each")) return fail_each(only, value_of("--of"), has("--samples"), has("--fault"));
  failing_runtime::failure f{"", -1};
  if (!fail.empty()) {
    char function[64] = "";
    if (std::sscanf(fail.c_str(), "%63[^:]:%ld:%d", function, &f.call, &f.status) != 3) return 2;
    f.function = function;
  }
  return survives(f, only, false) ? 0 : 1;
}
