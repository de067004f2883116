// The tables of a page, in HTML.
#include "tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "text.hpp"

namespace bench {
namespace {

std::string row_name(const measured& work) {
  return fmt::format("<th scope=\"row\" data-v=\"{}\">{}{}</th>", escaped(work.name), breakable(work.name),
                     work.formula.empty() ? "" : "<small class=\"formula\">" + escaped(work.formula) + "</small>");
}

std::string empty_cell() { return "<td class=\"num\"></td>"; }

std::string time_cell(const timing& one, const contest& row) {
  std::string below;
  if (known(one.quartile1) && known(one.quartile3)) below = escaped(spread_text(one.quartile1, one.quartile3));
  if (known(one.of_limit)) below += (below.empty() ? "" : " · ") + escaped(percent(one.of_limit));
  std::string text = seconds_text(one.median);
  if (one.threads != row.where.threads)
    text += fmt::format("<sup title=\"on {}\">{}</sup>", place_text("cpu", one.threads), one.threads);
  const bool tessera = one.by == "tessera";
  if (!tessera && row.ours)
    text += fmt::format(" <b class=\"ratio{}\">{}</b>", row.ratio_to(one) < 1 ? " slow" : "",
                        ratio_text(row.ratio_to(one)));
  return cell(one.median, text, below, &one == row.best ? "best" : tessera ? "ours" : "");
}

}  // namespace

std::string breakable(const std::string& name) {
  std::string out = escaped(name);
  for (std::size_t at = 0; (at = out.find('_', at)) != std::string::npos; at += 7) out.insert(at + 1, "<wbr/>");
  return out;
}

std::string scrolling(const std::string& name, const std::string& table) {
  return fmt::format("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table>{}</table></div>\n",
                     escaped(name), table);
}

std::string cell(double value, const std::string& text, const std::string& below, const std::string& classes) {
  return fmt::format("<td class=\"num{}{}\"{}>{}{}</td>", classes.empty() ? "" : " ", classes,
                     known(value) ? fmt::format(" data-v=\"{:.6g}\"", value) : "", text,
                     below.empty() ? "" : "<small>" + below + "</small>");
}

std::string headings(const std::vector<std::string>& texts) {
  std::string out = "<thead><tr>";
  for (std::size_t k = 0; k < texts.size(); ++k)
    out += fmt::format("<th scope=\"col\"{}>{}</th>", k == 0 ? "" : " class=\"num\"", escaped(texts[k]));
  return out + "</tr></thead>";
}

std::string spread_text(double low, double high) {
  std::string from = seconds_text(low);
  const std::string to = seconds_text(high);
  const auto unit = [](const std::string& text) { return text.substr(text.rfind(' ') + 1); };
  if (unit(from) == unit(to)) from.resize(from.rfind(' '));
  return from == to.substr(0, to.rfind(' ')) ? to : from + "–" + to;
}

std::string machine_list(const results& all) {
  const auto& machine = all.machine;
  std::string out = "<dl class=\"facts\">";
  const auto fact = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(value));
  };
  fact("Processor", machine.cpu);
  if (machine.cores > 0) fact("Hardware threads", std::to_string(machine.cores));
  fact("SIMD", machine.simd);
  std::string caches;
  for (const auto& one : machine.caches) {
    if (one.kind == "instruction") continue;
    caches +=
        fmt::format("{}L{} {}{}", caches.empty() ? "" : ", ", one.level, binary_bytes(static_cast<double>(one.bytes)),
                    one.cores > 1 ? fmt::format(" for {} cores", one.cores) : "");
  }
  fact("Caches", caches);
  if (machine.memory > 0) fact("Memory", binary_bytes(static_cast<double>(machine.memory)));
  fact("System", machine.system);
  for (const auto& gpu : machine.gpus) {
    std::string text = gpu.name + (gpu.emulated ? " (emulated: not timed)" : "");
    if (gpu.memory > 0) text += ", " + binary_bytes(static_cast<double>(gpu.memory));
    if (gpu.processors > 0) text += fmt::format(", {} multiprocessors", gpu.processors);
    if (gpu.compute_capability > 0)
      text += fmt::format(", compute capability {}.{}", gpu.compute_capability / 10, gpu.compute_capability % 10);
    fact(gpu.device, gpu.driver.empty() ? text : text + ", driver " + gpu.driver);
  }
  if (machine.gpus.empty()) fact("GPU", "none");
  fact("Commit", all.commit);
  fact("Run",
       fmt::format("{}{}{}", all.kind, all.date.empty() ? "" : (all.kind.empty() ? "" : ", ") + date_text(all.date),
                   known(all.seconds)
                       ? fmt::format(", took {:.0f} min {:02.0f} s", static_cast<int>(all.seconds / 60) * 1.0,
                                     all.seconds - 60 * static_cast<int>(all.seconds / 60))
                       : ""));
  fact("Load before it", known(all.load) ? fmt::format("{:.2f}", all.load) : "");
  out += "</dl>\n";
  if (all.versions.empty()) return out;
  out += "<p class=\"versions\">";
  const char* between = "";
  for (const auto& [name, version] : all.versions) {
    out += fmt::format("{}<span><b>{}</b> {}</span>", between, escaped(name), escaped(version));
    between = ", ";
  }
  return out + "</p>\n";
}

