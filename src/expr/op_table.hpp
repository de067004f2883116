// The vocabulary: every elementwise operation, once. Enum, dtype rules, kernels, tests and explain() read this table.
//
// `loops`   the dtype kinds it computes in: B bool, I integers, F floating, C complex. Operands promote to a common dtype;
//           if its kind is missing the next kind that holds it is taken: bool -> int8, integer -> the smallest floating
//           dtype that holds it (int8 -> float16, int16 -> float32, else float64), else dtype_error.
// `gives`   the result: same as the loop, bool_, real (the real dtype of a complex loop), uint8, int32.
// `notes`   strict_bool: a bool loop is an error rather than int8 (NumPy's subtract, negative, positive, sign, gcd, lcm);
//           float64_of_int: integers compute in float64 whatever their size (true division);
//           integer_second: the second operand is int64 in every loop (ldexp).
#pragma once
#include <cstdint>

namespace tessera::detail {

enum loop_kind : std::uint8_t { B = 1, I = 2, F = 4, C = 8 };
enum class gives : std::uint8_t { same, bool_, real, uint8, int32 };
enum class note : std::uint8_t { none, strict_bool, float64_of_int, integer_second };
/// Where a unary or binary operation is tested: the arguments drawn.
enum class domain : std::uint8_t { any, positive, unit, above_minus_one, above_one, small };

// name, arity, loops, gives, notes, commutative, test domain, one sentence
#define TESSERA_OPS(X)                                                                      \
  X(add, 2, B | I | F | C, same, none, true, any, "x1 + x2; of bool: or")                   \
  X(subtract, 2, I | F | C, same, strict_bool, false, any, "x1 - x2")                       \
  X(multiply, 2, B | I | F | C, same, none, true, any, "x1 * x2; of bool: and")             \
  X(divide, 2, F | C, same, float64_of_int, false, any, "x1 / x2, true division")           \
  X(floor_divide, 2, I | F, same, none, false, any, "floor(x1 / x2)")                       \
  X(remainder, 2, I | F, same, none, false, any, "x1 - floor(x1 / x2) * x2")                \
  X(fmod, 2, I | F, same, none, false, any, "remainder with the sign of x1")                \
  X(pow, 2, I | F | C, same, none, false, small, "x1 to the power x2")                      \
  X(negative, 1, I | F | C, same, strict_bool, false, any, "-x")                            \
  X(positive, 1, I | F | C, same, strict_bool, false, any, "x")                             \
  X(abs, 1, B | I | F | C, real, none, false, any, "|x|")                                   \
  X(fabs, 1, F, same, none, false, any, "|x|, floating")                                    \
  X(sign, 1, I | F | C, same, strict_bool, false, any, "-1, 0, 1; complex: x / |x|")        \
  X(reciprocal, 1, I | F | C, same, none, false, any, "1 / x")                              \
  X(square, 1, I | F | C, same, none, false, any, "x * x")                                  \
  X(sqrt, 1, F | C, same, none, false, positive, "square root")                             \
  X(cbrt, 1, F, same, none, false, any, "cube root")                                        \
  X(heaviside, 2, F, same, none, false, any, "0, x2, 1 for x1 <, =, > 0")                   \
  X(gcd, 2, I, same, strict_bool, true, any, "greatest common divisor")                     \
  X(lcm, 2, I, same, strict_bool, true, small, "least common multiple")                     \
  X(maximum, 2, B | I | F | C, same, none, true, any, "the larger, NaN wins")               \
  X(minimum, 2, B | I | F | C, same, none, true, any, "the smaller, NaN wins")              \
  X(fmax, 2, B | I | F | C, same, none, true, any, "the larger, NaN loses")                 \
  X(fmin, 2, B | I | F | C, same, none, true, any, "the smaller, NaN loses")                \
  X(clip, 3, B | I | F | C, same, none, false, any, "minimum(maximum(x, low), high)")       \
  X(exp, 1, F | C, same, none, false, small, "e**x")                                        \
  X(exp2, 1, F | C, same, none, false, small, "2**x")                                       \
  X(expm1, 1, F | C, same, none, false, small, "e**x - 1")                                  \
  X(log, 1, F | C, same, none, false, positive, "natural logarithm")                        \
  X(log2, 1, F | C, same, none, false, positive, "base-2 logarithm")                        \
  X(log10, 1, F | C, same, none, false, positive, "base-10 logarithm")                      \
  X(log1p, 1, F | C, same, none, false, above_minus_one, "log(1 + x)")                      \
  X(logaddexp, 2, F, same, none, true, small, "log(e**x1 + e**x2)")                         \
  X(logaddexp2, 2, F, same, none, true, small, "log2(2**x1 + 2**x2)")                       \
  X(sin, 1, F | C, same, none, false, small, "sine")                                        \
  X(cos, 1, F | C, same, none, false, small, "cosine")                                      \
  X(tan, 1, F | C, same, none, false, small, "tangent")                                     \
  X(asin, 1, F | C, same, none, false, unit, "inverse sine")                                \
  X(acos, 1, F | C, same, none, false, unit, "inverse cosine")                              \
  X(atan, 1, F | C, same, none, false, any, "inverse tangent")                              \
  X(atan2, 2, F, same, none, false, any, "angle of the point (x2, x1)")                     \
  X(sinh, 1, F | C, same, none, false, small, "hyperbolic sine")                            \
  X(cosh, 1, F | C, same, none, false, small, "hyperbolic cosine")                          \
  X(tanh, 1, F | C, same, none, false, small, "hyperbolic tangent")                         \
  X(asinh, 1, F | C, same, none, false, any, "inverse hyperbolic sine")                     \
  X(acosh, 1, F | C, same, none, false, above_one, "inverse hyperbolic cosine")             \
  X(atanh, 1, F | C, same, none, false, unit, "inverse hyperbolic tangent")                 \
  X(hypot, 2, F, same, none, true, any, "sqrt(x1² + x2²), safe from overflow")              \
  X(deg2rad, 1, F, same, none, false, any, "degrees to radians")                            \
  X(rad2deg, 1, F, same, none, false, any, "radians to degrees")                            \
  X(rint, 1, F | C, same, none, false, any, "nearest integer, half to even")                \
  X(floor, 1, B | I | F, same, none, false, any, "largest integer <= x")                    \
  X(ceil, 1, B | I | F, same, none, false, any, "smallest integer >= x")                    \
  X(trunc, 1, B | I | F, same, none, false, any, "integer part")                            \
  X(copysign, 2, F, same, none, false, any, "|x1| with the sign of x2")                     \
  X(nextafter, 2, F, same, none, false, any, "next number after x1 towards x2")             \
  X(spacing, 1, F, same, none, false, any, "distance to the next number")                   \
  X(ldexp, 2, F, same, integer_second, false, small, "x1 * 2**x2")                          \
  X(frexp_mantissa, 1, F, same, none, false, any, "mantissa in [0.5, 1)")                   \
  X(frexp_exponent, 1, F, int32, none, false, any, "exponent to the mantissa")              \
  X(modf_fractional, 1, F, same, none, false, any, "fractional part")                       \
  X(modf_integral, 1, F, same, none, false, any, "integral part")                           \
  X(isnan, 1, B | I | F | C, bool_, none, false, any, "is not a number")                    \
  X(isinf, 1, B | I | F | C, bool_, none, false, any, "is infinite")                        \
  X(isfinite, 1, B | I | F | C, bool_, none, false, any, "neither NaN nor infinite")        \
  X(signbit, 1, F, bool_, none, false, any, "the sign bit, of -0.0 too")                    \
  X(equal, 2, B | I | F | C, bool_, none, true, any, "x1 == x2")                            \
  X(not_equal, 2, B | I | F | C, bool_, none, true, any, "x1 != x2")                        \
  X(less, 2, B | I | F | C, bool_, none, false, any, "x1 < x2")                             \
  X(less_equal, 2, B | I | F | C, bool_, none, false, any, "x1 <= x2")                      \
  X(greater, 2, B | I | F | C, bool_, none, false, any, "x1 > x2")                          \
  X(greater_equal, 2, B | I | F | C, bool_, none, false, any, "x1 >= x2")                   \
  X(logical_and, 2, B | I | F | C, bool_, none, true, any, "both not zero")                 \
  X(logical_or, 2, B | I | F | C, bool_, none, true, any, "one not zero")                   \
  X(logical_xor, 2, B | I | F | C, bool_, none, true, any, "exactly one not zero")          \
  X(logical_not, 1, B | I | F | C, bool_, none, false, any, "is zero")                      \
  X(bitwise_and, 2, B | I, same, none, true, any, "bits of both")                           \
  X(bitwise_or, 2, B | I, same, none, true, any, "bits of either")                          \
  X(bitwise_xor, 2, B | I, same, none, true, any, "bits of one")                            \
  X(bitwise_invert, 1, B | I, same, none, false, any, "bits flipped; of bool: not")         \
  X(bitwise_left_shift, 2, I, same, none, false, small, "x1 * 2**x2")                       \
  X(bitwise_right_shift, 2, I, same, none, false, small, "floor(x1 / 2**x2)")               \
  X(bitwise_count, 1, I, uint8, none, false, any, "ones in |x|")                            \
  X(conj, 1, I | F | C, same, none, false, any, "complex conjugate")                        \
  X(real, 1, B | I | F | C, real, none, false, any, "real part")                            \
  X(imag, 1, B | I | F | C, real, none, false, any, "imaginary part")                       \
  X(angle, 1, F | C, real, none, false, any, "atan2(imag, real)")                           \
  X(where, 3, B | I | F | C, same, none, false, any, "x2 where x1 (bool) is true, else x3") \
  X(cast, 1, B | I | F | C, same, none, false, any, "another dtype")

enum class op : std::uint8_t {
#define TESSERA_ROW(name, ...) name,
  TESSERA_OPS(TESSERA_ROW)
#undef TESSERA_ROW
};

struct op_info {
  const char* name;
  int arity;
  std::uint8_t loops;  // loop_kind bits
  gives result;
  note notes;
  bool commutative;
  domain tested_on;
  const char* sentence;
};

inline constexpr op_info op_table[] = {
#define TESSERA_ROW(name, arity, loops, result, notes, commutative, tested, sentence) \
  {#name, arity, static_cast<std::uint8_t>(loops), gives::result, note::notes, commutative, domain::tested, sentence},
    TESSERA_OPS(TESSERA_ROW)
#undef TESSERA_ROW
};
inline constexpr int op_count = sizeof(op_table) / sizeof(op_table[0]);

constexpr const op_info& info(op code) { return op_table[static_cast<int>(code)]; }

/// The folds of reductions and scans. any/all fold "is not zero"; fmin/fmax ignore NaN; argmin/argmax give positions.
enum class fold : std::uint8_t { none, sum, prod, min, max, fmin, fmax, any, all, argmin, argmax };

}  // namespace tessera::detail
