// binomial(n, p), n at most 2**53: of the rarer outcome, by inversion where n p < 10, else W. Hörmann, The generation of binomial
// random variates (1993), algorithm BTRS. Attempt t takes columns 2 t and 2 t + 1.
struct binomial {
  static constexpr bool is_integer = true;
  double n, p, odds, mean, a, b, alpha, most, mode, log_mode;
  bool swapped;

  TESSERA_SAMPLER explicit binomial(const double* parameters) : n(parameters[0]), p(parameters[1]) {
    swapped = p > 0.5;
    if (swapped) p = 1.0 - p;
    odds = p / (1.0 - p);
    mean = n * p;
    const double deviation = square_root(mean * (1.0 - p));
    b = 1.15 + 2.53 * deviation;
    a = -0.0873 + 0.0248 * b + 0.01 * p;
    alpha = (2.83 + 5.1 / b) * deviation;
    most = 0.92 - 4.2 / b;
    mode = round_down((n + 1.0) * p);
    log_mode = inverts() ? 0.0 : log_probability(mode);
  }
  TESSERA_SAMPLER bool inverts() const { return mean < 10.0; }
  TESSERA_SAMPLER int columns_ahead() const { return inverts() ? 1 : 2; }
  static TESSERA_SAMPLER bool is_normal(int) { return false; }

  TESSERA_SAMPLER double first_term() const { return exp_of(n * log1p_of(-p)); }
  TESSERA_SAMPLER double next_term(double k, double term) const { return term * ((n - k + 1.0) / k * odds); }
  TESSERA_SAMPLER bool goes_on(double k, double term) const { return k < n && (k < mean || term > 0x1p-54); }

  TESSERA_SAMPLER double log_probability(double k) const {
    if (k == 0.0) return n * log1p_of(-p);
    if (k == n) return n * log_of(p);
    return stirling_error(n) - stirling_error(k) - stirling_error(n - k) - deviance(k, mean) -
           deviance(n - k, n * (1.0 - p)) + 0.5 * log_of(n / (6.283185307179586 * k * (n - k)));
  }

  TESSERA_SAMPLER double finish(double k) const { return swapped ? n - k : k; }

  template <class Draws> TESSERA_SAMPLER double rarer(const Draws& draws) const {
    if (inverts()) return invert(*this, draws.uniform(0));
    for (int t = 0; t < sampler_attempts; ++t) {
      const double u = draws.uniform(2 * t) - 0.5, v = draws.uniform(2 * t + 1), left = 0.5 - absolute(u);
      const double k = round_down((2.0 * a / left + b) * u + mean + 0.5);
      if (left >= 0.07 && v <= most) return k;
      if (!(k >= 0.0) || !(k <= n)) continue;
      if (log_of(v * alpha / (a / (left * left) + b)) <= draws.log_probability(*this, k) - log_mode) return k;
    }
    return mode;
  }
  template <class Draws> TESSERA_SAMPLER double operator()(const Draws& draws) const { return finish(rarer(draws)); }
};
