// Charts of the machine's limits, and of the workloads under them.
#include "charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "text.hpp"

namespace bench {
namespace {

constexpr double width = 480, height = 340;

frame field(axis x, axis y) {
  frame in{x, y, 74, width - 14, 40, height - 44};
  in.x.from = in.left, in.x.to = in.right;
  in.y.from = in.bottom, in.y.to = in.top;
  return in;
}

std::vector<const bandwidth*> bandwidths(const results& all, const place& where) {
  std::vector<const bandwidth*> found;
  for (const bandwidth& one : all.measured_limits.bandwidths) {
    if (one.device == where.device && one.threads == where.threads && one.working_set > 0) found.push_back(&one);
  }
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->working_set < b->working_set; });
  return found;
}

struct way {
  const char* name;
  double bandwidth::*rate;
};
constexpr way ways[] = {{"read", &bandwidth::read},
                        {"copy", &bandwidth::copy},
                        {"triad", &bandwidth::triad},
                        {"copy, streaming stores", &bandwidth::copy_streaming},
                        {"triad, streaming stores", &bandwidth::triad_streaming}};

double best_of(const bandwidth& one) {
  double best = 0;
  for (const way& each : ways) best = std::max(best, known(one.*each.rate) ? one.*each.rate : 0);
  return best;
}

std::string operations(double a_second) { return rate_text(a_second, "OP"); }
std::string plain(double value) { return value < 0.095 ? fmt::format("{:.2g}", value) : fmt::format("{:g}", value); }

/// Lines that no workload can pass: name and where they lie.
struct roofs {
  double memory = 0, cache = 0;  ///< bytes a second
  double float32 = 0, float64 = 0;
};

roofs roofs_of(const results& all, const place& where) {
  roofs found;
  const auto sizes = bandwidths(all, where);
  for (const bandwidth* one : sizes) found.cache = std::max(found.cache, best_of(*one));
  if (!sizes.empty()) found.memory = best_of(*sizes.back());
  for (const peak& one : all.measured_limits.peaks) {
    if (one.device == where.device && one.threads == where.threads)
      found.float32 = one.float32, found.float64 = one.float64;
  }
  return found;
}

void draw_roofs(svg& out, const frame& in, const roofs& at) {
  const double top = std::max({at.float32, at.float64, in.y.high * 10});
  const double slope = std::atan2(in.y.at(10) - in.y.at(1), in.x.at(10) - in.x.at(1)) * 180 / std::acos(-1.0);
  const auto slanted = [&](double rate, const std::string& name, const char* classes) {
    if (!known(rate)) return;
    // From the left or the lower edge to the upper roof or the right edge.
    const double highest = std::min(known(at.float32) ? std::max(at.float32, at.float64) : top, in.y.high);
    const double x1 = std::max(in.x.low, in.y.low / rate), x2 = std::min(in.x.high, highest / rate);
    if (x1 >= x2) return;
    out.path({{in.x.at(x1), in.y.at(x1 * rate)}, {in.x.at(x2), in.y.at(x2 * rate)}}, classes);
    const double at_x = x1 * std::pow(x2 / x1, 0.04);
    const double turned = slope * std::acos(-1.0) / 180;
    out.text(in.x.at(at_x) + 5 * std::sin(turned), in.y.at(at_x * rate) - 5 * std::cos(turned),
             fmt::format("{} {}", name, byte_rate(rate)), "note halo", "start", slope);
  };
  const auto flat = [&](double rate, const std::string& name, double label) {
    if (!known(rate) || rate > in.y.high || rate < in.y.low) return;
    const double x1 = known(at.cache) ? std::max(in.x.low, rate / at.cache) : in.x.low;
    if (x1 >= in.x.high) return;
    out.path({{in.x.at(x1), in.y.at(rate)}, {in.right, in.y.at(rate)}}, "roof");
    out.text(in.right - 2, in.y.at(rate) + label, fmt::format("{} {}", name, rate_text(rate, "FLOP")), "note halo",
             "end");
  };
  // Lines that lie closer than their names are high: one is left out, or its name goes below it.
  if (known(at.memory) && in.y.at(at.memory) - in.y.at(at.cache) > 18) slanted(at.cache, "nearest cache", "roof faint");
  slanted(at.memory, "memory", "roof");
  flat(at.float32, "float32", -5);
  const bool near = known(at.float32) && known(at.float64) && std::fabs(in.y.at(at.float32) - in.y.at(at.float64)) < 15;
  flat(at.float64, "float64", near ? 13 : -5);
}

}  // namespace

