// Derivatives, integrals and phases of sampled functions.
#pragma once
#include "array.hpp"
#include "linalg.hpp"

namespace tessera {

using linalg::cross;  // as numpy.cross

struct gradient_options {
  int edge_order = 1;  // 2: second-order differences at the ends, too
};
/// The derivative along each axis, all by default, from central differences (as numpy.gradient): one array an axis, of x's
/// shape and dtype, float64 of integers. Spacings: none (1), one number for all axes, or for each axis a number or the
/// coordinates along it. Throws value_error for an axis shorter than edge_order + 1 and other numbers of spacings, shape_error
/// for coordinates that do not fit their axis, dtype_error for bool.
TESSERA_API std::vector<array> gradient(const operand& x, const expr_list& spacing = {}, const axes& over = {},
                                        const gradient_options& options = {});

struct trapezoid_options {
  std::vector<expr> x = {};  // none or one: where y was sampled, a vector or of y's shape
  double dx = 1;             // without x: the distance of samples
  int axis = -1;
};
/// The integral of y along an axis by the trapezoidal rule, the axis taken away.
TESSERA_API expr trapezoid(const operand& y, const trapezoid_options& options = {});

struct unwrap_options {
  std::vector<expr> discont = {};  // none or one: jumps smaller than this stay; half a period
  int axis = -1;
  expr period = 6.283185307179586;
};
/// Phases without jumps: whole periods are added where neighbours differ by more than half a period. Integers stay integers
/// where the period is one.
TESSERA_API array unwrap(const operand& x, const unwrap_options& options = {});

}  // namespace tessera
