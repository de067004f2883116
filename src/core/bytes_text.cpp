// Sizes of memory as people read them.
#include "core/bytes_text.hpp"

#include <cstdio>

namespace tessera::detail {

std::string bytes_text(std::int64_t nbytes) {
  static constexpr const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double size = static_cast<double>(nbytes);
  int unit = 0;
  for (; size >= 1024 && unit < 6; ++unit) size /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.2f %s", size, units[unit]);
  return text;
}

}  // namespace tessera::detail
