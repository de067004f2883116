// Trigonometric and hyperbolic functions of complex numbers, with the special values of C99's annex G. complex64 is computed in
// double. Each transcendental function is called once, of an argument that is chosen before: every copy takes NVRTC milliseconds.
namespace tessera {

/// sinh x and cosh x, both without a factor `rest`: e**x of large x overflows before a product with a small number does.
struct hyperbolic {
  double sine, cosine, rest;
  TESSERA_DEVICE explicit hyperbolic(double x) {
    const double size = absolute(x);
    const bool large = size > 700 && size < infinity<double>();
    const double e = ::expm1(large ? size - 600 : size), inverse = size > 22 ? 1 : e / (e + 1);  // 1 - e**-x
    sine = math_copysign(0.5 * (e + inverse), x);
    cosine = size > 22 ? 0.5 * (e + 1) : 1 + 0.5 * e * inverse;
    rest = large ? 3.7730203009299398234e260 : 1;
  }
};

/// sinh z, or cosh z with `Even`.
template <bool Even> TESSERA_DEVICE complex128 sinh_or_cosh(complex128 z) {
  const double x = z.re, y = z.im, most = infinity<double>(), nan = quiet_nan<double>();
  const hyperbolic of(x);
  if (y == 0) {
    if (Even) return {of.cosine * of.rest, math_copysign(0.0, x) * math_copysign(1.0, y)};
    return {of.sine * of.rest, y};
  }
  if (!(absolute(y) < most)) {  // infinite or NaN
    if (x == 0) return Even ? complex128{nan, math_copysign(0.0, x)} : complex128{x, nan};
    if (absolute(x) == most) return Even ? complex128{most, nan} : complex128{x, nan};
    return {nan, nan};
  }
  double sine, cosine;
  ::sincos(y, &sine, &cosine);
  if (x == 0) return Even ? complex128{cosine, x * sine} : complex128{x * cosine, sine};
  if (Even) return {of.cosine * cosine * of.rest, of.sine * sine * of.rest};
  return {of.sine * cosine * of.rest, of.cosine * sine * of.rest};
}

/// (sinh x cosh x + i sin y cos y) / (sinh² x + cos² y), whose denominator cancels nothing.
TESSERA_DEVICE complex128 tanh_of(complex128 z) {
  const double x = z.re, y = z.im, most = infinity<double>();
  if (is_nan(x)) return {x, y == 0 ? y : quiet_nan<double>()};
  const bool angle = absolute(y) < most;
  if (!angle && absolute(x) < most) return {x == 0 ? x : quiet_nan<double>(), quiet_nan<double>()};
  double sine, cosine;
  ::sincos(angle ? y : 0.0, &sine, &cosine);
  const hyperbolic of(x);
  if (absolute(x) > 22) {
    const double size = absolute(of.sine) * of.rest;
    return {math_copysign(1.0, x), sine * cosine / size / size};
  }
  const double divisor = of.sine * of.sine + cosine * cosine;
  return {of.sine * of.cosine / divisor, sine * cosine / divisor};
}

/// What asin and acos share for finite x, y >= 0: asin's real part, or acos's, and asin's imaginary part. T. Hull, T. Fairgrieve,
/// P. Tang, "Implementing the complex arcsine and arccosine functions using exception handling", 1997; angles by atan2 in all
/// cases, and logarithms by log1p.
template <bool Cosine> TESSERA_DEVICE complex128 arc_of(double x, double y) {
  constexpr double crossover = 0.6417, ln2 = 0.693147180559945309;
  const bool huge = x > 1e150 || y > 1e150;  // only sums of logarithms are left
  const double up = huge ? x / 4 : x + 1, down = x - 1, r = ::hypot(up, huge ? y / 4 : y), s = ::hypot(down, y);
  const double a = 0.5 * (r + s), b = x / a, y2 = y * y;
  double near = x, far = y;  // the angle's sides
  if (!huge && b <= crossover) {
    near = b;
    far = ::sqrt((1 - b) * (1 + b));
  } else if (!huge) {
    const double sum = a + x;
    far = x <= 1 ? ::sqrt(0.5 * sum * (y2 / (r + up) + (s - down)))
                 : y * ::sqrt(0.5 * (sum / (r + up) + sum / (s + down)));
  }
  const double above = a > 1.5 ? a - 1 : 0.5 * (y2 / (r + up) + (x < 1 ? y2 / (s - down) : s + down));
  double size;
  if (y < 1e-100 && x <= 1) {  // y² is gone
    const double root = ::sqrt(x < 1 ? (1 - x) * up : y);
    size = x < 1 ? y / root : root;
  } else {
    size = ::log1p(huge ? r : above + ::sqrt(above * (a + 1))) + (huge ? 3 * ln2 : 0);
  }
  return {Cosine ? ::atan2(far, near) : ::atan2(near, far), size};
}

TESSERA_DEVICE complex128 asin_of(complex128 z) {
  const double x = absolute(z.re), y = absolute(z.im), most = infinity<double>();
  if (is_nan(x) || is_nan(y)) {
    if (z.re == 0) return {z.re, z.im};
    if (x == most || y == most) return {y == most ? z.re : quiet_nan<double>(), math_copysign(most, z.im)};
    return {quiet_nan<double>(), quiet_nan<double>()};
  }
  if (x == 0 && y == 0) return z;
  complex128 arc = arc_of<false>(x, y);
  if (x == most || y == most) arc.im = most;
  return {math_copysign(arc.re, z.re), math_copysign(arc.im, z.im)};
}
TESSERA_DEVICE complex128 acos_of(complex128 z) {
  const double x = absolute(z.re), y = absolute(z.im), most = infinity<double>(), pi = 3.14159265358979324;
  if (is_nan(x) || is_nan(y)) {
    if (x == most) return {quiet_nan<double>(), -most};
    if (y == most) return {quiet_nan<double>(), -z.im};
    if (z.re == 0) return {pi / 2, quiet_nan<double>()};
    return {quiet_nan<double>(), quiet_nan<double>()};
  }
  complex128 arc = arc_of<true>(x, y);
  if (x == most || y == most) arc.im = most;
  return {negative_sign(z.re) ? pi - arc.re : arc.re, math_copysign(arc.im, -z.im)};
}

/// Real part log1p(4x / ((1 - x)² + y²)) / 4, imaginary half the angle of (1 - x)(1 + x) - y² + 2yi; x >= 0.
TESSERA_DEVICE complex128 atanh_of(complex128 z) {
  const double x = absolute(z.re), y = absolute(z.im), most = infinity<double>(), half_pi = 1.57079632679489662;
  constexpr double ln2 = 0.693147180559945309;
  if (is_nan(x) || is_nan(y)) {
    if (x == most) return {math_copysign(0.0, z.re), quiet_nan<double>()};
    if (y == most) return {math_copysign(0.0, z.re), math_copysign(half_pi, z.im)};
    return {z.re == 0 ? z.re : quiet_nan<double>(), quiet_nan<double>()};
  }
  if (x > 1e150 || y > 1e150) {
    const double large = x > y ? x : y, u = x / large, v = y / large;
    return {math_copysign(large == most ? 0.0 : u / large / (u * u + v * v), z.re), math_copysign(half_pi, z.im)};
  }
  const double down = 1 - x;
  const bool beside = x == 1 && y < 1e-150;  // y² is gone: log(2 / y) / 2
  const double logarithm = ::log1p(beside ? 1 / (y * 0x1p60) : 4 * x / (down * down + y * y));
  const double re = beside ? 0.5 * (61 * ln2 + logarithm) : 0.25 * logarithm;
  const double im = x == 1 && y == 0 ? 0.0 : 0.5 * ::atan2(2 * y, down * (1 + x) - y * y);
  return {math_copysign(re, z.re), math_copysign(im, z.im)};
}
TESSERA_DEVICE complex128 acosh_of(complex128 z) {
  const complex128 a = acos_of(z);
  if (is_nan(a.re) && is_nan(a.im)) return a;
  if (is_nan(a.re)) return {absolute(a.im), a.re};
  if (is_nan(a.im)) return {a.im, a.re};
  return {absolute(a.im), math_copysign(a.re, z.im)};
}

/// f(iz) / i, which turns a function into its hyperbolic or trigonometric sister.
TESSERA_DEVICE complex128 turned(complex128 z) { return {-z.im, z.re}; }       // iz
TESSERA_DEVICE complex128 turned_back(complex128 z) { return {z.im, -z.re}; }  // z / i

#define TESSERA_TRIGONOMETRIC(name, of_z)                                \
  template <complex_number T> TESSERA_DEVICE T complex_##name(T value) { \
    const complex128 z = {value.re, value.im}, result = of_z;            \
    using part = typename T::part;                                       \
    return {static_cast<part>(result.re), static_cast<part>(result.im)}; \
  }
TESSERA_TRIGONOMETRIC(sin, turned_back(sinh_or_cosh<false>(turned(z))))
TESSERA_TRIGONOMETRIC(cos, sinh_or_cosh<true>(turned(z)))
TESSERA_TRIGONOMETRIC(tan, turned_back(tanh_of(turned(z))))
TESSERA_TRIGONOMETRIC(asin, asin_of(z))
TESSERA_TRIGONOMETRIC(acos, acos_of(z))
TESSERA_TRIGONOMETRIC(atan, turned_back(atanh_of(turned(z))))
TESSERA_TRIGONOMETRIC(sinh, sinh_or_cosh<false>(z))
TESSERA_TRIGONOMETRIC(cosh, sinh_or_cosh<true>(z))
TESSERA_TRIGONOMETRIC(tanh, tanh_of(z))
TESSERA_TRIGONOMETRIC(asinh, turned_back(asin_of(turned(z))))
TESSERA_TRIGONOMETRIC(acosh, acosh_of(z))
TESSERA_TRIGONOMETRIC(atanh, atanh_of(z))
#undef TESSERA_TRIGONOMETRIC

}  // namespace tessera
