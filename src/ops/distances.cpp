// Distances between all rows, the nearest rows, and symmetric matrices of distances.
#include "tessera/distances.hpp"

#include <cmath>

#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/distance_call.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

array cdist(const operand& x, const operand& y, const metric& by, const distance_options& options) {
  distance_call call("cdist", x, y, by, options.method, options.dtype);
  const array out = call.make({call.plan.n, call.plan.m}, call.plan.result);
  if (out.size() == 0) return call.finished(out);
  call.plan.to = call.over(out, 2);
  run_distances(call, call.plan, options.progress);
  return call.finished(out);
}

array pdist(const operand& x, const metric& by, const distance_options& options) {
  distance_call call("pdist", x, x, by, options.method, options.dtype, true);
  const std::int64_t n = call.plan.n;
  const std::int64_t even = n % 2 == 0 ? n / 2 : n, odd = n % 2 == 0 ? n - 1 : (n - 1) / 2;
  std::int64_t pairs = 0;
  if (__builtin_mul_overflow(even, n == 0 ? 0 : odd, &pairs)) {
    throw value_error("pdist: " + std::to_string(n) + " rows have more pairs than fit in 64 bits", call.where);
  }
  const array out = call.make({pairs}, call.plan.result);
  if (out.size() == 0) return call.finished(out);
  call.plan.to = call.over(out, 1);
  call.plan.condensed = true;
  --call.plan.n;  // the last row has no later one
  run_distances(call, call.plan, options.progress);
  return call.finished(out);
}

nearest_result nearest(const operand& queries, const operand& points, std::int64_t k, const nearest_options& options) {
  distance_call call("nearest", queries, points, options.metric, options.method, options.dtype);
  const std::int64_t most = call.plan.m - (options.exclude_self && call.plan.m > 0 ? 1 : 0);
  if (k < 0 || k > most) {
    throw value_error("nearest: k is " + std::to_string(k) + "; expected 0 to " + std::to_string(most) + " for " +
                          std::to_string(call.plan.m) + " points" +
                          (options.exclude_self ? ", of which one may be the query itself" : ""),
                      call.where);
  }
  const array distances = call.make({call.plan.n, k}, call.plan.result), indices = call.make({call.plan.n, k}, int64);
  if (indices.size() != 0) {
    nearest_plan plan;
    plan.of = call.plan;
    plan.distances = call.over(distances, 2);
    plan.indices = call.over(indices, 2);
    plan.k = k;
    plan.exclude_self = options.exclude_self;
    plan.largest_first = call.rows.largest_first;
    run_nearest(call, plan, options.progress);
  }
  return {call.finished(distances), indices};
}

namespace {

/// n with n (n - 1) / 2 == count, or -1; SciPy's choice of 1 for 0.
std::int64_t rows_of_pairs(std::int64_t count) {
  std::int64_t n = static_cast<std::int64_t>(std::sqrt(2.0 * static_cast<double>(count)));
  while (n * (n - 1) / 2 < count) ++n;
  if (n == 0) n = 1;
  return n * (n - 1) / 2 == count ? n : -1;
}

/// (n, n): true where a pair of rows is, in the order of pdist's results.
expr above_diagonal(std::int64_t n, tessera::device on, const caller& where) {
  const array number = arange(n, {.device = on}, where);
  return expand_dims(number, 1, where) < number;
}

array to_matrix(const array& pairs, const caller& where) {
  const std::int64_t n = rows_of_pairs(pairs.size());
  if (n < 0) {
    throw shape_error(
        "squareform: " + std::to_string(pairs.size()) + " distances are not n (n - 1) / 2 for any number n of rows",
        where);
  }
  const shape extents = {n, n};
  element_count(extents, "squareform", where, pairs.itemsize());
  array upper = zeros(extents, {.dtype = pairs.dtype(), .device = pairs.device()}, where);
  upper[above_diagonal(n, pairs.device(), where)] = pairs;
  return materialize(upper + upper.T(), where);
}

array to_pairs(const array& matrix, const caller& where) {
  const std::int64_t n = matrix.shape()[0];
  const auto refuse = [&](const char* what) {
    throw value_error("squareform: the matrix of shape " + to_string(matrix.shape()) + " " + what, where);
  };
  if (n != matrix.shape()[1]) {
    throw shape_error("squareform: a matrix of shape " + to_string(matrix.shape()) + "; expected a square one", where);
  }
  if (!all(matrix == matrix.T()).item<bool>(where)) refuse("is not symmetric");
  if (any(diagonal(matrix) != 0).item<bool>(where)) refuse("has a diagonal that is not zero");
  return matrix[above_diagonal(n, matrix.device(), where)];
}

}  // namespace

array squareform(const operand& x) {
  const caller where = x.where();
  const array given = materialize(x.recipe(), where);
  if (!is_real(given.dtype())) {
    throw dtype_error(std::string("squareform: ") + given.dtype().name() + "; expected real numbers", where);
  }
  if (given.ndim() == 1) return to_matrix(given, where);
  if (given.ndim() == 2) return to_pairs(given, where);
  throw shape_error("squareform: shape " + to_string(given.shape()) + "; expected (n (n - 1) / 2,) or (n, n)", where);
}

}  // namespace tessera
