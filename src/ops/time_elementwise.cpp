// Operations of times: recipes over their int64 steps. What is no time stays a recipe, times are computed at once.
#include <algorithm>
#include <optional>

#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "core/time_text.hpp"
#include "expr/other_types.hpp"
#include "ops/time_steps.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

/// A C++ text beside times, in the dtype that it has there.
struct time_literal {
  time_literal(std::string_view text, dtype beside, const char* name, caller where) : text(text), type(beside) {
    if (is_timedelta(beside)) {
      value = parse_timedelta(text, name, where);
      return;
    }
    date = parse_datetime(text, name, where);
    if (!date.nat) type = datetime64(date.unit);
    value = in(type, name, where);
  }
  std::int64_t in(dtype unit, const char* name, caller where) const {
    return is_datetime(type) ? steps_of(date, unit, text, name, where) : value;
  }

  std::string_view text;
  dtype type;
  parsed_time date;
  std::int64_t value = not_a_time;
};

/// One operand: times as their steps, numbers as they are.
struct side {
  steps x;
  dtype type;
  std::optional<time_literal> literal = {};

  bool is_date() const noexcept { return is_datetime(type); }
  bool is_duration() const noexcept { return is_timedelta(type); }
  bool is_real() const noexcept { return std::string_view("biuf").find(type.kind()) != std::string_view::npos; }
  bool is_integer() const noexcept { return std::string_view("biu").find(type.kind()) != std::string_view::npos; }
};

class time_operation {
 public:
  time_operation(op code, const std::vector<other_operand>& x, caller where) : code_(code), where_(where) {
    const other_operand& time =
        *std::find_if(x.begin(), x.end(), [](const auto& o) { return is_time(o.value.dtype()); });
    shape extents = x[0].value.shape();
    for (const other_operand& o : x) {
      if (!(o.value.shape() == extents)) extents = broadcast(extents, o.value.shape(), name(), where);
      sides_.push_back(side_of(o, time.value.dtype()));
    }
    extents_ = extents;
  }

  std::optional<expr> result() const {
    const side& a = sides_[0];
    if (sides_.size() == 1) return unary(a);
    if (code_ == op::clip) return clipped();
    const side& b = sides_[1];
    switch (code_) {
      case op::add: return sum(a, b);
      case op::subtract: return difference(a, b);
      case op::multiply: return product(a, b);
      case op::divide:
      case op::floor_divide: return a.is_duration() && b.is_duration() ? ratio(a, b) : quotient(a, b);
      case op::remainder: return remainder(a, b);
      case op::maximum:
      case op::minimum:
      case op::fmax:
      case op::fmin: return extreme(code_, a, b);
      case op::logical_and:
      case op::logical_or:
      case op::logical_xor: return elementwise(code_, truth(a), truth(b));
      case op::equal:
      case op::not_equal:
      case op::less:
      case op::less_equal:
      case op::greater:
      case op::greater_equal: return comparison(a, b);
      default: return std::nullopt;
    }
  }

 private:
  const char* name() const noexcept { return info(code_).name; }

  /// C++ texts are dates beside dates, counts beside timedeltas.
  side side_of(const other_operand& o, dtype time) const {
    const dtype type = o.value.dtype();
    if (is_time(type)) return {steps_of(o.value, where_), type};
    if (!o.text) return {steps(operand(o.value, where_).recipe(), where_), type};
    const time_literal text(o.utf8, time, name(), where_);
    return {steps(expr(text.value), where_), text.type, text};
  }

  operand as_operand(expr x) const { return operand(std::move(x), where_); }
  operand truth(const side& a) const { return as_operand(a.x.recipe().astype(bool_, where_)); }

  // ---- common units

  dtype common(dtype a, dtype b) const {
    const dtype type = promote_times(a, b);
    if (!type.is_set()) throw_no_common_time(a, b, name(), where_);
    return type;
  }
  steps in(const side& a, dtype type) const {
    if (a.literal) return steps(expr(a.literal->in(type, name(), where_)), where_);
    return is_time(a.type) ? rescaled(a.x, a.type, type, name()) : steps_of_numbers(a.x.recipe(), where_);
  }
  static side as_duration(const side& a, dtype unit) {
    return is_time(a.type)
               ? a
               : side{steps_of_numbers(a.x.recipe(), a.x.where()), with_code(unit, dtype_code::timedelta64)};
  }
  static bool both(const side& a, const side& b, dtype_code code) {
    return a.type.code() == code && b.type.code() == code;
  }

