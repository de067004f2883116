// terminal: widths, wrapped lines, sizes.
#include "terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/utf8.hpp"

namespace tessera_cli {
namespace {

constexpr int narrowest = 40;

/// Code points, each taken for one column.
int columns_of(std::string_view text) { return static_cast<int>(tessera::detail::count_characters(text)); }

/// Controls (C0, DEL, C1), line and paragraph separators, and what sets the direction of writing.
bool acts_on_terminal(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x61c || point == 0x200e || point == 0x200f ||
         (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

int terminal_width() {
  int width = 80;
  if (const char* const text = std::getenv("COLUMNS"); text != nullptr && std::atoi(text) > 0) {
    width = std::atoi(text);
  } else if (winsize size{}; ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    width = size.ws_col;
  }
  return std::clamp(width, narrowest, 400);
}

std::string bold(std::string_view text) {
  const char* const no_color = std::getenv("NO_COLOR");
  const bool plain = ::isatty(STDOUT_FILENO) == 0 || (no_color != nullptr && *no_color != '\0');
  return plain ? std::string(text) : fmt::format("\033[1m{}\033[0m", text);
}

std::string shown(std::string_view text, bool lines) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t point = tessera::detail::decode_utf8(text, at);
    if (at == begin) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at++]));  // no UTF-8
    else if (!acts_on_terminal(point) || (lines && point == '\n')) out += text.substr(begin, at - begin);
    else if (point < 0x80) out += fmt::format("\\x{:02x}", static_cast<unsigned>(point));
    else out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
  }
  return out;
}

std::string labelled(std::string_view label, std::string_view from, int indent) {
  const std::string safe = shown(from);
  std::string_view text = safe;
  const int room = terminal_width() - indent;
  std::string out(label);
  out.append(static_cast<std::size_t>(std::max(1, indent - columns_of(label))), ' ');
  int used = 0;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    const int length = columns_of(word);
    if (used > 0 && used + 1 + length > room) {
      out += '\n' + std::string(static_cast<std::size_t>(indent), ' ');
      used = 0;
    }
    if (used > 0) out += ' ';
    out += word;
    used += length + (used > 0 ? 1 : 0);
    text = space == std::string_view::npos ? "" : text.substr(space + 1);
  }
  return out + '\n';
}

std::string bytes_text(double bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  int unit = 0;
  for (; bytes >= 1024 && unit < 5; bytes /= 1024) ++unit;
  return fmt::format("{:.4g} {}", bytes, units[unit]);
}

}  // namespace tessera_cli
