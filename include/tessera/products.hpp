// Products of arrays: of matrices and vectors, in stacks, over any axes.
// All results are new arrays of the operands' common dtype; integers are exact modulo 2**bits, a sum of products of bool is
// any of all, float16 and bfloat16 are summed in float32.
#pragma once
#include "array.hpp"

namespace tessera {

struct product_options {
  bool tf32 = false;          // float32 on a GPU: elements may be rounded to TF32 (10 bits) before they are multiplied
  tessera::dtype dtype = {};  // to compute in and of the result; unset: the operands' common one
};

/// Matrices, stacks of matrices and vectors (as numpy.matmul).
///   (..., i, j), (..., j, k) -> (..., i, k)    a vector as x is a row, as y a column, and its axis is not in the result
/// Stacks broadcast. Throws shape_error for 0-d operands, inner extents that differ and stacks that do not broadcast;
/// dtype_error for a dtype that an operand is not cast to (casting::same_kind).
TESSERA_API array matmul(const operand& x, const operand& y, const product_options& options = {});
/// Every matrix with a vector, every vector with a matrix, pairs of vectors. vecmat and vecdot conjugate the first operand.
///   matvec (..., i, j), (..., j) -> (..., i)     vecmat (..., i), (..., i, j) -> (..., j)     vecdot (..., i), (..., i) -> (...)
TESSERA_API array matvec(const operand& x, const operand& y, const product_options& options = {});
TESSERA_API array vecmat(const operand& x, const operand& y, const product_options& options = {});
TESSERA_API array vecdot(const operand& x, const operand& y, int axis = -1, const product_options& options = {});

}  // namespace tessera
