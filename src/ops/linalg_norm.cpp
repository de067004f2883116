// Norms of matrices, condition numbers, rank and pseudo-inverse: what singular values and sums of magnitudes say.
#include <cmath>
#include <limits>

#include "core/layout.hpp"
#include "ops/linalg_call.hpp"
#include "ops/linalg_parts.hpp"
#include "ops/numbers_only.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/printing.hpp"
#include "tessera/products.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;
using namespace linalg;

namespace {

[[noreturn]] void refuse(const norm_order& ord, const char* name, const char* of, const caller& where) {
  const std::string text = ord.name().empty() ? str(array(ord.number())) : "'" + ord.name() + "'";
  throw value_error(std::string(name) + ": there is no order " + text + " of " + of, where);
}

expr norm_of_vectors(const operand& x, const norm_order& ord, int axis, bool keepdims, const char* name) {
  if (!ord.name().empty()) refuse(ord, name, "vectors", x.where());
  return tessera::norm(x, axis, {.ord = ord.number(), .keepdims = keepdims});
}

/// The matrices' axes stay, with extent 1.
expr norm_of_matrices(const operand& x, const norm_order& ord, int rows, int columns, const char* name) {
  const caller where = x.where();
  const auto placed = [where](expr of) { return operand(std::move(of), where); };
  const bool frobenius = !ord.is_given() || ord.name() == "fro" || ord.name() == "f";
  if (frobenius) return tessera::norm(x, {rows, columns}, {.keepdims = true});
  const double number = ord.number(), magnitude = std::abs(number);
  const bool nuclear = ord.name() == "nuc", spectral = ord.name().empty() && magnitude == 2;
  if (nuclear || spectral) {
    const operand s = placed(svdvals_of(placed(moveaxis(x.recipe(), {rows, columns}, {-2, -1}, where)), false, name));
    const expr folded = nuclear ? sum(s, -1) : number > 0 ? max(s, -1, {.initial = {0}}) : min(s, -1);
    return expand_dims(folded, {rows, columns}, where);
  }
  if (!ord.name().empty() || !(magnitude == 1 || std::isinf(number))) refuse(ord, name, "matrices", where);
  const int summed = magnitude == 1 ? rows : columns, compared = magnitude == 1 ? columns : rows;
  const operand sums = placed(sum(placed(abs(x)), summed, {.keepdims = true}));
  return number > 0 ? max(sums, compared, {.keepdims = true, .initial = {0}}) : min(sums, compared, {.keepdims = true});
}

expr norm_over(const operand& x, const norm_order& ord, const axes& over, bool keepdims, const char* name) {
  const caller where = x.where();
  check_numbers({x->dtype()}, name, where);
  const int ndim = x->ndim();
  const bool every = over.every();
  if (every && !ord.is_given()) return tessera::norm(x, axes(), {.keepdims = keepdims});
  const int count = every ? ndim : over.list().size();
  if (count != 1 && count != 2) {
    throw value_error(std::string(name) + ": an order of " + std::to_string(count) + " axes of shape " +
                          to_string(x->shape()) + "; expected one axis or two",
                      where);
  }
  const auto axis = [&](int i) { return every ? i : normalize_axis(over.list()[i], ndim, name, where); };
  if (count == 1) return norm_of_vectors(x, ord, axis(0), keepdims, name);
  const int rows = axis(0), columns = axis(1);
  if (rows == columns) {
    throw value_error(std::string(name) + ": axis " + std::to_string(rows) + " is named twice", where);
  }
  const operand floating = is_inexact(x->dtype()) ? x : operand(x->astype(float64, where), where);
  const expr kept = norm_of_matrices(floating, ord, rows, columns, name);
  return keepdims ? kept : squeeze(kept, {rows, columns}, where);
}

double epsilon(dtype type) {
  return type == float32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
}

/// The one value of an option that may be an array, with an axis for the singular values behind it.
operand limit_of(const std::vector<expr>& option, const char* name, const char* argument, const caller& where) {
  if (option.size() > 1) {
    throw value_error(
        std::string(name) + ": " + argument + ": expected one value, not " + std::to_string(option.size()), where);
  }
  return operand(expand_dims(array(option[0]), -1, where), where);
}

/// The largest singular value divided by the smallest, or the other way round.
expr ratio_of(const array& s, bool inverted) {
  const array largest = s(ellipsis, 0), smallest = s(ellipsis, -1);
  return inverted ? smallest / largest : largest / smallest;
}

}  // namespace

