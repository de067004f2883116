// Distributions that kernels sample (src/samplers), and those made of their numbers.
#include "ops/random_call.hpp"
#include "samplers/list.hpp"
#include "tessera/elementwise.hpp"

namespace tessera::random {

using namespace detail;

namespace {

constexpr interval population{.low = 0, .high = 1e9, .has_low = true};
constexpr interval chance{.low = 0, .high = 1, .has_high = true};
/// Up to where lam + 10 sqrt(lam) is an int64 (as NumPy).
constexpr interval poisson_mean{.low = 0, .high = 9.223372006484771e+18, .has_low = true, .has_high = true};

constexpr auto half = [](const auto& x) { return x / 2; };

/// Whether all of it is at least 1 as far as the host knows: numbers of gammas below may be too small for float64.
bool is_large(const draw_parameter& p) { return !p.values && p.number >= 1; }

}  // namespace

array generator::standard_gamma(const operand& a, const shape& extents, const float_options& options) {
  draw_call call("standard_gamma", extents, options.device, state_, a.where());
  const dtype type = call.floating(options);
  const draw_parameter shape_of = call.take(a, "shape", not_negative);
  return call.finish(call.sample(sampler_code::gamma, type, {shape_of, {1}}));
}

array generator::gamma(const operand& a, const operand& scale, const shape& extents, const float_options& options) {
  draw_call call("gamma", extents, options.device, state_, a.where());
  const dtype type = call.floating(options);
  const draw_parameter shape_of = call.take(a, "shape", not_negative), by = call.take(scale, "scale", not_negative);
  return call.finish(call.sample(sampler_code::gamma, type, {shape_of, by}));
}

array generator::chisquare(const operand& df, const shape& extents, const float_options& options) {
  draw_call call("chisquare", extents, options.device, state_, df.where());
  const dtype type = call.floating(options);
  const draw_parameter freedom = call.take(df, "df", positive_number);
  return call.finish(call.sample(sampler_code::gamma, type, {freedom.map(half), {2}}));
}

array generator::f(const operand& dfnum, const operand& dfden, const shape& extents, const float_options& options) {
  draw_call call("f", extents, options.device, state_, dfnum.where());
  const dtype type = call.floating(options);
  const draw_parameter over = call.take(dfnum, "dfnum", positive_number),
                       under = call.take(dfden, "dfden", positive_number);
  const array x = call.sample(sampler_code::gamma, float64, {over.map(half), {1}});
  const array y = call.sample(sampler_code::gamma, float64, {under.map(half), {1}});
  const expr ratio = (x * under.in(float64)) / (y * over.in(float64));
  return call.finish(call.made(type), ratio);
}

array generator::standard_t(const operand& df, const shape& extents, const float_options& options) {
  draw_call call("standard_t", extents, options.device, state_, df.where());
  const dtype type = call.floating(options);
  const draw_parameter freedom = call.take(df, "df", positive_number);
  const array z = call.draw(distribution::normal, float64);
  const array y = call.sample(sampler_code::gamma, float64, {freedom.map(half), {1}});
  return call.finish(call.made(type), z * sqrt(freedom.in(float64) / 2 / y));
}

array generator::beta(const operand& a, const operand& b, const shape& extents, const float_options& options) {
  draw_call call("beta", extents, options.device, state_, a.where());
  const dtype type = call.floating(options);
  const draw_parameter first = call.take(a, "a", positive_number), second = call.take(b, "b", positive_number);
  const bool plain = is_large(first) && is_large(second);
  const sampler_code which = plain ? sampler_code::gamma : sampler_code::log_gamma;
  const array x = call.sample(which, float64, {first, {1}}), y = call.sample(which, float64, {second, {1}});
  return call.finish(call.made(type), plain ? x / (x + y) : 1 / (1 + exp(y - x)));
}

array generator::poisson(const operand& lam, const shape& extents, const integer_draw_options& options) {
  draw_call call("poisson", extents, options.device, state_, lam.where());
  const draw_parameter mean = call.take(lam, "lam", poisson_mean);
  return call.finish(call.sample(sampler_code::poisson, int64, {mean}));
}

array generator::binomial(const operand& n, const operand& p, const shape& extents,
                          const integer_draw_options& options) {
  draw_call call("binomial", extents, options.device, state_, n.where());
  const draw_parameter trials = call.take_integer(n, "n", count_number), success = call.take(p, "p", probability);
  return call.finish(call.sample(sampler_code::binomial, int64, {trials, success}));
}

array generator::negative_binomial(const operand& n, const operand& p, const shape& extents,
                                   const integer_draw_options& options) {
  draw_call call("negative_binomial", extents, options.device, state_, n.where());
  const draw_parameter successes = call.take(n, "n", positive_number), success = call.take(p, "p", chance);
  const draw_parameter odds = success.map([](const auto& x) { return (1 - x) / x; });
  const array means = call.sample(sampler_code::gamma, float64, {successes, odds});
  const array bounded = array(minimum(means, poisson_mean.high));
  return call.finish(call.sample(sampler_code::poisson, int64, {{0, bounded}}));
}

array generator::geometric(const operand& p, const shape& extents, const integer_draw_options& options) {
  draw_call call("geometric", extents, options.device, state_, p.where());
  const draw_parameter success = call.take(p, "p", chance);
  return call.finish(call.sample(sampler_code::geometric, int64, {success}));
}

array generator::hypergeometric(const operand& ngood, const operand& nbad, const operand& nsample, const shape& extents,
                                const integer_draw_options& options) {
  draw_call call("hypergeometric", extents, options.device, state_, ngood.where());
  const draw_parameter good = call.take_integer(ngood, "ngood", population),
                       bad = call.take_integer(nbad, "nbad", population),
                       taken = call.take_integer(nsample, "nsample", population);
  const draw_parameter all{good.number + bad.number, good.values || bad.values
                                                         ? std::optional<array>(good.in(float64) + bad.in(float64))
                                                         : std::nullopt};
  call.check_ordered(taken, all, "nsample", "ngood + nbad", true);
  return call.finish(call.sample(sampler_code::hypergeometric, int64, {good, bad, taken}));
}

array generator::zipf(const operand& a, const shape& extents, const integer_draw_options& options) {
  draw_call call("zipf", extents, options.device, state_, a.where());
  const draw_parameter exponent = call.take(a, "a", {.low = 1});
  return call.finish(call.sample(sampler_code::zipf, int64, {exponent}));
}

array generator::logseries(const operand& p, const shape& extents, const integer_draw_options& options) {
  draw_call call("logseries", extents, options.device, state_, p.where());
  const draw_parameter parameter = call.take(p, "p", {.low = 0, .high = 1, .has_low = true});
  return call.finish(call.sample(sampler_code::logseries, int64, {parameter}));
}

array generator::vonmises(const operand& mu, const operand& kappa, const shape& extents, const float_options& options) {
  draw_call call("vonmises", extents, options.device, state_, mu.where());
  const dtype type = call.floating(options);
  const draw_parameter centre = call.take(mu, "mu", every_number), k = call.take(kappa, "kappa", not_negative);
  const array drop = call.sample(sampler_code::vonmises, float64, {k});
  const expr angle = centre.in(float64) + copysign(2 * asin(sqrt(minimum(abs(drop) / 2, 1))), drop);
  constexpr double pi = 3.141592653589793;
  return call.finish(call.made(type), remainder(angle + pi, 2 * pi) - pi);
}

}  // namespace tessera::random
