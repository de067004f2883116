// Elements as Python objects, and times between the two.
#include "elements.hpp"

#include <datetime.h>

#include <complex>
#include <cstring>

#include "core/element.hpp"

namespace tessera::python {
namespace {

constexpr std::int64_t epoch_ordinal = 719163;                  // of 1970-01-01 in date.toordinal()
constexpr std::int64_t second = 1000000, day = 86400 * second;  // microseconds

void import_datetime() {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw nb::python_error();
}

nb::object checked(PyObject* made) {
  if (made == nullptr) throw nb::python_error();
  return nb::steal(made);
}

template <class T> nb::object number_object(T x) {
  if constexpr (std::same_as<T, bool>) return nb::bool_(x);
  else if constexpr (std::is_signed_v<T> && std::integral<T>) return checked(PyLong_FromLongLong(x));
  else if constexpr (std::integral<T>) return checked(PyLong_FromUnsignedLongLong(x));
  else if constexpr (requires { x.real(); }) return checked(PyComplex_FromDoubles(x.real(), x.imag()));
  else return checked(PyFloat_FromDouble(static_cast<double>(x)));
}

nb::object number_at(const dtype& type, const std::byte* at) {
  return detail::with_type(type, [&](auto tag) -> nb::object {
    using T = typename decltype(tag)::type;
    if constexpr (std::same_as<T, bool>) {
      return nb::bool_(*at != std::byte{0});
    } else {
      T value;
      std::memcpy(&value, at, sizeof value);
      return number_object(value);
    }
  });
}

nb::object text_at(const std::byte* at, int characters) {
  std::vector<Py_UCS4> points(static_cast<std::size_t>(characters));
  std::memcpy(points.data(), at, points.size() * sizeof(Py_UCS4));
  while (!points.empty() && points.back() == 0) points.pop_back();
  for (Py_UCS4 point : points) {
    if (point > 0x10ffff) throw value_error("item: " + std::to_string(point) + " is no code point of a text");
  }
  return checked(
      PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, points.data(), static_cast<Py_ssize_t>(points.size())));
}

nb::object bytes_at(const std::byte* at, int size, bool trimmed) {
  while (trimmed && size > 0 && at[size - 1] == std::byte{0}) --size;
  return nb::bytes(reinterpret_cast<const char*>(at), static_cast<std::size_t>(size));
}

// ---- times

/// ticks * factor; nothing where that does not fit.
std::optional<std::int64_t> times(std::int64_t ticks, std::int64_t factor) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(ticks, factor, &product) ? std::nullopt : std::optional(product);
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Microseconds of a unit from weeks to microseconds; 0 for others.
std::int64_t microseconds_of(time_unit unit) {
  switch (unit) {
    case time_unit::W: return 7 * day;
    case time_unit::D: return day;
    case time_unit::h: return 3600 * second;
    case time_unit::m: return 60 * second;
    case time_unit::s: return second;
    case time_unit::ms: return 1000;
    case time_unit::us: return 1;
    default: return 0;
  }
}

std::optional<nb::object> date_of_days(std::int64_t days) {
  constexpr std::int64_t last = 3652059;  // 9999-12-31
  if (days <= -epoch_ordinal || days > last - epoch_ordinal) return {};
  const nb::object type = nb::borrow(reinterpret_cast<PyObject*>(PyDateTimeAPI->DateType));
  return type.attr("fromordinal")(days + epoch_ordinal);
}

std::optional<nb::object> date_of_months(std::int64_t months) {
  const std::int64_t year = 1970 + floor_div(months, 12), month = months - (year - 1970) * 12 + 1;
  if (year < 1 || year > 9999) return {};
  return checked(PyDate_FromDate(static_cast<int>(year), static_cast<int>(month), 1));
}

std::optional<nb::object> datetime_of(std::int64_t microseconds) {
  const std::int64_t days = floor_div(microseconds, day), rest = microseconds - days * day;
  const std::optional<nb::object> date = date_of_days(days);
  if (!date) return {};
  const auto seconds = static_cast<int>(rest / second);
  return checked(PyDateTime_FromDateAndTime(PyDateTime_GET_YEAR(date->ptr()), PyDateTime_GET_MONTH(date->ptr()),
                                            PyDateTime_GET_DAY(date->ptr()), seconds / 3600, seconds / 60 % 60,
                                            seconds % 60, static_cast<int>(rest % second)));
}

std::optional<nb::object> date_at(const dtype& type, std::int64_t ticks) {
  const std::optional<std::int64_t> units = times(ticks, type.unit_count());
  if (!units) return {};
  switch (type.unit()) {
    case time_unit::Y: {
      const std::optional<std::int64_t> months = times(*units, 12);
      return months ? date_of_months(*months) : std::nullopt;
    }
    case time_unit::M: return date_of_months(*units);
    case time_unit::W: {
      const std::optional<std::int64_t> days = times(*units, 7);
      return days ? date_of_days(*days) : std::nullopt;
    }
    case time_unit::D: return date_of_days(*units);
    default: break;
  }
  const std::int64_t factor = microseconds_of(type.unit());
  const std::optional<std::int64_t> microseconds = factor == 0 ? std::nullopt : times(*units, factor);
  return microseconds ? datetime_of(*microseconds) : std::nullopt;
}

std::optional<nb::object> duration_at(const dtype& type, std::int64_t ticks) {
  const std::int64_t factor = microseconds_of(type.unit());
  if (factor == 0) return {};
  const std::optional<std::int64_t> units = times(ticks, type.unit_count());
  if (!units) return {};
  // In days and a rest, since all days of a timedelta are more microseconds than 64 bits have.
  const std::int64_t whole = factor >= day ? 1 : day / factor;  // units a day
  const std::int64_t quotient = floor_div(*units, whole),
                     rest = (*units - quotient * whole) * (factor >= day ? 0 : factor);
  const std::optional<std::int64_t> days = times(quotient, factor >= day ? factor / day : 1);
  if (!days || *days < -999999999 || *days > 999999999) return {};
  return checked(
      PyDelta_FromDSU(static_cast<int>(*days), static_cast<int>(rest / second), static_cast<int>(rest % second)));
}

nb::object time_at(const dtype& type, const std::byte* at) {
  std::int64_t ticks;
  std::memcpy(&ticks, at, sizeof ticks);
  if (ticks == not_a_time) return nb::none();
  import_datetime();
  const std::optional<nb::object> found = type.kind() == 'M' ? date_at(type, ticks) : duration_at(type, ticks);
  return found ? *found : number_object(ticks);
}

// ---- records, lists

nb::object field_at(const field& f, const std::byte* record) {
  const std::byte* const at = record + f.offset;
  if (f.extents.empty()) return element_object(f.type, at);
  return wrap(without_gil([&] { return from_pointer(static_cast<const void*>(at), f.extents, f.type).copy(); }));
}

nb::object record_at(const dtype& type, const std::byte* at) {
  const std::vector<field>& fields = type.fields();
  nb::object result = checked(PyTuple_New(static_cast<Py_ssize_t>(fields.size())));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    PyTuple_SET_ITEM(result.ptr(), static_cast<Py_ssize_t>(i), field_at(fields[i], at).release().ptr());
  }
  return result;
}

