// From samples to the rows of a result file.
#include "collect.hpp"

#include "../limits/limits.hpp"
#include "../report/statistics.hpp"

namespace bench {
measured without_times(const work& one) {
  const nlohmann::json& row = one.row;
  measured result;
  result.name = one.name;
  result.group = row.at("group");
  result.formula = row.at("formula");
  result.bound = row.at("bound");
  result.traffic = row.value("traffic", "");
  result.flop_type = row.value("flop_type", "");
  result.bytes = row.at("bytes");
  result.flops = row.at("flops");
  result.items = row.value("items", 0.0);
  result.sweep = one.sweep;
  result.extent = one.extent;
  result.expanded_peers = row.value("expanded_peers", std::vector<std::string>());
  return result;
}

timing summarized(const contender& who, const outcome& found) {
  timing result;
  result.by = who.by;
  result.device = who.device;
  result.threads = who.threads;
  result.error = found.error;
  result.first = found.first;
  result.to_device = found.to_device;
  result.from_device = found.from_device;
  if (found.samples.empty() || !found.error.empty()) return result;  // what fails in one round is not trusted
  result.minimum = quantile(found.samples, 0);
  result.median = quantile(found.samples, 0.5);
  result.quartile1 = quantile(found.samples, 0.25);
  result.quartile3 = quantile(found.samples, 0.75);
  result.repetitions = static_cast<int>(found.samples.size());
  if (who.by == "tessera") result.samples = found.samples;
  return result;
}

void collection::add(std::size_t workload, const contender& who, const outcome& found) {
  if (!found.known) return;
  const auto [at, is_new] = found_[workload].try_emplace(who, found);
  if (is_new) return;
  outcome& all = at->second;
  all.samples.insert(all.samples.end(), found.samples.begin(), found.samples.end());
  if (all.error.empty()) all.error = found.error;
  if (all.first == 0) all.first = found.first;
}

std::vector<measured> collection::workloads(const limits& machine) const {
  std::vector<measured> result;
  for (std::size_t k = 0; k < plan_.size(); ++k) {
    const std::map<contender, outcome>& found = found_[plan_[k].same_as.value_or(k)];
    if (found.empty()) continue;
    measured row = without_times(plan_[k].what);
    for (const contender& who : plan_[plan_[k].same_as.value_or(k)].by) {
      const auto at = found.find(who);
      if (at == found.end()) continue;
      timing times = summarized(who, at->second);
      if (times.median > 0 && row.bound != "latency") {
        times.of_limit = least_seconds(row, machine, who.device, who.threads) / times.median;
      }
      row.timings.push_back(std::move(times));
    }
    result.push_back(std::move(row));
  }
  return result;
}

}  // namespace bench
