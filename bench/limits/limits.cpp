// limits: the whole measurement, and what it allows a workload.
#include "limits/limits.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "limits/parts.hpp"

namespace bench {
namespace {

/// Bytes a second for so many bytes; 0 where nothing is known of the device.
double bandwidth_for(const measured& work, const limits& of, const std::string& device, int threads) {
  std::map<double, double> best;  // by the logarithm of the working set
  for (const bandwidth& row : of.bandwidths) {
    if (row.device != device || row.threads > threads || row.working_set <= 0) continue;
    const double written = std::max({row.copy, row.triad, row.copy_streaming, row.triad_streaming});
    double& kept = best[std::log(static_cast<double>(row.working_set))];
    kept = std::max(kept, work.traffic == "read" && row.read > 0 ? row.read : written);
  }
  if (best.empty()) return 0;
  const double at = std::log(std::max(work.bytes, 1.0));
  const auto right = best.lower_bound(at);
  if (right == best.begin()) return right->second;
  const auto left = std::prev(right);
  if (right == best.end()) return left->second;
  const double part = (at - left->first) / (right->first - left->first);
  return left->second + part * (right->second - left->second);
}

double peak_for(const measured& work, const limits& of, const std::string& device, int threads) {
  const bool wide = work.flop_type == "f64" || work.flop_type == "i64" || work.flop_type == "c128";
  double best = 0;
  for (const peak& row : of.peaks) {
    if (row.device == device && row.threads <= threads) best = std::max(best, wide ? row.float64 : row.float32);
  }
  return best;
}

}  // namespace

limit_options quick_limits() {
  limit_options options;
  options.seconds = 3.5;
  options.step = 4;
  return options;
}

limits measure_limits(const limit_options& options) {
  const tessera_cli::machine here = tessera_cli::describe_machine();
  limits found;
  measure_host(options, here, found);
  for (const tessera_cli::gpu& gpu : here.gpus) {
    if (!gpu.emulated || options.emulated) measure_gpu(gpu, found);
  }
  return found;
}

double least_seconds(const measured& work, const limits& of, const std::string& device, int threads) {
  if (device != "cpu") threads = 1;  // a GPU's figures are for the whole of it
  const double bytes = bandwidth_for(work, of, device, threads), flops = peak_for(work, of, device, threads);
  if ((work.bytes > 0 && bytes <= 0) || (work.flops > 0 && flops <= 0 && work.bound == "compute")) return 0;
  return std::max(work.bytes > 0 ? work.bytes / bytes : 0, flops > 0 ? work.flops / flops : 0);
}

}  // namespace bench
