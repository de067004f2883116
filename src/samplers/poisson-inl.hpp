// poisson(lam): inversion below 10, else W. Hörmann, The transformed rejection method for generating Poisson random variables
// (1993), algorithm PTRS. Attempt t takes columns 2 t and 2 t + 1.
struct poisson {
  static constexpr bool is_integer = true;
  double rate, a, b, inverse_alpha, most;

  TESSERA_SAMPLER explicit poisson(const double* parameters) : rate(parameters[0]) {
    const double root = square_root(rate);
    b = 0.931 + 2.53 * root;
    a = -0.059 + 0.02483 * b;
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    most = 0.9277 - 3.6224 / (b - 2.0);
  }
  TESSERA_SAMPLER bool inverts() const { return rate < 10.0; }
  TESSERA_SAMPLER int columns_ahead() const { return inverts() ? 1 : 2; }
  static TESSERA_SAMPLER bool is_normal(int) { return false; }

  TESSERA_SAMPLER double first_term() const { return exp_of(-rate); }
  TESSERA_SAMPLER double next_term(double k, double term) const { return term * (rate / k); }
  TESSERA_SAMPLER bool goes_on(double k, double term) const { return k < rate || term > 0x1p-54; }

  TESSERA_SAMPLER double finish(double k) const { return k; }

  TESSERA_SAMPLER double log_probability(double k) const {
    if (k == 0.0) return -rate;
    return -deviance(k, rate) - stirling_error(k) - 0.5 * log_of(6.283185307179586 * k);
  }

  template <class Draws> TESSERA_SAMPLER double operator()(const Draws& draws) const {
    if (inverts()) return invert(*this, draws.uniform(0));
    for (int t = 0; t < sampler_attempts; ++t) {
      const double u = draws.uniform(2 * t) - 0.5, v = draws.uniform(2 * t + 1), left = 0.5 - absolute(u);
      const double k = round_down((2.0 * a / left + b) * u + rate + 0.43);
      if (left >= 0.07 && v <= most) return k;
      if (!(k >= 0.0) || !(k < 0x1p63) || (left < 0.013 && v > left)) continue;
      if (log_of(v * inverse_alpha / (a / (left * left) + b)) <= draws.log_probability(*this, k)) return k;
    }
    return round_down(rate);
  }
};
