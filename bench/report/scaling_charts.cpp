// Rates over the size of the operands, and over threads.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "charts.hpp"
#include "statistics.hpp"
#include "text.hpp"

namespace bench {
namespace {

constexpr double width = 480;

/// What a workload does a second, in the unit that bounds it.
struct rate_unit {
  double measured::*amount;
  std::string (*text)(double);
  const char* name;
};

rate_unit unit_of(const measured& work) {
  if (work.bound == "compute" && known(work.flops))
    return {&measured::flops, [](double rate) { return rate_text(rate, "OP"); }, "operations a second"};
  if (known(work.items) && work.bound != "memory") return {&measured::items, count_text, "items a second"};
  return {&measured::bytes, byte_rate, "least traffic a second"};
}

/// Null where it failed, too.
const timing* time_of(const measured& work, const std::string& by, const place& where) {
  const timing* found = timing_at(work, by, where);
  return found && has_times(*found) ? found : nullptr;
}

/// Median with fewer threads over median with more, of one workload; 0 if there are no two.
double gain(const measured& work, const std::string& by, const place& from, const place& to) {
  const timing *before = nullptr, *after = nullptr;
  for (const timing& one : work.timings) {
    if (one.by != by || !has_times(one)) continue;
    if (place{one.device, one.threads} == from) before = &one;
    if (place{one.device, one.threads} == to) after = &one;
  }
  return before && after ? before->median / after->median : 0;
}

}  // namespace

std::vector<sweep> sweeps(const results& all) {
  std::vector<sweep> found;
  for (const measured& work : all.workloads) {
    if (work.sweep.empty()) continue;
    auto at = std::find_if(found.begin(), found.end(), [&](const sweep& one) { return one.of == work.sweep; });
    if (at == found.end()) at = found.insert(found.end(), sweep{work.sweep, {}});
    at->sizes.push_back(&work);
  }
  for (sweep& one : found) {
    std::stable_sort(one.sizes.begin(), one.sizes.end(), [](auto* a, auto* b) { return a->bytes < b->bytes; });
  }
  return found;
}

std::vector<std::string> sweep_names(const sweep& one, const place& where) {
  std::vector<std::string> names;
  for (const measured* work : one.sizes) {
    for (const timing& each : work->timings) {
      if (time_of(*work, each.by, where) && std::find(names.begin(), names.end(), each.by) == names.end())
        names.push_back(each.by);
    }
  }
  std::stable_partition(names.begin(), names.end(), [](const auto& name) { return name == "tessera"; });
  return names;
}

std::string sweep_chart(const results& all, const sweep& one, const place& where, const palette& colours,
                        const std::string& id) {
  std::vector<std::string> names = sweep_names(one, where);
  if (names.empty()) return "";
  std::rotate(names.begin(), names.begin() + (names.front() == "tessera"), names.end());  // drawn last, on top
  const rate_unit unit = unit_of(*one.sizes.front());
  std::vector<double> sets, rates;
  for (const measured* work : one.sizes) {
    sets.push_back(work->bytes);
    for (const std::string& name : names) {
      if (const timing* time = time_of(*work, name, where)) rates.push_back(work->*unit.amount / time->median * 1.08);
    }
  }
  if (std::none_of(sets.begin(), sets.end(), known) || std::none_of(rates.begin(), rates.end(), known)) return "";
  constexpr double height = 310;
  axis x = log_axis(sets, 74, width - 14);
  x.low = *std::min_element(sets.begin(), sets.end()) / 1.4;
  x.high = *std::max_element(sets.begin(), sets.end()) * 1.4;
  if (!known(x.low)) x = log_axis(sets, 74, width - 14);
  const frame in{x, log_axis(rates, height - 44, 40), 74, width - 14, 40, height - 44};
  svg out(width, height, id, fmt::format("{} over size, {}", one.of, place_text(where.device, where.threads)),
          fmt::format("{} of {} for {} from {} to {} bytes of operands and result.", unit.name,
                      number_of(names.size(), "competitor"), number_of(one.sizes.size(), "size"),
                      count_text(sets.front()), count_text(sets.back())));
  draw_x_axis(out, in, ticks::binary, binary_bytes, "bytes of operands and result");
  draw_y_axis(out, in, unit.text, unit.name);
  if (where.device == "cpu") draw_caches(out, in, all.machine.caches);
  for (const std::string& name : names) {
    const style as = colours.of(name);
    points through;
    for (const measured* work : one.sizes) {
      const timing* time = time_of(*work, name, where);
      if (time && known(work->bytes) && known(work->*unit.amount))
        through.emplace_back(in.x.at(work->bytes), in.y.at(work->*unit.amount / time->median));
    }
    out.path(through, "series " + as.classes);
    for (const measured* work : one.sizes) {
      const timing* time = time_of(*work, name, where);
      if (!time || !known(work->bytes) || !known(work->*unit.amount)) continue;
      out.mark(in.x.at(work->bytes), in.y.at(work->*unit.amount / time->median), as.shape, "mark " + as.classes,
               fmt::format("{}, {}: {}, {}", name, work->extent, unit.text(work->*unit.amount / time->median),
                           seconds_text(time->median)));
    }
  }
  return out.str();
}

std::string gain_chart(const results& all, const place& from, const place& to, const std::string& id) {
  struct row {
    std::string group;
    std::vector<std::pair<std::string, double>> gains;
    double mean = 0;
  };
  std::vector<row> rows;
  double most = static_cast<double>(to.threads) / from.threads;
  for (const std::string& group : groups(all)) {
    row one{group, {}, 0};
    std::vector<double> values;
    for (const measured& work : all.workloads) {
      if (work.group != group || !work.sweep.empty()) continue;
      const double value = gain(work, "tessera", from, to);
      if (!known(value)) continue;
      one.gains.emplace_back(work.name, value);
      values.push_back(value);
      most = std::max(most, std::min(value, 2.0 * to.threads / from.threads));
    }
    one.mean = geometric_mean(values);
    if (!values.empty()) rows.push_back(std::move(one));
  }
  if (rows.empty()) return "";
  constexpr double row_height = 30;
  const double height = 30 + row_height * static_cast<double>(rows.size()) + 44,
               ideal = 1.0 * to.threads / from.threads;
  const frame in{{0, most * 1.05, 96, width - 52, false}, {}, 96, width - 52, 26, height - 42};
  svg out(width, height, id,
          fmt::format("Gain of {} over {}", place_text(to.device, to.threads), place_text(from.device, from.threads)),
          "Each group's workloads as dots by how many times faster they get, with their geometric mean.");
  const double step = most > 16 ? 8 : most > 8 ? 4 : most > 4 ? 2 : most > 2.5 ? 1 : 0.5;
  for (double value = 0; value <= most * 1.05; value += step) {
    out.line(in.x.at(value), in.top, in.x.at(value), in.bottom, value == 1 ? "one" : "grid");
    out.text(in.x.at(value), in.bottom + 16, fmt::format("{:g}", value), value == 1 ? "tick strong" : "tick", "middle");
  }
  out.line(in.x.at(ideal), in.top, in.x.at(ideal), in.bottom, "cache");
  out.text(in.x.at(ideal), in.top - 6, fmt::format("{:g} times", ideal), "note", "middle");
  out.text((in.left + in.right) / 2, in.bottom + 34, "times as fast", "label", "middle");
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const double y = in.top + row_height * (static_cast<double>(k) + 0.5);
    out.text(in.left - 8, y + 4, rows[k].group, "name", "end");
    for (const auto& [name, value] : rows[k].gains)
      out.mark(in.x.at(std::min(value, in.x.high)), y, 0, "point s0", fmt::format("{}: {}", name, ratio_text(value)));
    const double mean = in.x.at(std::min(rows[k].mean, in.x.high));
    out.line(mean, y - 11, mean, y + 11, "mean");
    out.text(width - 4, y + 4, ratio_text(rows[k].mean), "value", "end");
  }
  return out.str();
}

