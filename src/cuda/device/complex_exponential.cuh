// Roots, exponentials, logarithms and powers of complex numbers, with the special values of C99's annex G. Each transcendental
// function is called in one place where possible, of an argument that is chosen before: every copy takes NVRTC milliseconds.
namespace tessera {

TESSERA_DEVICE float math_fma(float a, float b, float c) { return fmaf(a, b, c); }
TESSERA_DEVICE double math_fma(double a, double b, double c) { return ::fma(a, b, c); }

/// sqrt(z), with the special values of C99's annex G. Scaled where x² + y² would leave the range.
template <complex_number T> TESSERA_DEVICE T complex_sqrt(T z) {
  using part = typename T::part;
  const part most = infinity<part>();
  const part x = z.re, y = z.im, u = absolute(x), v = absolute(y);
  if (v == most) return {most, y};
  if (x == 0 && y == 0) return {0, y};
  if (u == most || is_nan(x) || is_nan(y)) {
    const part nothing = is_nan(x) || is_nan(y) ? quiet_nan<part>() : part(0);
    if (x == most) return {most, is_nan(y) ? y : math_copysign(part(0), y)};
    if (x == -most) return {is_nan(y) ? y : part(0), math_copysign(most, y)};
    return {nothing, nothing};
  }
  const part large = u > v ? u : v;
  constexpr bool single = sizeof(part) == 4;
  const bool huge = large > (single ? part(0x1p120) : part(0x1p1000)),
             tiny = large < (single ? part(0x1p-100) : part(0x1p-900));
  const part scale = huge ? part(0.0625) : tiny ? (single ? part(0x1p40) : part(0x1p200)) : part(1);
  const part back = huge ? part(4) : tiny ? (single ? part(0x1p-20) : part(0x1p-100)) : part(1);
  const part a = u * scale, b = v * scale;
  const part root = math_sqrt((a + math_hypot(a, b)) * part(0.5)), other = b / (root + root);
  const part re = x >= 0 ? root : other, im = x >= 0 ? other : root;
  return {re * back, math_copysign(im * back, y)};
}

template <floating T> TESSERA_DEVICE void sine_cosine(T x, T& sine, T& cosine) {
  if constexpr (same<T, float>) sincosf(x, &sine, &cosine);
  else ::sincos(x, &sine, &cosine);
}

/// e**z: sines and cosines are not taken of what a zero part makes exact.
template <complex_number T> TESSERA_DEVICE T complex_exp(T z) {
  using part = typename T::part;
  const part most = infinity<part>();
  constexpr bool single = sizeof(part) == 4;
  // e**re alone may overflow: then e**(re - 40), or 300, and the rest after the product.
  const bool large = z.re > (single ? part(88) : part(709)) && z.re < most && z.im != 0;
  const part size = math_exp(large ? z.re - (single ? part(40) : part(300)) : z.re);
  const part rest = large ? (single ? part(2.3538526683701998541e17) : part(1.9424263952412559366e130)) : part(1);
  if (z.im == 0) return {size, z.im};
  if (!(absolute(z.im) < most) && absolute(z.re) == most) {
    if (z.re < 0) return {0, math_copysign(part(0), z.im)};
    return {most, quiet_nan<part>()};
  }
  part sine, cosine;
  sine_cosine(z.im, sine, cosine);
  return {size * cosine * rest, size * sine * rest};
}

/// log|z| and the angle. Near the unit circle log1p of what |z|² is above 1, with the squares' rounding errors; elsewhere log1p of
/// what |z|, or 1 / |z|, is above 1.
template <complex_number T> TESSERA_DEVICE T complex_log(T z) {
  using part = typename T::part;
  constexpr bool single = sizeof(part) == 4;
  constexpr part ln2 = static_cast<part>(0.693147180559945309);
  const part u = absolute(z.re), v = absolute(z.im), large = u > v ? u : v, small = u > v ? v : u;
  part excess, factor, shift = 0;
  if (large > part(0.5) && large < part(2) && small < part(2)) {
    const part above = large - 1, below = large + 1, square = small * small, product = above * below;
    const part lost = math_fma(above, below, -product), lost_square = math_fma(small, small, -square);
    excess = product + square + (lost + lost_square);
    factor = part(0.5);
  } else {  // |z| may overflow, or have few bits
    const bool huge = large > (single ? part(0x1p126) : part(0x1p1022)) && large < infinity<part>();
    const bool tiny = large < part(0x1p-100) && large > 0;
    const part scale = huge ? part(0.5) : tiny ? part(0x1p60) : part(1);
    const part size = math_hypot(z.re * scale, z.im * scale);
    excess = (size < 1 ? 1 / size : size) - 1;
    factor = size < 1 ? part(-1) : part(1);
    shift = huge ? ln2 : tiny ? -60 * ln2 : part(0);
  }
  return {math_log1p(excess) * factor + shift, math_atan2(z.im, z.re)};
}

template <complex_number T> TESSERA_DEVICE T complex_exp2(T z) {
  constexpr auto ln2 = static_cast<typename T::part>(0.693147180559945309);
  return complex_exp(T{z.re * ln2, z.im * ln2});
}
/// e**re * cos(im) - 1 = expm1(re) * cos(im) - 2 sin(im / 2)**2, which cancels nothing near 0.
template <complex_number T> TESSERA_DEVICE T complex_expm1(T z) {
  typename T::part sine, cosine;
  sine_cosine(z.im, sine, cosine);
  const auto half_sine = math_sin(z.im / 2);
  return {math_expm1(z.re) * cosine - 2 * half_sine * half_sine, math_exp(z.re) * sine};
}
template <complex_number T> TESSERA_DEVICE T scaled_log(T z, double factor) {
  const T natural = complex_log(z);
  return {natural.re * static_cast<typename T::part>(factor), natural.im * static_cast<typename T::part>(factor)};
}
template <complex_number T> TESSERA_DEVICE T complex_log2(T z) { return scaled_log(z, 1.44269504088896341); }
template <complex_number T> TESSERA_DEVICE T complex_log10(T z) { return scaled_log(z, 0.434294481903251828); }
template <complex_number T> TESSERA_DEVICE T complex_log1p(T z) {
  return {math_log(math_hypot(z.re + 1, z.im)), math_atan2(z.im, z.re + 1)};
}

/// 1 / z as divide() has it.
template <complex_number T> TESSERA_DEVICE T inverse_of(T z) {
  using part = typename T::part;
  const bool upright = absolute(z.re) >= absolute(z.im);
  const part u = upright ? z.re : z.im, v = upright ? z.im : z.re;
  if (u == 0 && v == 0) return {infinity<part>(), quiet_nan<part>()};
  const part ratio = v / u, scale = 1 / (u + v * ratio);
  return upright ? T{scale, (0 - ratio) * scale} : T{(ratio + 0) * scale, -scale};  // the imaginary part of 1 / 1 is +0
}
/// Not inlined: its registers are not those of the powers that are computed.
template <complex_number T> __device__ __noinline__ T whole_power(T z, int n) {
  if (n == 1) return z;
  T power = z, result = {1, 0};
  bool first = true;  // not through 1 * z, which is NaN for infinite z
  for (int rest = n < 0 ? -n : n;;) {
    if ((rest & 1) != 0) result = first && n > 0 && n <= 3 ? power : bodies::multiply()(result, power);
    if ((rest & 1) != 0) first = false;
    rest >>= 1;
    if (rest == 0) break;
    power = bodies::multiply()(power, power);
  }
  if (n == 3) result = bodies::multiply()(power, z);  // the last power is z²
  return n < 0 ? inverse_of(result) : result;
}

/// Small whole exponents by multiplication, as NumPy; others in double, since e**(w log z) loses log2|w log z| bits.
template <complex_number T> TESSERA_DEVICE T complex_pow(T z, T w) {
  using part = typename T::part;
  if (w.re == 0 && w.im == 0) return {1, 0};
  if (z.re == 0 && z.im == 0) return w.re > 0 ? T{0, 0} : T{quiet_nan<part>(), quiet_nan<part>()};
  if (w.im == 0 && absolute(w.re) < 100 && w.re == math_trunc(w.re)) return whole_power(z, static_cast<int>(w.re));
  const complex128 natural = complex_log(complex128{z.re, z.im}), exponent{w.re, w.im};
  const complex128 power = complex_exp(bodies::multiply()(exponent, natural));
  return {static_cast<part>(power.re), static_cast<part>(power.im)};
}

}  // namespace tessera
