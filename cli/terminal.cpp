// terminal: widths, wrapped lines, sizes.
#include "terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace tessera_cli {
namespace {

constexpr int narrowest = 40;

/// Code points, each taken for one column.
int columns_of(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
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

std::string labelled(std::string_view label, std::string_view text, int indent) {
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