std::string thread_chart(const results& all, const palette& colours, const std::string& id) {
  std::vector<place> found = places_of_tessera(all);
  std::erase_if(found, [](const place& where) { return where.device != "cpu"; });
  if (found.size() < 3) return "";
  constexpr double height = 310;
  std::vector<std::string> names = peers_of(contests(all, found.back()));
  names.push_back("tessera");
  std::map<std::string, std::vector<std::pair<int, double>>> gains;
  std::vector<double> values = {1, static_cast<double>(found.back().threads) / found.front().threads}, counts;
  for (const place& where : found) {
    counts.push_back(where.threads);
    for (const std::string& name : names) {
      std::vector<double> of;
      for (const measured& work : all.workloads) {
        if (work.sweep.empty()) of.push_back(gain(work, name, found.front(), where));
      }
      const double mean = geometric_mean(of);
      if (!known(mean)) continue;
      gains[name].emplace_back(where.threads, mean);
      values.push_back(mean);
    }
  }
  const frame in{log_axis(counts, 74, width - 14), log_axis(values, height - 44, 40), 74, width - 14, 40, height - 44};
  svg out(width, height, id, "Gain over threads",
          "Geometric mean over all workloads of how many times faster more threads are, of each library.");
  const auto plain = [](double value) { return fmt::format("{:g}", value); };
  draw_x_axis(out, in, ticks::binary, +plain, "threads");
  draw_y_axis(out, in, +plain, "times as fast");
  for (const std::string& name : names) {
    if (gains[name].size() < 2) continue;
    const style as = colours.of(name);
    points through;
    for (const auto& [threads, value] : gains[name]) through.emplace_back(in.x.at(threads), in.y.at(value));
    out.path(through, "series " + as.classes);
    for (const auto& [threads, value] : gains[name])
      out.mark(in.x.at(threads), in.y.at(value), as.shape, "mark " + as.classes,
               fmt::format("{}, {}: {}", name, place_text("cpu", threads), ratio_text(value)));
  }
  return out.str();
}

}  // namespace bench
