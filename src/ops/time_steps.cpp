// Steps between units, from numbers, to arrays of times.
#include "ops/time_steps.hpp"

#include "expr/evaluate.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

/// A datetime by the calendar, where months are on one side only. Within a day hours to nanoseconds count; what is finer has
/// no ratio to months.
steps by_calendar(const steps& x, dtype from, dtype to) {
  const steps units = from.unit_count() == 1 ? x : x * from.unit_count();
  steps result = units;
  if (from.unit() <= time_unit::M) {
    const steps days = from.unit() == time_unit::Y ? days_of_years(units) : days_of_months(units);
    result = to.unit() == time_unit::W   ? floor_div(days, 7)
             : to.unit() == time_unit::D ? days
                                         : days * units_per_day(to.unit());
  } else {
    const steps days = from.unit() == time_unit::W   ? units * 7
                       : from.unit() == time_unit::D ? units
                                                     : floor_div(units, units_per_day(from.unit()));
    result = to.unit() == time_unit::Y ? years_of_days(days) : months_of_days(days);
  }
  return to.unit_count() == 1 ? result : floor_div(result, to.unit_count());
}

}  // namespace

steps steps::nat_where(const steps& condition) const {
  const operand mask = condition.as_operand(), nat(expr(not_a_time), where_), self = as_operand();
  return {elementwise(op::where, {&mask, &nat, &self}), where_};
}

steps steps_of(const array& times, caller where) {
  return {operand(access::view(times, access::data(times), int64, times.shape(), times.strides()), where).recipe(),
          where};
}

steps rescaled(const steps& x, dtype from, dtype to, const char* name) {
  const time_ratio ratio = ratio_between(from, to, name, x.where());
  if (needs_calendar(from, to)) return by_calendar(x, from, to).nat_where(x.is_nat());
  if (ratio.num == 1 && ratio.den == 1) return x;
  const steps scaled = ratio.num == 1 ? x : x * ratio.num;
  return (ratio.den == 1 ? scaled : floor_div(scaled, ratio.den)).nat_where(x.is_nat());
}

steps steps_of_numbers(const expr& numbers, caller where) {
  const steps whole(numbers.astype(int64, where), where);
  const char kind = numbers.dtype().kind();
  if (kind != 'f' && kind != 'c') return whole;
  // Devices differ in what a number beyond int64 is cast to.
  const operand real_part(kind == 'c' ? real(numbers, where) : numbers, where), limit(0x1p63, where);
  const operand wide(real_part->astype(float64, where), where), size(abs(wide), where);
  const steps cut(real_part->astype(int64, where), where), outside(logical_not({less(size, limit), where}), where);
  return cut.nat_where(outside);
}

array times_of(const steps& x, dtype type) {
  array result = evaluate(x.recipe(), x.where());
  const shape extents = result.shape(), strides = result.strides();
  return access::retyped(std::move(result), type, extents, strides);
}

expr time_expr(const steps& x, dtype type) { return operand(times_of(x, type), x.where()).recipe(); }

}  // namespace tessera::detail
