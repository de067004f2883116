// Times as recipes of the int64 steps that they are: what arithmetic, casts and folds of times are composed of.
#pragma once
#include "core/time_units.hpp"
#include "expr/build.hpp"
#include "tessera/array.hpp"

namespace tessera::detail {

/// A recipe of int64 with the arithmetic that the calendar's formulas are written in.
class steps {
 public:
  steps(expr x, caller where) : x_(std::move(x)), where_(where) {}
  const expr& recipe() const noexcept { return x_; }
  caller where() const noexcept { return where_; }
  operand as_operand() const { return operand(x_, where_); }

  friend steps operator+(const steps& a, const steps& b) { return apply(op::add, a, b); }
  friend steps operator-(const steps& a, const steps& b) { return apply(op::subtract, a, b); }
  friend steps operator+(const steps& a, std::int64_t b) { return a + a.number(b); }
  friend steps operator-(const steps& a, std::int64_t b) { return a - a.number(b); }
  friend steps operator*(const steps& a, std::int64_t b) { return apply(op::multiply, a, a.number(b)); }
  friend steps floor_div(const steps& a, std::int64_t b) { return apply(op::floor_divide, a, a.number(b)); }

  static steps apply(op code, const steps& a) { return {elementwise(code, a.as_operand()), a.where_}; }
  static steps apply(op code, const steps& a, const steps& b) {
    return {elementwise(code, a.as_operand(), b.as_operand()), a.where_};
  }
  steps number(std::int64_t value) const { return {expr(value), where_}; }

  steps is_nat() const { return apply(op::equal, *this, number(not_a_time)); }
  steps is_time() const { return apply(op::not_equal, *this, number(not_a_time)); }
  /// NaT where `condition` holds.
  steps nat_where(const steps& condition) const;

 private:
  expr x_;
  caller where_;
};

/// The steps of an array of times, by reference.
steps steps_of(const array& times, caller where);
/// Steps of one dtype as those of another, NaT kept: datetimes by the calendar. Products wrap around beyond 64 bits, as NumPy's.
/// Throws as ratio_between.
steps rescaled(const steps& x, dtype from, dtype to, const char* name);
/// Numbers cut off to whole steps; what has none is NaT.
steps steps_of_numbers(const expr& numbers, caller where);
/// Runs a recipe of steps into an array of times.
array times_of(const steps& x, dtype type);
/// The same, as a leaf.
expr time_expr(const steps& x, dtype type);

}  // namespace tessera::detail
