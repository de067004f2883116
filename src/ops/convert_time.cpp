// Times: between units, from and to numbers and texts.
#include <cstring>

#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/time_text.hpp"
#include "expr/other_types.hpp"
#include "ops/convert.hpp"
#include "ops/time_steps.hpp"

namespace tessera::detail {
namespace {

/// The dtype given, with the unit of `from` if it has none.
dtype with_unit(dtype to, dtype from) { return is_generic(to) ? with_code(from, to.code()) : to; }

array reinterpreted(const array& x, dtype type) {
  return access::view(x, access::data(x), type, x.shape(), x.strides());
}

// ---- texts, on the host

/// An element of text as UTF-8, without the zeros behind it.
std::string text_of(const std::byte* element, dtype type) {
  const int width = type.code() == dtype_code::str_ ? 4 : 1, count = type.itemsize() / width;
  std::string text;
  for (int i = 0; i < count; ++i) {
    char32_t point = 0;
    std::memcpy(&point, element + i * width, static_cast<std::size_t>(width));
    text += point < 0x80 ? static_cast<char>(point) : '?';  // no date has another
  }
  return text.substr(0, text.find_last_not_of('\0') + 1);
}

/// f(element) for each, in C order.
template <class F> void each_element(const array& contiguous, F f) {
  const std::byte* element = access::data(contiguous);
  for (std::int64_t n = contiguous.size(); n > 0; --n, element += contiguous.itemsize()) f(element);
}

/// The coarsest unit that all dates are exact in.
dtype unit_of_texts(const array& texts, const char* name, caller where) {
  dtype unit = dtype_parts::make(dtype_code::datetime64, 1);
  each_element(texts, [&](const std::byte* element) {
    const parsed_time one = parse_datetime(text_of(element, texts.dtype()), name, where);
    if (one.unit == unit.unit() || one.nat) return;
    const dtype next = datetime64(one.unit), common = promote_times(unit, next);
    if (!common.is_set()) throw_no_common_time(unit, next, name, where);
    unit = common;
  });
  return unit;
}

array from_texts(const array& x, dtype to, const char* name, caller where) {
  require_host(x, "a cast of " + x.dtype().name() + " to " + to.name(), name, where);
  const array texts = x.copy();
  if (is_datetime(to) && is_generic(to)) to = unit_of_texts(texts, name, where);
  const array result = access::make(x.shape(), to, order::C, cpu(), where);
  auto* out = reinterpret_cast<std::int64_t*>(access::data(result));
  each_element(texts, [&](const std::byte* element) {
    const std::string text = text_of(element, texts.dtype());
    *out++ = is_datetime(to) ? steps_of(parse_datetime(text, name, where), to, text, name, where)
                             : parse_timedelta(text, name, where);
  });
  return result;
}

std::string text_of(std::int64_t steps, dtype type) {
  return is_datetime(type) ? datetime_text(steps, type) : timedelta_text(steps, type);
}

array to_texts(const array& x, dtype to, const char* name, caller where) {
  require_host(x, "a cast of " + x.dtype().name() + " to " + to.name(), name, where);
  const dtype from = x.dtype();
  if (to.itemsize() == 0) {
    const int width = is_datetime(from) ? datetime_text_width(from.unit()) : timedelta_text_width;
    to = to.code() == dtype_code::str_ ? str_(width) : bytes_(width);
  }
  const int room = to.code() == dtype_code::str_ ? to.itemsize() / 4 : to.itemsize();
  const array times = x.copy(), result = access::make(x.shape(), to, order::C, cpu(), where);
  std::byte* out = access::data(result);
  each_element(times, [&](const std::byte* element) {
    std::int64_t steps = 0;
    std::memcpy(&steps, element, sizeof steps);
    const std::string text = text_of(steps, from);
    if (is_datetime(from) && static_cast<int>(text.size()) > room) {
      throw value_error(std::string(name) + ": '" + text + "' does not fit into " + to.name(), where);
    }
    write_text(out, to, text, name, where);
    out += to.itemsize();
  });
  return result;
}

// ---- numbers and other units, on any device

array from_numbers(const array& x, dtype to, const char* name, caller where) {
  if (is_datetime(to) && is_generic(to) && x.size() != 0) {
    throw value_error(std::string(name) + ": " + x.dtype().name() + " to datetime64 without a unit", where);
  }
  if (x.dtype() == int64) return reinterpreted(x, to);
  return times_of(steps_of_numbers(operand(x, where).recipe(), where), to);
}

}  // namespace

array convert_time(const array& x, dtype to, const char* name, caller where) {
  const dtype from = x.dtype();
  if (is_text(from)) return from_texts(x, to, name, where);
  if (is_text(to)) return to_texts(x, to, name, where);
  if (to.is_number()) return reinterpreted(x, int64).astype(to);
  if (from.is_number()) return from_numbers(x, to, name, where);
  to = with_unit(to, from);
  if (from.code() != to.code() || is_generic(from)) return reinterpreted(x, to);
  const steps own = steps_of(x, where), other = rescaled(own, from, to, name);
  return access::node_of(own.recipe()) == access::node_of(other.recipe()) ? reinterpreted(x, to) : times_of(other, to);
}

}  // namespace tessera::detail