const std::vector<std::string>& bandwidth_ways() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const way& one : ways) all.emplace_back(one.name);
    return all;
  }();
  return names;
}

std::string bandwidth_chart(const results& all, const place& where, const std::string& id) {
  const auto sizes = bandwidths(all, where);
  std::vector<double> rates, sets;
  for (const bandwidth* one : sizes) {
    sets.push_back(static_cast<double>(one->working_set));
    for (const way& each : ways) rates.push_back(one->*each.rate);
  }
  if (std::none_of(rates.begin(), rates.end(), known)) return "";
  axis x = log_axis(sets, 0, 0);
  x.low = sets.front() / 1.3, x.high = sets.back() * 1.3;
  const frame in = field(x, log_axis(rates, 0, 0));
  svg out(width, height, id, "Bandwidth, " + place_text(where.device, where.threads),
          "Bytes a second that are read, copied and added as the working set grows from the nearest cache to memory.");
  draw_x_axis(out, in, ticks::binary, binary_bytes, "working set");
  draw_y_axis(out, in, byte_rate, "bandwidth");
  if (where.device == "cpu") draw_caches(out, in, all.machine.caches);
  const palette colours(bandwidth_ways());
  for (const way& each : ways) {
    points through;
    const style as = colours.of(each.name);
    for (const bandwidth* one : sizes) {
      if (known(one->*each.rate))
        through.emplace_back(in.x.at(static_cast<double>(one->working_set)), in.y.at(one->*each.rate));
    }
    out.path(through, "series " + as.classes);
    for (const bandwidth* one : sizes) {
      if (!known(one->*each.rate)) continue;
      const double set = static_cast<double>(one->working_set);
      out.mark(in.x.at(set), in.y.at(one->*each.rate), as.shape, "mark " + as.classes,
               fmt::format("{}, {}: {}", each.name, binary_bytes(set), byte_rate(one->*each.rate)));
    }
  }
  return out.str();
}

std::string roofline_chart(const results& all, const place& where, const std::string& id) {
  struct point {
    double intensity, rate;
    const contest* row;
  };
  const std::vector<contest> rows = contests(all, where);
  std::vector<point> found;
  for (const contest& row : rows) {
    if (row.ours && known(row.work->flops) && known(row.work->bytes))
      found.push_back({row.work->flops / row.work->bytes, row.work->flops / row.ours->median, &row});
  }
  if (found.empty()) return "";
  const roofs at = roofs_of(all, where);
  std::vector<double> xs, ys = {at.float32 * 1.3, at.float64};
  for (const point& one : found) {
    xs.push_back(one.intensity / 1.2), xs.push_back(one.intensity * 1.2);
    ys.push_back(one.rate / 1.2), ys.push_back(one.rate * 1.2);
  }
  const frame in = field(log_axis(xs, 0, 0), log_axis(ys, 0, 0));
  svg out(width, height, id, "Roofline, " + place_text(where.device, where.threads),
          fmt::format("{} by operations for each byte and operations a second, under the roofs of memory ({}) and "
                      "of fused multiply-adds ({} in float32, {} in float64).",
                      number_of(found.size(), "workload"), byte_rate(at.memory), rate_text(at.float32, "FLOP"),
                      rate_text(at.float64, "FLOP")));
  draw_x_axis(out, in, ticks::decimal, plain, "operations for each byte of least traffic");
  draw_y_axis(out, in, operations, "operations a second");
  for (const point& one : found) {
    const std::string& type = one.row->work->flop_type;
    const bool is32 = type == "f32" || type == "float32", is64 = type == "f64" || type == "float64";
    out.mark(in.x.at(one.intensity), in.y.at(one.rate),
             is32   ? 0
             : is64 ? 1
                    : 3,
             is32   ? "point s0"
             : is64 ? "point s1"
                    : "point s3",
             fmt::format("{}: {}, {} op/B, {}, {} of the limit", one.row->work->name, rate_text(one.rate, "OP"),
                         plain(std::stod(fmt::format("{:.3g}", one.intensity))), seconds_text(one.row->ours->median),
                         percent(one.row->ours->of_limit)));
  }
  draw_roofs(out, in, at);  // last: points lie over no name
  return out.str();
}

}  // namespace bench
