// A comparison of two runs for a terminal, as Markdown and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "comparison.hpp"
#include "text.hpp"

namespace bench {
namespace {

/// Slower ones first, then faster ones, each by how much; then unchanged ones, then undecided ones in the order of the
/// file.
std::vector<change> sorted(std::vector<change> changes) {
  const auto rank = [](const change& one) {
    return one.what == verdict::slower ? 0 : one.what == verdict::faster ? 1 : one.what == verdict::unchanged ? 2 : 3;
  };
  std::stable_sort(changes.begin(), changes.end(), [&](const change& a, const change& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return rank(a) == 0 ? a.ratio() < b.ratio() : rank(a) == 1 && a.ratio() > b.ratio();
  });
  return changes;
}

std::string p_text(const change& one) {
  if (one.on != evidence::samples) return text_of(one.on);
  return one.p < 0.0001 ? "p < 0.0001" : fmt::format("p = {:.4f}", one.p);
}

std::string counts_text(const std::vector<change>& changes) {
  return fmt::format("{} faster, {} slower, {} unchanged, {} undecided; geometric mean of before / now {}",
                     count(changes, verdict::faster), count(changes, verdict::slower),
                     count(changes, verdict::unchanged), count(changes, verdict::undecided),
                     ratio_text(mean_ratio(changes)));
}

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Columns with two spaces between them.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t k = 0; k < row.size(); ++k) widths[k] = std::max(widths[k], width_of(row[k]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t k = 0; k < row.size(); ++k) line += row[k] + std::string(widths[k] + 2 - width_of(row[k]), ' ');
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string run_text(const results& run) {
  return fmt::format("commit {}, {}, {}, {}", run.commit.empty() ? "unknown" : run.commit, date_text(run.date),
                     run.machine.cpu, run.machine.simd);
}

/// Those that were judged, or those that could not be; empty without any.
std::string terminal_table(const std::vector<change>& changes, bool undecided, bool all) {
  std::vector<std::vector<std::string>> rows = {
      {"", "workload", "by", "where", "before", "now", "before / now", "evidence"}};
  for (const change& one : sorted(changes)) {
    if ((one.what == verdict::undecided) != undecided) continue;
    if (!all && (one.by != "tessera" || one.what == verdict::unchanged)) continue;
    rows.push_back({text_of(one.what), one.workload, one.by, place_text(one.where.device, one.where.threads),
                    seconds_text(one.before), seconds_text(one.after), ratio_text(one.ratio()), p_text(one)});
  }
  return rows.size() > 1 ? aligned(rows) + "\n" : "";
}

std::string markdown_table(const std::vector<change>& changes, bool undecided) {
  std::string rows;
  for (const change& one : sorted(changes)) {
    if ((one.what == verdict::undecided) != undecided) continue;
    rows += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", text_of(one.what), markdown_escaped(one.workload),
                        markdown_escaped(place_text(one.where.device, one.where.threads)), seconds_text(one.before),
                        seconds_text(one.after), ratio_text(one.ratio()), p_text(one));
  }
  if (rows.empty()) return "";
  return "\n| | workload | where | before | now | before / now | evidence |\n|--|--|--|--|--|--|--|\n" + rows;
}

}  // namespace

std::string comparison_text(const comparison& found, bool all) {
  std::string out;
  for (const std::string& difference : found.differences) out += "ANOTHER MACHINE: " + difference + "\n";
  out += terminal_table(found.changes, false, all);
  const std::string undecided = terminal_table(found.changes, true, all);
  if (!undecided.empty()) out += "Timed too few times to tell:\n" + undecided;
  for (const std::string& one : found.lost) out += "no time any more: " + one + "\n";
  for (const std::string& one : found.gained) out += "has a time now: " + one + "\n";
  out += "tessera: " + counts_text(of_tessera(found)) + "\n";
  const std::vector<change> peers = of_peers(found);
  if (!peers.empty()) out += "peers:   " + counts_text(peers) + " (how far the machine itself differs)\n";
  return out;
}

std::string comparison_markdown(const comparison& found, const results& before, const results& after) {
  std::string out = fmt::format("# Comparison\n\n- before: {}\n- now: {}\n", markdown_escaped(run_text(before)),
                                markdown_escaped(run_text(after)));
  for (const std::string& one : found.differences) out += "- **Another machine**: " + markdown_escaped(one) + "\n";
  for (const std::string& one : found.lost) out += "- **no time any more**: " + markdown_escaped(one) + "\n";
  for (const std::string& one : found.gained) out += "- has a time now: " + markdown_escaped(one) + "\n";
  out += "- tessera: " + counts_text(of_tessera(found)) + "\n- peers: " + counts_text(of_peers(found)) + "\n";
  out += fmt::format("\n{}\n", significance_text);
  const std::vector<change> ours = of_tessera(found);
  const std::string undecided = markdown_table(ours, true);
  out += markdown_table(ours, false);
  return undecided.empty() ? out : out + "\n## Timed too few times to tell\n" + undecided;
}

std::string comparison_summary(const comparison& found) {
  using nlohmann::ordered_json;
  ordered_json out = {{"another_machine", found.differences}, {"lost", found.lost}, {"gained", found.gained}};
  for (const auto& [name, changes] : {std::pair{"tessera", of_tessera(found)}, {"peers", of_peers(found)}}) {
    out[name] = {{"faster", count(changes, verdict::faster)},
                 {"slower", count(changes, verdict::slower)},
                 {"unchanged", count(changes, verdict::unchanged)},
                 {"undecided", count(changes, verdict::undecided)},
                 {"before_over_now", changes.empty() ? ordered_json(nullptr) : ordered_json(mean_ratio(changes))}};
  }
  out["changes"] = ordered_json::array();
  for (const change& one : found.changes) {
    ordered_json row = {{"workload", one.workload},       {"by", one.by},
                        {"device", one.where.device},     {"threads", one.where.threads},
                        {"before", one.before},           {"now", one.after},
                        {"before_over_now", one.ratio()}, {"verdict", text_of(one.what)},
                        {"evidence", text_of(one.on)}};
    if (one.on == evidence::samples) row["p"] = one.p;
    out["changes"].push_back(std::move(row));
  }
  return out.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace bench
