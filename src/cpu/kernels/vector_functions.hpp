// The operations that have a vector function in math-vector-inl.hpp: where the instruction set allows, it takes the place of
// the scalar body for floating dtypes.
#pragma once
#include "expr/op_table.hpp"

// Exact, so the same as the bodies.
#define TESSERA_VECTOR_DIVISIONS(X) \
  X(floor_divide, binary)           \
  X(fmod, binary)                   \
  X(remainder, binary)

// Each has errors of its own; the bodies call the C library.

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

namespace tessera::detail {

constexpr bool has_vector_function(op code) {
#define TESSERA_ROW(name, loop) \
  if (code == op::name) return true;
  TESSERA_VECTOR_DIVISIONS(TESSERA_ROW)
  TESSERA_VECTOR_FUNCTIONS(TESSERA_ROW)
#undef TESSERA_ROW
  return false;
}

}  // namespace tessera::detail
