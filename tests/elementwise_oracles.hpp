// For every elementwise operation an independent oracle, in wide integers and long double, and how far a result may be off.
//
// An oracle says what the operation is on finite numbers without special cases; those are compared with stored NumPy
// results (tests/data/elementwise.py). Integer results wrap to the dtype afterwards.
#pragma once
#include <bit>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>
#include <utility>

#include "expr/op_table.hpp"

namespace oracles {

using integer = __int128;
using real = long double;
using complex = std::complex<long double>;
using tessera::detail::op;

/// `ulp`: the allowed error in units in the last place of the exact result; for complex numbers of its larger part.
/// 0.5 is correct rounding. 16-bit floats are rounded from float: 0.01 is added for that.
struct oracle {
  double ulp = 0;
  integer (*of_integers)(integer, integer, integer) = nullptr;  // bool too, as 0 and 1
  real (*of_reals)(real, real, real) = nullptr;
  complex (*of_complex)(complex, complex, complex) = nullptr;
  double complex_ulp = 0;
};

inline integer floor_quotient(integer x, integer y) {
  const integer q = x / y;
  return q - (x % y != 0 && (x < 0) != (y < 0));
}
inline integer greatest_divisor(integer x, integer y) {
  x = x < 0 ? -x : x;
  y = y < 0 ? -y : y;
  while (y != 0) x = std::exchange(y, x % y);
  return x;
}
/// Modulo 2**128, of which every dtype's wrap-around is a part.
inline integer product(integer x, integer y) {
  return static_cast<integer>(static_cast<unsigned __int128>(x) * static_cast<unsigned __int128>(y));
}
inline integer power(integer x, integer n) {
  integer result = 1;
  for (; n > 0; --n) result = product(result, x);
  return result;
}
inline bool comes_before(complex x, complex y) {
  return x.real() < y.real() || (x.real() == y.real() && x.imag() < y.imag());
}
/// x - floor(x / y) * y without the rounding errors of its parts.
inline real exact_remainder(real x, real y) {
  const real rest = std::fmod(x, y);
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}
inline complex round_parts(complex x) { return {std::rint(x.real()), std::rint(x.imag())}; }
inline real sign_of(real x) { return static_cast<real>((x > 0) - (x < 0)); }

// A row is {ulp, integers, reals, complex, complex ulp}. EACH(formula) is a formula in x, y and z for any of them.
#define EACH(formula) [](auto x, [[maybe_unused]] auto y, [[maybe_unused]] auto z) -> decltype(x) { return formula; }
// For complex numbers, when it differs.
#define PARTS(re, im) \
  [](complex x, [[maybe_unused]] complex y, [[maybe_unused]] complex z) -> complex { return {re, im}; }

inline const std::map<op, oracle>& all() {
  using std::numbers::ln2_v, std::numbers::pi_v;
  static const std::map<op, oracle> rows =
      {
          {op::add, {0.5, EACH(x + y), EACH(x + y), EACH(x + y), 0.5}},
          {op::subtract, {0.5, EACH(x - y), EACH(x - y), EACH(x - y), 0.5}},
          {op::multiply, {0.5, EACH(product(x, y)), EACH(x * y), EACH(x * y), 2}},
          {op::divide, {0.5, nullptr, EACH(x / y), EACH(x / y), 5}},
          {op::floor_divide, {0.5, EACH(y == 0 ? 0 : floor_quotient(x, y)), EACH(std::floor(x / y)), nullptr}},
          {op::remainder, {0.5, EACH(y == 0 ? 0 : x - floor_quotient(x, y) * y), EACH(exact_remainder(x, y)), nullptr}},
          {op::fmod, {0.5, EACH(y == 0 ? 0 : x % y), EACH(std::fmod(x, y)), nullptr}},
          {op::pow, {1, EACH(power(x, y)), EACH(std::pow(x, y)), EACH(std::pow(x, y)), 64}},
          {op::negative, {0, EACH(-x), EACH(-x), EACH(-x)}},
          {op::positive, {0, EACH(x), EACH(x), EACH(x)}},
          {op::abs, {0, EACH(x < 0 ? -x : x), EACH(std::abs(x)), EACH(std::abs(x)), 1}},
          {op::fabs, {0, nullptr, EACH(std::abs(x)), nullptr}},
          {op::sign, {0, EACH((x > 0) - (x < 0)), EACH(sign_of(x)), EACH(x == x - x ? x : x / std::abs(x)), 2}},
          {op::reciprocal, {0.5, EACH(x == 0 ? 0 : 1 / x), EACH(1 / x), EACH(real(1) / x), 4}},
          {op::square, {0.5, EACH(product(x, x)), EACH(x * x), EACH(x * x), 2}},
          {op::sqrt, {0.5, nullptr, EACH(std::sqrt(x)), EACH(std::sqrt(x)), 4}},
          {op::cbrt, {1, nullptr, EACH(std::cbrt(x)), nullptr}},
          {op::heaviside,
           {0, nullptr,
            EACH(x < 0   ? 0
                 : x > 0 ? 1
                         : y),
            nullptr}},
          {op::gcd, {0, EACH(greatest_divisor(x, y)), nullptr, nullptr}},
          {op::lcm,
           {0, EACH(x == 0 || y == 0 ? 0 : std::max(x / greatest_divisor(x, y) * y, -(x / greatest_divisor(x, y) * y))),
            nullptr, nullptr}},
          {op::maximum, {0, EACH(x < y ? y : x), EACH(x < y ? y : x), EACH(comes_before(x, y) ? y : x)}},
          {op::minimum, {0, EACH(y < x ? y : x), EACH(y < x ? y : x), EACH(comes_before(y, x) ? y : x)}},
          {op::fmax, {0, EACH(x < y ? y : x), EACH(x < y ? y : x), EACH(comes_before(x, y) ? y : x)}},
          {op::fmin, {0, EACH(y < x ? y : x), EACH(y < x ? y : x), EACH(comes_before(y, x) ? y : x)}},
          {op::clip,
           {0, EACH(std::min(std::max(x, y), z)), EACH(std::min(std::max(x, y), z)),
            [](complex x, complex y, complex z) {
              const complex raised = comes_before(x, y) ? y : x;
              return comes_before(z, raised) ? z : raised;
            }}},
          {op::exp, {1, nullptr, EACH(std::exp(x)), EACH(std::exp(x)), 3}},
          {op::exp2, {1, nullptr, EACH(std::exp2(x)), EACH(std::exp(x * ln2_v<real>)), 16}},
          {op::expm1,
           {1, nullptr, EACH(std::expm1(x)),
            PARTS(std::expm1(x.real()) * std::cos(x.imag()) - 2 * std::pow(std::sin(x.imag() / 2), 2),
                  std::exp(x.real()) * std::sin(x.imag())),
            4}},
          {op::log, {1, nullptr, EACH(std::log(x)), EACH(std::log(x)), 3}},
          {op::log2, {1, nullptr, EACH(std::log2(x)), EACH(std::log(x) / ln2_v<real>), 4}},
          {op::log10, {2, nullptr, EACH(std::log10(x)), EACH(std::log10(x)), 4}},
          {op::log1p, {1, nullptr, EACH(std::log1p(x)), EACH(std::log(real(1) + x)), 16}},
          // Near results of 0 the logarithm cancels the larger operand, whose unit is what counts.
          {op::logaddexp, {64, nullptr, EACH(std::max(x, y) + std::log1p(std::exp(-std::abs(x - y)))), nullptr}},
          {op::logaddexp2,
           {64, nullptr, EACH(std::max(x, y) + std::log1p(std::exp2(-std::abs(x - y))) / ln2_v<real>), nullptr}},
          {op::sin, {1, nullptr, EACH(std::sin(x)), EACH(std::sin(x)), 3}},
          {op::cos, {1, nullptr, EACH(std::cos(x)), EACH(std::cos(x)), 3}},
          {op::tan, {1, nullptr, EACH(std::tan(x)), EACH(std::tan(x)), 6}},
          {op::asin, {1, nullptr, EACH(std::asin(x)), EACH(std::asin(x)), 6}},
          {op::acos, {1, nullptr, EACH(std::acos(x)), EACH(std::acos(x)), 6}},
          {op::atan, {1, nullptr, EACH(std::atan(x)), EACH(std::atan(x)), 6}},
          {op::atan2, {1, nullptr, EACH(std::atan2(x, y)), nullptr}},
          {op::sinh, {2, nullptr, EACH(std::sinh(x)), EACH(std::sinh(x)), 6}},
          {op::cosh, {2, nullptr, EACH(std::cosh(x)), EACH(std::cosh(x)), 6}},
          {op::tanh, {2.5, nullptr, EACH(std::tanh(x)), EACH(std::tanh(x)), 6}},
          {op::asinh, {2, nullptr, EACH(std::asinh(x)), EACH(std::asinh(x)), 6}},
          {op::acosh, {2, nullptr, EACH(std::acosh(x)), EACH(std::acosh(x)), 6}},
          {op::atanh, {2, nullptr, EACH(std::atanh(x)), EACH(std::atanh(x)), 6}},
          {op::hypot, {1, nullptr, EACH(std::hypot(x, y)), nullptr}},
          {op::deg2rad, {1.5, nullptr, EACH(x * pi_v<real> / 180), nullptr}},
          {op::rad2deg, {1.5, nullptr, EACH(x * 180 / pi_v<real>), nullptr}},
          {op::rint, {0, nullptr, EACH(std::rint(x)), EACH(round_parts(x))}},
          {op::floor, {0, EACH(x), EACH(std::floor(x)), nullptr}},
          {op::ceil, {0, EACH(x), EACH(std::ceil(x)), nullptr}},
          {op::trunc, {0, EACH(x), EACH(std::trunc(x)), nullptr}},
          {op::copysign, {0, nullptr, EACH((std::signbit(y) ? -1 : 1) * std::abs(x)), nullptr}},
          {op::nextafter, {}},  // depend on the dtype: the test has its own
          {op::spacing, {}},
          {op::ldexp, {0.5, nullptr, EACH(std::ldexp(x, static_cast<int>(y))), nullptr}},
          {op::frexp_mantissa, {0, nullptr, EACH(x == 0 ? 0 : x / std::exp2(std::ilogb(x) + real(1))), nullptr}},
          {op::frexp_exponent, {0, nullptr, EACH(x == 0 ? 0 : std::ilogb(x) + 1), nullptr}},
          {op::modf_fractional, {0, nullptr, EACH(x - std::trunc(x)), nullptr}},
          {op::modf_integral, {0, nullptr, EACH(std::trunc(x)), nullptr}},
          {op::isnan, {0, EACH(0), EACH(std::isnan(x)), EACH(std::isnan(x.real()) || std::isnan(x.imag()))}},
          {op::isinf, {0, EACH(0), EACH(std::isinf(x)), EACH(std::isinf(x.real()) || std::isinf(x.imag()))}},
          {op::isfinite,
           {0, EACH(1), EACH(std::isfinite(x)), EACH(std::isfinite(x.real()) && std::isfinite(x.imag()))}},
          {op::signbit, {0, nullptr, EACH(std::signbit(x)), nullptr}},
          {op::equal, {0, EACH(x == y), EACH(x == y), EACH(x == y)}},
          {op::not_equal, {0, EACH(x != y), EACH(x != y), EACH(x != y)}},
          {op::less, {0, EACH(x < y), EACH(x < y), EACH(comes_before(x, y))}},
          {op::less_equal, {0, EACH(x <= y), EACH(x <= y), EACH(!comes_before(y, x))}},
          {op::greater, {0, EACH(x > y), EACH(x > y), EACH(comes_before(y, x))}},
          {op::greater_equal, {0, EACH(x >= y), EACH(x >= y), EACH(!comes_before(x, y))}},
          {op::logical_and, {0, EACH(x != 0 && y != 0), EACH(x != 0 && y != 0), EACH(x != x - x && y != y - y)}},
          {op::logical_or, {0, EACH(x != 0 || y != 0), EACH(x != 0 || y != 0), EACH(x != x - x || y != y - y)}},
          {op::logical_xor,
           {0, EACH((x != 0) != (y != 0)), EACH((x != 0) != (y != 0)), EACH((x != x - x) != (y != y - y))}},
          {op::logical_not, {0, EACH(x == 0), EACH(x == 0), EACH(x == x - x)}},
          {op::bitwise_and, {0, EACH(x & y), nullptr, nullptr}},
          {op::bitwise_or, {0, EACH(x | y), nullptr, nullptr}},
          {op::bitwise_xor, {0, EACH(x ^ y), nullptr, nullptr}},
          {op::bitwise_invert, {0, EACH(-1 - x), nullptr, nullptr}},
          {op::bitwise_left_shift, {0, EACH(y < 0 || y > 63 ? 0 : x * power(2, y)), nullptr, nullptr}},
          {op::bitwise_right_shift,
           {0, EACH(floor_quotient(x, y < 0 || y > 63 ? power(2, 100) : power(2, y))), nullptr, nullptr}},
          {op::bitwise_count, {0, EACH(std::popcount(static_cast<std::uint64_t>(x < 0 ? -x : x))), nullptr, nullptr}},
          {op::conj, {0, EACH(x), EACH(x), EACH(std::conj(x))}},
          {op::real, {0, EACH(x), EACH(x), EACH(x.real())}},
          {op::imag, {0, EACH(0), EACH(0), EACH(x.imag())}},
          {op::angle, {1, nullptr, EACH(std::atan2(real(0), x)), EACH(std::atan2(x.imag(), x.real())), 1}},
          {op::where, {0, EACH(x != 0 ? y : z), EACH(x != 0 ? y : z), EACH(x != x - x ? y : z)}},
          {op::cast, {}},
      };
  return rows;
}
#undef EACH
#undef PARTS

}  // namespace oracles
