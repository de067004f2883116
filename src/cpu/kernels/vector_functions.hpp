// The operations that have a vector function in math-vector-inl.hpp. For floating dtypes it takes the place of the body in
// math-inl.hpp where the instruction set allows.
#pragma once

#define TESSERA_VECTOR_FUNCTIONS(X) \
  X(acos, unary)                    \
  X(acosh, unary)                   \
  X(asin, unary)                    \
  X(asinh, unary)                   \
  X(atan, unary)                    \
  X(atan2, binary)                  \
  X(atanh, unary)                   \
  X(cbrt, unary)                    \
  X(cos, unary)                     \
  X(cosh, unary)                    \
  X(exp, unary)                     \
  X(exp2, unary)                    \
  X(expm1, unary)                   \
  X(hypot, binary)                  \
  X(log, unary)                     \
  X(log10, unary)                   \
  X(log1p, unary)                   \
  X(log2, unary)                    \
  X(logaddexp, binary)              \
  X(logaddexp2, binary)             \
  X(pow, binary)                    \
  X(sin, unary)                     \
  X(sinh, unary)                    \
  X(tan, unary)                     \
  X(tanh, unary)
