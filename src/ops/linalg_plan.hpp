// Plans of linalg: one factorisation of each matrix of a batch.
#pragma once
#include "expr/program.hpp"

namespace tessera::detail {

/// What is done with a (rows, columns), what comes in and what goes out. An output whose data is null is not wanted.
enum class linalg_kind {
  solve,        // a (n, n), b (n, right)     -> x (n, right)
  determinant,  // a (n, n)                   -> determinant; with a second output: its sign, log of its magnitude
  cholesky,     // a (n, n), one triangle     -> that triangle of the factor, zeros in the other
  qr,           // a (m, n)                   -> q (m, k), r (k, n);  k = m if full, else min(m, n), as in svd
  qr_raw,       // a (m, n)                   -> LAPACK's reflectors, transposed (n, m), and their factors (min(m, n))
  svd,          // a (m, n)                   -> u (m, k), s (min(m, n)), vh (l, n);  k = m, l = n if full
  eigh,         // a (n, n), one triangle     -> eigenvalues (n), ascending, eigenvectors (n, n)
  eig,          // a (n, n)                   -> eigenvalues (n), eigenvectors (n, n), both complex
  lstsq,        // a (m, n), b (m, right)     -> x (n, right), residuals (right), rank (int64), singular values
};

/// Inputs are float32, float64, complex64 or complex128, all of one dtype; outputs of that precision, real or complex.
/// float32 is computed in float64 and rounded once.
struct linalg_plan {
  linalg_kind what = linalg_kind::solve;
  shape batch;  // contains no 0, nor are the extents below 0
  std::int64_t rows = 0, columns = 0, right = 0;
  strided in[2], out[4];  // strides of the batch's axes, then those of the matrix or vector itself
  bool lower = true;      // the triangle read by cholesky and eigh
  bool full = false;
  double rcond = 0;  // lstsq: singular values below rcond times the largest count as 0
};

enum class linalg_fault { none, absent, too_large, singular, not_positive_definite, not_finite, no_convergence };

struct linalg_outcome {
  linalg_fault fault = linalg_fault::none;
  std::int64_t matrix = 0;  // the first that failed, counted in C order of the batch
};

}  // namespace tessera::detail
