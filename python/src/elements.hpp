// Elements as Python objects, and times between the two.
#pragma once
#include "convert.hpp"

namespace tessera::python {

inline constexpr std::int64_t not_a_time = std::numeric_limits<std::int64_t>::min();

/// The element of a dtype at `at`, of any alignment: bool, int, float, complex, str, bytes (raw bytes too), a tuple of
/// a record's fields (arrays for sub-arrays), date, datetime and timedelta, or None and ints as NumPy gives them.
nb::object element_object(const dtype& type, const std::byte* at);
/// All elements as nested lists; without axes the element.
nb::object to_list(const array& x);

/// Whether x is a date, a datetime or a timedelta.
bool is_python_time(PyObject* x);
/// Its dtype: M8[D], M8[us], m8[us].
dtype dtype_of_time(PyObject* x);
/// Its number of those units; a time of another zone in UTC.
std::int64_t ticks_of_time(PyObject* x);

}  // namespace tessera::python
