// What all samplers share: logarithms, exponentials and densities in steps that round alike everywhere.

/// x = m * 2**e with m in [sqrt(1/2), sqrt(2)); s = (m - 1) / (m + 1), log m = 2 atanh(s). Within 1 ulp for normal x > 0; -709
/// and less for 0.
TESSERA_SAMPLER double log_of(double x) {
  const u64 half_root = 0x3FE6A09E667F3BCD;
  const i64 above = static_cast<i64>(as_bits(x) - half_root);
  const double e = static_cast<double>(above >> 52);
  const double f = as_number((static_cast<u64>(above) & 0xFFFFFFFFFFFFF) + half_root) - 1.0, f2 = f * f;
  const double s = f / (f + 2.0), z = s * s, z2 = z * z;
  const double c01 = multiply_add(z, -0.79999999998597759, -1.333333333333353);
  const double c23 = multiply_add(z, -0.44444393976413421, -0.57142857522694268);
  const double c45 = multiply_add(z, -0.30624887430341408, -0.36367270192191342);
  const double c = multiply_add(z2 * z2, multiply_add(z2, -0.29621060400708343, c45), multiply_add(z2, c23, c01));
  const double log_m = multiply_add(f, -2.0, f2 - s * (f2 - z * c));  // -2 log m, as in normal numbers
  return -0.5 * multiply_add(e, -1.3862943611198906, multiply_add(e, -4.6380936276925991e-17, log_m));
}

/// log(1 + x), x > -1: what 1 + x lost is in the quotient.
TESSERA_SAMPLER double log1p_of(double x) {
  const double one_more = 1.0 + x;
  if (one_more == 1.0) return x;
  return log_of(one_more) * (x / (one_more - 1.0));
}

/// 2**n * (1 + r + r**2 / 2! + … + r**13 / 13!), |r| <= log(2) / 2; 0 below -746. Not for x above 709.
TESSERA_SAMPLER double exp_of(double x) {
  if (!(x > -746.0)) return 0.0;
  const double n = (x * 1.4426950408889634 + 0x1.8p52) - 0x1.8p52;
  const double r = multiply_add(n, -2.3190468138462996e-17, multiply_add(n, -0.6931471805599453, x));
  double p = 1.6059043836821613e-10;
  p = multiply_add(p, r, 2.08767569878681e-09);
  p = multiply_add(p, r, 2.505210838544172e-08);
  p = multiply_add(p, r, 2.755731922398589e-07);
  p = multiply_add(p, r, 2.7557319223985893e-06);
  p = multiply_add(p, r, 2.48015873015873e-05);
  p = multiply_add(p, r, 0.0001984126984126984);
  p = multiply_add(p, r, 0.001388888888888889);
  p = multiply_add(p, r, 0.008333333333333333);
  p = multiply_add(p, r, 0.041666666666666664);
  p = multiply_add(p, r, 0.16666666666666666);
  p = multiply_add(p, r, 0.5);
  p = multiply_add(r * r, p, r) + 1.0;
  const i64 whole = static_cast<i64>(n), half = whole / 2;  // two steps: 2**n may not be normal
  return p * as_number(static_cast<u64>(half + 1023) << 52) * as_number(static_cast<u64>(whole - half + 1023) << 52);
}

/// log k! - ((k + 1/2) log k - k + log(2 pi) / 2) of a whole number; 0 stands for what is not used at k = 0.
TESSERA_SAMPLER double stirling_error(double k) {
  const double table[16] = {0,
                            0.08106146679532726,
                            0.0413406959554093,
                            0.02767792568499834,
                            0.020790672103765093,
                            0.016644691189821193,
                            0.013876128823070748,
                            0.01189670994589177,
                            0.010411265261972096,
                            0.009255462182712733,
                            0.00833056343336287,
                            0.007573675487951841,
                            0.00694284010720953,
                            0.006408994188004207,
                            0.0059513701127588475,
                            0.005554733551962801};
  if (k < 16.0) return table[static_cast<int>(k)];
  const double z = 1.0 / (k * k);
  return (0.08333333333333333 - z * (0.002777777777777778 - z * (0.0007936507936507937 - z * 0.0005952380952380953))) /
         k;
}

/// k log(k / mean) + mean - k, k > 0, without losing digits where k is near the mean (C. Loader, Fast and accurate computation
/// of binomial probabilities, 2000).
TESSERA_SAMPLER double deviance(double k, double mean) {
  const double difference = k - mean, total = k + mean;
  if (!(absolute(difference) < 0.1 * total)) return k * log_of(k / mean) + mean - k;
  const double v = difference / total, v2 = v * v;
  double sum = difference * v, term = 2.0 * k * v;
  for (int j = 3; j < 41; j += 2) {
    term = term * v2;
    const double next = sum + term / static_cast<double>(j);
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

/// The smallest k with u < s(k), s(k) the sum of the first k + 1 probabilities: u's k-th part. What rounding leaves of 1 beyond the
/// last one that counts (below 2**-54 above the mean) is that one's.
template <class S> TESSERA_SAMPLER double invert(const S& s, double u) {
  double k = 0.0, term = s.first_term(), sum = term;
  while (!(u < sum) && s.goes_on(k, term)) {
    k = k + 1.0;
    term = s.next_term(k, term);
    sum = sum + term;
  }
  return k;
}

/// How many attempts there are in 512 columns, two each. After the last one the middle of the distribution stands; no proposal below
/// accepts less than a third, so that this is seen once in 2**100.
constexpr int sampler_attempts = 255;
