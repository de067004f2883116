// The table at the end of a run.
#include "summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace bench {
namespace {

struct line {
  std::string group, device;
  int threads = 1, workloads = 0, compared = 0, faster = 0, wrong = 0;
  double logarithms = 0;
};

/// The best median of another library on that device with at most so many threads; 0: none.
double best_other(const measured& work, const timing& ours) {
  double best = 0;
  for (const timing& other : work.timings) {
    if (other.by == "tessera" || other.device != ours.device || other.threads > ours.threads || other.median <= 0)
      continue;
    if (best == 0 || other.median < best) best = other.median;
  }
  return best;
}

line& line_of(std::vector<line>& lines, const std::string& group, const timing& ours) {
  for (line& each : lines) {
    if (each.group == group && each.device == ours.device && each.threads == ours.threads) return each;
  }
  lines.push_back({group, ours.device, ours.threads});
  return lines.back();
}

}  // namespace

std::string summary(const results& all) {
  std::vector<line> lines;
  for (const measured& work : all.workloads) {
    for (const timing& ours : work.timings) {
      if (ours.by != "tessera") continue;
      line& at = line_of(lines, work.sweep.empty() ? work.group : "sweeps", ours);
      ++at.workloads;
      at.wrong += !ours.error.empty();
      const double other = best_other(work, ours);
      if (other <= 0 || ours.median <= 0) continue;
      ++at.compared;
      at.faster += other > ours.median;
      at.logarithms += std::log(other / ours.median);
    }
  }
  std::stable_sort(lines.begin(), lines.end(), [](const line& a, const line& b) {
    return a.device != b.device ? a.device < b.device : a.threads < b.threads;
  });
  std::string text = fmt::format("{:<12} {:<8} {:>7} {:>9}   {:>20}  {}\n", "group", "device", "threads", "workloads",
                                 "best other / tessera", "tessera faster on");
  for (const line& each : lines) {
    text += fmt::format("{:<12} {:<8} {:>7} {:>9}   ", each.group, each.device, each.threads, each.workloads);
    if (each.compared == 0) text += fmt::format("{:>20}  -", "-");
    else
      text += fmt::format("{:>20.2f}  {} of {}", std::exp(each.logarithms / each.compared), each.faster, each.compared);
    if (each.wrong > 0) text += fmt::format("  ({} not timed)", each.wrong);
    text += '\n';
  }
  return text;
}

}  // namespace bench
