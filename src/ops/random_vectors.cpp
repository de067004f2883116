// Distributions of vectors, along a last axis: multinomial, dirichlet, multivariate_normal.
#include "core/access.hpp"
#include "core/float_text.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/random_call.hpp"
#include "samplers/list.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/linalg.hpp"
#include "tessera/products.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera::random {

using namespace detail;

namespace {

shape with_last(shape extents, std::int64_t last) {
  extents.push_back(last);
  return extents;
}

}  // namespace

/// The j-th count is a binomial number of what is left, with p[j] over the sum of p[j], p[j + 1] and so on.
array generator::multinomial(const operand& n, const operand& pvals, const shape& extents,
                             const integer_draw_options& options) {
  const caller where = n.where();
  if (pvals->ndim() == 0 || pvals->shape()[pvals->ndim() - 1] == 0) {
    throw shape_error("multinomial: pvals of shape " + to_string(pvals->shape()) + " has no probabilities", where);
  }
  draw_call call("multinomial", extents, options.device, state_, where);
  const draw_parameter trials = call.take_integer(n, "n", count_number);
  const draw_parameter p = call.take_vectors(pvals, "pvals", probability);
  const int last = p.values->ndim() - 1;
  const std::int64_t kinds = p.values->shape()[last];
  const array sums = sum((*p.values)(ellipsis, slice(0, kinds - 1)), -1);
  if (const double most = sums.size() == 0 ? 0 : max(sums).item<double>(); !(most <= 1 + 1e-12)) {
    throw value_error("multinomial: pvals but the last sum to " + float_scalar_text(most, float64) + ", above 1",
                      where);
  }
  const array result = access::make(with_last(call.extents(), kinds), int64, order::C, call.on(), where);
  const array left = access::make(call.extents(), float64, order::C, call.on(), where);
  evaluate_into(left, trials.in(float64), assign_rule::unsafe, "multinomial", where);
  array before = zeros(sums.shape(), {.device = call.on()});  // the sum of the probabilities so far
  for (std::int64_t j = 0; j + 1 < kinds; ++j) {
    const array each = (*p.values)(ellipsis, j);
    const expr rest = 1 - before;
    const array share = tessera::where(rest > each, each / rest, tessera::where(each > 0, 1.0, 0.0));
    const array drawn = call.sample(sampler_code::binomial, int64, {{0, left}, {0, share}});
    evaluate_into(result(ellipsis, j), drawn, assign_rule::unsafe, "multinomial", where);
    evaluate_into(left, left - drawn, assign_rule::unsafe, "multinomial", where);
    before = before + each;
  }
  evaluate_into(result(ellipsis, kinds - 1), left, assign_rule::unsafe, "multinomial", where);
  return call.finish(result);
}

array generator::dirichlet(const operand& alpha, const shape& extents, const float_options& options) {
  const caller where = alpha.where();
  const dtype type = floating_dtype(options, "dirichlet", where);
  if (alpha->ndim() != 1) {
    throw shape_error("dirichlet: alpha of shape " + to_string(alpha->shape()) + " is not a vector", where);
  }
  draw_call call("dirichlet", with_last(extents, alpha->shape()[0]), options.device, state_, where);
  const draw_parameter a = call.take(alpha, "alpha", {.low = 0});
  const array logs = call.sample(sampler_code::log_gamma, float64, {a, {1}});
  if (logs.size() == 0) return call.finish(call.made(type));
  // The gamma numbers, all over the largest: those of small alpha are too small for float64.
  const array shares = exp(logs - max(logs, -1, {.keepdims = true}));
  return call.finish(call.made(type), shares / sum(shares, -1, {.keepdims = true}));
}

array generator::multivariate_normal(const operand& mean, const operand& covariance, const shape& extents,
                                     const float_options& options) {
  const caller where = mean.where();
  const dtype type = floating_dtype(options, "multivariate_normal", where);
  const shape across = covariance->shape();
  if (mean->ndim() != 1 || !(across == shape{mean->shape()[0], mean->shape()[0]})) {
    throw shape_error("multivariate_normal: mean of shape " + to_string(mean->shape()) + " and a covariance of shape " +
                          to_string(across) + " are not (d,) and (d, d)",
                      where);
  }
  draw_call call("multivariate_normal", with_last(extents, across[0]), options.device, state_, where);
  const draw_parameter centre = call.take(mean, "mean", every_number);
  draw_call matrix("multivariate_normal", {}, options.device, state_, where);
  const draw_parameter c = matrix.take(covariance, "covariance", every_number);
  if (across[0] == 0) return call.finish(call.made(type));
  // Its square root by eigenvectors: a covariance may be singular. Small, and factorised on the CPU.
  const array on_host = c.values->to(cpu());
  if (!allclose(on_host, on_host.T())) throw value_error("multivariate_normal: the covariance is not symmetric", where);
  const linalg::eigh_result parts = linalg::eigh(on_host);
  const double least = min(parts.eigenvalues).item<double>(), most = max(parts.eigenvalues).item<double>();
  if (least < -1e-8 * std::max(most, 0.0)) {
    throw value_error("multivariate_normal: the covariance has the eigenvalue " + float_scalar_text(least, float64) +
                          ": it is not positive semidefinite",
                      where);
  }
  const array root = array(parts.eigenvectors * sqrt(maximum(parts.eigenvalues, 0.0))).to(call.on());
  const array z = call.draw(distribution::normal, float64);
  return call.finish(call.made(type), matmul(z, root.T()) + centre.in(float64));
}

}  // namespace tessera::random
