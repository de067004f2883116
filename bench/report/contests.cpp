// A run's results as they are compared: who did each workload how fast, on one device with so many threads.
#include "contests.hpp"

#include <algorithm>
#include <map>

#include "statistics.hpp"
#include "text.hpp"

namespace bench {
namespace {

bool has_times(const timing& one) { return one.error.empty() && known(one.median); }

/// Of one peer: where it is asked for, else with the most threads below.
const timing* at_place(const measured& work, const std::string& by, const place& where) {
  const timing* found = nullptr;
  for (const timing& one : work.timings) {
    if (one.by != by || one.device != where.device || one.threads > where.threads) continue;
    if (!found || one.threads > found->threads) found = &one;
  }
  return found;
}

}  // namespace

bool is_yardstick(const std::string& name) { return name == "cpp"; }

double contest::ratio() const { return best ? ratio_to(*best) : 0; }

double contest::ratio_to(const timing& other) const { return ours ? other.median / ours->median : 0; }

const timing* contest::find(const std::string& name) const {
  for (const timing* one : others) {
    if (one->by == name) return one;
  }
  return nullptr;
}

bool contest::is_clear() const {
  if (!ours || !best || !known(ours->quartile1) || !known(best->quartile1)) return true;
  return ours->quartile3 < best->quartile1 || best->quartile3 < ours->quartile1;
}

std::vector<place> places(const results& all) {
  std::vector<place> found;
  for (const measured& work : all.workloads) {
    for (const timing& one : work.timings) {
      const place where{one.device, one.threads};
      if (one.by == "tessera" && has_times(one) && std::find(found.begin(), found.end(), where) == found.end())
        found.push_back(where);
    }
  }
  std::erase_if(found, [&](const place& where) {
    return std::any_of(all.machine.gpus.begin(), all.machine.gpus.end(),
                       [&](const auto& gpu) { return gpu.emulated && gpu.device == where.device; });
  });
  std::sort(found.begin(), found.end(), [](const place& a, const place& b) {
    if ((a.device == "cpu") != (b.device == "cpu")) return a.device == "cpu";
    return a.device != b.device ? a.device < b.device : a.threads < b.threads;
  });
  return found;
}

std::vector<contest> contests(const results& all, const place& where, const std::string& group) {
  std::vector<contest> rows;
  for (const measured& work : all.workloads) {
    if (!work.sweep.empty() || (!group.empty() && work.group != group)) continue;
    contest row;
    row.work = &work;
    row.where = where;
    std::vector<std::string> seen;
    for (const timing& one : work.timings) {
      if (std::find(seen.begin(), seen.end(), one.by) != seen.end()) continue;
      seen.push_back(one.by);
      const timing* found = at_place(work, one.by, where);
      if (!found || (one.by == "tessera" && found->threads != where.threads)) continue;
      if (!has_times(*found)) row.failures.push_back(found);
      else if (one.by == "tessera") row.ours = found;
      else row.others.push_back(found);
    }
    std::stable_sort(row.others.begin(), row.others.end(),
                     [](const timing* a, const timing* b) { return a->median < b->median; });
    const auto peer =
        std::find_if(row.others.begin(), row.others.end(), [](const timing* one) { return !is_yardstick(one->by); });
    if (peer != row.others.end()) row.best = *peer;
    if (row.ours || !row.others.empty() || !row.failures.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> groups(const results& all) {
  std::vector<std::string> names;
  for (const measured& work : all.workloads) {
    if (std::find(names.begin(), names.end(), work.group) == names.end()) names.push_back(work.group);
  }
  return names;
}

std::vector<std::string> peers_of(const std::vector<contest>& rows) {
  std::map<std::string, int> counts;
  for (const contest& row : rows) {
    for (const timing* one : row.others) ++counts[one->by];
  }
  std::vector<std::string> names;
  for (const auto& [name, count] : counts) names.push_back(name);
  std::stable_sort(names.begin(), names.end(),
                   [&](const auto& a, const auto& b) { return counts.at(a) > counts.at(b); });
  return names;
}

standing stand(const std::string& name, const std::vector<contest>& rows) {
  standing result;
  result.group = name;
  std::vector<double> ratios, to_numpy;
  for (const contest& row : rows) {
    if (!row.ours) continue;
    ++result.workloads;
    if (const timing* numpy = row.find("numpy")) to_numpy.push_back(row.ratio_to(*numpy));
    if (!row.best) continue;
    ratios.push_back(row.ratio());
    ++result.contested;
    result.faster += row.ratio() > 1;
  }
  result.mean = geometric_mean(ratios);
  result.numpy_mean = geometric_mean(to_numpy);
  return result;
}

std::vector<standing> standings(const results& all, const place& where) {
  std::vector<standing> found;
  for (const std::string& group : groups(all)) {
    standing one = stand(group, contests(all, where, group));
    if (one.workloads > 0) found.push_back(std::move(one));
  }
  if (!found.empty()) found.push_back(stand("all", contests(all, where)));
  return found;
}

}  // namespace bench
