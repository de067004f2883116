// Two runs beside each other: what became faster or slower beyond chance.
#include "comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "statistics.hpp"
#include "text.hpp"

namespace bench {
namespace {

using key = std::tuple<std::string, std::string, std::string, int>;  // workload, by, device, threads

key key_of(const measured& work, const timing& one) { return {work.name, one.by, one.device, one.threads}; }

std::map<key, const timing*> indexed(const results& all) {
  std::map<key, const timing*> found;
  for (const measured& work : all.workloads) {
    for (const timing& one : work.timings) found.emplace(key_of(work, one), &one);
  }
  return found;
}

bool are_apart(const timing& a, const timing& b) { return a.quartile3 < b.quartile1 || b.quartile3 < a.quartile1; }

/// Which evidence there is, and its p-value before adjustment. Middle halves of fewer times than the test needs to find
/// anything lie apart by chance as easily as the samples do.
void weigh(change& of, const timing& before, const timing& after, double discoveries) {
  const std::size_t first = times_of(before), second = times_of(after);
  if (are_few(first) || are_few(second) || least_p(first, second) > discoveries) return;
  if (!before.samples.empty() && !after.samples.empty()) {
    of.on = evidence::samples;
    of.p = mann_whitney(before.samples, after.samples).p;
    of.least_p = least_p(first, second);
  } else if (known(before.quartile1) && known(before.quartile3) && known(after.quartile1) && known(after.quartile3)) {
    of.on = evidence::quartiles;
    of.p = are_apart(before, after) ? 0 : 1;
  }
}

void adjust(std::vector<change>& changes) {
  std::vector<double> p;
  for (const change& one : changes) {
    if (one.on == evidence::samples) p.push_back(one.p);
  }
  const std::vector<double> adjusted = false_discovery_adjusted(p);
  std::size_t next = 0;
  for (change& one : changes) {
    if (one.on != evidence::samples) continue;
    const double own =
        std::exchange(p[next], one.least_p);  // had its samples lain wholly apart, and the others' as they do
    one.least_p = false_discovery_adjusted(p)[next];
    p[next] = own;
    one.p = adjusted[next++];
  }
}

verdict judged(const change& one, const comparison_options& options) {
  if (one.on == evidence::none || one.least_p > options.discoveries) return verdict::undecided;
  const double effect = std::max(one.ratio(), 1 / one.ratio()) - 1;
  if (effect < options.least || one.p > options.discoveries) return verdict::unchanged;
  return one.ratio() > 1 ? verdict::faster : verdict::slower;
}

std::string gpus_text(const tessera_cli::machine& of) {
  std::string out;
  for (const auto& gpu : of.gpus) out += (out.empty() ? "" : ", ") + gpu.name;
  return out.empty() ? "none" : out;
}

std::vector<std::string> machine_differences(const results& before, const results& after) {
  std::vector<std::string> found;
  const auto differs = [&](const char* what, const std::string& a, const std::string& b) {
    if (a != b)
      found.push_back(fmt::format("{}: {} before, {} now", what, a.empty() ? "unknown" : a, b.empty() ? "unknown" : b));
  };
  differs("processor", before.machine.cpu, after.machine.cpu);
  differs("SIMD", before.machine.simd, after.machine.simd);
  differs("hardware threads", std::to_string(before.machine.cores), std::to_string(after.machine.cores));
  differs("GPU", gpus_text(before.machine), gpus_text(after.machine));
  return found;
}

std::string name_of(const measured& work, const timing& one) {
  return fmt::format("{}, {}", work.name, place_text(one.device, one.threads));
}

}  // namespace

comparison compare(const results& before, const results& after, const comparison_options& options) {
  comparison result;
  result.differences = machine_differences(before, after);
  const std::map<key, const timing*> old = indexed(before), now = indexed(after);
  for (const measured& work : after.workloads) {
    for (const timing& one : work.timings) {
      const auto found = old.find(key_of(work, one));
      const bool had = found != old.end() && has_times(*found->second), has = has_times(one);
      if (one.by == "tessera" && has && !had) result.gained.push_back(name_of(work, one));
      if (one.by == "tessera" && had && !has)
        result.lost.push_back(name_of(work, one) + ": " + (one.error.empty() ? "no time" : one.error));
      if (!had || !has) continue;
      change next{work.name, work.group, one.by, {one.device, one.threads}, found->second->median, one.median};
      weigh(next, *found->second, one, options.discoveries);
      result.changes.push_back(std::move(next));
    }
  }
  for (const measured& work : before.workloads) {
    for (const timing& one : work.timings) {
      if (one.by == "tessera" && has_times(one) && !now.contains(key_of(work, one)))
        result.lost.push_back(name_of(work, one) + ": not in the newer file");
    }
  }
  adjust(result.changes);
  for (change& one : result.changes) one.what = judged(one, options);
  return result;
}

std::vector<change> of_tessera(const comparison& all) {
  std::vector<change> found;
  std::copy_if(all.changes.begin(), all.changes.end(), std::back_inserter(found),
               [](const change& one) { return one.by == "tessera"; });
  return found;
}

std::vector<change> of_peers(const comparison& all) {
  std::vector<change> found;
  std::copy_if(all.changes.begin(), all.changes.end(), std::back_inserter(found),
               [](const change& one) { return one.by != "tessera"; });
  return found;
}

int count(const std::vector<change>& changes, verdict what) {
  return static_cast<int>(
      std::count_if(changes.begin(), changes.end(), [&](const change& one) { return one.what == what; }));
}

double mean_ratio(const std::vector<change>& changes) {
  std::vector<double> ratios;
  for (const change& one : changes) ratios.push_back(one.ratio());
  return geometric_mean(ratios);
}

const char* text_of(verdict what) {
  constexpr const char* texts[] = {"faster", "slower", "unchanged", "undecided"};
  return texts[static_cast<int>(what)];
}

const char* text_of(evidence on) {
  constexpr const char* texts[] = {"samples", "quartiles", "too few times"};
  return texts[static_cast<int>(on)];
}

}  // namespace bench
