// What each file of kernels exports: a function that enters its kernels for the instruction set chosen into the table.
#pragma once
#include "cpu/kernels/table.hpp"

namespace tessera::detail {

struct kernel_table {
  kernel elementwise[op_count][dtype_count] = {};
  kernel casts[dtype_count][dtype_count] = {};  // [from][to]
  const char* target = nullptr;                 // as named inside the code compiled for it
};

#define TESSERA_KERNEL_FAMILIES(X) \
  X(elementwise_bool)              \
  X(elementwise_8bit)              \
  X(elementwise_16bit)             \
  X(elementwise_32bit)             \
  X(elementwise_64bit)             \
  X(elementwise_float16)           \
  X(elementwise_bfloat16)          \
  X(elementwise_float32)           \
  X(elementwise_float64)           \
  X(elementwise_complex64)         \
  X(elementwise_complex128)        \
  X(math_float32)                  \
  X(math_float64)                  \
  X(math_halves) X(cast_integers) X(cast_floats)

#define TESSERA_ROW(name) void enter_##name(kernel_table& table);
TESSERA_KERNEL_FAMILIES(TESSERA_ROW)
#undef TESSERA_ROW

}  // namespace tessera::detail
