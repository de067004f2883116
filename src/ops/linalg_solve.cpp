// Linear systems and determinants.
#include "core/layout.hpp"
#include "ops/linalg_call.hpp"
#include "tessera/creation.hpp"
#include "tessera/linalg.hpp"
#include "tessera/views.hpp"

namespace tessera::linalg {

using namespace detail;

namespace {

/// A call on one operand of square matrices.
linalg_call square_call(linalg_kind what, const char* name, const operand& x) {
  check_square(x->shape(), name, "x", x.where());
  linalg_call call(what, name, x.where());
  call.in(0, x, linalg_dtype(name, x.where(), {&x}));
  call.plan.rows = call.plan.columns = x->shape()[x->ndim() - 1];
  return call;
}

/// x with a x = b for the call's a; b lies in it, too.
array solved(linalg_call& call) {
  const shape& b = call.input(1).shape();
  call.plan.right = b[b.size() - 1];
  call.ready();
  return call.out(0, {call.plan.rows, call.plan.right}, call.input(0).dtype());
}

}  // namespace

array solve(const operand& a, const operand& b) {
  const caller where = a.where();
  const dtype type = linalg_dtype("solve", where, {&a, &b});
  check_square(a->shape(), "solve", "a", where);
  if (b->ndim() == 0) throw shape_error("solve: b has shape (); expected at least one axis", where);
  const bool vector = b->ndim() == 1;
  const std::int64_t n = a->shape()[a->ndim() - 1], rows = b->shape()[vector ? 0 : b->ndim() - 2];
  if (rows != n) {
    throw shape_error("solve: shapes " + to_string(a->shape()) + " and " + to_string(b->shape()) + ": the matrix has " +
                          std::to_string(n) + " rows, the right side " + std::to_string(rows),
                      where);
  }
  linalg_call call(linalg_kind::solve, "solve", where);
  call.in(0, a, type);
  call.in(1, vector ? operand(expand_dims(b.recipe(), 1, where), where) : b, type);
  call.plan.rows = call.plan.columns = n;
  const array x = solved(call);
  if (call.plan.right != 0) call.run();
  return vector ? squeeze(x, -1, where) : x;
}

array inv(const operand& x) {
  linalg_call call = square_call(linalg_kind::solve, "inv", x);
  call.in_matrix(1, eye(call.plan.rows, {.dtype = call.input(0).dtype(), .device = call.device()}, x.where()));
  const array result = solved(call);
  call.run();
  return result;
}

array det(const operand& x) {
  linalg_call call = square_call(linalg_kind::determinant, "det", x);
  call.ready();
  array result = call.out(0, {}, call.input(0).dtype());
  if (!call.run()) result() = 1;
  return result;
}

slogdet_result slogdet(const operand& x) {
  linalg_call call = square_call(linalg_kind::determinant, "slogdet", x);
  call.ready();
  const dtype type = call.input(0).dtype();
  slogdet_result result{call.out(0, {}, type), call.out(1, {}, real_of(type))};
  if (!call.run()) {
    result.sign() = 1;
    result.logabsdet() = 0;
  }
  return result;
}

}  // namespace tessera::linalg
