// Drawings as SVG in a page: text is text, colours and sizes of type come from the page's classes (page.css).
#include "svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "text.hpp"

namespace bench {
namespace {

/// Places to a tenth, without a minus zero.
std::string num(double value) {
  if (!std::isfinite(value)) value = 0;
  const double rounded = std::round(value * 10) / 10;
  return fmt::format("{:g}", rounded == 0 ? 0.0 : rounded);
}

std::string tip_of(const std::string& tip) { return tip.empty() ? "" : "<title>" + escaped(tip) + "</title>"; }

std::string element(const std::string& tag, const std::string& attributes, const std::string& inside) {
  return inside.empty() ? fmt::format("<{} {}/>", tag, attributes)
                        : fmt::format("<{} {}>{}</{}>", tag, attributes, inside, tag);
}

std::string mark_text(double x, double y, int shape, const std::string& classes, const std::string& tip, double s) {
  const std::string attributes = fmt::format("class=\"{}\"", classes);
  const auto corners = [&](const points& all) {
    std::string d;
    for (const auto& [dx, dy] : all)
      d += fmt::format("{}{} {}", d.empty() ? 'M' : 'L', num(x + dx * s), num(y + dy * s));
    return element("path", fmt::format("{} d=\"{}Z\"", attributes, d), tip_of(tip));
  };
  switch (shape % 4) {
    case 1: return corners({{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}});
    case 2: return corners({{0, -1.2}, {1.1, 0.9}, {-1.1, 0.9}});
    case 3: return corners({{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}});
    default:
      return element("circle", fmt::format("{} cx=\"{}\" cy=\"{}\" r=\"{}\"", attributes, num(x), num(y), num(s)),
                     tip_of(tip));
  }
}

/// The places of an axis that get a line, and every how many of them a label.
struct places_of {
  std::vector<double> at;
  std::size_t step = 1;
};

places_of decimal_places(const axis& along) {
  places_of found;
  const double decades = std::log10(along.high / along.low);
  for (int k = static_cast<int>(std::floor(std::log10(along.low))); k <= std::ceil(std::log10(along.high)); ++k) {
    for (const double digit : {1.0, 2.0, 5.0}) {
      if (decades > 2.2 && digit > 1) continue;
      const double value = digit * std::pow(10.0, k);
      if (value >= along.low * 0.999 && value <= along.high * 1.001) found.at.push_back(value);
    }
  }
  while (found.at.size() / found.step > 7) ++found.step;
  return found;
}

places_of binary_places(const axis& along) {
  places_of found;
  const double twos = std::log2(along.high / along.low);
  const int step = twos > 11 ? 4 : twos > 5 ? 2 : 1;
  for (int k = 0; k < 60; k += step) {
    const double value = std::exp2(k);
    if (value >= along.low * 0.999 && value <= along.high * 1.001) found.at.push_back(value);
  }
  return found;
}

}  // namespace

svg::svg(double width, double height, const std::string& id, const std::string& title, const std::string& description) {
  body_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-labelledby=\"{}-t {}-d\"><title id=\"{}-t\">{}</title><desc id=\"{}-d\">{}</desc>",
      num(width), num(height), id, id, id, escaped(title), id, escaped(description));
}

void svg::line(double x1, double y1, double x2, double y2, const std::string& classes) {
  body_ += fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", classes, num(x1), num(y1),
                       num(x2), num(y2));
}

void svg::rect(double x, double y, double width, double height, const std::string& classes, const std::string& tip) {
  body_ += element("rect",
                   fmt::format("class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", classes, num(x), num(y),
                               num(std::max(width, 0.0)), num(height)),
                   tip_of(tip));
}

void svg::text(double x, double y, const std::string& content, const std::string& classes, const char* anchor,
               double turned) {
  const std::string turn =
      turned == 0 ? "" : fmt::format(" transform=\"rotate({} {} {})\"", num(turned), num(x), num(y));
  body_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>", classes, num(x), num(y),
                       anchor, turn, escaped(content));
}

void svg::path(const points& through, const std::string& classes) {
  std::string d;
  for (const auto& [x, y] : through) d += fmt::format("{}{} {}", d.empty() ? 'M' : 'L', num(x), num(y));
  if (!d.empty()) body_ += fmt::format("<path class=\"{}\" d=\"{}\"/>", classes, d);
}

