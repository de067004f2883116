// A run's results as Markdown.
#include <fmt/format.h>

#include "contests.hpp"
#include "page.hpp"
#include "text.hpp"

namespace bench {
namespace {

std::string standings_text(const results& all, const place& where) {
  std::string out =
      "| group | best peer / tessera, geometric mean | faster than all | NumPy / tessera |\n|--|--|--|--|\n";
  for (const standing& one : standings(all, where)) {
    out += fmt::format("| {} | {} | {} of {} | {} |\n", markdown_escaped(one.group), ratio_text(one.mean), one.faster,
                       one.contested, ratio_text(one.numpy_mean));
  }
  return out + "\n";
}

std::string group_text(const std::vector<contest>& rows) {
  const std::vector<std::string> peers = peers_of(rows);
  std::string out = "| workload | tessera | middle half | of limit | best peer | best / tessera |",
              rule = "|--|--|--|--|--|--|";
  for (const std::string& peer : peers) {
    out += fmt::format(" {} |", markdown_escaped(peer));
    rule += "--|";
  }
  out += "\n" + rule + "\n";
  for (const contest& row : rows) {
    const timing none, &ours = row.ours ? *row.ours : none;
    const std::string spread = known(ours.quartile1)
                                   ? fmt::format("{} to {}", seconds_text(ours.quartile1), seconds_text(ours.quartile3))
                                   : "";
    out += fmt::format(
        "| {} | {} | {} | {} | {} | {} |", markdown_escaped(row.work->name), seconds_text(ours.median), spread,
        percent(ours.of_limit),
        row.best ? fmt::format("{} {}", markdown_escaped(row.best->by), seconds_text(row.best->median)) : "",
        row.best ? ratio_text(row.ratio()) : "");
    for (const std::string& peer : peers) {
      const timing* one = row.find(peer);
      out += fmt::format(" {} |", one ? seconds_text(one->median) : "");
    }
    out += "\n";
  }
  return out + "\n";
}

std::string failures_text(const results& all) {
  std::string out;
  for (const auto& [name, why] : all.absent)
    out += fmt::format("- {} is absent: {}\n", markdown_escaped(name), markdown_escaped(why));
  for (const measured& work : all.workloads) {
    for (const timing& one : work.timings) {
      if (!one.error.empty())
        out += fmt::format("- {}, {}, {}: {}\n", markdown_escaped(work.name), markdown_escaped(one.by),
                           markdown_escaped(place_text(one.device, one.threads)), markdown_escaped(one.error));
    }
  }
  return out.empty() ? "" : "## What gave no times\n\n" + out;
}

/// Headed as modelled; empty where nothing was.
std::string modelled_markdown(const results& all) {
  std::string rows;
  for (const measured& work : all.workloads) {
    for (const model& one : work.models) {
      rows += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", markdown_escaped(work.name),
                          markdown_escaped(one.gpu), one.launches, count_text(one.instructions),
                          decimal_bytes(one.bytes), seconds_text(one.seconds), markdown_escaped(one.bound));
    }
  }
  if (rows.empty()) return "";
  return "**Modelled from counted instructions and bytes: nothing here was measured.**\n\n"
         "| workload | GPU | launches | instructions | bytes | modelled least time | bound by |\n"
         "|--|--|--|--|--|--|--|\n" +
         rows;
}

}  // namespace

std::string report_markdown(const results& all) {
  std::string out = fmt::format("# Tessera benchmarks\n\n{}, {} hardware threads, {}; {}; commit {}, {}\n\n",
                                markdown_escaped(all.machine.cpu), all.machine.cores,
                                markdown_escaped(all.machine.simd), markdown_escaped(all.machine.system),
                                markdown_escaped(all.commit), markdown_escaped(date_text(all.date)));
  std::string versions;
  for (const auto& [name, version] : all.versions)
    versions += fmt::format("{}{} {}", versions.empty() ? "" : ", ", markdown_escaped(name), markdown_escaped(version));
  if (!versions.empty()) out += versions + "\n\n";
  out += "Medians. A ratio above 1 means that tessera is faster.\n\n";
  for (const place& where : places(all)) {
    const std::string name = markdown_escaped(place_text(where.device, where.threads));
    out += fmt::format("## {}\n\n", name) + standings_text(all, where);
    for (const std::string& group : groups(all)) {
      const std::vector<contest> rows = contests(all, where, group);
      if (!rows.empty()) out += fmt::format("### {}, {}\n\n", markdown_escaped(group), name) + group_text(rows);
    }
  }
  const std::string modelled = modelled_markdown(all);
  if (!modelled.empty()) out += "## Modelled GPUs\n\n" + modelled + "\n";
  return out + failures_text(all);
}

}  // namespace bench
