// A comparison of two runs as a page.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "comparison.hpp"
#include "page.hpp"
#include "svg.hpp"
#include "tables.hpp"
#include "text.hpp"

namespace bench {
namespace {

const char* colour_of(const change& one) {
  return one.what == verdict::faster ? "point s0" : one.what == verdict::slower ? "point slow" : "point same";
}

/// Each group's workloads as dots by how many times faster they became.
std::string change_chart(const std::vector<change>& changes) {
  std::vector<std::string> names;
  double most = 1.3;
  for (const change& one : changes) {
    if (std::find(names.begin(), names.end(), one.group) == names.end()) names.push_back(one.group);
    most = std::max({most, one.ratio() * 1.05, 1.05 / one.ratio()});
  }
  most = std::min(most, 16.0);
  constexpr double width = 560, row_height = 30;
  const double height = 30 + row_height * static_cast<double>(names.size()) + 40;
  const frame in{{1 / most, most, 96, width - 16, true}, {}, 96, width - 16, 10, height - 40};
  svg out(width, height, "changes", "Before over now",
          "Each group's workloads as dots by the median before over the median now: to the right of 1 faster, to the "
          "left slower.");
  for (const double value : {0.0625, 0.125, 0.25, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 2.0, 4.0, 8.0, 16.0}) {
    const bool near = value > 0.6 && value < 1.7 && value != 1;
    if (value < 1 / most || value > most || (near && most > 2)) continue;
    out.line(in.x.at(value), in.top, in.x.at(value), in.bottom, value == 1 ? "one" : "grid");
    out.text(in.x.at(value), in.bottom + 16, fmt::format("{:g}", value), value == 1 ? "tick strong" : "tick", "middle");
  }
  out.text((in.left + in.right) / 2, in.bottom + 34, "before / now: above 1 faster", "label", "middle");
  for (std::size_t k = 0; k < names.size(); ++k) {
    const double y = in.top + row_height * (static_cast<double>(k) + 0.5);
    out.text(in.left - 8, y + 4, names[k], "name", "end");
    for (const verdict each : {verdict::undecided, verdict::unchanged, verdict::faster, verdict::slower}) {
      for (const change& one : changes) {
        if (one.group != names[k] || one.what != each) continue;
        out.mark(
            in.x.at(std::clamp(one.ratio(), 1 / most, most)), y,
            each == verdict::slower   ? 3
            : each == verdict::faster ? 2
                                      : 0,
            colour_of(one),
            fmt::format("{}, {}: {} before, {} now, {}", one.workload, place_text(one.where.device, one.where.threads),
                        seconds_text(one.before), seconds_text(one.after), ratio_text(one.ratio())));
      }
    }
  }
  return out.str();
}

std::string change_table(std::vector<change> changes, const std::string& name) {
  std::stable_sort(changes.begin(), changes.end(),
                   [](const change& a, const change& b) { return a.ratio() < b.ratio(); });
  std::string out = headings({"Workload", "before", "now", "before / now", "p, adjusted"}) + "<tbody>";
  for (const change& one : changes) {
    out += fmt::format("<tr><th scope=\"row\" data-v=\"{}\">{}<small>{}{}</small></th>", escaped(one.workload),
                       breakable(one.workload), one.by == "tessera" ? "" : escaped(one.by) + ", ",
                       escaped(place_text(one.where.device, one.where.threads)));
    out += cell(one.before, seconds_text(one.before)) + cell(one.after, seconds_text(one.after)) +
           cell(one.ratio(), fmt::format("<b{}>{}</b>", one.what == verdict::slower ? " class=\"slow\"" : "",
                                         ratio_text(one.ratio())));
    out += cell(one.p, one.on != evidence::samples ? text_of(one.on)
                       : one.p < 0.0001            ? "&lt;0.0001"
                                                   : fmt::format("{:.4f}", one.p)) +
           "</tr>\n";
  }
  return scrolling(name, out + "</tbody>");
}

std::string listed(const char* classes, const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string out = fmt::format("<div class=\"{}\"><p>{}</p><ul>", classes, escaped(title));
  for (const std::string& line : lines) out += "<li>" + escaped(line) + "</li>";
  return out + "</ul></div>\n";
}

std::string part(const std::vector<change>& changes, verdict what, const std::string& title, bool open) {
  std::vector<change> rows;
  std::copy_if(changes.begin(), changes.end(), std::back_inserter(rows),
               [&](const change& one) { return one.what == what; });
  if (rows.empty()) return "";
  return fmt::format("<details{}><summary>{}: {}</summary>\n{}</details>\n", open ? " open=\"open\"" : "",
                     escaped(title), rows.size(), change_table(rows, title));
}

std::string parts(const std::vector<change>& changes, bool open) {
  return part(changes, verdict::slower, "Slower", open) + part(changes, verdict::faster, "Faster", open) +
         part(changes, verdict::unchanged, "Unchanged", false) +
         part(changes, verdict::undecided, "Undecided, timed too few times to tell", false);
}

std::string run_column(const std::string& title, const results& run) {
  return fmt::format("<section><h2>{}</h2>\n{}</section>\n", escaped(title), machine_list(run));
}

}  // namespace

std::string comparison_page(const comparison& found, const results& before, const results& after,
                            const comparison_options& options) {
  const std::vector<change> ours = of_tessera(found), peers = of_peers(found);
  std::string body =
      fmt::format("<header><h1>Tessera benchmarks: two runs</h1><p>{} before, {} now</p></header>\n<main>\n",
                  escaped(before.commit.empty() ? date_text(before.date) : "commit " + before.commit),
                  escaped(after.commit.empty() ? date_text(after.date) : "commit " + after.commit));
  body += listed("warning", "The runs are of different machines: no ratio below says anything of the code.",
                 found.differences);
  body += listed("warning", "These had times before and have none now:", found.lost);
  body += "<section id=\"changes-section\"><h2>What changed</h2>\n<div class=\"heroes\">";
  const auto hero = [&](const std::vector<change>& changes, const char* name, const char* remark) {
    if (changes.empty()) return;
    body += fmt::format(
        "<div class=\"hero\"><p class=\"big{}\">{}<span>×</span></p><p><b>{}</b>: the time before over the time now, "
        "geometric mean of {}. "
        "{} faster, {} slower, {} unchanged, {} undecided.{}</p></div>",
        mean_ratio(changes) < 0.995 ? " slow" : "", ratio_text(mean_ratio(changes)), name,
        number_of(changes.size(), "time"), count(changes, verdict::faster), count(changes, verdict::slower),
        count(changes, verdict::unchanged), count(changes, verdict::undecided), remark);
  };
  hero(ours, "tessera", "");
  hero(peers, "peers", " That is how far the machine itself differs.");
  body += "</div>\n";
  if (!ours.empty()) {
    body += "<figure class=\"wide\"><figcaption>tessera, by group</figcaption><ul class=\"legend\">" +
            legend_key(R"(<path class="point s0" d="M7 1L12 10L2 10Z"/>)", "faster") +
            legend_key(R"(<path class="point slow" d="M7 1L12 6L7 11L2 6Z"/>)", "slower") +
            legend_key(R"(<circle class="point same" cx="7" cy="6" r="4"/>)", "neither") +
            "</ul><div class=\"grid single\">" + change_chart(ours) + "</div></figure>\n";
  }
  body += fmt::format(
      "<p>Faster or slower is what differs by {} or more and is significant: by a two-sided test of Mann and Whitney "
      "over the samples of both "
      "runs, adjusted so that at most {} of what is called significant is chance (Benjamini and Hochberg); where a "
      "file has no samples, by middle halves of the times that lie apart. Undecided is what was timed too few times "
      "for "
      "the test to find anything. {} The peers show how far the machine itself differs.</p>\n",
      percent(options.least), percent(options.discoveries), significance_text);
  body += parts(ours, true) + listed("", "Have times now:", found.gained) + "</section>\n";
  if (!peers.empty()) body += "<section><h2>Peers</h2>\n" + parts(peers, false) + "</section>\n";
  body += run_column("The machine before", before) + run_column("The machine now", after) + "</main>\n";
  return html_document("Tessera benchmarks: two runs", body);
}

}  // namespace bench
