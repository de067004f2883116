// Cholesky, QR, singular values, eigenvalues.
#include <algorithm>

#include "ops/linalg_call.hpp"
#include "ops/linalg_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/linalg.hpp"
#include "tessera/select.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;
using namespace linalg;

namespace {

/// Ones on the diagonals of all matrices: what is orthogonal to nothing.
void set_identity(array matrices) {
  const std::int64_t rows = matrices.shape()[matrices.ndim() - 2], columns = matrices.shape()[matrices.ndim() - 1];
  matrices() = eye(rows, {.columns = columns, .dtype = matrices.dtype(), .device = matrices.device()}, caller());
}

eigh_result eigh_of(const operand& x, bool upper, bool vectors, const char* name) {
  linalg_call call = linalg_call::of_squares(linalg_kind::eigh, name, x);
  call.plan.lower = !upper;
  call.ready();
  const std::int64_t n = call.plan.rows;
  const dtype type = call.input(0).dtype();
  eigh_result result;
  result.eigenvalues = call.out(0, {n}, real_of(type));
  if (vectors) result.eigenvectors = call.out(1, {n, n}, type);
  call.run();
  return result;
}

eig_result eig_of(const operand& x, bool vectors, const char* name) {
  linalg_call call = linalg_call::of_squares(linalg_kind::eig, name, x);
  call.ready();
  const std::int64_t n = call.plan.rows;
  const dtype type = complex_of(call.input(0).dtype());
  eig_result result;
  result.eigenvalues = call.out(0, {n}, type);
  if (vectors) result.eigenvectors = call.out(1, {n, n}, type);
  call.run();
  return result;
}

/// x = v diag(w) v^H: the magnitudes of w are the singular values, their signs go into vh.
svd_result svd_of_hermitian(const operand& x, const char* name) {
  const caller where = x.where();
  const auto [w, v] = eigh_of(x, false, true, name);
  const array magnitude = abs(operand(w, where));
  const array by_size = flip(argsort(operand(magnitude, where)), -1, where);
  const array signs = sign(operand(take_along_axis(w, by_size, -1), where));
  const array columns = expand_dims(by_size, -2, where);
  const array u = take_along_axis(v, broadcast_to(columns, v.shape(), where), -1);
  const array vh = conj(operand(swapaxes(array(u * expand_dims(signs, -2, where)), -1, -2, where), where));
  return {u, take_along_axis(magnitude, by_size, -1), vh};
}

}  // namespace

svd_result detail::svd_of(const operand& x, const svd_options& options, const char* name) {
  if (options.hermitian) return svd_of_hermitian(x, name);
  linalg_call call = linalg_call::of_matrices(linalg_kind::svd, name, x);
  call.plan.full = options.full_matrices;
  call.ready();
  const std::int64_t m = call.plan.rows, n = call.plan.columns, small = std::min(m, n);
  const dtype type = call.input(0).dtype();
  svd_result result;
  result.u = call.out(0, {m, options.full_matrices ? m : small}, type);
  result.s = call.out(1, {small}, real_of(type));
  result.vh = call.out(2, {options.full_matrices ? n : small, n}, type);
  if (!call.run()) {
    set_identity(result.u);
    set_identity(result.vh);
  }
  return result;
}

array detail::svdvals_of(const operand& x, bool hermitian, const char* name) {
  if (hermitian) {
    const array magnitude = abs(operand(eigh_of(x, false, false, name).eigenvalues, x.where()));
    return sort(operand(magnitude, x.where()), -1, {.descending = true});
  }
  linalg_call call = linalg_call::of_matrices(linalg_kind::svd, name, x);
  call.ready();
  const array s = call.out(1, {std::min(call.plan.rows, call.plan.columns)}, real_of(call.input(0).dtype()));
  call.run();
  return s;
}

array linalg::cholesky(const operand& x, const triangle_options& options) {
  linalg_call call = linalg_call::of_squares(linalg_kind::cholesky, "cholesky", x);
  call.plan.lower = !options.upper;
  call.ready();
  const array result = call.out(0, {call.plan.rows, call.plan.rows}, call.input(0).dtype());
  call.run();
  return result;
}

qr_result linalg::qr(const operand& x, qr_mode mode) {
  const bool raw = mode == qr_mode::raw;
  linalg_call call = linalg_call::of_matrices(raw ? linalg_kind::qr_raw : linalg_kind::qr, "qr", x);
  call.plan.full = mode == qr_mode::complete;
  call.ready();
  const std::int64_t m = call.plan.rows, n = call.plan.columns, small = std::min(m, n);
  const std::int64_t k = mode == qr_mode::complete ? m : small;
  const dtype type = call.input(0).dtype();
  qr_result result;
  if (raw) {
    result.q = call.out(0, {n, m}, type);
    result.r = call.out(1, {small}, type);
  } else {
    if (mode != qr_mode::r) result.q = call.out(0, {m, k}, type);
    result.r = call.out(1, {k, n}, type);
  }
  if (!call.run() && !raw && mode != qr_mode::r) set_identity(result.q);
  return result;
}

svd_result linalg::svd(const operand& x, const svd_options& options) { return svd_of(x, options, "svd"); }
array linalg::svdvals(const operand& x) { return svdvals_of(x, false, "svdvals"); }

eigh_result linalg::eigh(const operand& x, const triangle_options& options) {
  return eigh_of(x, options.upper, true, "eigh");
}
array linalg::eigvalsh(const operand& x, const triangle_options& options) {
  return eigh_of(x, options.upper, false, "eigvalsh").eigenvalues;
}
eig_result linalg::eig(const operand& x) { return eig_of(x, true, "eig"); }
array linalg::eigvals(const operand& x) { return eig_of(x, false, "eigvals").eigenvalues; }

}  // namespace tessera