  /// Two times of one kind, or a timedelta and an integer that casts to one safely: the dtype that they are compared in.
  std::optional<dtype> comparable(const side& a, const side& b) const {
    if (is_time(a.type) && is_time(b.type) && a.type.code() != b.type.code()) return std::nullopt;
    if (!is_time(a.type) || !is_time(b.type)) {
      const dtype type = promote_times(a.type, b.type);
      return type.is_set() ? std::optional(type) : std::nullopt;
    }
    return common(a.type, b.type);
  }

  // ---- sums

  std::optional<expr> sum(const side& a, const side& b) const {
    if (a.is_date() == b.is_date()) return a.is_date() ? std::nullopt : durations(a, b);
    return a.is_date() ? shifted(a, b) : shifted(b, a);
  }

  std::optional<expr> difference(const side& a, const side& b) const {
    if (!b.is_date()) return a.is_date() ? shifted(a, b) : durations(a, b);
    if (!a.is_date()) return std::nullopt;
    const dtype type = common(a.type, b.type);
    return combined(a, b, with_code(type, dtype_code::timedelta64), type);
  }

  std::optional<expr> durations(const side& a, const side& b) const {
    if (!(a.is_duration() || a.is_integer()) || !(b.is_duration() || b.is_integer())) return std::nullopt;
    const side x = as_duration(a, b.type), y = as_duration(b, a.type);
    const dtype type = common(x.type, y.type);
    return combined(x, y, type, type);
  }

  /// A datetime plus or minus a timedelta.
  std::optional<expr> shifted(const side& date, const side& by) const {
    if (!by.is_duration() && !by.is_integer()) return std::nullopt;
    const side duration = as_duration(by, date.type);
    const dtype type = common(date.type, duration.type), unit = with_code(type, dtype_code::timedelta64);
    if (!can_cast_times(duration.type, unit, casting::same_kind))
      throw_no_common_time(duration.type, unit, name(), where_);
    return combined(date, duration, type, type, unit);
  }

  expr combined(const side& a, const side& b, dtype result, dtype a_in) const {
    return combined(a, b, result, a_in, a_in);
  }
  expr combined(const side& a, const side& b, dtype result, dtype a_in, dtype b_in) const {
    const steps x = in(a, a_in), y = in(b, b_in);
    const steps missing = steps::apply(op::bitwise_or, x.is_nat(), y.is_nat());
    return time_expr(steps::apply(code_, x, y).nat_where(missing), result);
  }

  // ---- products

  std::optional<expr> product(const side& a, const side& b) const {
    const side &duration = a.is_duration() ? a : b, &number = a.is_duration() ? b : a;
    if (!duration.is_duration() || !number.is_real()) return std::nullopt;
    if (!number.is_integer()) return scaled(duration, number, op::multiply);
    const steps by = steps_of_numbers(number.x.recipe(), where_);
    return time_expr(steps::apply(op::multiply, duration.x, by).nat_where(duration.x.is_nat()), duration.type);
  }

  /// By a floating number: in float64, cut off; NaT where that has no value.
  expr scaled(const side& duration, const side& number, op by) const {
    const steps x(duration.x.recipe().astype(float64, where_), where_),
        y(number.x.recipe().astype(float64, where_), where_);
    const steps whole = steps_of_numbers(steps::apply(by, x, y).recipe(), where_);
    return time_expr(whole.nat_where(duration.x.is_nat()), duration.type);
  }

  /// A timedelta by a number, cut off towards zero by both divisions, as in NumPy.
  std::optional<expr> quotient(const side& a, const side& b) const {
    if (!a.is_duration() || !b.is_real() || b.type == bool_) return std::nullopt;
    if (!b.is_integer()) return scaled(a, b, op::divide);
    const steps by = steps_of_numbers(b.x.recipe(), where_);
    const steps whole = a.x - steps::apply(op::fmod, a.x, by);
    const steps none = steps::apply(op::bitwise_or, a.x.is_nat(), steps::apply(op::equal, by, by.number(0)));
    return time_expr(steps::apply(op::floor_divide, whole, by).nat_where(none), a.type);
  }

  /// Of two timedeltas: float64, or rounded down int64, 0 where there is none.
  expr ratio(const side& a, const side& b) const {
    const dtype type = common(a.type, b.type);
    const steps x = in(a, type), y = in(b, type), missing = steps::apply(op::bitwise_or, x.is_nat(), y.is_nat());
    const bool floating = code_ == op::divide;
    const operand value(steps::apply(code_, x, y).recipe(), where_),
        mask = missing.as_operand(),
        none = floating ? operand(std::numeric_limits<double>::quiet_NaN(), where_) : operand(0, where_);
    return elementwise(op::where, {&mask, &none, &value});
  }