std::string standing_table(const results& all) {
  const std::vector<place> where = places(all);
  const std::vector<std::vector<standing>> rows = standing_rows(all, where);
  if (rows.empty()) return "";
  std::vector<bool> numpy;  // does it compete there?
  for (const standing& total : rows.back()) numpy.push_back(known(total.numpy_mean));
  const auto heading = [](const char* text) { return fmt::format(R"(<th scope="col" class="num">{}</th>)", text); };
  std::string head = R"(<thead><tr><th scope="col" rowspan="2">Group</th>)", second;
  for (std::size_t k = 0; k < where.size(); ++k) {
    head += fmt::format(R"(<th scope="colgroup" colspan="{}" class="over">{}</th>)", numpy[k] ? 3 : 2,
                        escaped(place_text(where[k].device, where[k].threads)));
    second +=
        heading("best peer / tessera") + heading("faster than all") + (numpy[k] ? heading("NumPy / tessera") : "");
  }
  std::string out = head + "</tr><tr>" + second + "</tr></thead><tbody>";
  for (const std::vector<standing>& row : rows) {
    out += fmt::format(R"(<tr{}><th scope="row">{}</th>)", &row == &rows.back() ? R"( class="total")" : "",
                       escaped(row.front().group));
    for (std::size_t k = 0; k < row.size(); ++k) {
      const standing& found = row[k];
      const char* slow = known(found.mean) && found.mean < 1 ? "slow" : "";
      out += cell(found.mean, ratio_text(found.mean), "", slow);
      out += cell(found.faster, found.contested ? fmt::format("{} of {}", found.faster, found.contested) : "–");
      if (numpy[k]) out += cell(found.numpy_mean, ratio_text(found.numpy_mean));
    }
    out += "</tr>";
  }
  return scrolling("How the groups stand", out + "</tbody>");
}

std::string peak_table(const results& all) {
  const limits& found = all.measured_limits;
  if (found.peaks.empty() && found.bandwidths.empty()) return "";
  std::string out = headings({"Where", "float32 FMA", "float64 FMA", "nearest cache", "memory"}) + "<tbody>";
  for (const peak& one : found.peaks) {
    double nearest = 0, memory = 0;
    std::int64_t largest = 0;
    for (const bandwidth& set : found.bandwidths) {
      if (set.device != one.device || set.threads != one.threads) continue;
      const double best = std::max({set.read, set.copy, set.triad, set.copy_streaming, set.triad_streaming});
      nearest = std::max(nearest, best);
      if (set.working_set > largest) largest = set.working_set, memory = best;
    }
    out += fmt::format("<tr><th scope=\"row\">{}</th>", escaped(place_text(one.device, one.threads)));
    out += cell(one.float32, rate_text(one.float32, "FLOP")) + cell(one.float64, rate_text(one.float64, "FLOP"));
    out += cell(nearest, byte_rate(nearest)) + cell(memory, byte_rate(memory)) + "</tr>";
  }
  out = scrolling("Peaks", out + "</tbody>");
  if (found.links.empty()) return out;
  std::string links = headings({"Device", "launch", "to the device", "from the device"}) + "<tbody>";
  for (const link& one : found.links) {
    links += fmt::format("<tr><th scope=\"row\">{}</th>", escaped(one.device)) +
             cell(one.launch, seconds_text(one.launch)) + cell(one.to_device, byte_rate(one.to_device)) +
             cell(one.from_device, byte_rate(one.from_device)) + "</tr>";
  }
  return out + scrolling("The way to a device", links + "</tbody>");
}

