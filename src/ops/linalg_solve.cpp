// Linear systems, determinants, least squares.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/layout.hpp"
#include "ops/linalg_call.hpp"
#include "ops/linalg_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/linalg.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;
using namespace linalg;

namespace {

/// x with a x = b for the call's a; b lies in it, too.
array solved(linalg_call& call) {
  const shape& b = call.input(1).shape();
  call.plan.right = b[b.size() - 1];
  call.ready();
  return call.out(0, {call.plan.rows, call.plan.right}, call.input(0).dtype());
}

/// The call's a with the identity as its right side.
array inverse(linalg_call& call, const caller& where) {
  call.plan.right = call.plan.rows;
  call.ready();  // throws before the identity is made
  call.in_matrix(1, eye(call.plan.rows, {.dtype = call.input(0).dtype(), .device = call.device()}, where));
  return solved(call);
}

/// Whether b is one vector. Throws shape_error unless it has as many rows as a.
bool check_right_side(const operand& a, const operand& b, const char* name) {
  if (b->ndim() == 0) {
    throw shape_error(std::string(name) + ": b has shape (); expected at least one axis", a.where());
  }
  const bool vector = b->ndim() == 1;
  const std::int64_t rows = a->shape()[a->ndim() - 2], right = b->shape()[vector ? 0 : b->ndim() - 2];
  if (rows == right) return vector;
  throw shape_error(std::string(name) + ": shapes " + to_string(a->shape()) + " and " + to_string(b->shape()) +
                        ": the matrix has " + std::to_string(rows) + " rows, the right side " + std::to_string(right),
                    a.where());
}

}  // namespace

array linalg::solve(const operand& a, const operand& b) {
  const caller where = a.where();
  const dtype type = linalg_dtype("solve", where, {&a, &b});
  check_square(a->shape(), "solve", "a", where);
  const bool vector = check_right_side(a, b, "solve");
  linalg_call call(linalg_kind::solve, "solve", where);
  call.in(0, a, type);
  call.in(1, vector ? operand(expand_dims(b.recipe(), 1, where), where) : b, type);
  call.plan.rows = call.plan.columns = a->shape()[a->ndim() - 1];
  const array x = solved(call);
  if (call.plan.right != 0) call.run();
  return vector ? squeeze(x, -1, where) : x;
}

array detail::inverse_of(const operand& x, const char* name) {
  linalg_call call = linalg_call::of_squares(linalg_kind::solve, name, x);
  const array result = inverse(call, x.where());
  call.run();
  return result;
}

array linalg::inv(const operand& x) { return inverse_of(x, "inv"); }

array detail::inverse_or_nan(const operand& x, const char* name) {
  linalg_call call = linalg_call::of_squares(linalg_kind::solve, name, x);
  const array result = inverse(call, x.where());
  call.try_run();
  return result;
}

array linalg::det(const operand& x) {
  linalg_call call = linalg_call::of_squares(linalg_kind::determinant, "det", x);
  call.ready();
  array result = call.out(0, {}, call.input(0).dtype());
  if (!call.run()) result() = 1;
  return result;
}

slogdet_result linalg::slogdet(const operand& x) {
  linalg_call call = linalg_call::of_squares(linalg_kind::determinant, "slogdet", x);
  call.ready();
  const dtype type = call.input(0).dtype();
  slogdet_result result{call.out(0, {}, type), call.out(1, {}, real_of(type))};
  if (!call.run()) {
    result.sign() = 1;
    result.logabsdet() = 0;
  }
  return result;
}

lstsq_result linalg::lstsq(const operand& a, const operand& b, const lstsq_options& options) {
  const caller where = a.where();
  const dtype type = linalg_dtype("lstsq", where, {&a, &b});
  check_matrices(a->shape(), "lstsq", "a", where);
  if (options.rcond && std::isnan(*options.rcond)) throw value_error("lstsq: rcond is nan; expected a number", where);
  const bool vector = check_right_side(a, b, "lstsq");
  linalg_call call(linalg_kind::lstsq, "lstsq", where);
  call.in(0, a, type);
  call.in(1, vector ? operand(expand_dims(b.recipe(), 1, where), where) : b, type);
  const std::int64_t m = a->shape()[a->ndim() - 2], n = a->shape()[a->ndim() - 1];
  const array& right = call.input(1);
  call.plan.rows = m;
  call.plan.columns = n;
  call.plan.right = right.shape()[right.ndim() - 1];
  call.plan.rcond =
      options.rcond.value_or(std::numeric_limits<double>::epsilon() * static_cast<double>(std::max(m, n)));
  call.ready();
  lstsq_result result;
  result.solution = call.out(0, {n, call.plan.right}, type);
  result.residuals = call.out(1, {call.plan.right}, real_of(type));
  result.rank = call.out(2, {}, int64);
  result.singular_values = call.out(3, {std::min(m, n)}, real_of(type));
  if (!call.run()) {
    result.solution() = 0;
    result.rank() = 0;
    result.residuals() = sum(square(abs(operand(right, where))), -2);
  }
  if (m <= n || bool(any(result.rank != n))) result.residuals = result.residuals(ellipsis, slice(0, 0)).copy();
  if (vector) result.solution = squeeze(result.solution, -1, where);
  return result;
}

}  // namespace tessera
