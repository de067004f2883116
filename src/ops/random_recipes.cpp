// Distributions that are functions of uniform, normal or exponential numbers: drawn, then changed in place in one pass.
#include "ops/random_call.hpp"
#include "tessera/elementwise.hpp"

namespace tessera::random {

using namespace detail;

namespace {

/// What stands for the uniform number 0 below a logarithm: half of the smallest other one.
double least(dtype type) { return type == float32 ? 0x1p-25 : 0x1p-54; }

}  // namespace

array generator::standard_exponential(const shape& extents, const float_options& options, caller where) {
  draw_call call("standard_exponential", extents, options.device, state_, where);
  return call.finish(call.draw(distribution::exponential, call.floating(options)));
}

array generator::exponential(const operand& scale, const shape& extents, const float_options& options) {
  draw_call call("exponential", extents, options.device, state_, scale.where());
  const dtype type = call.floating(options);
  const draw_parameter by = call.take(scale, "scale", not_negative);
  if (!by.values) return call.finish(call.draw(distribution::exponential, type, by.number));
  const array e = call.draw(distribution::exponential, type);
  return call.finish(e, e * by.in(type));
}

array generator::lognormal(const operand& mean, const operand& sigma, const shape& extents,
                           const float_options& options) {
  draw_call call("lognormal", extents, options.device, state_, mean.where());
  const dtype type = call.floating(options);
  const draw_parameter m = call.take(mean, "mean", every_number), s = call.take(sigma, "sigma", not_negative);
  const array z = call.draw(distribution::normal, type);
  return call.finish(z, exp(z * s.in(type) + m.in(type)));
}

array generator::laplace(const operand& loc, const operand& scale, const shape& extents, const float_options& options) {
  draw_call call("laplace", extents, options.device, state_, loc.where());
  const dtype type = call.floating(options);
  const draw_parameter m = call.take(loc, "loc", every_number), s = call.take(scale, "scale", not_negative);
  const array u = call.draw(distribution::uniform, type);
  // The logarithm of twice the distance to the nearer end.
  const expr side = log(2 * where(u < 0.5, maximum(u, least(type)), 1 - u));
  return call.finish(u, m.in(type) + s.in(type)*copysign(side, u - 0.5));
}

array generator::logistic(const operand& loc, const operand& scale, const shape& extents,
                          const float_options& options) {
  draw_call call("logistic", extents, options.device, state_, loc.where());
  const dtype type = call.floating(options);
  const draw_parameter m = call.take(loc, "loc", every_number), s = call.take(scale, "scale", not_negative);
  const array u = call.draw(distribution::uniform, type);
  const expr above = maximum(u, least(type));
  return call.finish(u, m.in(type) + s.in(type)*log(above / (1 - u)));
}

array generator::gumbel(const operand& loc, const operand& scale, const shape& extents, const float_options& options) {
  draw_call call("gumbel", extents, options.device, state_, loc.where());
  const dtype type = call.floating(options);
  const draw_parameter m = call.take(loc, "loc", every_number), s = call.take(scale, "scale", not_negative);
  const array e = call.draw(distribution::exponential, type);
  return call.finish(e, m.in(type)-s.in(type)*log(maximum(e, least(type))));
}

array generator::weibull(const operand& a, const shape& extents, const float_options& options) {
  draw_call call("weibull", extents, options.device, state_, a.where());
  const dtype type = call.floating(options);
  const draw_parameter power = call.take(a, "a", positive_number).map([](const auto& x) { return 1 / x; });
  const array e = call.draw(distribution::exponential, type);
  return call.finish(e, pow(e, power.in(type)));
}

array generator::pareto(const operand& a, const shape& extents, const float_options& options) {
  draw_call call("pareto", extents, options.device, state_, a.where());
  const dtype type = call.floating(options);
  const draw_parameter p = call.take(a, "a", positive_number);
  const array e = call.draw(distribution::exponential, type);
  return call.finish(e, expm1(e / p.in(type)));
}

array generator::power(const operand& a, const shape& extents, const float_options& options) {
  draw_call call("power", extents, options.device, state_, a.where());
  const dtype type = call.floating(options);
  const draw_parameter p = call.take(a, "a", positive_number);
  const array e = call.draw(distribution::exponential, type);
  return call.finish(e, exp(-e / p.in(type)));
}

array generator::rayleigh(const operand& scale, const shape& extents, const float_options& options) {
  draw_call call("rayleigh", extents, options.device, state_, scale.where());
  const dtype type = call.floating(options);
  const draw_parameter s = call.take(scale, "scale", not_negative);
  const array e = call.draw(distribution::exponential, type);
  return call.finish(e, sqrt(2 * e) * s.in(type));
}

array generator::standard_cauchy(const shape& extents, const float_options& options, caller where) {
  draw_call call("standard_cauchy", extents, options.device, state_, where);
  const dtype type = call.floating(options);
  const array u = call.draw(distribution::uniform, type);
  return call.finish(u, tan((u - 0.5) * 3.141592653589793));
}

array generator::triangular(const operand& left, const operand& mode, const operand& right, const shape& extents,
                            const float_options& options) {
  draw_call call("triangular", extents, options.device, state_, left.where());
  const dtype type = call.floating(options);
  const draw_parameter a = call.take(left, "left", every_number), c = call.take(mode, "mode", every_number),
                       b = call.take(right, "right", every_number);
  call.check_ordered(a, c, "left", "mode", true);
  call.check_ordered(c, b, "mode", "right", true);
  call.check_ordered(a, b, "left", "right", false);
  const array u = call.draw(distribution::uniform, type);
  const expr width = b.in(type)-a.in(type), below = c.in(type)-a.in(type), above = b.in(type)-c.in(type);
  return call.finish(
      u, where(u * width <= below, a.in(type) + sqrt(u * width * below), b.in(type)-sqrt((1 - u) * width * above)));
}

array generator::wald(const operand& mean, const operand& scale, const shape& extents, const float_options& options) {
  draw_call call("wald", extents, options.device, state_, mean.where());
  const dtype type = call.floating(options);
  const draw_parameter m = call.take(mean, "mean", positive_number), s = call.take(scale, "scale", positive_number);
  const array z = call.draw(distribution::normal, float64), u = call.draw(distribution::uniform, float64);
  // The larger root of the quadratic equation in X / mean that z**2 solves; the smaller one is its reciprocal.
  const expr y = square(z) * (m.in(float64) / (2 * s.in(float64)));
  const expr larger = 1 + y + sqrt(y * (2 + y)), smaller = 1 / larger;
  return call.finish(call.made(type), m.in(float64)*where(u * (1 + smaller) <= 1, smaller, larger));
}

}  // namespace tessera::random
