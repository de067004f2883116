// str, repr, print and stream operators: arrays and scalars as NumPy writes them.
#include "tessera/printing.hpp"

#include <iostream>

#include "core/dtype_parts.hpp"
#include "core/element.hpp"
#include "core/element_format.hpp"
#include "core/float_text.hpp"
#include "core/format_array.hpp"
#include "core/quoted_text.hpp"
#include "core/time_units.hpp"
#include "expr/evaluate.hpp"

namespace tessera {
namespace {

constexpr int most_digits = 16000;  // what fits NumPy's buffer for one number, too

print_options& current_options() {
  thread_local print_options options;
  return options;
}

void check(const print_options& options, const char* name, caller where) {
  const auto refuse = [&](const std::string& what) { throw value_error(std::string(name) + ": " + what, where); };
  if (options.precision < 0) refuse("precision is " + std::to_string(options.precision) + ", must be at least 0");
  if (options.precision > most_digits) {
    refuse("precision is " + std::to_string(options.precision) + ", must be at most " + std::to_string(most_digits));
  }
  if (options.threshold < 0) refuse("threshold is " + std::to_string(options.threshold) + ", must be at least 0");
  if (options.edgeitems < 0) refuse("edgeitems is " + std::to_string(options.edgeitems) + ", must be at least 0");
  if (options.sign != '-' && options.sign != '+' && options.sign != ' ') {
    refuse(std::string("sign is '") + options.sign + "', must be '-', '+' or ' '");
  }
}

/// str() of the NumPy scalar; of bytes NumPy's str gives the repr.
std::string scalar_text(const array& x, const print_options& options) {
  const array here = x.to(cpu());
  const auto* const element = static_cast<const std::byte*>(here.data());
  if (x.dtype().kind() == 'S') return "np.bytes_(" + detail::quoted_text(x.dtype(), element) + ")";
  return detail::scalar_text(x.dtype(), element, options);
}

array result_of(const operand& x) { return detail::materialize(x.recipe(), x.where()); }

std::string array_str(const array& x, const print_options& options) {
  return x.ndim() == 0 ? scalar_text(x, options) : detail::format_array(x, options, {.separator = " "});
}

/// As it stands behind dtype=: what is no name is quoted, records are lists of fields or dictionaries.
std::string dtype_text(dtype type) {
  const bool no_unit = detail::is_time(type) && detail::is_generic(type);
  if (type.has_fields() || type.is_number() || no_unit) return type.name();
  return "'" + type.name() + "'";
}

/// Whether NumPy would make this dtype of the text alone.
bool is_implied(dtype type) { return type == bool_ || type == int64 || type == float64 || type == complex128; }

std::string array_repr(const array& x, const print_options& options) {
  const std::string prefix = "array(";
  const int prefix_width = static_cast<int>(prefix.size());
  std::string text =
      prefix + detail::format_array(x, options, {.separator = ", ", .prefix_width = prefix_width, .suffix_width = 1});
  std::string extras;
  if ((x.size() == 0 && x.shape() != shape{0}) || x.size() > options.threshold)
    extras = "shape=" + to_string(x.shape());
  if (!is_implied(x.dtype()) || x.size() == 0) {
    extras += std::string(extras.empty() ? "" : ", ") + "dtype=" + dtype_text(x.dtype());
  }
  if (extras.empty()) return text + ")";
  extras += ")";
  text += ",";
  const int last_line = detail::text_width(std::string_view(text).substr(text.rfind('\n') + 1));  // npos + 1 is 0
  const bool fits = last_line + static_cast<int>(extras.size()) + 1 <= options.linewidth;
  return text + (fits ? std::string(" ") : std::string("\n").append(prefix.size(), ' ')) + extras;
}

/// "np.datetime64('2024-01-01T00','h')": the unit where the text does not say it.
std::string time_repr(std::int64_t steps, dtype type, const std::string& text) {
  const bool nat = steps == detail::not_a_time;
  const time_unit unit = type.unit();
  std::string says = detail::is_timedelta(type) && !nat ? std::to_string(steps) : "'" + text + "'";
  const bool implied =
      detail::is_datetime(type) ? !nat && type.unit_count() == 1 && unit != time_unit::h : unit == time_unit::generic;
  if (!implied) {
    const std::string count = type.unit_count() == 1 ? "" : std::to_string(type.unit_count());
    says += ",'" + count + detail::unit_name(unit) + "'";
  }
  return (detail::is_datetime(type) ? "np.datetime64(" : "np.timedelta64(") + says + ")";
}

std::string number_text(const detail::scalar_value& v) {
  if (v.type == bool_) return v.integer != 0 ? "true" : "false";
  if (v.type.kind() == 'c') {
    return detail::complex_scalar_text(v.real, v.imag, v.type == complex64 ? float32 : float64);
  }
  return v.is_integral() ? detail::to_string(v) : detail::float_scalar_text(v.real, v.type);
}

}  // namespace

print_options get_printoptions() { return current_options(); }

void set_printoptions(const print_options& options, caller where) {
  check(options, "set_printoptions", where);
  current_options() = options;
}

std::string str(const operand& x) { return array_str(result_of(x), current_options()); }

std::string repr(const operand& x) { return array_repr(result_of(x), current_options()); }

std::string str(const operand& x, const print_options& options) {
  check(options, "str", x.where());
  return array_str(result_of(x), options);
}

std::string repr(const operand& x, const print_options& options) {
  check(options, "repr", x.where());
  return array_repr(result_of(x), options);
}

std::string repr_scalar(const operand& x) {
  const array value = result_of(x);
  if (value.ndim() != 0) {
    throw value_error("repr_scalar: shape " + to_string(value.shape()) + " has axes; a scalar has none", x.where());
  }
  if (value.dtype().kind() == 'U') {
    const array here = value.to(cpu());
    return "np.str_(" + detail::quoted_text(here.dtype(), static_cast<const std::byte*>(here.data())) + ")";
  }
  const std::string text = scalar_text(value, current_options());
  if (value.dtype().has_fields()) return "np.void(" + text + ", dtype=" + value.dtype().name() + ")";
  if (value.dtype().kind() == 'V') return "np.void(" + text + ")";
  if (value.dtype() == bfloat16 || value.dtype().kind() == 'S') return text;
  if (value.dtype() == bool_) return "np." + text + "_";
  if (detail::is_time(value.dtype())) {
    return time_repr(value.view(int64).item<std::int64_t>(x.where()), value.dtype(), text);
  }
  const bool parenthesised = text.front() == '(';  // complex numbers bring their own
  return std::string("np.") + value.dtype().name() + (parenthesised ? text : "(" + text + ")");
}

printable::printable(const expr& x) : text_(str(x)) {}
printable::printable(const array& x) : text_(str(x)) {}
printable::printable(const shape& tuple) : text_(to_string(tuple)) {}
printable::printable(const dtype& type) : text_(type.name()) {}
printable::printable(const flags_t& flags) : text_(to_string(flags)) {}
printable::printable(tag, const detail::scalar_value& v) : text_(number_text(v)) {}

void print_items(std::initializer_list<printable> items) {
  std::string line;
  for (const printable& item : items) {
    if (&item != items.begin()) line += ' ';
    line += item.text();
  }
  line += '\n';
  std::cout << line;
}

std::ostream& operator<<(std::ostream& out, const shape& tuple) { return out << to_string(tuple); }
std::ostream& operator<<(std::ostream& out, const dtype& type) { return out << type.name(); }
std::ostream& operator<<(std::ostream& out, const flags_t& flags) { return out << to_string(flags); }

namespace detail {
std::ostream& operator<<(std::ostream& out, const expr& x) { return out << str(x); }
}  // namespace detail

}  // namespace tessera
