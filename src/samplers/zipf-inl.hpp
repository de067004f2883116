// zipf(a), a > 1: L. Devroye, Non-uniform random variate generation (1986), X.6.1, with u bounded so that numbers fit into 63 bits.
// Attempt t takes columns 2 t and 2 t + 1.
struct zipf {
  static constexpr bool is_integer = true;
  double less, power, least;

  TESSERA_SAMPLER explicit zipf(const double* parameters) : less(parameters[0] - 1.0) {
    power = exp_of((less < 1000.0 ? less : 1000.0) * 0.6931471805599453);  // 2**(a - 1)
    least = exp_of(-43.66827237527655 * less);                             // (2**63)**-(a - 1)
  }
  TESSERA_SAMPLER int columns_ahead() const { return 2; }
  static TESSERA_SAMPLER bool is_normal(int) { return false; }

  template <class Draws> TESSERA_SAMPLER double operator()(const Draws& draws) const {
    if (less >= 1000.0) return 1.0;  // 2 comes once in 2**1000
    for (int t = 0; t < sampler_attempts; ++t) {
      const double u = 1.0 - draws.uniform(2 * t) * (1.0 - least), v = draws.uniform(2 * t + 1);
      const double k = round_down(exp_of(-(log_of(u) / less)));
      if (!(k >= 1.0) || !(k < 0x1p63)) continue;
      // (1 + 1/k)**(a - 1) - 1 without losing digits for large k, and the same of k = 1
      const double x = less * log1p_of(1.0 / k), growth = x < 1e-5 ? x * (1.0 + 0.5 * x) : exp_of(x) - 1.0;
      if (v * k * growth / (power - 1.0) <= (growth + 1.0) / power) return k;
    }
    return 1.0;
  }
};
