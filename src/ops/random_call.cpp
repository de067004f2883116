// Calls of a generator: parameters, shapes, and plans for the backend.
#include "ops/numbers_only.hpp"
#include "ops/random_call.hpp"

#include <limits>

#include "backend.hpp"
#include "core/access.hpp"
#include "core/float_text.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/reduce_parts.hpp"
#include "samplers/list.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {

namespace {

bool contains(const interval& allowed, double x) {
  return (x > allowed.low || (allowed.has_low && x == allowed.low)) &&
         (x < allowed.high || (allowed.has_high && x == allowed.high));
}

std::string text_of(const interval& allowed) {
  std::string text(allowed.has_low ? "[" : "(");
  text += float_scalar_text(allowed.low, float64);
  text += ", ";
  text += float_scalar_text(allowed.high, float64);
  return text += allowed.has_high ? "]" : ")";
}

/// The first element out of the interval, if there is one.
std::optional<double> first_outside(const array& x, const interval& allowed) {
  if (x.size() == 0) return {};
  const expr inside = (allowed.has_low ? x >= allowed.low : x > allowed.low) &
                      (allowed.has_high ? x <= allowed.high : x < allowed.high);
  if (all(inside).item<bool>()) return {};
  return ravel(x)(argmin(inside).item<std::int64_t>()).item<double>();
}

value_error outside(const char* name, const char* what, double value, const interval& allowed, caller where) {
  return value_error(
      std::string(name) + ": " + what + " " + float_scalar_text(value, float64) + " is not in " + text_of(allowed),
      where);
}

}  // namespace

random_plan integers_plan(dtype type, std::uint64_t first, std::uint64_t most) {
  random_plan plan;
  plan.kind = distribution::integers;
  plan.type = type;
  plan.first = first;
  plan.most = most;
  plan.words = most <= std::numeric_limits<std::uint32_t>::max() ? 2 : 4;
  return plan;
}

dtype floating_dtype(const random::float_options& options, const char* name, caller where) {
  const dtype type = options.dtype.is_set() ? options.dtype : float64;
  if (!(type == float32 || type == float64)) {
    throw dtype_error(std::string(name) + ": dtype " + type.name() + " is not float32 or float64", where);
  }
  return type;
}

device draw_call::on() const { return on_ ? *on_ : default_device(where_); }

void draw_call::join(const shape& extents, const char* what, caller where) {
  if (given_.empty()) {
    extents_ = broadcast(extents_, extents, name_, where);
  } else if (!broadcasts_to(extents, given_)) {
    throw shape_error(std::string(name_) + ": " + what + " of shape " + to_string(extents) + " does not broadcast to " +
                          to_string(given_),
                      where);
  }
}

/// x as an array of float64 on the call's device, which it sets if nothing else does.
array draw_call::checked(const operand& x, const char* what, const interval& allowed) {
  check_numbers({x->dtype()}, name_, x.where());
  if (x->dtype().kind() == 'c') {
    throw dtype_error(std::string(name_) + ": " + what + " of dtype " + x->dtype().name() + " is not real", x.where());
  }
  array values = materialize(x->astype(float64, x.where()), x.where());
  if (const auto value = first_outside(values, allowed)) throw outside(name_, what, *value, allowed, x.where());
  if (on_ && *on_ != values.device()) values = values.to(*on_);
  on_ = values.device();
  return values;
}

draw_parameter draw_call::take(const operand& x, const char* what, const interval& allowed) {
  if (access::node_of(x.recipe()) == nullptr && x->dtype().kind() != 'c') {
    const double number = x->item<double>(x.where());
    if (!contains(allowed, number)) throw outside(name_, what, number, allowed, x.where());
    return {number};
  }
  array values = checked(x, what, allowed);
  join(values.shape(), what, x.where());
  if (values.ndim() == 0) return {values.item<double>(x.where())};
  return {0, std::move(values)};
}

draw_parameter draw_call::take_vector(const operand& x, const char* what, const interval& allowed) {
  return {0, checked(x, what, allowed)};
}

draw_parameter draw_call::take_vectors(const operand& x, const char* what, const interval& allowed) {
  array values = checked(x, what, allowed);
  shape others = values.shape();
  others.erase(others.size() - 1);
  join(others, what, x.where());
  return {0, std::move(values)};
}

draw_parameter draw_call::take_integer(const operand& x, const char* what, const interval& allowed) {
  if (is_inexact(x->dtype())) {
    throw dtype_error(std::string(name_) + ": " + what + " of dtype " + x->dtype().name() + " is not an integer",
                      x.where());
  }
  return take(x, what, allowed);
}

void draw_call::check_ordered(const draw_parameter& low, const draw_parameter& high, const char* low_name,
                              const char* high_name, bool may_be_equal) const {
  double a = low.number, b = high.number;
  if (low.values || high.values) {
    const expr x = low.in(float64), y = high.in(float64);
    const array wrong = may_be_equal ? x > y : x >= y;
    if (!any(wrong).item<bool>()) return;
    const auto first = argmax(wrong).item<std::int64_t>();
    const auto value = [&](const expr& each) {
      return ravel(array(broadcast_to(each, wrong.shape())))(first).item<double>();
    };
    a = value(x), b = value(y);
  } else if (may_be_equal ? a <= b : a < b) {
    return;
  }
  throw value_error(std::string(name_) + ": " + low_name + " " + float_scalar_text(a, float64) +
                        (may_be_equal ? " is above " : " is not below ") + high_name + " " +
                        float_scalar_text(b, float64),
                    where_);
}

array draw_call::made(dtype type) const { return access::make(extents_, type, order::C, on(), where_); }

array draw_call::draw(random_plan plan, const shape& extents) {
  plan.count = element_count(extents, name_, where_, plan.type.itemsize());
  array result = access::make(extents, plan.type, order::C, on(), where_);
  if (plan.count == 0) return result;
  plan.out = access::data(result);
  plan.seed = next_.seed;
  plan.stream = next_.stream;
  plan.counter = next_.counter;
  backend_of(result.device()).random(plan);
  const auto count = static_cast<std::uint64_t>(plan.count);
  if (plan.kind == distribution::sampler) {
    next_.counter += static_cast<std::uint64_t>(info_of(plan.sampler).columns) * ((count + 1) / 2);
  } else {
    const std::uint64_t each = 4 / static_cast<std::uint64_t>(plan.words);  // elements of a counter
    next_.counter += (count + each - 1) / each;
  }
  return result;
}

array draw_call::draw(distribution kind, dtype type, double width) {
  random_plan plan;
  plan.kind = kind;
  plan.type = type;
  plan.words = type.itemsize() / 4;
  plan.width = width;
  plan.last = 1;  // no uniform number is above
  return draw(plan, extents_);
}

array draw_call::sample(sampler_code which, dtype type, std::initializer_list<draw_parameter> parameters) {
  random_plan plan;
  plan.kind = distribution::sampler;
  plan.sampler = which;
  plan.type = type;
  std::vector<array> held;
  int k = 0;
  for (const draw_parameter& p : parameters) {
    sampler_parameter& to = plan.parameters[k++];
    to.value = p.number;
    if (!p.values) continue;
    held.push_back(access::make(extents_, float64, order::C, on(), where_));
    evaluate_into(held.back(), *p.values, assign_rule::unsafe, name_, where_);
    to.values = reinterpret_cast<const double*>(access::data(held.back()));
  }
  return draw(plan, extents_);
}

array draw_call::finish(array result, const expr& recipe) {
  evaluate_into(result, recipe, assign_rule::unsafe, name_, where_);
  return finish(result);
}

}  // namespace tessera::detail
