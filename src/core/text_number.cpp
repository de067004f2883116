// Numbers from text.
#include "core/text_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace tessera::detail {
namespace {

unsigned digit(char c) noexcept { return static_cast<unsigned char>(c) - unsigned{'0'}; }

}  // namespace

const char* scan_exponent(const char* p, const char* last, std::int64_t& exponent) noexcept {
  const char* digits = p + 1;
  const bool negative = digits < last && *digits == '-';
  if (digits < last && (*digits == '-' || *digits == '+')) ++digits;
  const char* end = digits;
  std::int64_t value = 0;
  for (; end < last && digit(*end) < 10; ++end)
    value = std::min<std::int64_t>(value * 10 + digit(*end), std::int64_t{1} << 50);
  if (end == digits) return p;
  exponent += negative ? -value : value;
  return end;
}

const char* scan_special(const char* p, const char* last, double& value) noexcept {
  const auto begins = [&](std::string_view word) {
    return last - p >= static_cast<std::ptrdiff_t>(word.size()) &&
           std::equal(word.begin(), word.end(), p, [](char a, char b) { return a == (b | 0x20); });
  };
  value = std::numeric_limits<double>::infinity();
  if (begins("infinity")) return p + 8;
  if (begins("inf")) return p + 3;
  value = std::numeric_limits<double>::quiet_NaN();
  return begins("nan") ? p + 3 : nullptr;
}

double convert_slowly(const char* first, const char* last, std::int64_t exponent) noexcept {
  double value = 0;
  if (std::from_chars(first, last, value).ec == std::errc()) return value;
  // Too large or too small: where the first digit that is not 0 stands tells which.
  const char* point = std::find(first, last, '.');
  const char* leading = std::find_if(first, last, [](char c) { return c != '0' && c != '.'; });
  const std::int64_t fraction = [&] {  // digits behind the point, which `exponent` has subtracted
    const char* end = std::find_if(point, last, [](char c) { return (c | 0x20) == 'e'; });
    return point < end ? end - point - 1 : 0;
  }();
  const char* whole_end = std::min(point, std::find_if(first, last, [](char c) { return (c | 0x20) == 'e'; }));
  const std::int64_t place = leading < whole_end ? whole_end - leading - 1 : whole_end - leading;
  return place + exponent + fraction > 0 ? std::numeric_limits<double>::infinity() : 0.0;
}

int space_bytes(const char* p, const char* last) noexcept {
  const auto at = [&](int i) { return static_cast<unsigned char>(p[i]); };
  if (p >= last) return 0;
  if (at(0) < 0x80) return at(0) == ' ' || (at(0) >= 0x09 && at(0) <= 0x0d) || (at(0) >= 0x1c && at(0) <= 0x1f);
  if (last - p >= 2 && at(0) == 0xc2) return at(1) == 0x85 || at(1) == 0xa0 ? 2 : 0;
  if (last - p < 3 || at(0) < 0xe1 || at(0) > 0xe3 || (at(1) & 0xc0) != 0x80 || (at(2) & 0xc0) != 0x80) return 0;
  const unsigned point = (at(0) & 0x0fu) << 12 | (at(1) & 0x3fu) << 6 | (at(2) & 0x3fu);
  const bool space = point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 ||
                     point == 0x202f || point == 0x205f || point == 0x3000;
  return space ? 3 : 0;
}

void strip_space(const char*& first, const char*& last) noexcept {
  while (const int n = space_bytes(first, last)) first += n;
  for (bool found = true; found && first < last;) {
    found = false;
    for (int n = 1; n <= 3 && last - first >= n && !found; ++n) {
      found = space_bytes(last - n, last) == n;
      if (found) last -= n;
    }
  }
}

bool read_float(const char* first, const char* last, double& value) noexcept {
  // The usual case has no white space around it.
  if (scan_float(first, last, value) == last && first < last) return true;
  strip_space(first, last);
  return first < last && scan_float(first, last, value) == last;
}

bool read_unsigned(const char* first, const char* last, std::uint64_t& value) noexcept {
  strip_space(first, last);
  if (first < last && *first == '+') ++first;
  if (first == last) return false;
  value = 0;
  for (; first < last; ++first) {
    if (digit(*first) >= 10 || __builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
        __builtin_add_overflow(value, std::uint64_t{digit(*first)}, &value))
      return false;
  }
  return true;
}

bool read_signed(const char* first, const char* last, std::int64_t& value) noexcept {
  strip_space(first, last);
  const bool negative = first < last && *first == '-';
  if (negative && (++first == last || digit(*first) >= 10)) return false;
  std::uint64_t magnitude = 0;
  if (!read_unsigned(first, last, magnitude)) return false;
  const std::uint64_t most = std::uint64_t{std::numeric_limits<std::int64_t>::max()} + (negative ? 1 : 0);
  if (magnitude > most) return false;
  value = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

bool read_complex(const char* first, const char* last, std::complex<double>& value) noexcept {
  strip_space(first, last);
  if (first < last && *first == '(') {
    if (last - first < 2 || last[-1] != ')') return false;
    ++first, --last;
    strip_space(first, last);
  }
  double real = 0, imag = 0;
  const char* end = scan_float(first, last, real);
  if (end == nullptr) return false;
  if (end < last && *end == 'j') {
    imag = real;
    real = 0;
    ++end;
  } else if (end < last && (*end == '+' || *end == '-')) {
    end = scan_float(end + (*end == '+' ? 1 : 0), last, imag);  // also 1+-2j
    if (end == nullptr || end == last || *end != 'j') return false;
    ++end;
  }
  value = {real, imag};
  return end == last;
}

}  // namespace tessera::detail
