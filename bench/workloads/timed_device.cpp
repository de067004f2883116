// The device whose work is timed: found by name, with the bandwidth that its maker says.
#include "timed_device.hpp"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <stdexcept>

#include "machine.hpp"

namespace bench {
namespace {

// Bytes a second from data sheets, for names that contain the text; the first that fits.
struct known_peak {
  const char* name;
  double peak;
};
constexpr known_peak known_peaks[] = {{"B200", 8.0e12},        {"H200", 4.8e12},       {"H100 PCIe", 2.0e12},
                                      {"H100 80GB", 3.35e12},  {"GH200", 4.0e12},      {"A100-SXM4-80GB", 2.039e12},
                                      {"A100 80GB", 1.935e12}, {"A100", 1.555e12},     {"L40", 0.864e12},
                                      {"RTX 5090", 1.792e12},  {"RTX 4090", 1.008e12}, {"RTX 3090", 0.936e12},
                                      {"Tesla T4", 0.32e12}};

}  // namespace

timed_device::timed_device(const std::string& name, double peak) : on_(name), peak_(peak) {
  tessera::set_default_device(on_);
  name_ = tessera::properties(on_).name;
  is_emulated_ = tessera_cli::is_emulated(name_);
  for (const known_peak& each : known_peaks) {
    if (peak_ == 0 && name_.find(each.name) != std::string::npos) peak_ = each.peak;
  }
}

void timed_device::wait() const {
  if (!is_host()) tessera::synchronize(on_);
}

void timed_device::run(const entry& statement, const operands& in) {
  const array result = statement.run(in);
  benchmark::DoNotOptimize(result.data());
  benchmark::ClobberMemory();
}

void timed_device::repeat(benchmark::State& state, const entry& statement, const operands& in,
                          std::int64_t runs) const {
  while (state.KeepRunningBatch(runs)) {
    for (std::int64_t k = 0; k < runs; ++k) run(statement, in);
    wait();
  }
}

std::string timed_device::text() const {
  if (is_emulated_) return on_.name() + ", " + name_ + ": NO FIGURE OF AN EMULATED DEVICE MEANS ANYTHING";
  char bandwidth[40] = "";
  if (peak_ > 0) std::snprintf(bandwidth, sizeof bandwidth, ", %.3g bytes/s", peak_);
  return on_.name() + ", " + name_ + bandwidth;
}

}  // namespace bench
