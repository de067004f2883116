// ISO 8601, read and written as NumPy does, but with exact years and no number that wraps around.
#include "core/time_text.hpp"

#include <algorithm>
#include <charconv>

namespace tessera::detail {
namespace {

constexpr std::int64_t seconds_per_day = 86400, atto = 1'000'000'000'000'000'000;

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool says_nat(std::string_view text) noexcept {
  const auto is = [&text](std::size_t i, char small) { return (text[i] | 0x20) == small; };
  return text.empty() || (text.size() == 3 && is(0, 'n') && is(1, 'a') && is(2, 't'));
}

std::string decimal(__int128 n) {
  std::string digits;
  for (__int128 rest = n < 0 ? -n : n; rest != 0 || digits.empty(); rest /= 10) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (n < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string padded(__int128 n, int width) {
  std::string text = decimal(n);
  const auto missing = static_cast<std::size_t>(std::max(0, width - static_cast<int>(text.size())));
  return text.insert(n < 0 ? 1 : 0, missing, '0');
}

// ---- reading

class iso_reader {
 public:
  iso_reader(std::string_view text, const char* name, caller where) : text_(text), name_(name), where_(where) {}

  parsed_time read() {
    while (!done() && is_blank(text_[at_])) ++at_;
    read_date();
    if (unit_ == time_unit::D && !done()) read_time();
    parsed_time result{false, {days_, second_, attosecond_}, unit_};
    const std::int64_t shifted = second_ - offset_;
    result.at.days += shifted < 0 ? -1 : shifted >= seconds_per_day ? 1 : 0;
    result.at.second = (shifted + seconds_per_day) % seconds_per_day;
    return result;
  }

 private:
  bool done() const noexcept { return at_ == text_.size(); }
  bool digit() const noexcept { return !done() && is_digit(text_[at_]); }

  [[noreturn]] void fail(const std::string& why) const {
    throw value_error(std::string(name_) + ": '" + std::string(text_) + "' is no date: " + why, where_);
  }
  [[noreturn]] void fail_here() const { fail("not understood at position " + std::to_string(at_)); }

  bool take(char c) noexcept {
    const bool there = !done() && text_[at_] == c;
    if (there) ++at_;
    return there;
  }
  void expect(char c) {
    if (!take(c)) fail_here();
  }

  int two_digits() {
    if (text_.size() - at_ < 2 || !is_digit(text_[at_]) || !is_digit(text_[at_ + 1])) fail_here();
    at_ += 2;
    return 10 * (text_[at_ - 2] - '0') + text_[at_ - 1] - '0';
  }
  int part(const char* what, int first, int last) {
    const int value = two_digits();
    if (value < first || value > last) fail(std::string("the ") + what + " is out of range");
    return value;
  }

  __int128 year() {
    const bool negative = take('-');
    if (!negative) take('+');
    if (!digit()) fail_here();
    __int128 value = 0;
    for (; digit(); ++at_) {
      value = 10 * value + (text_[at_] - '0');
      if (value > __int128{1} << 64) fail("the year is out of range");
    }
    return negative ? -value : value;
  }

  void read_date() {
    const __int128 years = year() - 1970;
    unit_ = time_unit::Y;
    days_ = days_of_years(years);
    if (done()) return;
    expect('-');
    const __int128 months = years * 12 + part("month", 1, 12) - 1;
    unit_ = time_unit::M;
    days_ = days_of_months(months);
    if (done()) return;
    expect('-');
    const __int128 next = days_of_months<__int128>(months + 1);
    days_ += part("day", 1, static_cast<int>(next - days_)) - 1;
    unit_ = time_unit::D;
  }

  void read_time() {
    if (!take(' ')) expect('T');
    second_ = 3600 * part("hour", 0, 23);
    unit_ = time_unit::h;
    if (take(':')) {
      second_ += 60 * part("minute", 0, 59);
      unit_ = time_unit::m;
      if (take(':')) {
        second_ += part("second", 0, 59);
        unit_ = time_unit::s;
        if (take('.')) read_fraction();
      }
    }
    read_zone();
  }

  /// Up to 18 digits. The unit is that of the last group of three.
  void read_fraction() {
    int digits = 0;
    for (std::int64_t worth = atto / 10; worth > 0 && digit(); worth /= 10, ++digits, ++at_) {
      attosecond_ += worth * (text_[at_] - '0');
    }
    unit_ = static_cast<time_unit>(static_cast<int>(time_unit::ms) + std::max(0, digits - 1) / 3);
  }

  void read_zone() {
    const bool east = !done() && text_[at_] == '+';
    if (!take('Z') && !done() && (east || text_[at_] == '-')) {
      ++at_;
      offset_ = 3600 * part("hour of the zone", 0, 23);
      if (take(':') || digit()) offset_ += 60 * part("minute of the zone", 0, 59);
      if (!east) offset_ = -offset_;
    }
    while (!done() && is_blank(text_[at_])) ++at_;
    if (!done()) fail_here();
  }

  const std::string_view text_;
  const char* const name_;
  const caller where_;
  std::size_t at_ = 0;
  time_unit unit_ = time_unit::generic;
  __int128 days_ = 0;
  std::int64_t second_ = 0, attosecond_ = 0, offset_ = 0;  // of the zone, in seconds east
};

/// Of the units from seconds on: how many attoseconds; from hours to seconds: how many seconds.
std::int64_t attoseconds_in(time_unit unit) noexcept {
  std::int64_t n = atto;
  for (int i = static_cast<int>(time_unit::s); i < static_cast<int>(unit); ++i) n /= 1000;
  return n;
}
std::int64_t seconds_in(time_unit unit) noexcept { return unit == time_unit::h ? 3600 : unit == time_unit::m ? 60 : 1; }

/// In whole units, rounded down; far beyond 64 bits any number there.
__int128 units_of(const time_point& t, time_unit unit) {
  switch (unit) {
    case time_unit::generic:
    case time_unit::Y: return years_of_days(t.days);
    case time_unit::M: return months_of_days(t.days);
    case time_unit::W: return floor_div(t.days, 7);
    case time_unit::D: return t.days;
    case time_unit::h:
    case time_unit::m:
    case time_unit::s: return floor_div(t.days * seconds_per_day + t.second, seconds_in(unit));
    default: break;
  }
  const std::int64_t part = attoseconds_in(unit);
  __int128 whole = 0;
  if (__builtin_mul_overflow(t.days * seconds_per_day + t.second, atto / part, &whole)) {
    return t.days < 0 ? -(__int128{1} << 126) : __int128{1} << 126;
  }
  return whole + t.attosecond / part;
}

/// The beginning of a step.
time_point point_of(std::int64_t steps, dtype type) {
  const __int128 units = static_cast<__int128>(steps) * type.unit_count();
  switch (type.unit()) {
    case time_unit::generic:
    case time_unit::Y: return {days_of_years(units)};
    case time_unit::M: return {days_of_months(units)};
    case time_unit::W: return {units * 7};
    case time_unit::D: return {units};
    default: break;
  }
  const std::int64_t parts = atto / attoseconds_in(type.unit());
  const __int128 seconds = floor_div(units, parts) * seconds_in(type.unit());
  const __int128 days = floor_div(seconds, seconds_per_day);
  const auto rest = static_cast<std::int64_t>(units - floor_div(units, parts) * parts);
  return {days, static_cast<std::int64_t>(seconds - days * seconds_per_day), rest * attoseconds_in(type.unit())};
}

}  // namespace

parsed_time parse_datetime(std::string_view text, const char* name, caller where) {
  if (says_nat(text)) return {true, {}, time_unit::generic};
  return iso_reader(text, name, where).read();
}

std::int64_t steps_of(const parsed_time& time, dtype type, std::string_view text, const char* name, caller where) {
  if (time.nat) return not_a_time;
  const __int128 steps = floor_div(units_of(time.at, type.unit()), type.unit_count());
  if (steps > not_a_time && steps <= std::numeric_limits<std::int64_t>::max()) return static_cast<std::int64_t>(steps);
  throw overflow_error(std::string(name) + ": '" + std::string(text) + "' is out of bounds for " + type.name(), where);
}

std::int64_t parse_timedelta(std::string_view text, const char* name, caller where) {
  if (says_nat(text)) return not_a_time;
  std::size_t begin = 0;
  while (begin < text.size() && is_blank(text[begin])) ++begin;
  const bool negative = begin < text.size() && text[begin] == '-';
  if (begin < text.size() && text[begin] == '+' && begin + 1 < text.size() && is_digit(text[begin + 1])) ++begin;
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + begin, end, value);
  if (stop != end || error == std::errc::invalid_argument) {
    throw value_error(std::string(name) + ": '" + std::string(text) + "' is no whole number of units", where);
  }
  if (error == std::errc::result_out_of_range) return negative ? not_a_time : std::numeric_limits<std::int64_t>::max();
  return value;
}

std::string datetime_text(std::int64_t steps, dtype type, time_unit shown) {
  if (steps == not_a_time) return "NaT";
  const time_point t = point_of(steps, type);
  const __int128 months = months_of_days(t.days), year = 1970 + floor_div(months, 12);
  const auto two = [](const char* before, __int128 n) { return before + padded(n, 2); };
  std::string text = padded(year, 4);
  if (shown <= time_unit::Y) return text;
  text += two("-", months - (year - 1970) * 12 + 1);
  if (shown == time_unit::M) return text;
  text += two("-", t.days - days_of_months(months) + 1);
  if (shown <= time_unit::D) return text;
  text += two("T", t.second / 3600);
  if (shown >= time_unit::m) text += two(":", t.second / 60 % 60);
  if (shown >= time_unit::s) text += two(":", t.second % 60);
  if (shown <= time_unit::s) return text;
  const int digits = 3 * (static_cast<int>(shown) - static_cast<int>(time_unit::s));
  return text + "." + padded(t.attosecond / attoseconds_in(shown), digits);
}

std::string datetime_text(std::int64_t steps, dtype type) { return datetime_text(steps, type, type.unit()); }

std::string timedelta_text(std::int64_t steps, dtype type) {
  constexpr const char* names[] = {"generic time units",
                                   "years",
                                   "months",
                                   "weeks",
                                   "days",
                                   "hours",
                                   "minutes",
                                   "seconds",
                                   "milliseconds",
                                   "microseconds",
                                   "nanoseconds",
                                   "picoseconds",
                                   "femtoseconds",
                                   "attoseconds"};
  if (steps == not_a_time) return "NaT";
  return decimal(static_cast<__int128>(steps) * type.unit_count()) + " " + names[static_cast<int>(type.unit())];
}

int datetime_text_width(time_unit shown) noexcept {
  constexpr int widths[] = {4, 22, 25, 28, 28, 32, 35, 38, 42, 45, 48, 51, 54, 57};  // a year takes up to 21
  return widths[static_cast<int>(shown)];
}

}  // namespace tessera::detail
