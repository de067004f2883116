// Single times, ranges of them and their text.
#include "tessera/datetime.hpp"

#include <cstring>

#include "core/access.hpp"
#include "core/default_device.hpp"
#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "core/time_text.hpp"
#include "expr/evaluate.hpp"
#include "expr/other_types.hpp"
#include "ops/convert.hpp"
#include "ops/time_steps.hpp"
#include "tessera/elementwise.hpp"

namespace tessera {

using namespace detail;

namespace {

array one_time(std::int64_t value, dtype type, caller where) {
  const array result = access::make({}, type, order::C, cpu(), where);
  std::memcpy(access::data(result), &value, sizeof value);
  return result.to(device_for_new_arrays(where), where);
}

[[noreturn]] void throw_no_time(dtype type, const char* name, const char* expected, caller where) {
  throw dtype_error(std::string(name) + ": not supported for dtype " + type.name() + "; expected " + expected, where);
}

}  // namespace

array datetime(std::string_view text, time_unit unit, int count, caller where) {
  const parsed_time date = parse_datetime(text, "datetime", where);
  const dtype type = datetime64(unit == time_unit::generic ? date.unit : unit, count, where);
  return one_time(steps_of(date, type, text, "datetime", where), type, where);
}

array timedelta(std::int64_t value, time_unit unit, int count, caller where) {
  return one_time(value, timedelta64(unit, count, where), where);
}

expr isnat(const operand& x) {
  if (!is_time(x->dtype())) throw_no_time(x->dtype(), "isnat", "datetime64 or timedelta64", x.where());
  return isnan(x);
}

array datetime_as_string(const operand& x, const datetime_as_string_options& options) {
  constexpr const char* name = "datetime_as_string";
  const caller where = x.where();
  const dtype from = x->dtype();
  if (!is_datetime(from)) throw_no_time(from, name, "datetime64", where);
  const array times = materialize(x.recipe(), where);
  require_host(times, "writing dates", name, where);
  const time_unit shown = options.unit == time_unit::generic ? from.unit() : options.unit;
  const bool zone = options.utc && shown > time_unit::D;
  const array result = access::make(times.shape(), str_(datetime_text_width(shown)), order::C, cpu(), where);
  const array contiguous = times.copy();
  const std::byte* in = access::data(contiguous);
  std::byte* out = access::data(result);
  for (std::int64_t n = times.size(); n > 0; --n, in += sizeof(std::int64_t), out += result.itemsize()) {
    std::int64_t steps = 0;
    std::memcpy(&steps, in, sizeof steps);
    const std::string text = datetime_text(steps, from, shown);
    write_text(out, result.dtype(), zone && steps != not_a_time ? text + "Z" : text, name, where);
  }
  return result;
}

datetime_data_result datetime_data(const dtype& type, caller where) {
  if (!is_time(type)) throw_no_time(type, "datetime_data", "datetime64 or timedelta64", where);
  return {type.unit(), type.unit_count()};
}

// ---- ranges

namespace {

constexpr const char* arange_name = "arange";

/// A bound or a step: times and integers without axes, on the host.
array range_value(const operand& x, dtype beside) {
  const caller where = x.where();
  const node* n = access::node_of(x.recipe());
  if (n != nullptr && n->kind == node_kind::text) {
    return time_of_text(static_cast<const text_node*>(n)->utf8, beside, cpu(), arange_name, where);
  }
  const array value = materialize(x.recipe(), where).to(cpu(), where);
  if (value.size() != 1) {
    throw value_error(
        std::string(arange_name) + ": a bound of shape " + to_string(value.shape()) + "; expected one time", where);
  }
  const bool integer = std::string_view("biu").find(value.dtype().kind()) != std::string_view::npos;
  if (!is_time(value.dtype()) && !integer) throw_no_time(value.dtype(), arange_name, "times and integers", where);
  return value;
}

/// The unit that all of them are counted in: of dates the finest, with timedeltas where those fit.
dtype range_dtype(const array& start, const array& stop, const array& step, bool dates, caller where) {
  dtype type = with_code(timedelta64(time_unit::generic), dates ? dtype_code::datetime64 : dtype_code::timedelta64);
  for (const array* each : {&start, &stop, &step}) {
    if (!is_time(each->dtype())) continue;
    const dtype common = promote_times(type, each->dtype());
    if (!common.is_set()) throw_no_common_time(type, each->dtype(), arange_name, where);
    type = common;
  }
  return type;
}

std::int64_t in_steps(const array& x, dtype type, caller where) {
  if (is_timedelta(x.dtype())) type = with_code(type, dtype_code::timedelta64);
  if (is_time(x.dtype()) && !can_cast_times(x.dtype(), type, casting::same_kind)) {
    throw_no_common_time(x.dtype(), type, arange_name, where);
  }
  const array value = is_time(x.dtype()) ? convert(x, type, arange_name, where) : x.astype(int64);
  const std::int64_t steps = value.item<std::int64_t>(where);
  if (steps == not_a_time) throw value_error(std::string(arange_name) + ": NaT bounds no range", where);
  return steps;
}

}  // namespace

array detail::time_range(const operand& first, const operand& last, const dtype& asked, const operand& by) {
  const caller where = first.where();
  const dtype beside = is_time(asked) ? asked : dtype_parts::make(dtype_code::datetime64, 1);
  if (asked.is_set() && !is_time(asked)) throw_no_time(asked, arange_name, "datetime64 or timedelta64", where);
  const array start = range_value(first, beside), stop = range_value(last, beside),
              step = range_value(by, timedelta64(time_unit::generic));
  const bool dates = asked.is_set() ? is_datetime(asked) : is_datetime(start.dtype()) || is_datetime(stop.dtype());
  const bool unit_given = asked.is_set() && !is_generic(asked);
  const dtype type = unit_given ? asked : range_dtype(start, stop, step, dates, where);
  const std::int64_t begin = in_steps(start, type, where), stride = in_steps(step, type, where);
  std::int64_t end = in_steps(stop, type, where);
  if (stride == 0) throw value_error(std::string(arange_name) + ": the step is 0", where);
  const bool counts = dates && !is_datetime(stop.dtype()) && is_datetime(start.dtype());
  if (counts && __builtin_add_overflow(begin, end, &end)) {
    throw overflow_error(std::string(arange_name) + ": the end is out of bounds for " + type.name(), where);
  }
  const __int128 distance = static_cast<__int128>(end) - begin;
  const __int128 length = (distance < 0) != (stride < 0) ? 0 : -floor_div(-distance, stride);
  if (length > std::numeric_limits<std::int64_t>::max()) {
    throw value_error(std::string(arange_name) + ": more elements than fit in 64 bits", where);
  }
  const shape extents{static_cast<std::int64_t>(length)};
  element_count(extents, arange_name, where, type.itemsize());
  const array result = access::make(extents, type, order::C, cpu(), where);
  auto* out = reinterpret_cast<std::int64_t*>(access::data(result));
  for (std::int64_t i = 0; i < extents[0]; ++i) out[i] = begin + i * stride;
  return result.to(device_for_new_arrays(where), where);
}

}  // namespace tessera