expr linalg::norm(const operand& x, const norm_order& ord, const axes& over, const keepdims_options& options) {
  return norm_over(x, ord, over, options.keepdims, "norm");
}

expr linalg::matrix_norm(const operand& x, const norm_order& ord, const keepdims_options& options) {
  check_matrices(x->shape(), "matrix_norm", "x", x.where());
  return norm_over(x, ord, {-2, -1}, options.keepdims, "matrix_norm");
}

expr linalg::vector_norm(const operand& x, const axes& over, const norm_options& options) {
  return tessera::norm(x, over, options);
}

array linalg::cond(const operand& x, const norm_order& ord) {
  const caller where = x.where();
  check_matrices(x->shape(), "cond", "x", where);
  const std::int64_t m = x->shape()[x->ndim() - 2], n = x->shape()[x->ndim() - 1];
  if (m == 0 || n == 0) {
    throw shape_error("cond: x has shape " + to_string(x->shape()) + "; expected matrices with elements", where);
  }
  const dtype type = linalg_dtype("cond", where, {&x});
  const operand wide(x->astype(type.kind() == 'c' ? complex128 : float64, where).eval(where), where);
  const expr result = !ord.is_given() || (ord.name().empty() && std::abs(ord.number()) == 2)
                          ? ratio_of(svdvals_of(wide, false, "cond"), ord.number() < 0)
                          : norm_over(wide, ord, {-2, -1}, false, "cond") *
                                norm_over({inverse_or_nan(wide, "cond"), where}, ord, {-2, -1}, false, "cond");
  const expr no_number = isnan(result) & ~any(isnan(wide), {-2, -1});
  return array(tessera::where(no_number, std::numeric_limits<double>::infinity(), result)).astype(real_of(type));
}

array linalg::matrix_rank(const operand& x, const rank_options& options) {
  const caller where = x.where();
  if (!options.rtol.empty() && !options.tol.empty()) {
    throw value_error("matrix_rank: expected rtol or tol, not both", where);
  }
  check_numbers({x->dtype()}, "matrix_rank", where);
  if (x->ndim() < 2) return any(x).astype(int64, where);
  const array s = svdvals_of(x, options.hermitian, "matrix_rank");
  const std::int64_t large = std::max(x->shape()[x->ndim() - 2], x->shape()[x->ndim() - 1]);
  const auto relative = [&](const operand& rtol) { return rtol * max(s, -1, {.keepdims = true, .initial = {0}}); };
  const expr limit = !options.tol.empty()    ? limit_of(options.tol, "matrix_rank", "tol", where).recipe()
                     : !options.rtol.empty() ? relative(limit_of(options.rtol, "matrix_rank", "rtol", where))
                                             : relative(static_cast<double>(large) * epsilon(s.dtype()));
  return count_nonzero(operand(greater({s, where}, {limit, where}), where), -1);
}

array linalg::pinv(const operand& x, const pinv_options& options) {
  const caller where = x.where();
  check_numbers({x->dtype()}, "pinv", where);
  const auto [u, s, vh] = svd_of(x, {.full_matrices = false, .hermitian = options.hermitian}, "pinv");
  const operand rtol = options.rtol.empty() ? operand(1e-15, where) : limit_of(options.rtol, "pinv", "rtol", where);
  const array limit = rtol * max(operand(s, where), -1, {.keepdims = true, .initial = {0}});
  const array inverse = tessera::where(operand(s > limit, where), 1 / s, 0);
  const expr v = conj(swapaxes(vh, -1, -2, where)), uh = conj(swapaxes(u, -1, -2, where));
  return matmul(operand(v * expand_dims(inverse, -2, where), where), operand(uh, where));
}

}  // namespace tessera
