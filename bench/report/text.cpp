// Numbers and names as reports write them.
#include "text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace bench {
namespace {

constexpr const char* none = "–";

/// Three digits: 0.0021, 0.05, 3.98, 43.2, 526, 1250.
std::string digits(double value) {
  const double size = std::fabs(value);
  if (size < 0.00995) return fmt::format("{:.2g}", value);
  const int places = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, places);
}

struct prefix {
  double scale;
  const char* text;
};

std::string scaled(double value, std::string_view unit) {
  static constexpr prefix prefixes[] = {{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  if (!known(value)) return none;
  for (const auto& [scale, text] : prefixes) {
    if (value >= 0.9995 * scale) return fmt::format("{} {}{}", digits(value / scale), text, unit);
  }
  return unit.empty() ? digits(value) : fmt::format("{} {}", digits(value), unit);
}

}  // namespace

bool known(double value) { return std::isfinite(value) && value > 0; }

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\t':
      case '\n': out += ' '; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) out += "\xef\xbf\xbd";
        else out += c;
    }
  }
  return out;
}

std::string markdown_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '`' || c == '[' || c == ']' || c == '*' || c == '\\') out += '\\';
    if (c == '<') out += "&lt;";
    else if (c == '&') out += "&amp;";
    else if (static_cast<unsigned char>(c) < 0x20) out += ' ';
    else out += c;
  }
  return out;
}

std::string seconds_text(double seconds) {
  static constexpr prefix units[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}};
  if (!known(seconds)) return none;
  for (const auto& [scale, text] : units) {
    if (seconds >= 0.9995 * scale) return fmt::format("{} {}", digits(seconds / scale), text);
  }
  return fmt::format("{} ns", digits(seconds * 1e9));
}

std::string byte_rate(double a_second) { return scaled(a_second, "B/s"); }
std::string rate_text(double a_second, std::string_view unit) { return scaled(a_second, fmt::format("{}/s", unit)); }
std::string decimal_bytes(double bytes) { return scaled(bytes, "B"); }
std::string count_text(double count) { return scaled(count, ""); }

std::string binary_bytes(double bytes) {
  static constexpr prefix units[] = {
      {1099511627776.0, "TiB"}, {1073741824.0, "GiB"}, {1048576.0, "MiB"}, {1024.0, "KiB"}};
  if (!known(bytes)) return none;
  for (const auto& [scale, text] : units) {
    if (bytes >= scale) {
      const double value = bytes / scale;
      return fmt::format("{} {}", value == std::floor(value) ? fmt::format("{:.0f}", value) : digits(value), text);
    }
  }
  return fmt::format("{:.0f} B", bytes);
}

std::string ratio_text(double ratio) { return known(ratio) ? digits(ratio) : none; }

std::string shortened(std::string text) {
  const std::size_t point = text.find('.');
  if (point == std::string::npos) return text;
  std::size_t end = std::min(text.find(' '), text.size()), begin = end;
  while (text[begin - 1] == '0') --begin;
  if (begin - 1 == point) --begin;
  return text.erase(begin, end - begin);
}

std::string percent(double part) {
  if (!known(part)) return none;
  return part < 0.00095 ? "<0.1 %" : fmt::format("{:.{}f} %", part * 100, part < 0.0095 ? 1 : 0);
}

std::string number_of(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string place_text(std::string_view device, int threads) {
  if (device != "cpu") return std::string(device);
  return number_of(static_cast<std::size_t>(threads), "thread");
}

std::string date_text(std::string_view date) {
  if (date.size() < 17 || date[10] != 'T' || date.back() != 'Z') return std::string(date);
  return fmt::format("{} {} UTC", date.substr(0, 10), date.substr(11, 5));
}

}  // namespace bench
