// Drawings as SVG in a page: text is text, colours and sizes of type come from the page's classes (page.css).
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "../results.hpp"

namespace bench {

using points = std::vector<std::pair<double, double>>;

class svg {
 public:
  /// `id` is this drawing's alone in the page; title and description are what a reader hears.
  svg(double width, double height, const std::string& id, const std::string& title, const std::string& description);

  void line(double x1, double y1, double x2, double y2, const std::string& classes);
  void rect(double x, double y, double width, double height, const std::string& classes, const std::string& tip = "");
  /// anchor: start, middle, end. `turned` clockwise by degrees about (x, y).
  void text(double x, double y, const std::string& content, const std::string& classes, const char* anchor = "start",
            double turned = 0);
  void path(const points& through, const std::string& classes);
  /// One of four shapes; the tip is shown when the pointer rests on it.
  void mark(double x, double y, int shape, const std::string& classes, const std::string& tip, double size = 3.4);
  std::string str() const;

 private:
  std::string body_;
};

/// An axis with a logarithmic or a linear scale, from a value at one place of the drawing to another at another.
struct axis {
  double low = 1, high = 10, from = 0, to = 1;
  bool log = true;
  double at(double value) const;
};

/// Rounded outward to powers of ten, or halves of them when that leaves much empty; [1, 10] when there is nothing
/// known.
axis log_axis(const std::vector<double>& values, double from, double to);

/// The field of a chart with its axes.
struct frame {
  axis x, y;
  double left, right, top, bottom;
};

/// Lines and labels at the powers of ten (of two: `binary`, for bytes) along an axis; labels are made by `text`.
enum class ticks { decimal, binary };
void draw_x_axis(svg& out, const frame& in, ticks kind, std::string (*text)(double), const std::string& title);
void draw_y_axis(svg& out, const frame& in, std::string (*text)(double), const std::string& title);
/// Dashed lines at the sizes of the caches that hold data.
void draw_caches(svg& out, const frame& in, const std::vector<tessera_cli::cache>& caches);

/// An item of a legend: a shape of SVG within 14 x 12, and its meaning, which is HTML already.
std::string legend_key(const std::string& shape, const std::string& meaning);

/// How one library is drawn, everywhere in a page alike.
struct style {
  std::string classes;
  int shape = 0;
};

/// The styles of all who take part: tessera first and boldest, the others in the order given.
class palette {
 public:
  explicit palette(const std::vector<std::string>& peers);
  style of(const std::string& name) const;
  /// A list of names with their line and mark.
  std::string legend(const std::vector<std::string>& names) const;

 private:
  std::map<std::string, int> order_;
};

}  // namespace bench
