// Functions of times.
#include <nanobind/stl/string_view.h>

#include "functions.hpp"

namespace tessera::python {
namespace {

/// "D", "25s"; nothing for None and "generic".
dtype unit_of(nb::handle unit) {
  if (unit.is_none()) return dtype("M8");
  return dtype("M8[" + nb::cast<std::string>(unit) + "]");
}

/// The unit in brackets behind a time's dtype.
std::string unit_name(const dtype& type) {
  const std::string name = dtype(type.kind() == 'M' ? datetime64(type.unit()) : timedelta64(type.unit())).str();
  const std::size_t at = name.find('[');
  return at == name.npos ? "generic" : name.substr(at + 1, name.size() - at - 2);
}

bool is_utc(nb::handle timezone) {
  if (PyUnicode_Check(timezone.ptr())) {
    return word<bool>(nb::cast<std::string>(timezone), "datetime_as_string: timezone",
                      {{"naive", false}, {"UTC", true}});
  }
  throw value_error("datetime_as_string: timezone: expected 'naive' or 'UTC'");
}

}  // namespace

void bind_times(nb::module_& m) {
  m.def(
      "isnat", [](nb::handle x) { return run(isnat(to_expr(x))); }, nb::arg("x"), "Whether a time is NaT.");
  m.def(
      "datetime_as_string",
      [](nb::handle x, nb::handle unit, nb::handle timezone, nb::handle) {
        const expr times = to_expr(x);
        const dtype written = unit_of(unit);
        const datetime_as_string_options options{.unit = written.unit(), .utc = is_utc(timezone)};
        return wrap(without_gil([&] { return datetime_as_string(times, options); }));
      },
      nb::arg("arr"), optional("unit"), nb::arg("timezone") = "naive", nb::arg("casting") = "same_kind",
      "Datetimes as ISO 8601 texts, up to a unit.");
  m.def(
      "datetime_data",
      [](nb::handle type) {
        const dtype of = to_dtype(type);
        const datetime_data_result found = datetime_data(of);
        return nb::make_tuple(unit_name(of), found.count);
      },
      nb::arg("dtype"), "(unit, count) of a time's dtype.");
}

}  // namespace tessera::python
