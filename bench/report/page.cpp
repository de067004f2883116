// A run's results as a page of HTML that needs nothing else.
#include "page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "charts.hpp"
#include "contests.hpp"
#include "tables.hpp"
#include "text.hpp"

namespace bench {
namespace {

std::string section(const std::string& id, const std::string& title, const std::string& body) {
  return fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", id, escaped(title), body);
}

std::string figure(const std::string& chart, const std::string& caption) {
  if (chart.empty()) return "";
  return fmt::format("<figure><figcaption>{}</figcaption>\n{}</figure>\n", escaped(caption), chart);
}

std::string grid(const std::string& figures) {
  return figures.empty() ? "" : "<div class=\"grid\">" + figures + "</div>\n";
}

std::string where_text(const place& one) { return place_text(one.device, one.threads); }

std::string headline(const results& all, const std::vector<place>& where) {
  std::string out = "<div class=\"heroes\">";
  for (const place& one : where) {
    const standing total = stand("all", contests(all, one));
    if (total.contested == 0) continue;
    out += fmt::format(
        "<div class=\"hero\"><p class=\"big{}\">{}<span>×</span></p><p><b>{}</b>: the best peer's time over tessera's, "
        "geometric mean of "
        "{}. tessera is faster than every peer in {} of them, slower than one in {}.</p></div>",
        total.mean < 0.995 ? " slow" : "", ratio_text(total.mean), escaped(where_text(one)),
        number_of(static_cast<std::size_t>(total.contested), "workload"), total.faster, total.contested - total.faster);
  }
  return out + "</div>\n" + standing_table(all);
}

std::string limits_section(const results& all, const std::vector<place>& where) {
  std::string charts, out;
  std::vector<place> shown;
  for (const bandwidth& one : all.measured_limits.bandwidths) {
    const place at{one.device, one.threads};
    if (std::find(shown.begin(), shown.end(), at) == shown.end()) shown.push_back(at);
  }
  for (std::size_t k = 0; k < shown.size(); ++k)
    charts +=
        figure(bandwidth_chart(all, shown[k], fmt::format("bandwidth{}", k)), "Bandwidth, " + where_text(shown[k]));
  if (!charts.empty()) charts = palette(bandwidth_ways()).legend(bandwidth_ways()) + grid(charts);
  const std::string peaks = peak_table(all);
  std::string roofs;
  for (std::size_t k = 0; k < where.size(); ++k)
    roofs += figure(roofline_chart(all, where[k], fmt::format("roofline{}", k)), "Roofline, " + where_text(where[k]));
  if (!peaks.empty() || !charts.empty()) {
    out = section("limits", "What the machine allows",
                  "<p>Measured before the workloads, by loops that do nothing else. A call's share of its limit is "
                  "the least time that "
                  "these allow over its median; dashed lines are the sizes of caches.</p>\n" +
                      charts + peaks);
  }
  if (!roofs.empty()) {
    out +=
        section("roofline", "Roofline",
                "<p>Each workload that counts operations is a point, by its operations for each byte of least traffic. "
                "What fits into a "
                "cache may lie above the line of memory. Point at one for its name; the tables have all values.</p>\n"
                "<ul class=\"legend\">" +
                    legend_key(R"(<circle class="point s0" cx="7" cy="6" r="4"/>)", "float32") +
                    legend_key(R"(<rect class="point s1" x="3" y="2" width="8" height="8"/>)", "float64") +
                    legend_key(R"(<path class="point s3" d="M7 1L12 6L7 11L2 6Z"/>)", "other dtypes") + "</ul>\n" +
                    grid(roofs));
  }
  return out;
}

std::string ratio_section(const results& all, const std::vector<place>& where, const palette& colours) {
  std::string out;
  int chart = 0;
  for (const place& one : where) {
    std::string inside;
    for (const std::string& group : groups(all)) {
      const std::vector<contest> rows = contests(all, one, group);
      const std::vector<std::string> columns = ratio_charts(rows, colours, fmt::format("ratio{}", chart++));
      if (columns.empty()) continue;
      const standing found = stand(group, rows);
      inside += fmt::format(
          "<figure class=\"wide\"><figcaption>{}<span>{} of {} faster, geometric mean {}</span></figcaption>{}<div "
          "class=\"columns\">",
          escaped(group), found.faster, found.contested, ratio_text(found.mean), colours.legend(peers_of(rows)));
      for (const std::string& column : columns) inside += column;
      inside += "</div></figure>\n";
    }
    if (inside.empty()) continue;
    out += fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", out.empty() ? " open=\"open\"" : "",
                       escaped(where_text(one)), inside);
  }
  if (out.empty()) return "";
  return section(
      "ratios", "Beside the peers",
      "<p>A bar is the best peer's time over tessera's, on a scale of powers of two: to the right of 1 tessera is "
      "faster, to the left it is <b class=\"slow\">slower</b>. A pale bar says that the middle halves of both's times "
      "meet, or that one of them was timed once or twice. The times of one library share a process and a moment: that "
      "they lie apart speaks of noise within this run; another run is the check. Dots are all peers, at the edge where "
      "they lie beyond it.</p>\n" +
          out);
}

std::string scaling_section(const results& all, const std::vector<place>& where, const palette& colours) {
  std::string sizes, threads;
  std::set<std::string> names;
  int chart = 0;
  for (const sweep& one : sweeps(all)) {
    for (const place& at : where) {
      const auto in = sweep_names(one, at);
      names.insert(in.begin(), in.end());
      sizes +=
          figure(sweep_chart(all, one, at, colours, fmt::format("sweep{}", chart++)), one.of + ", " + where_text(at));
    }
  }
  std::vector<place> hosts = where;
  std::erase_if(hosts, [](const place& one) { return one.device != "cpu"; });
  if (hosts.size() > 1) {
    threads = figure(gain_chart(all, hosts.front(), hosts.back(), "gain"),
                     fmt::format("{} beside {}", where_text(hosts.back()), where_text(hosts.front())));
    threads += figure(thread_chart(all, colours, "threads"), "Geometric mean of all workloads");
  }
  std::string out;
  if (!sizes.empty()) {
    std::vector<std::string> shown = {"tessera"};
    for (const std::string& name : names) {
      if (name != "tessera") shown.push_back(name);
    }
    out += section("sizes", "Over size",
                   "<p>The same statement on operands from those that fit into the nearest cache to those that do "
                   "not fit into any.</p>\n" +
                       colours.legend(shown) + grid(sizes));
  }
  if (!threads.empty()) {
    out += section(
        "threads", "Over threads",
        "<p>How many times faster more threads are. A dot is a workload, the line through a row its group's geometric "
        "mean; 1 is no gain.</p>\n" +
            grid(threads));
  }
  return out;
}

std::string device_section(const results& all, const std::vector<place>& where) {
  std::string out;
  int chart = 0;
  for (const place& one : where) {
    if (one.device == "cpu") continue;
    out += fmt::format("<h3>{}</h3>\n", escaped(one.device));
    std::string columns;
    for (const std::string& column : transfer_charts(contests(all, one), fmt::format("transfer{}", chart++)))
      columns += column;
    if (!columns.empty()) {
      out += R"(<details open="open"><summary>All workloads as bars</summary><figure class="wide">)"
             R"(<figcaption>Transfer and compute)"
             R"(<span>the call's share of all three at the right</span></figcaption><ul class="legend">)" +
             legend_key(R"(<rect class="part to" x="1" y="1" width="12" height="10"/>)", "operands to the device") +
             legend_key(R"(<rect class="part fast" x="1" y="1" width="12" height="10"/>)", "a call") +
             legend_key(R"(<rect class="part back" x="1" y="1" width="12" height="10"/>)", "the result back") +
             "</ul><div class=\"columns\">" + columns + "</div></figure></details>\n";
    }
    out += device_table(all, one);
  }
  if (out.empty()) return "";
  return section("device", "First use and transfer",
                 "<p>The first call compiles kernels and gets memory; a call is the median of those after it, with "
                 "operands and result "
                 "on the device. Moving them is timed apart.</p>\n" +
                     out);
}

std::string table_section(const results& all, const std::vector<place>& where) {
  std::string out;
  for (const std::string& group : groups(all)) {
    std::string inside;
    for (const place& one : where) {
      const std::vector<contest> rows = contests(all, one, group);
      if (rows.empty()) continue;
      inside += fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", inside.empty() ? " open=\"open\"" : "",
                            escaped(where_text(one)), group_table(rows, group + ", " + where_text(one)));
    }
    if (!inside.empty()) out += fmt::format("<h3>{}</h3>\n{}", escaped(group), inside);
  }
  if (out.empty()) return "";
  return section(
      "tables", "All times",
      "<p>Medians of calls, below them the middle half of the times and the share of what the limits allow; in bold a "
      "peer's time "
      "over tessera's. A small raised number is of how many threads the time is, where a library has no more to "
      "use.</p>\n"
      "<p class=\"filter\" hidden=\"hidden\"><label>Only workloads with <input type=\"search\" id=\"filter\" "
      "autocomplete=\"off\"/></label></p>\n" +
          out);
}