  std::optional<expr> remainder(const side& a, const side& b) const {
    if (!both(a, b, dtype_code::timedelta64)) return std::nullopt;
    const dtype type = common(a.type, b.type);
    const steps x = in(a, type), y = in(b, type);
    const steps missing = steps::apply(op::bitwise_or, x.is_nat(), y.is_nat());
    const steps none = steps::apply(op::bitwise_or, missing, steps::apply(op::equal, y, y.number(0)));
    return time_expr(steps::apply(op::remainder, x, y).nat_where(none), type);
  }

  // ---- order

  std::optional<expr> comparison(const side& a, const side& b) const {
    const std::optional<dtype> type = comparable(a, b);
    if (!type) {
      if (code_ == op::equal || code_ == op::not_equal) return never_equal();
      return std::nullopt;
    }
    const steps x = in(a, *type), y = in(b, *type), plain = steps::apply(code_, x, y);
    // NaT is the smallest number: where it stands on the larger side, or both are equal, the other is NaT too.
    const bool first = code_ != op::greater && code_ != op::greater_equal;
    const bool equality = code_ == op::equal || code_ == op::not_equal;
    const steps &tested = first ? x : y, &other = first ? y : x;
    if (is_known(tested) || (equality && is_known(other))) return plain.recipe();
    if (code_ == op::not_equal) return steps::apply(op::bitwise_or, plain, x.is_nat()).recipe();
    return steps::apply(op::bitwise_and, plain, tested.is_time()).recipe();
  }

  /// Whether it is one number, and no NaT.
  static bool is_known(const steps& x) noexcept {
    return access::node_of(x.recipe()) == nullptr && access::scalar_of(x.recipe()).integer != not_a_time;
  }

  /// Of what nothing makes equal: a date and a number.
  expr never_equal() const {
    const side& time = is_time(sides_[0].type) ? sides_[0] : sides_[1];
    const steps answer = steps::apply(code_ == op::equal ? op::not_equal : op::equal, time.x, time.x);
    return broadcast_to(answer.recipe(), extents_, where_);
  }

  /// Where NaT wins over larger ones it is moved to the other end: x - 1 wraps around.
  static steps extreme_of(op code, const steps& x, const steps& y) {
    switch (code) {
      case op::maximum: return steps::apply(op::maximum, x - 1, y - 1) + 1;
      case op::fmin: return steps::apply(op::minimum, x - 1, y - 1) + 1;
      case op::fmax: return steps::apply(op::maximum, x, y);
      default: return steps::apply(op::minimum, x, y);
    }
  }

  std::optional<expr> extreme(op code, const side& a, const side& b) const {
    const std::optional<dtype> type = comparable(a, b);
    if (!type) return std::nullopt;
    return time_expr(extreme_of(code, in(a, *type), in(b, *type)), *type);
  }

  std::optional<expr> clipped() const {
    const std::optional<dtype> low = comparable(sides_[0], sides_[1]), high = comparable(sides_[0], sides_[2]);
    if (!low || !high) return std::nullopt;
    const dtype type = common(*low, *high);
    const steps above = extreme_of(op::maximum, in(sides_[0], type), in(sides_[1], type));
    return time_expr(extreme_of(op::minimum, above, in(sides_[2], type)), type);
  }

  std::optional<expr> unary(const side& a) const {
    switch (code_) {
      case op::isnan: return a.x.is_nat().recipe();
      case op::isfinite: return a.x.is_time().recipe();
      case op::isinf: return steps::apply(op::not_equal, a.x, a.x).recipe();
      case op::negative:
      case op::positive:
      case op::abs:
      case op::sign:  // of NaT -1, as in NumPy
        if (a.is_duration()) return time_expr(steps::apply(code_, a.x), a.type);
        return std::nullopt;
      default: return std::nullopt;
    }
  }

  const op code_;
  const caller where_;
  std::vector<side> sides_;
  shape extents_;
};

}  // namespace

array time_of_text(std::string_view utf8, dtype beside, tessera::device on, const char* name, caller where) {
  const time_literal text(utf8, beside, name, where);
  const array result = access::make({}, text.type, order::C, cpu(), where);
  *reinterpret_cast<std::int64_t*>(access::data(result)) = text.value;
  return result.to(on, where);
}

std::optional<expr> time_elementwise(op code, const std::vector<other_operand>& x, caller where) {
  return time_operation(code, x, where).result();
}

}  // namespace tessera::detail