void svg::mark(double x, double y, int shape, const std::string& classes, const std::string& tip, double size) {
  body_ += mark_text(x, y, shape, classes, tip, size);
}

std::string svg::str() const { return body_ + "</svg>\n"; }

double axis::at(double value) const {
  const double part =
      log ? std::log(std::max(value, 1e-300) / low) / std::log(high / low) : (value - low) / (high - low);
  return from + (to - from) * part;
}

axis log_axis(const std::vector<double>& values, double from, double to) {
  double low = 0, high = 0;
  for (const double value : values) {
    if (!known(value)) continue;
    low = low == 0 ? value : std::min(low, value);
    high = std::max(high, value);
  }
  if (low == 0) return {1, 10, from, to, true};
  const auto outward = [](double value, bool up) {
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 5.0, 10.0}) {
      if (up && power * step >= value * 0.9999) return power * step;
    }
    for (const double step : {5.0, 2.0}) {
      if (power * step <= value * 1.0001) return power * step;
    }
    return power;
  };
  low = outward(low, false);
  high = outward(high, true);
  if (high <= low) high = low * 10;
  return {low, high, from, to, true};
}

void draw_x_axis(svg& out, const frame& in, ticks kind, std::string (*text)(double), const std::string& title) {
  const places_of found = kind == ticks::binary ? binary_places(in.x) : decimal_places(in.x);
  for (std::size_t k = 0; k < found.at.size(); ++k) {
    const double x = in.x.at(found.at[k]);
    out.line(x, in.top, x, in.bottom, "grid");
    if (k % found.step == 0) out.text(x, in.bottom + 16, shortened(text(found.at[k])), "tick", "middle");
  }
  out.line(in.left, in.bottom, in.right, in.bottom, "axis");
  out.text((in.left + in.right) / 2, in.bottom + 34, title, "label", "middle");
}

void draw_y_axis(svg& out, const frame& in, std::string (*text)(double), const std::string& title) {
  const places_of found = decimal_places(in.y);
  for (std::size_t k = 0; k < found.at.size(); ++k) {
    const double y = in.y.at(found.at[k]);
    out.line(in.left, y, in.right, y, "grid");
    if (k % found.step == 0) out.text(in.left - 6, y + 4, shortened(text(found.at[k])), "tick", "end");
  }
  out.text(4, in.top - 26, title, "label");
}

void draw_caches(svg& out, const frame& in, const std::vector<tessera_cli::cache>& caches) {
  double last = -100;
  for (const auto& cache : caches) {
    const double size = static_cast<double>(cache.bytes);
    if (cache.kind == "instruction" || size <= in.x.low || size >= in.x.high) continue;
    const double x = in.x.at(size);
    out.line(x, in.top, x, in.bottom, "cache");
    if (x - last > 22) out.text(x, in.top - 6, fmt::format("L{}", cache.level), "note", "middle");
    last = x;
  }
}

std::string legend_key(const std::string& shape, const std::string& meaning) {
  return fmt::format(R"(<li><svg class="key" viewBox="0 0 14 12" aria-hidden="true">{}</svg>{}</li>)", shape, meaning);
}

palette::palette(const std::vector<std::string>& peers) {
  order_["tessera"] = 0;
  for (const std::string& name : peers) order_.emplace(name, static_cast<int>(order_.size()));
}

style palette::of(const std::string& name) const {
  const auto found = order_.find(name);
  const int k = found == order_.end() ? static_cast<int>(order_.size()) : found->second;
  if (k == 0) return {"s0", 0};
  return {fmt::format("s{}{}", 1 + (k - 1) % 9, k > 9 ? " more" : ""), k % 4};
}

std::string palette::legend(const std::vector<std::string>& names) const {
  std::string out = "<ul class=\"legend\">";
  for (const std::string& name : names) {
    const style as = of(name);
    out += fmt::format(
        "<li><svg class=\"key\" viewBox=\"0 0 30 12\" aria-hidden=\"true\"><path class=\"series {}\" d=\"M1 6L29 "
        "6\"/>{}</svg>{}</li>",
        as.classes, mark_text(15, 6, as.shape, "mark " + as.classes, "", 3.6), escaped(name));
  }
  return out + "</ul>\n";
}

}  // namespace bench
