// Order and choice: permutations, shuffles, samples of a population with and without weights.
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/operands.hpp"
#include "ops/random_call.hpp"
#include "ops/reduce_parts.hpp"
#include "core/access.hpp"
#include "core/float_text.hpp"
#include "ops/sets_parts.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/joining.hpp"
#include "tessera/reduce.hpp"
#include "tessera/scan.hpp"
#include "tessera/select.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera::random {

using namespace detail;

namespace {

/// Weights of `population` members. Throws shape_error, dtype_error or value_error unless they are probabilities.
array weights_of(draw_call& call, const expr& p, std::int64_t population, caller where) {
  if (!(p.shape() == shape{population})) {
    throw shape_error(
        "choice: p of shape " + to_string(p.shape()) + " for a population of " + std::to_string(population), where);
  }
  const bool coarse = p.dtype() == float32;
  const draw_parameter taken = call.take_vector(operand(p, where), "p", probability);
  const double total = sum(*taken.values).item<double>();
  if (!(std::abs(total - 1) <= (coarse ? 3.5e-4 : 1.5e-8)))  // the root of the dtype's epsilon, as NumPy
    throw value_error("choice: p sums to " + float_scalar_text(total, float64) + ", not 1", where);
  return *taken.values;
}

/// Up to this share of a population is drawn with replacement and rid of what comes again: without memory of the population's
/// size, and in 0.25 ms for 10^4 of 10^6 where the first places of an order take 10 (a fourth: 8-12 ms, 26-34; Zen 3).
constexpr std::int64_t most_drawn = 4;

/// The first `count` different ones of a run of numbers below the population, in their order.
array first_different(draw_call& call, std::int64_t population, std::int64_t count) {
  const caller where = call.where();
  array different = access::make(0, int64, order::C, call.on(), where), drawn = different;
  while (different.size() < count) {
    const std::int64_t missing = count - different.size();
    const random_plan below = integers_plan(int64, 0, static_cast<std::uint64_t>(population) - 1);
    const array more = call.draw(below, {missing + missing / (population / count) + 2});
    drawn = drawn.size() == 0 ? more : concatenate({drawn, more}, 0, where);
    const array order = argsort(operand(drawn, where));
    array is_first = access::make(drawn.shape(), bool_, order::C, call.on(), where);
    is_first[order] = run_starts(drawn[order], false, where);
    different = drawn[is_first];
  }
  return different(slice(count));
}

}  // namespace

array generator::permutation(const operand& x, int axis) {
  const array from = materialize(x.recipe(), x.where());
  const int along = normalize_axis(axis, from.ndim(), "permutation", x.where());
  generator next = *this;
  const device_scope beside(from.device());
  const array result = take(from, next.permuted_range(from.shape()[along], x.where()), along);
  *this = next;
  return result;
}

void generator::shuffle(array target, int axis, caller where) {
  check_writable(target, "shuffle", where);
  const int along = normalize_axis(axis, target.ndim(), "shuffle", where);
  generator next = *this;
  const device_scope beside(target.device());
  const array shuffled = take(target, next.permuted_range(target.shape()[along], where), along);
  evaluate_into(target, shuffled, assign_rule::unsafe, "shuffle", where);
  *this = next;
}

array generator::permuted(const operand& x, const axes& axis) {
  const array elements = materialize(x.recipe(), x.where());
  if (!axis.every() && axis.list().size() != 1) throw value_error("permuted: takes one axis, not several", x.where());
  const array_along from = along(elements, axis, "permuted", x.where());
  const device_scope beside(from.x.device());
  generator next = *this;
  const array keys = next.integers(0, std::numeric_limits<std::uint64_t>::max(), from.x.shape(),
                                   {.dtype = uint64, .endpoint = true}, x.where());
  const array result = take_along_axis(operand(from.x, x.where()), argsort(keys, from.axis), from.axis);
  *this = next;
  return axis.every() ? reshape(result, x->shape()) : result;
}

array generator::choice(const operand& a, const shape& extents, const choice_options& options) {
  const caller where = a.where();
  if (a->ndim() > 0) {
    const array from = materialize(a.recipe(), where);
    const int axis = normalize_axis(options.axis, from.ndim(), "choice", where);
    generator next = *this;
    const array positions = next.chosen(from.shape()[axis], extents, options, from.device(), where);
    const array result = take(operand(from, where), positions, axis);
    *this = next;
    return result;
  }
  if (!is_integer(a->dtype())) {
    throw dtype_error(
        "choice: a population of dtype " + std::string(a->dtype().name()) + " is neither an array nor an integer",
        where);
  }
  return chosen(a->item<std::int64_t>(where), extents, options, options.device, where);
}

array generator::chosen(std::int64_t population, const shape& extents, const choice_options& options,
                        const std::optional<device>& on, caller where) {
  draw_call call("choice", extents, on, state_, where);
  const std::int64_t count = element_count(extents, "choice", where, 8);
  if (population < 0) throw value_error("choice: a population of " + std::to_string(population), where);
  if (population == 0 && count > 0) throw value_error("choice: the population is empty", where);
  std::optional<array> p;
  if (!options.p.empty()) p = weights_of(call, options.p[0], population, where);
  if (options.replace) {
    if (!p) {
      generator next(state_);
      if (count == 0) return access::make(extents, int64, order::C, call.on(), where);
      const array result = next.integers(0, population, extents, {.device = call.on()}, where);
      *this = next;
      return result;
    }
    const array sums = cumsum(*p);
    const array u = call.draw(distribution::uniform, float64);
    if (count == 0) return access::make(extents, int64, order::C, call.on(), where);
    return call.finish(searchsorted(sums / sums(-1), u, {.side = side::right}));
  }
  if (count > population) {
    throw value_error("choice: " + std::to_string(count) + " of a population of " + std::to_string(population) +
                          " without replacement",
                      where);
  }
  if (!p && count <= population / most_drawn) {
    return call.finish(reshape(first_different(call, population, count), extents));
  }
  if (!p) {
    const random_plan keys = integers_plan(uint64, 0, std::numeric_limits<std::uint64_t>::max());
    const array all = call.draw(keys, {population});
    return call.finish(reshape(topk(all, count, 0, {.largest = false}).indices, extents));
  }
  const std::int64_t possible = count_nonzero(*p).item<std::int64_t>();
  if (count > possible) {
    throw value_error("choice: " + std::to_string(count) + " without replacement of " + std::to_string(possible) +
                          " with a weight above 0",
                      where);
  }
  random_plan times;
  times.kind = distribution::exponential;
  times.type = float64;
  times.words = 2;
  const array e = call.draw(times, {population});
  const array waits = tessera::where(*p > 0, e / *p, std::numeric_limits<double>::infinity());
  return call.finish(reshape(topk(waits, count, 0, {.largest = false}).indices, extents));
}

}  // namespace tessera::random
