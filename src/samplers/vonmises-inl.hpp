// vonmises: the angle from its centre as a signed 1 - cos(angle): D. Best, N. Fisher, Efficient simulation of the von Mises
// distribution (1979). Attempt t takes columns 2 t (its angle) and 2 t + 1, the sign column 510.
struct vonmises {
  static constexpr bool is_integer = false;
  double kappa, s_less;

  TESSERA_SAMPLER explicit vonmises(const double* parameters) : kappa(parameters[0]) {
    // rho = (r - sqrt(2 r)) / (2 kappa), s = (1 + rho**2) / (2 rho), s - 1 = (1 - rho)**2 / (2 rho)
    const double r = 1.0 + (kappa < 1e100 ? square_root(1.0 + 4.0 * kappa * kappa) : 2.0 * kappa);
    const double rho = 2.0 * kappa / (r + square_root(2.0 * r));  // the same, as (r**2 - 2 r) = 4 kappa**2
    s_less = (1.0 - rho) * (1.0 - rho) / (2.0 * rho);
  }
  TESSERA_SAMPLER int columns_ahead() const { return 2; }
  static TESSERA_SAMPLER bool is_normal(int) { return false; }

  /// 1 - cos(pi u) = 2 sin(pi u / 2)**2 of u in [0, 1): the sine's series on [0, pi / 2), to x**21 / 21!.
  static TESSERA_SAMPLER double height(double u) {
    const double x = 1.5707963267948966 * u, z = x * x;
    double p = 1.9572941063391263e-20;
    p = multiply_add(p, z, -8.22063524662433e-18);
    p = multiply_add(p, z, 2.8114572543455206e-15);
    p = multiply_add(p, z, -7.647163731819816e-13);
    p = multiply_add(p, z, 1.6059043836821613e-10);
    p = multiply_add(p, z, -2.505210838544172e-08);
    p = multiply_add(p, z, 2.7557319223985893e-06);
    p = multiply_add(p, z, -0.0001984126984126984);
    p = multiply_add(p, z, 0.008333333333333333);
    p = multiply_add(p, z, -0.16666666666666666);
    const double sine = multiply_add(p * z, x, x);
    return 2.0 * sine * sine;
  }

  template <class Draws> TESSERA_SAMPLER double operator()(const Draws& draws) const {
    const bool flat = kappa < 1e-8;
    double drop = flat ? height(draws.uniform(0)) : 0.0;
    for (int t = 0; !flat && t < sampler_attempts; ++t) {
      const double h = height(draws.uniform(2 * t)), v = 1.0 - draws.uniform(2 * t + 1);
      const double below = s_less + (2.0 - h);   // s + z, z = 1 - h the cosine
      drop = s_less * h / below;                 // 1 - w
      const double y = kappa * (s_less + drop);  // kappa (s - w)
      if (y * (2.0 - y) - v >= 0.0 || log_of(y / v) + 1.0 - y >= 0.0) break;
    }
    return draws.uniform(510) < 0.5 ? -drop : drop;
  }
};
