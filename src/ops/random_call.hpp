// One call of a generator: its parameters, checked, the shape they give, the state that it moves on when all went well.
#pragma once
#include <initializer_list>
#include <limits>
#include <optional>
#include <type_traits>

#include "ops/random_plan.hpp"
#include "tessera/random.hpp"

namespace tessera::detail {

/// A plan of the integers first … first + most, as the bits of `type`.
random_plan integers_plan(dtype type, std::uint64_t first, std::uint64_t most);

/// What a parameter may be; infinities are never in it.
struct interval {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool has_low = false, has_high = false;  // the bounds themselves
};
inline constexpr interval every_number{};
inline constexpr interval not_negative{.low = 0, .has_low = true};
inline constexpr interval positive_number{.low = 0};
inline constexpr interval count_number{.low = 0, .high = 0x1p53, .has_low = true, .has_high = true};
inline constexpr interval probability{.low = 0, .high = 1, .has_low = true, .has_high = true};

/// A parameter: one number, or an array of float64.
struct draw_parameter {
  double number = 0;
  std::optional<array> values = {};

  expr in(dtype type) const { return values ? expr(*values).astype(type) : expr(number); }
  /// f of it; f takes a double and an expr.
  template <class F> draw_parameter map(F&& f) const {
    if (values) return {0, array(expr(f(expr(*values))))};
    return {f(number)};
  }
};

/// options.dtype if it is float32 or float64 (or unset: float64), else throws dtype_error.
dtype floating_dtype(const random::float_options& options, const char* name, caller where);

class draw_call {
 public:
  draw_call(const char* name, const shape& extents, const std::optional<device>& on, random::generator_state& state,
            caller where)
      : name_(name), given_(extents), extents_(extents), on_(on), state_(state), next_(state), where_(where) {}

  const char* name() const noexcept { return name_; }
  caller where() const noexcept { return where_; }
  /// Those given, or what the parameters broadcast to.
  const shape& extents() const noexcept { return extents_; }
  device on() const;
  /// The dtype asked for, as floating_dtype.
  dtype floating(const random::float_options& options) const { return floating_dtype(options, name_, where_); }

  /// A parameter called `what`. Throws dtype_error unless it is real, value_error with the first value out of the
  /// interval, shape_error unless it broadcasts with those before and to the extents given.
  draw_parameter take(const operand& x, const char* what, const interval& allowed);
  /// The same, of an integer dtype.
  draw_parameter take_integer(const operand& x, const char* what, const interval& allowed);

  /// The same, of whole vectors: not a part of what the extents are made of; and of vectors along a last axis, the
  /// other axes of which are. Always an array.
  draw_parameter take_vector(const operand& x, const char* what, const interval& allowed);
  draw_parameter take_vectors(const operand& x, const char* what, const interval& allowed);
  /// Throws value_error unless low is below high everywhere, or equal to it where that is allowed.
  void check_ordered(const draw_parameter& low, const draw_parameter& high, const char* low_name, const char* high_name,
                     bool may_be_equal) const;

  /// New elements: standard numbers, those of a sampler, or by a plan whose out, count and generator are not set.
  array draw(distribution kind, dtype type, double width = 1);
  array sample(sampler_code which, dtype type, std::initializer_list<draw_parameter> parameters);
  array draw(random_plan plan, const shape& extents);
  /// New elements, not set.
  array made(dtype type) const;

  /// Ends the call: its counters are used up.
  array finish(const array& result) {
    state_ = next_;
    return result;
  }
  /// The same, and the result becomes the recipe, which may read it.
  array finish(array result, const expr& recipe);

 private:
  void join(const shape& extents, const char* what, caller where);
  array checked(const operand& x, const char* what, const interval& allowed);
  const char* name_;
  shape given_, extents_;
  std::optional<device> on_;
  random::generator_state& state_;
  random::generator_state next_;
  caller where_;
};

}  // namespace tessera::detail
