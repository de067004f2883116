// Lookups in the tables of runs; ASCII without one.
#include "ops/unicode.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "ops/unicode_table.hpp"

namespace tessera::detail::unicode {
namespace {

/// The run that a code point lies in.
constexpr const kind_run& run_of(char32_t point) noexcept {
  const auto* behind = std::upper_bound(std::begin(kinds), std::end(kinds), static_cast<std::uint32_t>(point),
                                        [](std::uint32_t x, const kind_run& run) { return x < run.first; });
  return behind[-1];
}

constexpr std::uint16_t look_up(char32_t point) noexcept {
  const kind_run& run = run_of(point);
  return static_cast<std::uint16_t>(run.flags ^ ((point - run.first) % 2 != 0 ? run.turn : 0));
}

constexpr std::array<std::uint16_t, 128> ascii = [] {
  std::array<std::uint16_t, 128> flags{};
  for (char32_t point = 0; point < 128; ++point) flags[point] = look_up(point);
  return flags;
}();

template <std::size_t Runs, std::size_t Longer>
void append_mapped(std::u32string& to, char32_t point, const map_run (&runs)[Runs], const long_map (&longer)[Longer]) {
  const auto x = static_cast<std::uint32_t>(point);
  const auto* behind = std::upper_bound(std::begin(runs), std::end(runs), x,
                                        [](std::uint32_t p, const map_run& run) { return p < run.first; });
  if (behind != std::begin(runs)) {
    const map_run& run = behind[-1];
    if (x <= run.last && (x - run.first) % run.step == 0) {
      to += static_cast<char32_t>(static_cast<std::int64_t>(x) + run.change);
      return;
    }
  }
  const auto* found = std::lower_bound(std::begin(longer), std::end(longer), x,
                                       [](const long_map& map, std::uint32_t p) { return map.from < p; });
  if (found == std::end(longer) || found->from != x) {
    to += point;
    return;
  }
  for (const std::uint32_t each : found->to) {
    if (each != 0) to += static_cast<char32_t>(each);
  }
}

bool is_ascii(char32_t point, char first, char last) {
  return point >= static_cast<char32_t>(first) && point <= static_cast<char32_t>(last);
}

}  // namespace

std::uint16_t flags_of(char32_t point) noexcept {
  if (point < 128) return ascii[point];
  return point <= 0x10ffff ? look_up(point) : 0;
}

int decimal_value(char32_t point) noexcept {
  if (point < 128) return static_cast<int>(point - U'0');
  return static_cast<int>((point - run_of(point).first) % 10);  // digits of a script follow each other, zero first
}

void append_upper(std::u32string& to, char32_t point) {
  if (point < 128) to += is_ascii(point, 'a', 'z') ? point - 32 : point;
  else append_mapped(to, point, upper_runs, upper_long);
}

void append_lower(std::u32string& to, char32_t point) {
  if (point < 128) to += is_ascii(point, 'A', 'Z') ? point + 32 : point;
  else append_mapped(to, point, lower_runs, lower_long);
}

void append_title(std::u32string& to, char32_t point) {
  if (point < 128) to += is_ascii(point, 'a', 'z') ? point - 32 : point;
  else append_mapped(to, point, title_runs, title_long);
}

}  // namespace tessera::detail::unicode