nb::object nested(const array& x, const std::byte* at, int axis) {
  if (axis == x.ndim()) return element_object(x.dtype(), at);
  nb::object result = checked(PyList_New(static_cast<Py_ssize_t>(x.shape()[axis])));
  for (std::int64_t i = 0; i < x.shape()[axis]; ++i) {
    PyList_SET_ITEM(result.ptr(), static_cast<Py_ssize_t>(i),
                    nested(x, at + i * x.strides()[axis], axis + 1).release().ptr());
  }
  return result;
}

}  // namespace

nb::object element_object(const dtype& type, const std::byte* at) {
  switch (type.kind()) {
    case 'U': return text_at(at, type.itemsize() / 4);
    case 'S': return bytes_at(at, type.itemsize(), true);
    case 'V': return type.has_fields() ? record_at(type, at) : bytes_at(at, type.itemsize(), false);
    case 'M':
    case 'm': return time_at(type, at);
    default: return number_at(type, at);
  }
}

nb::object to_list(const array& x) {
  const array here = without_gil([&] { return x.to(cpu()); });
  return nested(here, static_cast<const std::byte*>(here.data()), 0);
}

nb::object item(const array& x) {
  if (x.size() != 1) {
    throw value_error("item: shape " + to_string(x.shape()) + " has " + std::to_string(x.size()) +
                      " elements, not one");
  }
  const array here = x.device() == cpu() ? x : without_gil([&] { return x.to(cpu()); });
  return element_object(here.dtype(), static_cast<const std::byte*>(here.data()));
}

bool is_python_time(PyObject* x) {
  import_datetime();
  return PyDate_Check(x) || PyDelta_Check(x);
}

dtype dtype_of_time(PyObject* x) {
  if (PyDelta_Check(x)) return timedelta64(time_unit::us);
  return datetime64(PyDateTime_Check(x) ? time_unit::us : time_unit::D);
}

std::int64_t ticks_of_time(PyObject* x) {
  if (PyDelta_Check(x)) {  // 10^9 days are 8.64e19 microseconds: more than 64 bits have
    const std::int64_t rest = PyDateTime_DELTA_GET_SECONDS(x) * second + PyDateTime_DELTA_GET_MICROSECONDS(x);
    const std::optional<std::int64_t> days = times(PyDateTime_DELTA_GET_DAYS(x), day);
    std::int64_t all = 0;
    if (!days || __builtin_add_overflow(*days, rest, &all)) {
      throw overflow_error("array: " + std::string(nb::repr(nb::handle(x)).c_str()) +
                           " is out of bounds for timedelta64[us]");
    }
    return all;
  }
  nb::object time = nb::borrow(x);
  if (PyDateTime_Check(x) && !nb::object(time.attr("tzinfo")).is_none()) {
    time = time.attr("astimezone")(nb::borrow(PyDateTimeAPI->TimeZone_UTC));
  }
  const std::int64_t days = nb::cast<std::int64_t>(time.attr("toordinal")()) - epoch_ordinal;
  if (!PyDateTime_Check(time.ptr())) return days;
  PyObject* const t = time.ptr();
  const std::int64_t seconds =
      PyDateTime_DATE_GET_HOUR(t) * 3600 + PyDateTime_DATE_GET_MINUTE(t) * 60 + PyDateTime_DATE_GET_SECOND(t);
  return days * day + seconds * second + PyDateTime_DATE_GET_MICROSECOND(t);
}

}  // namespace tessera::python
