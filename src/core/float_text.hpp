// Decimal text of floating-point numbers, digit for digit as NumPy writes it.
#pragma once
#include <string>

#include "tessera/dtype.hpp"

namespace tessera::detail {

/// What becomes of a fraction without digits: "1." keeping the point, "1.0", or "1".
enum class empty_fraction { point, zero, nothing };

/// How one number is laid out. Widths pad with blanks.
struct float_layout {
  bool unique = true;   // the shortest digits that tell the number from its neighbours; else exactly `max_digits`
  int max_digits = -1;  // most digits after the point, correctly rounded; -1: as many as needed
  int min_digits = 0;   // fewest digits after the point, zeros if need be
  empty_fraction empty = empty_fraction::point;
  bool plus = false;        // write the sign of positive numbers
  int whole_width = 0;      // characters up to the point, sign included
  int fraction_width = 0;   // characters after the point (positional only)
  int exponent_digits = 2;  // fewest digits of the exponent (scientific only)
};

/// "-12.5". `value` must be finite and exact in `type` (float16, float32 or float64), whose spacing decides what is shortest.
std::string positional(double value, dtype type, const float_layout& layout);
/// "-1.25e+01"
std::string scientific(double value, dtype type, const float_layout& layout);

/// As str() of a NumPy scalar: "0.1", "1e+16", "nan"; bfloat16 with six digits as ml_dtypes writes it.
std::string float_scalar_text(double value, dtype type);
/// "(1+2j)", "2j"; `part` is the dtype of the parts.
std::string complex_scalar_text(double real, double imag, dtype part);

}  // namespace tessera::detail
