// A run's results as they are compared: who did each workload how fast, on one device with so many threads.
#include "contests.hpp"

#include <algorithm>
#include <map>

#include "statistics.hpp"
#include "text.hpp"

namespace bench {

bool has_times(const timing& one) { return one.error.empty() && known(one.median); }

std::size_t times_of(const timing& one) {
  return one.samples.empty() ? static_cast<std::size_t>(std::max(0, one.repetitions)) : one.samples.size();
}

const timing* timing_at(const measured& work, const std::string& by, const place& where) {
  const timing *timed = nullptr, *failed = nullptr;
  bool is_serial = by != "tessera";
  for (const timing& one : work.timings) {
    if (one.by != by || one.device != where.device) continue;
    if (!has_times(one)) {
      if (one.threads == where.threads) failed = &one;
      continue;
    }
    if (one.threads == where.threads) return &one;
    if (timed && timed->threads != one.threads) is_serial = false;
    timed = &one;
  }
  return timed && is_serial && timed->threads < where.threads ? timed : failed;
}

double contest::ratio() const { return best ? ratio_to(*best) : 0; }

double contest::ratio_to(const timing& other) const { return ours ? other.median / ours->median : 0; }

const timing* contest::find(const std::string& name) const {
  for (const timing* one : others) {
    if (one->by == name) return one;
  }
  return nullptr;
}

bool contest::is_clear() const {
  if (!ours || !best || are_few(times_of(*ours)) || are_few(times_of(*best))) return false;
  if (!known(ours->quartile1) || !known(best->quartile1)) return false;
  return ours->quartile3 < best->quartile1 || best->quartile3 < ours->quartile1;
}

std::vector<place> places_of_tessera(const results& all) {
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

std::vector<place> places(const results& all) {
  const auto is_of_a_peer = [&](const place& where) {
    return std::any_of(all.workloads.begin(), all.workloads.end(), [&](const measured& work) {
      return std::any_of(work.timings.begin(), work.timings.end(), [&](const timing& one) {
        return one.by != "tessera" && has_times(one) && place{one.device, one.threads} == where;
      });
    });
  };
  const std::vector<place> every = places_of_tessera(all);
  std::vector<place> found;
  for (std::size_t k = 0; k < every.size(); ++k) {
    const bool has_most = k + 1 == every.size() || every[k + 1].device != every[k].device;
    if (every[k].threads == 1 || has_most || is_of_a_peer(every[k])) found.push_back(every[k]);
  }
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
      const timing* found = timing_at(work, one.by, where);
      if (!found) continue;
      if (!has_times(*found)) row.failures.push_back(found);
      else if (one.by == "tessera") row.ours = found;
      else row.others.push_back(found);
    }
    std::stable_sort(row.others.begin(), row.others.end(),
                     [](const timing* a, const timing* b) { return a->median < b->median; });
    if (!row.others.empty()) row.best = row.others.front();
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

std::vector<std::vector<standing>> standing_rows(const results& all, const std::vector<place>& where) {
  std::vector<std::vector<standing>> rows;
  const auto add = [&](const std::string& title, const std::string& group) {
    std::vector<standing> row;
    for (const place& one : where) row.push_back(stand(title, contests(all, one, group)));
    if (std::any_of(row.begin(), row.end(), [](const standing& one) { return one.workloads > 0; }))
      rows.push_back(std::move(row));
  };
  for (const std::string& group : groups(all)) add(group, group);
  add("all", "");
  return rows;
}

std::vector<standing> standings(const results& all, const place& where) {
  std::vector<standing> found;
  for (std::vector<standing>& row : standing_rows(all, {where})) found.push_back(std::move(row.front()));
  return found;
}

}  // namespace bench
