// Bars of ratios, and of the parts of a call on a GPU: a row for each workload, in columns.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "charts.hpp"
#include "text.hpp"

namespace bench {
namespace {

constexpr double width = 400, row_height = 19, label_width = 176, value_width = 46, head = 22;

/// Names longer than a label's place are cut; the tip has them whole.
std::string cut(const std::string& name) {
  constexpr std::size_t most = 28;
  if (name.size() <= most) return name;
  std::size_t end = most - 1;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // not within a character
  return name.substr(0, end) + "…";
}

/// How many rows a column gets, so that there are at most three and no short ones.
std::size_t column_rows(std::size_t rows) {
  const std::size_t columns = std::clamp<std::size_t>(rows / 8, 1, 3);
  return (rows + columns - 1) / columns;
}

void draw_ratio_scale(svg& out, const frame& in) {
  for (const double value : {0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0}) {
    if (value < in.x.low * 0.999 || value > in.x.high * 1.001) continue;
    const double x = in.x.at(value);
    out.line(x, in.top, x, in.bottom, value == 1 ? "one" : "grid");
    out.text(x, in.top - 6,
             value == 0.125  ? "⅛"
             : value == 0.25 ? "¼"
             : value == 0.5  ? "½"
                             : fmt::format("{:g}", value),
             value == 1 ? "tick strong" : "tick", "middle");
  }
}

void draw_ratio_row(svg& out, const frame& in, const contest& row, double y, const palette& colours) {
  const double ratio = row.ratio(), one = in.x.at(1), end = in.x.at(std::clamp(ratio, in.x.low, in.x.high));
  const bool slower = ratio < 1;
  out.rect(in.left, y, width - in.left, row_height, "row",
           fmt::format("{}: tessera {}, {} {}", row.work->name, seconds_text(row.ours->median), row.best->by,
                       seconds_text(row.best->median)));
  out.text(in.left - 8, y + 13.5, cut(row.work->name), slower ? "name slow" : "name", "end");
  out.rect(std::min(one, end), y + 4, std::max(1.0, std::fabs(end - one)), row_height - 8,
           fmt::format("bar {}{}", slower ? "slow" : "fast", row.is_clear() ? "" : " unclear"),
           fmt::format("{} {} over tessera {}: {}", row.best->by, seconds_text(row.best->median),
                       seconds_text(row.ours->median), ratio_text(ratio)));
  for (const timing* peer : row.others) {
    const double value = row.ratio_to(*peer);
    const style as = colours.of(peer->by);
    out.mark(in.x.at(std::clamp(value, in.x.low, in.x.high)), y + row_height / 2, as.shape, "dot " + as.classes,
             fmt::format("{}: {}, {} ({})", row.work->name, peer->by, seconds_text(peer->median), ratio_text(value)),
             2.6);
  }
  out.text(width - 4, y + 13.5, ratio_text(ratio), slower ? "value slow" : "value", "end");
}

}  // namespace

std::vector<std::string> ratio_charts(const std::vector<contest>& rows, const palette& colours, const std::string& id) {
  std::vector<const contest*> sorted;
  double least = 0.75, most = 4;  // peers beyond what the bars need lie at the edge
  for (const contest& row : rows) {
    if (!row.ours || !row.best) continue;
    sorted.push_back(&row);
    least = std::min(least, row.ratio() * 0.9);
    most = std::max(most, row.ratio() * 1.4);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->ratio() > b->ratio(); });
  const axis x{std::max(least, 0.11), std::min(most, 72.0), label_width, width - value_width, true};

  std::vector<std::string> columns;
  const std::size_t per_column = column_rows(sorted.size());
  for (std::size_t begin = 0; begin < sorted.size(); begin += per_column) {
    const std::size_t count = std::min(per_column, sorted.size() - begin);
    const double height = head + static_cast<double>(count) * row_height + 4;
    frame in{x, {}, label_width, width - value_width, head, height - 4};
    const int slower = static_cast<int>(std::count_if(sorted.begin() + static_cast<std::ptrdiff_t>(begin),
                                                      sorted.begin() + static_cast<std::ptrdiff_t>(begin + count),
                                                      [](auto* row) { return row->ratio() < 1; }));
    svg out(width, height, fmt::format("{}-{}", id, columns.size()),
            "Best peer's time over tessera's, " + sorted[0]->work->group,
            fmt::format("{} from {} ({}) to {} ({}); in {} tessera is slower. The table has the numbers.",
                        number_of(count, "workload"), sorted[begin]->work->name, ratio_text(sorted[begin]->ratio()),
                        sorted[begin + count - 1]->work->name, ratio_text(sorted[begin + count - 1]->ratio()), slower));
    draw_ratio_scale(out, in);
    for (std::size_t k = 0; k < count; ++k)
      draw_ratio_row(out, in, *sorted[begin + k], head + static_cast<double>(k) * row_height, colours);
    columns.push_back(out.str());
  }
  return columns;
}

std::vector<std::string> transfer_charts(const std::vector<contest>& rows, const std::string& id) {
  std::vector<const contest*> sorted;
  for (const contest& row : rows) {
    if (row.ours && (known(row.ours->to_device) || known(row.ours->from_device))) sorted.push_back(&row);
  }
  const auto total = [](const contest& row) { return row.ours->to_device + row.ours->median + row.ours->from_device; };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](auto* a, auto* b) { return a->ours->median / total(*a) > b->ours->median / total(*b); });
  std::vector<std::string> columns;
  const std::size_t per_column = column_rows(sorted.size());
  for (std::size_t begin = 0; begin < sorted.size(); begin += per_column) {
    const std::size_t count = std::min(per_column, sorted.size() - begin);
    const double height = static_cast<double>(count) * row_height + 8, left = label_width, right = width - value_width;
    svg out(width, height, fmt::format("{}-{}", id, columns.size()), "Transfer and compute",
            fmt::format("The parts of moving the operands, a call and moving the result back, of {}.",
                        number_of(count, "workload")));
    for (std::size_t k = 0; k < count; ++k) {
      const contest& row = *sorted[begin + k];
      const double y = 4 + static_cast<double>(k) * row_height, scale = (right - left) / total(row);
      out.text(left - 8, y + 13.5, cut(row.work->name), "name", "end");
      double x = left;
      const auto part = [&](double seconds, const char* classes, const char* what) {
        if (!known(seconds)) return;
        out.rect(x, y + 4, seconds * scale, row_height - 8, classes,
                 fmt::format("{}: {} {}", row.work->name, what, seconds_text(seconds)));
        x += seconds * scale;
      };
      part(row.ours->to_device, "part to", "to the device");
      part(row.ours->median, "part fast", "a call");
      part(row.ours->from_device, "part back", "back");
      out.text(width - 4, y + 13.5, percent(row.ours->median / total(row)), "value", "end");
    }
    columns.push_back(out.str());
  }
  return columns;
}

}  // namespace bench
