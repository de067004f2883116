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

/// The last axis of x with the last but one of y, of a vector its only one (as numpy.dot): (..., i), (..., i, j) -> (..., ..., j)
/// with the axes of both, not broadcast. inner: with the last of y. A 0-d operand multiplies.
TESSERA_API array dot(const operand& x, const operand& y, const product_options& options = {});
TESSERA_API array inner(const operand& x, const operand& y, const product_options& options = {});
/// All elements of both, in C order: sum(conj(x) * y), and x[i] * y[j] of (x.size(), y.size()). Throws shape_error when vdot's
/// operands have different numbers of elements.
TESSERA_API array vdot(const operand& x, const operand& y);
TESSERA_API array outer(const operand& x, const operand& y);

/// Which axes are summed: the last `count` of x with the first of y, or those named, in pairs: {1, 0}, {{0, 1}, {1, 0}}.
struct summed_axes {
  template <integer T> summed_axes(T number) : count(static_cast<std::int64_t>(number)) {}
  summed_axes(const shape& axes_of_x, const shape& axes_of_y) : named(true), of_x(axes_of_x), of_y(axes_of_y) {}
  bool named = false;
  std::int64_t count = 0;
  shape of_x, of_y;
};
/// Sums of products over pairs of axes; the result has x's other axes, then y's. Throws shape_error for extents that differ,
/// axis_error, value_error for an axis named twice, lists that are not equally long and a count that an operand does not have.
TESSERA_API array tensordot(const operand& x, const operand& y, const summed_axes& over = 2,
                            const product_options& options = {});

/// Blocks x[i, …] * y (as numpy.kron): extents multiply, missing leading axes have extent 1.
TESSERA_API array kron(const operand& x, const operand& y);

/// The sum of a diagonal; dtype as sum's unless given. Throws value_error for fewer than two axes or equal ones, axis_error.
TESSERA_API expr trace(const operand& x, int offset = 0, int axis1 = 0, int axis2 = 1, const dtype& type = {});

/// The product of all matrices of a list in the order that takes the fewest multiplications, from the left when there are more
/// than 512; the first may be a row vector, the last a column vector. Throws value_error for fewer than two, shape_error.
TESSERA_API array multi_dot(const expr_list& x, const product_options& options = {}, caller where = caller::current());

/// Where the shorter operand is laid: wherever it meets the longer (n + m - 1 results), as many as the longer has elements,
/// or only where it lies within (n - m + 1).
enum class convolve_mode { full, same, valid };
/// Of two vectors, sum over j of x[k - j] * y[j], and of x[k + j] * conj(y[j]): n * m multiplications, no Fourier transform.
/// Throws shape_error for operands with more than one axis, value_error for empty ones. convolve takes numbers too.
TESSERA_API array convolve(const operand& x, const operand& y, convolve_mode mode = convolve_mode::full);
TESSERA_API array correlate(const operand& x, const operand& y, convolve_mode mode = convolve_mode::valid);

namespace linalg {

using tessera::multi_dot;

/// A square matrix, or every one of a stack, multiplied n times: n = 0 gives the identity, a negative one the power of inv(x).
/// Throws shape_error, and what inv throws.
TESSERA_API array matrix_power(const operand& x, std::int64_t n);

}  // namespace linalg

}  // namespace tessera
