// Linear algebra: systems, factorisations, eigenvalues, norms of matrices. On the CPU, by LAPACK.
#pragma once
#include <optional>
#include <string>

#include "array.hpp"
#include "reduce.hpp"

/// Matrices are the last two axes, a batch of them the others: each is treated on its own, and batches of two operands
/// broadcast. Results are new arrays; integers and bool compute in float64, float32 is computed in float64 and rounded once
/// (as numpy.linalg). All throw shape_error for fewer than two axes or matrices that are not square where they must be,
/// dtype_error for float16 and bfloat16, linalg_error as said, value_error for matrices that LAPACK's 32-bit integers cannot
/// count, device_error on a device that has no factorisations.
namespace tessera::linalg {

// ---- systems and determinants

/// x with a x = b. b has the shape (n,), or (..., n, k). Throws linalg_error where a matrix is singular.
TESSERA_API array solve(const operand& a, const operand& b);
/// Throws linalg_error where a matrix is singular.
TESSERA_API array inv(const operand& x);
/// (..., n, n) -> (...); 0 for a singular matrix, 1 for one without elements.
TESSERA_API array det(const operand& x);
struct slogdet_result {
  array sign, logabsdet;
};
/// det(x) = sign * exp(logabsdet), where det itself would overflow.
TESSERA_API slogdet_result slogdet(const operand& x);

struct lstsq_options {
  std::optional<double> rcond =
      {};  // singular values below rcond times the largest count as 0; max(m, n) epsilons unless given
};
struct lstsq_result {
  array solution;         // (..., n, k), the shortest of those with the least |b - a x|; (..., n) for b of one axis
  array residuals;        // (..., k): the squares of |b - a x|; (..., 0) unless m > n and every matrix has rank n
  array rank;             // (...) int64
  array singular_values;  // (..., min(m, n))
};
/// Least squares: a (..., m, n), b (m,) or (..., m, k). Throws linalg_error for infinities, NaN, and no convergence.
TESSERA_API lstsq_result lstsq(const operand& a, const operand& b, const lstsq_options& options = {});

// ---- factorisations. cholesky and what iterates (svd, eigh, eig and what is made of them) throw linalg_error where a matrix
// has an infinity or a NaN, the latter also where it does not converge; qr carries NaN through.
struct triangle_options {
  bool upper = false;  // which triangle is read
};
/// l with l l^H = x, or u with u^H u = x if upper: triangular. Throws linalg_error where x is not positive definite.
TESSERA_API array cholesky(const operand& x, const triangle_options& options = {});

enum class qr_mode { reduced, complete, r, raw };
struct qr_result {
  array q, r;
};
/// x = q r, q with orthonormal columns: (..., m, k) and (..., k, n) with k = min(m, n), or m if complete. With qr_mode::r
/// no q; raw: LAPACK's reflectors, transposed, and their factors.
TESSERA_API qr_result qr(const operand& x, qr_mode mode = qr_mode::reduced);

struct svd_options {
  bool full_matrices = true;  // u (..., m, m), vh (..., n, n); else (..., m, k), (..., k, n) with k = min(m, n)
  bool hermitian = false;     // x is Hermitian: by its eigenvalues, which is faster
};
struct svd_result {
  array u, s, vh;
};
/// x = u diag(s) vh; s (..., min(m, n)) real, descending.
TESSERA_API svd_result svd(const operand& x, const svd_options& options = {});
TESSERA_API array svdvals(const operand& x);

struct eigh_result {
  array eigenvalues, eigenvectors;
};
/// Of symmetric or Hermitian matrices: eigenvalues (..., n) real, ascending; eigenvectors (..., n, n) in columns.
TESSERA_API eigh_result eigh(const operand& x, const triangle_options& options = {});
TESSERA_API array eigvalsh(const operand& x, const triangle_options& options = {});
struct eig_result {
  array eigenvalues, eigenvectors;
};
/// Of any square matrices, always complex, in no order; eigenvectors of length 1 in columns.
TESSERA_API eig_result eig(const operand& x);
TESSERA_API array eigvals(const operand& x);

// ---- what singular values say
struct pinv_options {
  std::vector<expr> rtol = {};  // none or one: smaller ones than rtol times the largest count as 0; 1e-15 unless given
  bool hermitian = false;
};
/// The pseudo-inverse (Moore-Penrose): (..., m, n) -> (..., n, m).
TESSERA_API array pinv(const operand& x, const pinv_options& options = {});
struct rank_options {
  std::vector<expr> rtol = {};  // as in pinv; max(m, n) epsilons unless given
  std::vector<expr> tol = {};   // the limit itself
  bool hermitian = false;
};
/// How many singular values are not small: (..., m, n) -> (...) int64. Of a number or a vector: whether it is not 0.
TESSERA_API array matrix_rank(const operand& x, const rank_options& options = {});

// ---- norms

/// A number, or "fro" (Frobenius), "nuc" (the sum of singular values). None: the root of the sum of squares.
class norm_order {
 public:
  norm_order() = default;
  template <class T>
    requires std::is_arithmetic_v<T>
  norm_order(T value) : number_(static_cast<double>(value)), is_given_(true) {}
  template <string_like S> norm_order(const S& name) : name_(std::string_view(name)), is_given_(true) {}
  bool is_given() const noexcept { return is_given_; }
  double number() const noexcept { return number_; }
  const std::string& name() const noexcept { return name_; }  // empty: the number

 private:
  double number_ = 2;
  std::string name_;
  bool is_given_ = false;
};
/// Over one axis the norm of vectors (tessera::norm), over two of matrices: 1, -1, inf, -inf: largest or smallest sum of
/// magnitudes of a column, a row; 2, -2: largest, smallest singular value; "fro", "nuc". Without axes those of x (one or two
/// if an order is given). value_error for other orders and numbers of axes.
TESSERA_API expr norm(const operand& x, const norm_order& ord = {}, const axes& over = {},
                      const keepdims_options& options = {});
/// Over the last two axes, and over any number of axes as of one vector (the Array API standard's).
TESSERA_API expr matrix_norm(const operand& x, const norm_order& ord = "fro", const keepdims_options& options = {});
TESSERA_API expr vector_norm(const operand& x, const axes& over = {}, const norm_options& options = {});
/// norm(x) * norm(inv(x)), infinity where x is singular; by the singular values for no order, 2 and -2.
TESSERA_API array cond(const operand& x, const norm_order& ord = {});

/// The vector product of vectors of three along an axis; the others broadcast. Throws shape_error, axis_error.
TESSERA_API array cross(const operand& x, const operand& y, int axis = -1);

}  // namespace tessera::linalg