std::string group_table(const std::vector<contest>& rows, const std::string& name) {
  const std::vector<std::string> peers = peers_of(rows);
  std::vector<std::string> head = {"Workload", "tessera", "best / tessera"};
  head.insert(head.end(), peers.begin(), peers.end());
  std::string out = headings(head) + "<tbody>";
  for (const contest& row : rows) {
    const bool slow = row.ours && row.best && row.ratio() < 1;
    out += (slow ? "<tr class=\"slower\">" : "<tr>") + row_name(*row.work);
    out += row.ours ? time_cell(*row.ours, row) : empty_cell();
    out += row.ours && row.best
               ? cell(row.ratio(), fmt::format("<b{}>{}</b>", slow ? " class=\"slow\"" : "", ratio_text(row.ratio())),
                      escaped(row.best->by))
               : empty_cell();
    for (const std::string& peer : peers) {
      const timing* one = row.find(peer);
      out += one ? time_cell(*one, row) : empty_cell();
    }
    out += "</tr>\n";
  }
  return scrolling(name, out + "</tbody>");
}

std::string device_table(const results& all, const place& where) {
  std::vector<place> hosts = places(all);
  std::erase_if(hosts, [](const place& one) { return one.device != "cpu"; });
  const std::vector<contest> host_rows = hosts.empty() ? std::vector<contest>() : contests(all, hosts.back());
  std::string out = headings({"Workload", "first use", "a call", "first / call", "to the device", "back",
                              hosts.empty() ? "CPU" : "CPU, " + place_text("cpu", hosts.back().threads), "CPU / device",
                              "CPU / device with transfer"}) +
                    "<tbody>";
  for (const contest& row : contests(all, where)) {
    if (!row.ours) continue;
    const timing& one = *row.ours;
    double host = 0;
    for (const contest& other : host_rows) {
      if (other.work == row.work && other.ours) host = other.ours->median;
    }
    const double moved = host / (one.to_device + one.median + one.from_device);
    out += "<tr>" + row_name(*row.work) + cell(one.first, seconds_text(one.first)) +
           cell(one.median, seconds_text(one.median)) +
           cell(one.first / one.median, ratio_text(one.first / one.median)) +
           cell(one.to_device, seconds_text(one.to_device)) + cell(one.from_device, seconds_text(one.from_device)) +
           cell(host, seconds_text(host)) + cell(host / one.median, ratio_text(host / one.median)) +
           cell(moved, ratio_text(moved), "", known(moved) && moved < 1 ? "slow" : "") + "</tr>\n";
  }
  return scrolling("First use and transfer, " + where.device, out + "</tbody>");
}

std::string model_table(const results& all, const std::string& gpu) {
  std::string out =
      headings({"Workload", "launches", "instructions", "bytes", "modelled least time", "bound by"}) + "<tbody>";
  for (const measured& work : all.workloads) {
    for (const model& one : work.models) {
      if (one.gpu != gpu) continue;
      out += "<tr>" + row_name(work) + cell(static_cast<double>(one.launches), std::to_string(one.launches)) +
             cell(one.instructions, count_text(one.instructions)) + cell(one.bytes, decimal_bytes(one.bytes)) +
             cell(one.seconds, seconds_text(one.seconds)) +
             fmt::format("<td class=\"num\">{}</td></tr>\n", escaped(one.bound));
    }
  }
  return scrolling("Modelled, " + gpu, out + "</tbody>");
}

std::string failure_table(const results& all) {
  std::string rows;
  for (const measured& work : all.workloads) {
    for (const timing& one : work.timings) {
      if (has_times(one)) continue;
      rows +=
          fmt::format("<tr>{}<td>{}</td><td>{}</td><td class=\"why\">{}</td></tr>\n", row_name(work), escaped(one.by),
                      escaped(place_text(one.device, one.threads)), escaped(one.error.empty() ? "no time" : one.error));
    }
  }
  if (rows.empty()) return "";
  return scrolling("What gave no times",
                   "<thead><tr><th scope=\"col\">Workload</th><th scope=\"col\">By</th><th scope=\"col\">Where</th>"
                   "<th scope=\"col\">Why</th></tr></thead><tbody>" +
                       rows + "</tbody>");
}

}  // namespace bench
