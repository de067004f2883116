// Elementwise functions: recipes on operands that broadcast. Names are the Array API standard's; others are NumPy's.
// dtypes: "promote" the operands' common dtype; "floating" the smallest floating dtype that holds it (int64 -> float64).
// Every function throws shape_error when shapes do not broadcast and dtype_error for a dtype it does not have.
#pragma once
#include "expr.hpp"

namespace tessera {

// ---- arithmetic
TESSERA_API expr add(const operand& x1, const operand& x2);
TESSERA_API expr subtract(const operand& x1, const operand& x2);
TESSERA_API expr multiply(const operand& x1, const operand& x2);
TESSERA_API expr divide(const operand& x1, const operand& x2);        // true division, floating
TESSERA_API expr floor_divide(const operand& x1, const operand& x2);  // rounds down; integer division by zero gives 0
TESSERA_API expr remainder(const operand& x1, const operand& x2);     // the sign of x2
TESSERA_API expr fmod(const operand& x1, const operand& x2);          // the sign of x1
TESSERA_API expr pow(const operand& x1, const operand& x2);          // integers to negative integer powers: value_error
TESSERA_API expr float_power(const operand& x1, const operand& x2);  // at least float64
struct divmod_result;
TESSERA_API divmod_result divmod(const operand& x1, const operand& x2);
TESSERA_API expr negative(const operand& x);
TESSERA_API expr positive(const operand& x);
TESSERA_API expr abs(const operand& x);  // complex: the real magnitude
TESSERA_API expr fabs(const operand& x);
TESSERA_API expr sign(const operand& x);  // complex: x / |x|
TESSERA_API expr reciprocal(const operand& x);
TESSERA_API expr square(const operand& x);
TESSERA_API expr sqrt(const operand& x);
TESSERA_API expr cbrt(const operand& x);
TESSERA_API expr heaviside(const operand& x1, const operand& x2);
TESSERA_API expr gcd(const operand& x1, const operand& x2);
TESSERA_API expr lcm(const operand& x1, const operand& x2);
TESSERA_API expr maximum(const operand& x1, const operand& x2);  // NaN wins
TESSERA_API expr minimum(const operand& x1, const operand& x2);
TESSERA_API expr fmax(const operand& x1, const operand& x2);  // NaN loses
TESSERA_API expr fmin(const operand& x1, const operand& x2);
TESSERA_API expr clip(const operand& x, const operand& low, const operand& high);  // minimum(maximum(x, low), high)

// ---- exponentials and logarithms
TESSERA_API expr exp(const operand& x);
TESSERA_API expr exp2(const operand& x);
TESSERA_API expr expm1(const operand& x);
TESSERA_API expr log(const operand& x);
TESSERA_API expr log2(const operand& x);
TESSERA_API expr log10(const operand& x);
TESSERA_API expr log1p(const operand& x);
TESSERA_API expr logaddexp(const operand& x1, const operand& x2);
TESSERA_API expr logaddexp2(const operand& x1, const operand& x2);

// ---- trigonometry and hyperbolic functions
TESSERA_API expr sin(const operand& x);
TESSERA_API expr cos(const operand& x);
TESSERA_API expr tan(const operand& x);
TESSERA_API expr asin(const operand& x);
TESSERA_API expr acos(const operand& x);
TESSERA_API expr atan(const operand& x);
TESSERA_API expr atan2(const operand& x1, const operand& x2);
TESSERA_API expr sinh(const operand& x);
TESSERA_API expr cosh(const operand& x);
TESSERA_API expr tanh(const operand& x);
TESSERA_API expr asinh(const operand& x);
TESSERA_API expr acosh(const operand& x);
TESSERA_API expr atanh(const operand& x);
TESSERA_API expr hypot(const operand& x1, const operand& x2);
TESSERA_API expr deg2rad(const operand& x);
TESSERA_API expr rad2deg(const operand& x);

// ---- rounding and floating-point parts
TESSERA_API expr rint(const operand& x);
TESSERA_API expr floor(const operand& x);
TESSERA_API expr ceil(const operand& x);
TESSERA_API expr trunc(const operand& x);
TESSERA_API expr round(const operand& x, int decimals = 0);  // half to even, as numpy.round
TESSERA_API expr copysign(const operand& x1, const operand& x2);
TESSERA_API expr nextafter(const operand& x1, const operand& x2);
TESSERA_API expr spacing(const operand& x);
TESSERA_API expr ldexp(const operand& x1, const operand& x2);  // x1 * 2**x2, x2 integer
struct frexp_result;
TESSERA_API frexp_result frexp(const operand& x);
struct modf_result;
TESSERA_API modf_result modf(const operand& x);
TESSERA_API expr isnan(const operand& x);
TESSERA_API expr isinf(const operand& x);
TESSERA_API expr isfinite(const operand& x);
TESSERA_API expr signbit(const operand& x);
struct nan_to_num_options {
  double nan = 0.0;
  double posinf = 0.0, neginf = 0.0;  // used when replace_infinities, else the dtype's largest and smallest
  bool replace_infinities = false;
};
TESSERA_API expr nan_to_num(const operand& x, const nan_to_num_options& options = {});

// ---- comparison and logic: bool
TESSERA_API expr equal(const operand& x1, const operand& x2);
TESSERA_API expr not_equal(const operand& x1, const operand& x2);
TESSERA_API expr less(const operand& x1, const operand& x2);
TESSERA_API expr less_equal(const operand& x1, const operand& x2);
TESSERA_API expr greater(const operand& x1, const operand& x2);
TESSERA_API expr greater_equal(const operand& x1, const operand& x2);
TESSERA_API expr logical_and(const operand& x1, const operand& x2);
TESSERA_API expr logical_or(const operand& x1, const operand& x2);
TESSERA_API expr logical_xor(const operand& x1, const operand& x2);
TESSERA_API expr logical_not(const operand& x);
struct isclose_options {
  double rtol = 1e-5, atol = 1e-8;
  bool equal_nan = false;
};
TESSERA_API expr isclose(const operand& a, const operand& b, const isclose_options& options = {});
TESSERA_API bool allclose(const operand& a, const operand& b, const isclose_options& options = {});
TESSERA_API bool array_equal(const operand& a, const operand& b, bool equal_nan = false);

// ---- bits: integers and bool
TESSERA_API expr bitwise_and(const operand& x1, const operand& x2);
TESSERA_API expr bitwise_or(const operand& x1, const operand& x2);
TESSERA_API expr bitwise_xor(const operand& x1, const operand& x2);
TESSERA_API expr bitwise_invert(const operand& x);
TESSERA_API expr bitwise_left_shift(const operand& x1, const operand& x2);  // 0 when shifted by the width or more
TESSERA_API expr bitwise_right_shift(const operand& x1, const operand& x2);
TESSERA_API expr bitwise_count(const operand& x);  // ones in |x|, uint8

// ---- complex (real and imag: views.hpp)
TESSERA_API expr conj(const operand& x);
TESSERA_API expr angle(const operand& x);

// ---- choice and casts
TESSERA_API expr where(const operand& condition, const operand& yes, const operand& no);
TESSERA_API expr astype(const operand& x, const dtype& type);

struct divmod_result {
  expr quotient, remainder;
};
struct frexp_result {
  expr mantissa, exponent;  // x = mantissa * 2**exponent, 0.5 <= |mantissa| < 1; exponent int32
};
struct modf_result {
  expr fractional, integral;
};

/// Options of apply(): which elements of the destination are written.
struct apply_options {
  expr where = true;  // broadcast to the destination
};
/// Runs x into an existing array or view (shape must broadcast to it, dtype by same_kind). Overlap is as if x were copied first.
TESSERA_API void apply(array destination, const operand& x, const apply_options& options = {});
void apply(const expr& destination, const operand& x,
           const apply_options& options = {}) = delete;  // a recipe has no elements

}  // namespace tessera
