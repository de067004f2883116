// Units of time: which hold which, how many of one are another, and the calendar between days and months.
#pragma once
#include <cstdint>
#include <limits>

#include "tessera/dtype.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {

/// Not a time: NumPy's NaT, equal to nothing.
inline constexpr std::int64_t not_a_time = std::numeric_limits<std::int64_t>::min();

constexpr bool is_datetime(dtype type) noexcept { return type.code() == dtype_code::datetime64; }
constexpr bool is_timedelta(dtype type) noexcept { return type.code() == dtype_code::timedelta64; }
constexpr bool is_generic(dtype type) noexcept { return type.unit() == time_unit::generic; }

/// The common dtype of two of which one is a time at least; unset when there is none.
dtype promote_times(dtype a, dtype b);
/// Says why promote_times found none: dtype_error, or overflow_error where a unit is too fine to count the other in.
[[noreturn]] void throw_no_common_time(dtype a, dtype b, const char* name, caller where);
/// As numpy.can_cast where one is a time at least.
bool can_cast_times(dtype from, dtype to, casting rule);

/// How a step of one is counted in steps of another: times num, then divided by den and rounded down. Years and months between
/// timedeltas are averages over 400 years.
struct time_ratio {
  std::int64_t num = 1, den = 1;
};
/// Throws overflow_error "NAME: datetime64[Y] in datetime64[as]: the factor between the units …".
time_ratio ratio_between(dtype from, dtype to, const char* name, caller where);
/// Whether datetimes in the two units are apart by no fixed factor: months on one side only.
bool needs_calendar(dtype from, dtype to) noexcept;
/// Units in a day, from hours to nanoseconds.
std::int64_t units_per_day(time_unit unit) noexcept;
/// Of a unit: "D".
const char* unit_name(time_unit unit) noexcept;
/// The same dtype in another code: timedelta64 of datetime64.
dtype with_code(dtype type, dtype_code code) noexcept;

// ---- The calendar: proleptic Gregorian, years of 365 or 366 days that begin in March while they are computed with, so that a
// leap day is the last of its year. T is an integer, or a recipe of them: what has +, -, * and floor_div(T, int64).

inline constexpr std::int64_t days_in_400_years = 146097;

constexpr __int128 floor_div(__int128 a, std::int64_t b) noexcept {
  const __int128 quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/// Days from 1970-01-01 to the first of March of a year.
template <class T> T days_of_march(const T& year) {
  return year * 365 + floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400) - 719468;
}
/// … to the first day of a year since 1970.
template <class T> T days_of_years(const T& years) {
  return days_of_march<T>(years + 1969) + 306;  // from March to January
}
/// … to the first day of a month since January 1970.
template <class T> T days_of_months(const T& months) {
  const T since_march = months + (1970 * 12 - 2);
  const T year = floor_div(since_march, 12);
  const T month = since_march - year * 12;
  return days_of_march<T>(year) + floor_div(T(month * 153 + 2), 5);
}
/// The month since March of the year 0 that a day since 1970 is in.
template <class T> T months_since_march_0(const T& days) {
  const T whole = floor_div(days, days_in_400_years);
  const T shifted = days - whole * days_in_400_years + 135080;  // 719468 less 4 * 400 years: no overflow
  const T carry = floor_div(shifted, days_in_400_years);
  const T day = shifted - carry * days_in_400_years;  // of 400 years
  const T year = floor_div(T(day - floor_div(day, 1460) + floor_div(day, 36524) - floor_div(day, 146096)), 365);
  const T day_of_year = day - (year * 365 + floor_div(year, 4) - floor_div(year, 100));
  return ((whole + carry + 4) * 400 + year) * 12 + floor_div(T(day_of_year * 5 + 2), 153);
}
template <class T> T months_of_days(const T& days) { return months_since_march_0<T>(days) - (1970 * 12 - 2); }
template <class T> T years_of_days(const T& days) { return floor_div(T(months_since_march_0<T>(days) + 2), 12) - 1970; }

}  // namespace tessera::detail
