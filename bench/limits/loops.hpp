// The loops whose speed is a limit, in vectors of the processor's best instruction set.
#pragma once
#include <cstddef>

namespace bench {

/// `n` is a multiple of `loop_block`, arrays are aligned to 64 bytes.
inline constexpr std::size_t loop_block = 512;

struct limit_loops {
  double (*read)(const double* a, std::size_t n);  ///< the sum
  void (*copy)(double* c, const double* a, std::size_t n);
  void (*triad)(double* c, const double* a, const double* b, std::size_t n);  ///< c = a + 3 * b
  void (*copy_streaming)(double* c, const double* a, std::size_t n);          ///< by stores that pass the caches
  void (*triad_streaming)(double* c, const double* a, const double* b, std::size_t n);
  /// `steps` times x = x * factor + term in independent vectors; returns their sum. So many operations a step:
  float (*multiply_add_float32)(std::size_t steps, float factor, float term);
  double (*multiply_add_float64)(std::size_t steps, double factor, double term);
  double operations_float32, operations_float64;
};
limit_loops find_limit_loops();

}  // namespace bench
