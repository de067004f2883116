// Random numbers: checks what is asked for, plans the fill, moves the generator on when it is done.
#include "tessera/random.hpp"

#include <cmath>
#include <limits>
#include <ostream>
#include <random>

#include "core/access.hpp"
#include "core/float_text.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/numbers_only.hpp"
#include "ops/random_call.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/select.hpp"

namespace tessera::random {

using namespace detail;

namespace {

std::string text_of(double x) { return float_scalar_text(x, float64); }
std::string text_of(const bound& x) {
  return x.negative() ? std::to_string(static_cast<std::int64_t>(x.bits())) : std::to_string(x.bits());
}

/// A parameter rounded to the dtype it is used in. Throws value_error when that is not finite.
double rounded(double x, dtype type, const char* name, const char* what, caller where) {
  const double result = type == float32 ? static_cast<double>(static_cast<float>(x)) : x;
  if (!std::isfinite(result)) {
    throw value_error(std::string(name) + ": " + what + " " + text_of(x) + " is not finite in " + type.name(), where);
  }
  return result;
}

/// low, width and last value of [low, high) in the dtype.
template <class T> void set_interval(random_plan& plan, T low, T high, caller where) {
  if (!(low < high)) {
    throw value_error("uniform: low " + text_of(low) + " is not below high " + text_of(high), where);
  }
  const T width = high - low;
  if (!std::isfinite(width)) {
    throw overflow_error("uniform: high - low overflows " + std::string(plan.type.name()), where);
  }
  plan.low = low;
  plan.width = width;
  plan.last = std::nextafter(high, low);
}

/// Whether the dtype has this value.
bool has(dtype type, const bound& x) {
  const int bits = type == bool_ ? 1 : 8 * type.itemsize();
  const bool is_signed = type.kind() == 'i';
  const std::uint64_t greatest = ~std::uint64_t{0} >> (64 - bits + is_signed);
  return x.negative() ? is_signed && ~x.bits() <= greatest : x.bits() <= greatest;
}

/// x - 1; x is above some other bound.
bound before(const bound& x) {
  return x.negative() || x.bits() == 0 ? bound(static_cast<std::int64_t>(x.bits() - 1)) : bound(x.bits() - 1);
}

bool less(const bound& a, const bound& b) { return a.negative() != b.negative() ? a.negative() : a.bits() < b.bits(); }

/// The whole call of a plan.
array drawn(const random_plan& plan, const shape& extents, const std::optional<device>& on, generator_state& state,
            const char* name, caller where) {
  draw_call call(name, extents, on, state, where);
  return call.finish(call.draw(plan, extents));
}

}  // namespace

generator::generator() {
  std::random_device entropy;
  state_.seed = entropy() | std::uint64_t{entropy()} << 32;
}

array generator::uniform(const shape& extents, const float_options& options, caller where) {
  return uniform(0.0, 1.0, extents, options, where);
}

array generator::uniform(double low, double high, const shape& extents, const float_options& options, caller where) {
  random_plan plan;
  plan.kind = distribution::uniform;
  plan.type = floating_dtype(options, "uniform", where);
  plan.words = plan.type.itemsize() / 4;
  low = rounded(low, plan.type, "uniform", "low", where);
  high = rounded(high, plan.type, "uniform", "high", where);
  if (plan.type == float32) set_interval(plan, static_cast<float>(low), static_cast<float>(high), where);
  else set_interval(plan, low, high, where);
  return drawn(plan, extents, options.device, state_, "uniform", where);
}

array generator::normal(const shape& extents, const float_options& options, caller where) {
  return normal(0.0, 1.0, extents, options, where);
}

array generator::normal(double mean, double deviation, const shape& extents, const float_options& options,
                        caller where) {
  random_plan plan;
  plan.kind = distribution::normal;
  plan.type = floating_dtype(options, "normal", where);
  plan.words = plan.type.itemsize() / 4;
  plan.low = rounded(mean, plan.type, "normal", "mean", where);
  plan.width = rounded(deviation, plan.type, "normal", "deviation", where);
  if (deviation < 0) throw value_error("normal: deviation " + text_of(deviation) + " is negative", where);
  return drawn(plan, extents, options.device, state_, "normal", where);
}

array generator::uniform_between(const operand& low, const operand& high, const shape& extents,
                                 const float_options& options) {
  draw_call call("uniform", extents, options.device, state_, low.where());
  const dtype type = call.floating(options);
  const draw_parameter a = call.take(low, "low", every_number), b = call.take(high, "high", every_number);
  call.check_ordered(a, b, "low", "high", false);
  const array u = call.draw(distribution::uniform, type);
  const expr from = a.in(type), to = b.in(type);
  return call.finish(u, minimum(u * (to - from) + from, nextafter(to, from)));
}

array generator::normal_around(const operand& mean, const operand& deviation, const shape& extents,
                               const float_options& options) {
  draw_call call("normal", extents, options.device, state_, mean.where());
  const dtype type = call.floating(options);
  const draw_parameter m = call.take(mean, "mean", every_number), s = call.take(deviation, "deviation", not_negative);
  const array z = call.draw(distribution::normal, type);
  return call.finish(z, z * s.in(type) + m.in(type));
}

array generator::integers(bound low, bound high, const shape& extents, const integer_options& options, caller where) {
  const dtype type = options.dtype.is_set() ? options.dtype : int64;
  check_numbers({type}, "integers", where);
  if (is_inexact(type)) {
    throw dtype_error("integers: dtype " + std::string(type.name()) + " is not an integer or bool", where);
  }
  if (options.endpoint ? less(high, low) : !less(low, high)) {
    throw value_error("integers: low " + text_of(low) + (options.endpoint ? " is above high " : " is not below high ") +
                          text_of(high),
                      where);
  }
  const auto out_of_bounds = [&](const char* what, const bound& x) {
    return value_error("integers: " + std::string(what) + " " + text_of(x) + " is out of bounds for " + type.name(),
                       where);
  };
  if (!has(type, low)) throw out_of_bounds("low", low);
  if (!(options.endpoint ? has(type, high) : has(type, before(high)))) throw out_of_bounds("high", high);
  const random_plan plan = integers_plan(type, low.bits(), high.bits() - low.bits() - (options.endpoint ? 0 : 1));
  return drawn(plan, extents, options.device, state_, "integers", where);
}

/// Sorted by 64 random bits each; of equal ones the smaller number comes first.
array generator::permuted_range(std::int64_t n, caller where) {
  if (n < 0) throw value_error("permutation: " + std::to_string(n) + " is negative", where);
  random_plan plan;
  plan.kind = distribution::permutation;
  plan.type = int64;
  plan.words = 4;
  plan.most = std::numeric_limits<std::uint64_t>::max();
  return drawn(plan, {n}, {}, state_, "permutation", where);
}

std::string to_string(const generator& g) {
  const generator_state& s = g.state();
  return "generator({.seed = " + std::to_string(s.seed) + ", .stream = " + std::to_string(s.stream) +
         ", .counter = " + std::to_string(s.counter) + "})";
}

std::ostream& operator<<(std::ostream& out, const generator& g) { return out << to_string(g); }

}  // namespace tessera::random
