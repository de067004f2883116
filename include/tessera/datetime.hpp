// Times: single datetimes and timedeltas, ranges of them, NaT, and their text. Dtypes: datetime64(unit), "M8[ns]" in dtype.hpp.
#pragma once
#include "creation.hpp"

namespace tessera {

/// A datetime without axes from ISO 8601 text: "2024", "2024-02", "2024-02-29", "2024-02-29T12:30:45.123456789" and what lies
/// between; "NaT". In the unit that the text is exact in unless one is given, then rounded down. A "Z" or an offset is taken
/// off, so that UTC is left. Throws value_error for what is no date, overflow_error for one that the unit does not reach.
TESSERA_API array datetime(std::string_view text, time_unit unit = time_unit::generic, int count = 1,
                           caller where = caller::current());
/// A timedelta without axes: `value` steps of `count` units.                             (as numpy.timedelta64)
TESSERA_API array timedelta(std::int64_t value, time_unit unit = time_unit::generic, int count = 1,
                            caller where = caller::current());

/// true where a time is NaT. Throws dtype_error unless x is of times.
TESSERA_API expr isnat(const operand& x);

struct datetime_as_string_options {
  time_unit unit = time_unit::generic;  // how much is written; as much as the dtype says unless given
  bool utc = false;                     // a "Z" behind the time of day
};
/// Datetimes as ISO 8601 texts, U of the width NumPy takes. On the host. Throws dtype_error for other dtypes.
TESSERA_API array datetime_as_string(const operand& x, const datetime_as_string_options& options = {});

struct datetime_data_result {
  time_unit unit;
  int count;
};
/// Throws dtype_error unless `type` is of times.
TESSERA_API datetime_data_result datetime_data(const dtype& type, caller where = caller::current());

namespace detail {
TESSERA_API array time_range(const operand& start, const operand& stop, const dtype& type, const operand& step);
}  // namespace detail

/// start, start + step, … below stop: datetimes, or timedeltas. Texts are dates; an integer or a timedelta as stop counts from a
/// date on; step is an integer or a timedelta. In the coarsest unit that start, stop and step have in common, unless the dtype
/// says one. (n,) on the default device. Throws value_error for a step of 0 and for NaT.      (as numpy.arange)
template <class Start>
  requires(!scalar<Start> && std::convertible_to<const Start&, operand>)
array arange(const Start& start, const operand& stop, const dtype& type = {}, const operand& step = 1) {
  return detail::time_range(operand(start, stop.where()), stop, type, step);
}

}  // namespace tessera
