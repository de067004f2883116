// A GPU's limits through the library: copies within its memory, to it and from it, and what starting a kernel takes.
#include <dlfcn.h>
#include <tessera/tessera.hpp>

#include <algorithm>
#include <chrono>

#include "limits/parts.hpp"

namespace bench {
namespace {

using tessera::array;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// The shortest of several calls, each waited for. The first is not counted: kernels are compiled, memory is got.
template <class F> double shortest(const tessera::device& on, int calls, const F& call) {
  double best = 0;
  for (int i = 0; i <= calls; ++i) {
    tessera::synchronize(on);
    const double begin = now();
    call();
    tessera::synchronize(on);
    const double took = now() - begin;
    if (i == 1 || (i > 1 && took < best)) best = took;
  }
  return best;
}

bandwidth bandwidth_of(const tessera::device& on, std::int64_t bytes, int calls) {
  bandwidth found;
  found.device = on.name();
  found.threads = 1;
  found.working_set = bytes;
  const auto figure = [&](int arrays, const auto& make) {
    const std::int64_t n = std::max<std::int64_t>(bytes / arrays / 4, 1);
    std::vector<array> all;
    for (int i = 0; i < arrays; ++i) all.push_back(tessera::ones({n}, tessera::float32));
    return static_cast<double>(n) * 4 * arrays / shortest(on, calls, [&] { make(all); });
  };
  found.read = figure(1, [](std::vector<array>& a) { const array sum = tessera::sum(a[0]); });
  found.copy = figure(2, [](std::vector<array>& a) { a[1]() = a[0]; });
  found.triad = figure(3, [](std::vector<array>& a) { a[2]() = a[0] + 3.0f * a[1]; });
  return found;
}

/// Multiply-adds that a multiprocessor starts in a cycle, from CUDA's programming guide ("throughput of native
/// arithmetic instructions"); float64 by tensor cores where those have it, at twice the rate.
struct lanes {
  int compute_capability, float32, float64;
};
constexpr lanes known_lanes[] = {{75, 64, 2},    {80, 64, 64},   {86, 128, 2},  {87, 128, 2},  {89, 128, 2},
                                 {90, 128, 128}, {100, 128, 64}, {103, 128, 2}, {120, 128, 2}, {121, 128, 2}};

/// Cycles a second, as the runtime that the library has loaded tells; 0 when it does not.
double clock_rate(int index) {
  constexpr int clock_rate_attribute = 13;  // cudaDevAttrClockRate, in kHz
  void* const runtime = ::dlopen("libcudart.so.13", RTLD_LAZY | RTLD_NOLOAD);
  if (runtime == nullptr) return 0;
  auto* const ask = reinterpret_cast<int (*)(int*, int, int)>(::dlsym(runtime, "cudaDeviceGetAttribute"));
  int kilohertz = 0;
  const bool known = ask != nullptr && ask(&kilohertz, clock_rate_attribute, index) == 0;
  ::dlclose(runtime);
  return known ? kilohertz * 1e3 : 0;
}

/// Computed, not measured: the library rounds a * b and + c apart, so none of its kernels is multiply-adds alone.
peak peak_of(const tessera_cli::gpu& gpu, const tessera::device& on) {
  peak found;
  found.device = gpu.device;
  for (const lanes& each : known_lanes) {
    if (each.compute_capability != gpu.compute_capability) continue;
    const double cycles = clock_rate(on.index()) * gpu.processors * 2;
    found.float32 = cycles * each.float32;
    found.float64 = cycles * each.float64;
  }
  return found;
}

}  // namespace

void measure_gpu(const tessera_cli::gpu& gpu, limits& into) {
  const tessera::device on = gpu.device;
  const tessera::device_scope scope(on);
  const std::int64_t most = gpu.emulated ? 1 << 20 : std::min<std::int64_t>(std::int64_t{1} << 30, gpu.memory / 8);
  const int calls = gpu.emulated ? 1 : 20;
  for (std::int64_t bytes = 1 << 20; bytes <= most; bytes *= 4)
    into.bandwidths.push_back(bandwidth_of(on, bytes, calls));
  if (const peak found = peak_of(gpu, on); found.float32 > 0) into.peaks.push_back(found);

  link way;
  way.device = gpu.device;
  const array one = tessera::ones({1}, tessera::float32);
  array small = tessera::zeros({1}, tessera::float32);
  way.launch = shortest(on, gpu.emulated ? 1 : 200, [&] { small() = one + 1.0f; });
  const std::int64_t size = gpu.emulated ? 1 << 20 : 64 << 20;
  const array here = tessera::ones({size / 4}, tessera::float32).to(tessera::cpu());
  const array there = here.to(on);
  way.to_device = static_cast<double>(size) / shortest(on, calls, [&] { const array copy = here.to(on); });
  way.from_device =
      static_cast<double>(size) / shortest(on, calls, [&] { const array copy = there.to(tessera::cpu()); });
  into.links.push_back(way);
  tessera::release_cached_memory(on);
}

}  // namespace bench
