// Times as text: ISO 8601 in and out, timedeltas as counts.
#pragma once
#include <string>
#include <string_view>

#include "core/time_units.hpp"

namespace tessera::detail {

/// A point in time, apart from any unit.
struct time_point {
  __int128 days = 0;  // since 1970-01-01
  std::int64_t second = 0, attosecond = 0;
};

struct parsed_time {
  bool nat = false;
  time_point at;
  time_unit unit = time_unit::generic;  // the one that the text is exact in; generic for NaT
};
/// "2024", "2024-01", "2024-01-05", "2024-01-05T12:34:56.789" and what is between them, a blank for the T; "Z" and offsets like
/// +01:30 are taken away, so that UTC is left; "NaT" in any case and "". Throws value_error "NAME: '2024-13' is no date: …".
parsed_time parse_datetime(std::string_view text, const char* name, caller where);
/// In steps of a datetime64, rounded down. Throws overflow_error "NAME: '…' is out of bounds for datetime64[ns]".
std::int64_t steps_of(const parsed_time& time, dtype type, std::string_view text, const char* name, caller where);
/// An integer, "NaT" or "". What does not fit 64 bits becomes their largest, or NaT below them, as in NumPy.
std::int64_t parse_timedelta(std::string_view text, const char* name, caller where);

/// ISO 8601, as much of it as `shown` says; "NaT".
std::string datetime_text(std::int64_t steps, dtype type, time_unit shown);
/// With the unit of the dtype itself.
std::string datetime_text(std::int64_t steps, dtype type);
/// "75 microseconds", "NaT".
std::string timedelta_text(std::int64_t steps, dtype type);
/// Characters that NumPy keeps for a datetime shown in this unit, for a timedelta.
int datetime_text_width(time_unit shown) noexcept;
inline constexpr int timedelta_text_width = 21;

}  // namespace tessera::detail