std::string model_section(const results& all) {
  std::vector<std::string> gpus;
  for (const measured& work : all.workloads) {
    for (const model& one : work.models) {
      if (std::find(gpus.begin(), gpus.end(), one.gpu) == gpus.end()) gpus.push_back(one.gpu);
    }
  }
  std::string out;
  for (const std::string& gpu : gpus) {
    out += fmt::format("<details{}><summary>{} <em class=\"modelled\">modelled</em></summary>\n{}</details>\n",
                       out.empty() ? " open=\"open\"" : "", escaped(gpu), model_table(all, gpu));
  }
  if (out.empty()) return "";
  return section("modelled", "Modelled GPUs",
                 "<p class=\"warning\">Modelled from counted instructions and bytes: nothing here was "
                 "measured.</p>\n<p>Launches, instructions "
                 "and bytes were counted on an emulated device; the least time is what the GPU's data sheet allows for "
                 "them. A real one takes "
                 "longer.</p>\n" +
                     out);
}

std::string failure_section(const results& all) {
  std::string out;
  if (!all.absent.empty()) {
    out += "<dl class=\"facts\">";
    for (const auto& [name, why] : all.absent)
      out += fmt::format("<div><dt>{}, absent</dt><dd>{}</dd></div>", escaped(name), escaped(why));
    out += "</dl>\n";
  }
  const std::string failures = failure_table(all);
  if (!failures.empty()) out += "<p>A result that differs from plain loops is not timed.</p>\n" + failures;
  if (out.empty()) out = "<p>Every peer that was asked for took part, and every result was right.</p>\n";
  return section("failures", "What gave no times", out);
}

}  // namespace

