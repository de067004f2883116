// tessera-bench limits: what this machine can do, as a table.
#include <fmt/format.h>
#include <tessera/device.hpp>

#include <cstdio>
#include <optional>

#include "command_line.hpp"
#include "commands.hpp"
#include "limits/limits.hpp"

namespace bench {
namespace {

std::string size_text(std::int64_t bytes) {
  if (bytes >= 1 << 30) return fmt::format("{:.3g} GiB", static_cast<double>(bytes) / (1 << 30));
  return bytes >= 1 << 20 ? fmt::format("{:.4g} MiB", static_cast<double>(bytes) / (1 << 20))
                          : fmt::format("{} KiB", bytes >> 10);
}

/// In 1e9 a second; "-" for what was not measured.
std::string giga(double rate) { return rate > 0 ? fmt::format("{:.1f}", rate / 1e9) : "-"; }

void print(const limits& found) {
  fmt::print("{:8} {:>7} {:>11}  {:>8} {:>8} {:>8} {:>10} {:>10}\n", "GB/s", "threads", "all arrays", "read", "copy",
             "triad", "copy, nt", "triad, nt");
  for (const bandwidth& row : found.bandwidths)
    fmt::print("{:8} {:>7} {:>11}  {:>8} {:>8} {:>8} {:>10} {:>10}\n", row.device, row.threads,
               size_text(row.working_set), giga(row.read), giga(row.copy), giga(row.triad), giga(row.copy_streaming),
               giga(row.triad_streaming));
  fmt::print("\n{:8} {:>7} {:>11}  {:>8}\n", "GFLOP/s", "threads", "float32", "float64");
  for (const peak& row : found.peaks)
    fmt::print("{:8} {:>7} {:>11}  {:>8}\n", row.device, row.threads, giga(row.float32), giga(row.float64));
  if (found.links.empty()) return;
  fmt::print("\n{:8} {:>19}  {:>14} {:>16}\n", "GPU", "launch and wait, us", "to it, GB/s", "from it, GB/s");
  for (const link& row : found.links)
    fmt::print("{:8} {:>19.1f}  {:>14} {:>16}\n", row.device, row.launch * 1e6, giga(row.to_device),
               giga(row.from_device));
}

}  // namespace

int limits_command(int argc, char** argv) {
  CLI::App app(
      "Measures bandwidth by the size of all arrays (nt: by stores that pass the caches; triad: c = a + 3 * b),\n"
      "the peak of multiply-adds, and of each GPU what a launch and a copy cost. Figures of emulated GPUs mean\n"
      "nothing.",
      "tessera-bench limits");
  bool quick = false, emulated = false;
  std::optional<double> seconds;
  app.add_flag("--quick", quick, "fewer sizes, for a shorter time");
  app.add_option("--seconds", seconds, "for all figures of the host together, about; else 30, quick 3.5")
      ->check(within(1e-6, 3600));
  app.add_flag("--emulated", emulated, "emulated GPUs too");
  if (const auto code = answered(app, argc, argv)) return *code;
  limit_options options = quick ? quick_limits() : limit_options();
  options.seconds = seconds.value_or(options.seconds);
  options.emulated = emulated;
  print(measure_limits(options));
  if (options.emulated && tessera::devices().size() == 1) std::puts("\nno device but the host");
  return 0;
}

}  // namespace bench
