// Linear algebra: systems, factorisations, eigenvalues, norms of matrices. On the CPU, by LAPACK.
#pragma once
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

}  // namespace tessera::linalg