std::string html_document(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light "
      "dark\"/>\n<title>{}</title>\n"
      "<style>/*<![CDATA[*/\n{}/*]]>*/</style>\n</head>\n<body>\n{}<script>//<![CDATA[\n{}//]]></script>\n</body>\n</"
      "html>\n",
      escaped(title), page_style, body, page_script);
}

std::string report_page(const results& all) {
  const std::vector<place> where = places(all);
  std::vector<contest> every;
  for (const place& one : where) {
    for (contest& row : contests(all, one)) every.push_back(std::move(row));
  }
  const palette colours(peers_of(every));
  const std::string sections =
      (where.empty() ? section("headline", "Where tessera stands", "<p>This run has no times of tessera.</p>\n")
                     : section("headline", "Where tessera stands", headline(all, where))) +
      section("machine", "The machine", machine_list(all)) + limits_section(all, where) +
      ratio_section(all, where, colours) + scaling_section(all, where, colours) + device_section(all, where) +
      table_section(all, where) + model_section(all) + failure_section(all);
  struct entry {
    const char *id, *text;
  };
  std::string nav;
  for (const entry& one : {entry{"headline", "Standing"},
                           {"machine", "Machine"},
                           {"limits", "Limits"},
                           {"roofline", "Roofline"},
                           {"ratios", "Ratios"},
                           {"sizes", "Sizes"},
                           {"threads", "Threads"},
                           {"device", "Device"},
                           {"tables", "Tables"},
                           {"modelled", "Modelled"},
                           {"failures", "No times"}}) {
    if (sections.find(fmt::format("<section id=\"{}\"", one.id)) != std::string::npos)
      nav += fmt::format("<a href=\"#{}\">{}</a>", one.id, one.text);
  }
  std::string facts = escaped(all.machine.cpu);
  if (!all.machine.simd.empty()) facts += (facts.empty() ? "" : " · ") + escaped(all.machine.simd);
  if (!all.date.empty()) facts += (facts.empty() ? "" : " · ") + escaped(date_text(all.date));
  if (!all.commit.empty()) facts += " · commit " + escaped(all.commit);
  return html_document(
      "Tessera benchmarks",
      fmt::format(
          "<header><h1>Tessera benchmarks</h1><p>{}</p><nav aria-label=\"Sections\">{}</nav></header>\n"
          "<main>\n{}</main>\n<footer><p>Written by tessera-bench report. One call of a statement from recipe to "
          "result, which is allocated in every call; checked against plain loops before it is timed. "
          "Medians are compared.</p></footer>\n",
          facts, nav, sections));
}

}  // namespace bench
