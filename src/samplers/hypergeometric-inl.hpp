// hypergeometric(good, bad, sample), each below 10**9: of the rarer kind and the smaller half, by inversion where at most 10 can come,
// else E. Stadlober, The ratio of uniforms approach for generating discrete random variates (1990). Attempt t takes columns 2 t and
// 2 t + 1.
struct hypergeometric {
  static constexpr bool is_integer = true;
  double good, bad, sample, rare, common, drawn, middle, width, most, log_mode;

  TESSERA_SAMPLER explicit hypergeometric(const double* parameters)
      : good(parameters[0]), bad(parameters[1]), sample(parameters[2]) {
    rare = good < bad ? good : bad;
    common = good < bad ? bad : good;
    const double all = good + bad, share = all > 0.0 ? rare / all : 0.0;
    drawn = sample < all - sample ? sample : all - sample;
    const double mean = drawn * share;
    const double variance = all > 1.0 ? (all - drawn) / (all - 1.0) * mean * (1.0 - share) : 0.0;
    const double deviation = square_root(variance + 0.5);
    middle = mean + 0.5;
    width = 1.7155277699214135 * deviation + 0.8989161620588988;  // 2 sqrt(2 / e), 3 - 2 sqrt(3 / e)
    const double end = (drawn < rare ? drawn : rare) + 1.0, far = round_down(middle + 16.0 * deviation);
    most = end < far ? end : far;
    log_mode = inverts() ? 0.0 : log_probability(round_down((drawn + 1.0) * (rare + 1.0) / (all + 2.0)));
  }
  TESSERA_SAMPLER bool inverts() const { return drawn <= 10.0 || rare <= 10.0; }
  TESSERA_SAMPLER int columns_ahead() const { return inverts() ? 1 : 2; }
  static TESSERA_SAMPLER bool is_normal(int) { return false; }

  static TESSERA_SAMPLER double log_factorial(double k) {
    return k < 1.0 ? 0.0 : (k + 0.5) * log_of(k) - k + 0.9189385332046728 + stirling_error(k);
  }
  /// Up to a constant.
  TESSERA_SAMPLER double log_probability(double k) const {
    return -log_factorial(k) - log_factorial(rare - k) - log_factorial(drawn - k) - log_factorial(common - drawn + k);
  }
  /// None of the rarer kind: the product of (common - j) / (all - j) over the shorter of the two ways to count.
  TESSERA_SAMPLER double first_term() const {
    const double shorter = drawn < rare ? drawn : rare, longer = drawn < rare ? rare : drawn, all = rare + common;
    double term = 1.0;
    for (double j = 0.0; j < shorter; j = j + 1.0) term = term * ((all - longer - j) / (all - j));
    return term;
  }
  TESSERA_SAMPLER double next_term(double k, double term) const {
    return term * ((rare - k + 1.0) / k * ((drawn - k + 1.0) / (common - drawn + k)));
  }
  TESSERA_SAMPLER bool goes_on(double k, double) const { return k < drawn && k < rare; }
  TESSERA_SAMPLER double finish(double k) const {
    const double of_rare = good > bad ? drawn - k : k;
    return drawn < sample ? good - of_rare : of_rare;
  }

  template <class Draws> TESSERA_SAMPLER double rarer(const Draws& draws) const {
    if (inverts()) return invert(*this, draws.uniform(0));
    for (int t = 0; t < sampler_attempts; ++t) {
      const double x = 1.0 - draws.uniform(2 * t), y = draws.uniform(2 * t + 1), at = middle + width * (y - 0.5) / x;
      if (!(at >= 0.0) || !(at < most)) continue;
      const double k = round_down(at), ratio = draws.log_probability(*this, k) - log_mode;
      if (x * (4.0 - x) - 3.0 <= ratio) return k;
      if (x * (x - ratio) >= 1.0) continue;
      if (2.0 * log_of(x) <= ratio) return k;
    }
    return round_down(middle);
  }
  template <class Draws> TESSERA_SAMPLER double operator()(const Draws& draws) const { return finish(rarer(draws)); }
};
