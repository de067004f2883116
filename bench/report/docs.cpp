// The places of the documentation that are written from results.
#include "docs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "contests.hpp"
#include "statistics.hpp"
#include "text.hpp"

namespace bench {
namespace {

constexpr const char* opening = "<!-- bench: ";
constexpr const char* closing = "<!-- /bench -->";

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// The least and the greatest number of threads of the CPU; one place if there are no two.
std::vector<place> host_places(const results& all) {
  std::vector<place> found = places(all);
  std::erase_if(found, [](const place& one) { return one.device != "cpu"; });
  if (found.size() > 2) found.erase(found.begin() + 1, found.end() - 1);
  if (found.empty()) throw std::runtime_error("the results have no times of tessera on the CPU");
  return found;
}

std::string machine_text(const results& all, const std::string& file) {
  std::string caches, versions;
  for (const auto& one : all.machine.caches) {
    if (one.kind != "instruction")
      caches += fmt::format(", L{} {}", one.level, binary_bytes(static_cast<double>(one.bytes)));
  }
  for (const auto& [name, version] : all.versions) {
    if (name != "tessera") versions += fmt::format("{}{} {}", versions.empty() ? "" : ", ", name, version);
  }
  std::string out = fmt::format("- Machine: {}, {} hardware threads, {}{}, {}; load {:.1f} before the run{}.\n",
                                all.machine.cpu, all.machine.cores, all.machine.simd, caches, all.machine.system,
                                all.load, all.load > 0.5 * all.machine.cores ? ": other programs were running" : "");
  out += fmt::format("- Commit {}, {}, a {} run: [{}.json](../bench/results/{}.json).\n- {}.\n", all.commit,
                     date_text(all.date), all.kind, file, file, markdown_escaped(versions));
  for (const auto& [name, why] : all.absent)
    out += fmt::format("- Absent: {} ({}).\n", markdown_escaped(name), markdown_escaped(why));
  return out;
}

std::string standings_text(const results& all) {
  const std::vector<place> where = host_places(all);
  std::string head = "| group |", rule = "|--|";
  for (const place& one : where) {
    const std::string name = place_text(one.device, one.threads);
    head += fmt::format(" best peer / tessera, {} | faster than all | NumPy / tessera |", name);
    rule += "--|--|--|";
  }
  std::string rows;
  for (const std::vector<standing>& row : standing_rows(all, where)) {
    rows += "| " + markdown_escaped(row.front().group) + " |";
    for (const standing& one : row)
      rows += fmt::format(" {} | {} of {} | {} |", ratio_text(one.mean), one.faster, one.contested,
                          ratio_text(one.numpy_mean));
    rows += "\n";
  }
  return head + "\n" + rule + "\n" + rows;
}

std::string ratio_cell(double ratio) { return known(ratio) ? ratio_text(ratio) : ""; }
std::string peer_cell(const timing* one) {
  return one ? fmt::format("{} {}", markdown_escaped(one->by), seconds_text(one->median)) : "";
}

/// Columns between tessera's time and its share of the limit.
struct peer_columns {
  std::vector<const char*> names;
  std::vector<std::string> (*cells)(const contest& row);
};

const peer_columns best_and_numpy = {{"best peer", "best / tessera", "NumPy / tessera"}, [](const contest& row) {
                                       const timing* numpy = row.find("numpy");
                                       return std::vector<std::string>{peer_cell(row.best), ratio_cell(row.ratio()),
                                                                       numpy ? ratio_cell(row.ratio_to(*numpy)) : ""};
                                     }};

/// The fastest of the exact or of the expanded peers.
const timing* best_of(const contest& row, bool expanded) {
  const auto& names = row.work->expanded_peers;
  for (const timing* one : row.others) {
    if ((std::find(names.begin(), names.end(), one->by) != names.end()) == expanded) return one;
  }
  return nullptr;
}

const peer_columns exact_and_expanded = {
    {"best exact peer", "ratio", "best expanded peer", "ratio"}, [](const contest& row) {
      const timing *exact = best_of(row, false), *expanded = best_of(row, true);
      return std::vector<std::string>{peer_cell(exact), exact ? ratio_cell(row.ratio_to(*exact)) : "",
                                      peer_cell(expanded), expanded ? ratio_cell(row.ratio_to(*expanded)) : ""};
    }};

/// Empty where nobody competes.
std::string means_text(const std::vector<contest>& rows, bool distances) {
  const standing found = stand("", rows);
  if (found.contested == 0) return "";
  if (!distances) {
    return fmt::format("geometric mean {}, faster than every peer in {} of {}; NumPy / tessera {}",
                       ratio_text(found.mean), found.faster, found.contested, ratio_text(found.numpy_mean));
  }
  std::string out;
  for (const bool expanded : {false, true}) {
    std::vector<double> ratios;
    for (const contest& row : rows) {
      const timing* peer = best_of(row, expanded);
      if (row.ours && peer) ratios.push_back(row.ratio_to(*peer));
    }
    out +=
        fmt::format("{}beside {} peers {}, faster in {} of {}", expanded ? "; " : "geometric mean ",
                    expanded ? "expanded" : "exact", ratio_text(geometric_mean(ratios)),
                    std::count_if(ratios.begin(), ratios.end(), [](double ratio) { return ratio > 1; }), ratios.size());
  }
  return out;
}

using cells = std::vector<std::string>;

/// A table in Markdown, without the columns that are empty.
std::string table_text(const std::vector<cells>& rows) {
  std::string out;
  std::vector<bool> filled(rows.front().size());
  for (std::size_t k = 1; k < rows.size(); ++k) {
    for (std::size_t column = 0; column < rows[k].size(); ++column)
      filled[column] = filled[column] || !rows[k][column].empty();
  }
  for (std::size_t k = 0; k < rows.size(); ++k) {
    std::string line = "|", rule = "|";
    for (std::size_t column = 0; column < rows[k].size(); ++column) {
      if (!filled[column]) continue;
      line += fmt::format(" {} |", rows[k][column]);
      rule += "--|";
    }
    out += line + "\n" + (k == 0 ? rule + "\n" : "");
  }
  return out;
}

cells row_cells(const contest& row, const peer_columns& columns) {
  cells out = {markdown_escaped(row.work->name), seconds_text(row.ours->median)};
  for (std::string& cell : columns.cells(row)) out.push_back(std::move(cell));
  out.push_back(known(row.ours->of_limit) ? percent(row.ours->of_limit) : "");
  return out;
}

std::string group_text(const results& all, const std::string& group, bool distances) {
  const std::vector<place> where = host_places(all);
  const std::vector<contest> rows = contests(all, where.front(), group);
  if (rows.empty()) throw std::runtime_error("the results have no group " + group);
  const std::vector<contest> wide = where.size() > 1 ? contests(all, where.back(), group) : std::vector<contest>();
  const peer_columns& columns = distances ? exact_and_expanded : best_and_numpy;
  const std::string few = place_text("cpu", where.front().threads), many = place_text("cpu", where.back().threads);
  std::vector<cells> table = {{"workload", "tessera"}};
  for (const char* name : columns.names) table[0].emplace_back(name);
  for (const std::string& name : {std::string("of limit"), "gain of " + many, "best / tessera, " + many})
    table[0].push_back(name);
  std::string failures;
  for (const contest& row : rows) {
    for (const timing* one : row.failures) {
      if (one->by == "tessera")
        failures += fmt::format("No time of {}: {}.\n", markdown_escaped(row.work->name), markdown_escaped(one->error));
    }
    if (!row.ours) continue;
    table.push_back(row_cells(row, columns));
    const auto found = std::find_if(wide.begin(), wide.end(), [&](const contest& one) { return one.work == row.work; });
    const bool has = found != wide.end() && found->ours;
    table.back().push_back(has ? ratio_text(row.ours->median / found->ours->median) : "");
    table.back().push_back(has ? ratio_cell(found->ratio()) : "");
  }
  std::string out = table_text(table) + failures;
  const std::string narrow_means = means_text(rows, distances), wide_means = means_text(wide, distances);
  if (!narrow_means.empty() || !wide_means.empty()) out += "\n";
  if (!narrow_means.empty()) out += fmt::format("{}: {}.\n", few, narrow_means);
  if (!wide_means.empty()) out += fmt::format("{}: {}.\n", many, wide_means);
  return out;
}

std::string written(const std::string& what, const std::vector<named_results>& files) {
  std::vector<std::string> words = words_of(what);
  if (files.empty()) throw std::runtime_error("there are no results");
  const named_results* from = &files.front();
  if (words.size() >= 2 && words[words.size() - 2] == "of") {
    const auto found =
        std::find_if(files.begin(), files.end(), [&](const named_results& one) { return one.first == words.back(); });
    if (found == files.end()) throw std::runtime_error("no results named " + words.back() + " were given");
    from = &*found;
    words.resize(words.size() - 2);
  }
  const results& all = from->second;
  if (words == std::vector<std::string>{"machine"}) return machine_text(all, from->first);
  if (words == std::vector<std::string>{"standings"}) return standings_text(all);
  if (words.size() == 2 && words[0] == "group") return group_text(all, words[1], false);
  if (words.size() == 2 && words[0] == "distances") return group_text(all, words[1], true);
  if (words == std::vector<std::string>{"modelled"}) {
    const std::string table = modelled_table(all);
    return table.empty() ? throw std::runtime_error("the results have nothing modelled") : table;
  }
  throw std::runtime_error("'" + what + "' is not machine, standings, group NAME, distances NAME or modelled");
}

}  // namespace

std::string with_results(const std::string& document, const std::vector<named_results>& files) {
  std::istringstream in(document);
  std::string out, what;
  bool inside = false;
  int number = 0, opened = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const auto fail = [&](const std::string& why) {
      throw std::runtime_error(fmt::format("line {}: {}", number, why));
    };
    if (line == closing) {
      if (!inside) fail("the end of results that did not begin");
      inside = false;
    }
    if (inside) {
      if (line.starts_with(opening)) fail(fmt::format("results begin within those of line {}", opened));
      continue;
    }
    out += line + "\n";
    if (!line.starts_with(opening)) continue;
    const std::size_t end = line.rfind(" -->"), begin = std::string(opening).size();
    if (end == std::string::npos || end < begin) fail("the comment is not closed by ' -->'");
    try {
      out += written(line.substr(begin, end - begin), files);
    } catch (const std::runtime_error& error) {
      fail(error.what());
    }
    inside = true;
    opened = number;
  }
  if (inside) throw std::runtime_error(fmt::format("line {}: there is no {} after it", opened, closing));
  return out;
}

}  // namespace bench
