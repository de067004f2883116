// Units of time: NumPy's promotion, casts and factors, its limits included.
#include "core/time_units.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/dtype_parts.hpp"

namespace tessera::detail {
namespace {

constexpr bool has_months(time_unit unit) noexcept { return unit == time_unit::Y || unit == time_unit::M; }

/// How many of the finer unit the coarser one is, without months and years; 0 from 2^56 on, where NumPy calls it an overflow.
std::uint64_t units_between(time_unit coarse, time_unit fine) noexcept {
  constexpr std::uint64_t next[] = {1, 1, 1, 7, 24, 60, 60, 1000, 1000, 1000, 1000, 1000, 1000, 1};  // by time_unit
  std::uint64_t product = 1;
  for (int unit = static_cast<int>(coarse); unit < static_cast<int>(fine); ++unit) {
    product *= next[unit];
    if (product >> 56 != 0) return 0;
  }
  return product;
}

std::uint64_t count_of(dtype type) noexcept { return static_cast<std::uint64_t>(type.unit_count()); }

enum class common_unit { found, incompatible, overflow };

/// The coarsest unit that both are counted in. `strict`: months and days do not mix, as between timedeltas.
common_unit find_common_unit(dtype a, dtype b, bool strict, dtype& out) {
  if (is_generic(a) || is_generic(b)) {
    out = is_generic(a) ? b : a;
    return common_unit::found;
  }
  std::uint64_t x = count_of(a), y = count_of(b);
  const time_unit fine = std::max(a.unit(), b.unit());
  if (a.unit() != b.unit()) {
    if (has_months(a.unit()) && has_months(b.unit())) {
      (a.unit() == time_unit::Y ? x : y) *= 12;
    } else if (strict && (has_months(a.unit()) || has_months(b.unit()))) {
      return common_unit::incompatible;
    } else {
      const std::uint64_t factor = units_between(std::min(a.unit(), b.unit()), fine);
      if (factor == 0) return common_unit::overflow;
      (a.unit() < b.unit() ? x : y) *= factor;
    }
  }
  const std::uint64_t count = std::gcd(x, y);
  if (count == 0 || count > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) return common_unit::overflow;
  out = dtype_parts::make(dtype_code::timedelta64, count, fine);
  return common_unit::found;
}

common_unit find_common(dtype a, dtype b, dtype& out) {
  const common_unit found = find_common_unit(a, b, is_timedelta(a) && is_timedelta(b), out);
  const bool dates = is_datetime(a) || is_datetime(b);
  if (found == common_unit::found) out = with_code(out, dates ? dtype_code::datetime64 : dtype_code::timedelta64);
  return found;
}

/// Integers that NumPy takes for timedeltas without being told.
bool is_duration_number(dtype type) noexcept { return type.code() <= dtype_code::uint32 && type.is_set(); }

/// Whether every step of `from` is a whole number of steps of `to`.
bool is_multiple(dtype from, dtype to) noexcept {
  std::uint64_t x = count_of(from), y = count_of(to);
  if (from.unit() != to.unit()) {
    if (has_months(from.unit()) && has_months(to.unit())) {
      (from.unit() == time_unit::Y ? x : y) *= 12;
    } else if (has_months(from.unit()) || has_months(to.unit())) {
      return !is_timedelta(from);
    } else {
      const std::uint64_t factor = units_between(from.unit(), to.unit());  // only asked from coarse to fine
      if (factor == 0) return false;
      x *= factor;
    }
  }
  return x >> 56 == 0 && y >> 56 == 0 && x % y == 0;
}

bool can_cast_units(dtype from, dtype to, casting rule) noexcept {
  if (is_generic(from)) return true;
  if (is_generic(to)) return false;
  const bool mixes = has_months(from.unit()) != has_months(to.unit());
  if (is_timedelta(from) && mixes) return false;
  return rule == casting::same_kind || (from.unit() <= to.unit() && is_multiple(from, to));
}

}  // namespace

dtype with_code(dtype type, dtype_code code) noexcept { return dtype_parts::make(code, count_of(type), type.unit()); }

dtype promote_times(dtype a, dtype b) {
  if (is_time(a) && is_time(b)) {
    dtype out;
    return find_common(a, b, out) == common_unit::found ? out : dtype();
  }
  const dtype time = is_time(a) ? a : b, other = is_time(a) ? b : a;
  return is_timedelta(time) && is_duration_number(other) ? time : dtype();
}

void throw_no_common_time(dtype a, dtype b, const char* name, caller where) {
  const std::string both = std::string(name) + ": " + a.name() + " and " + b.name();
  dtype out;
  if (is_time(a) && is_time(b) && find_common(a, b, out) == common_unit::overflow) {
    throw overflow_error(both + ": no unit counts both in 64 bits", where);
  }
  if (is_timedelta(a) && is_timedelta(b)) {
    throw dtype_error(both + " have no common unit: months have no fixed number of days", where);
  }
  throw dtype_error(both + " have no common dtype", where);
}

bool can_cast_times(dtype from, dtype to, casting rule) {
  if (rule == casting::unsafe || from == to) return true;
  if (rule == casting::no) return false;
  if (from.code() == to.code()) return can_cast_units(from, to, rule);
  if (!is_timedelta(to)) return false;
  return is_duration_number(from) || (from == uint64 && rule == casting::same_kind);
}

bool needs_calendar(dtype from, dtype to) noexcept {
  return is_datetime(from) && is_datetime(to) && !is_generic(from) && !is_generic(to) &&
         has_months(from.unit()) != has_months(to.unit());
}

std::int64_t units_per_day(time_unit unit) noexcept {
  return static_cast<std::int64_t>(units_between(time_unit::D, unit));
}

time_ratio ratio_between(dtype from, dtype to, const char* name, caller where) {
  if (is_generic(from) || is_generic(to)) return {};
  const time_unit coarse = std::min(from.unit(), to.unit()), fine = std::max(from.unit(), to.unit());
  std::uint64_t num = 1, den = 1;
  if (coarse != fine) {
    if (has_months(coarse) && has_months(fine)) {
      num = 12;
    } else if (has_months(coarse)) {
      den = coarse == time_unit::Y ? 400 : 4800;
      if (fine == time_unit::W) den *= 7;
      const std::uint64_t factor = fine == time_unit::W ? 1 : units_between(time_unit::D, fine);
      num = static_cast<std::uint64_t>(days_in_400_years) * factor;  // of nanoseconds 1.3e19, of anything finer 0
    } else {
      num = units_between(coarse, fine);
    }
  }
  const auto fail = [&] {
    throw overflow_error(std::string(name) + ": " + from.name() + " in " + to.name() +
                             ": the factor between the units does not fit 64 bits",
                         where);
  };
  if (num == 0) fail();
  if (from.unit() > to.unit()) std::swap(num, den);
  const unsigned __int128 up = static_cast<unsigned __int128>(num) * count_of(from),
                          down = static_cast<unsigned __int128>(den) * count_of(to);
  unsigned __int128 a = up, b = down;
  while (b != 0) a = std::exchange(b, a % b);
  constexpr unsigned __int128 most = std::numeric_limits<std::int64_t>::max();
  if (up / a > most || down / a > most) fail();
  return {static_cast<std::int64_t>(up / a), static_cast<std::int64_t>(down / a)};
}

const char* unit_name(time_unit unit) noexcept {
  constexpr const char* names[] = {"generic", "Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"};
  return names[static_cast<int>(unit)];
}

}  // namespace tessera::detail
