// gamma(shape, scale): G. Marsaglia, W. W. Tsang, A simple method for generating gamma variables (2000). Attempt 0 takes column 0
// (normal) and 1 (uniform), attempt t columns 2 t + 1 and 2 t + 2. A shape a below 1 is a number of shape a + 1 times
// (1 - u)^(1 / a), u from column 2.
template <bool Logarithm> struct gamma_numbers {
  static constexpr bool is_integer = false;
  double shape, scale, d, c;

  TESSERA_SAMPLER explicit gamma_numbers(const double* parameters) : shape(parameters[0]), scale(parameters[1]) {
    d = (shape < 1.0 ? shape + 1.0 : shape) - 0.3333333333333333;
    c = 1.0 / square_root(9.0 * d);
  }
  TESSERA_SAMPLER int columns_ahead() const { return shape < 1.0 ? 3 : 2; }
  static TESSERA_SAMPLER bool is_normal(int column) { return column == 0 || (column > 2 && column % 2 == 1); }

  /// v**3 of the number d v**3.
  template <class Draws> TESSERA_SAMPLER double accepted(const Draws& draws) const {
    for (int t = 0; t < sampler_attempts; ++t) {
      const double x = draws.normal(t == 0 ? 0 : 2 * t + 1), y = draws.uniform(t == 0 ? 1 : 2 * t + 2);
      const double v = 1.0 + c * x, cube = v * v * v, x2 = x * x;
      if (!(v > 0.0)) continue;
      if (y < 1.0 - 0.0331 * x2 * x2) return cube;
      if (log_of(y) < 0.5 * x2 + d * (1.0 - cube + log_of(cube))) return cube;
    }
    return 1.0;
  }
  template <class Draws> TESSERA_SAMPLER double operator()(const Draws& draws) const {
    const double number = d * accepted(draws);
    if constexpr (Logarithm) {
      const double whole = log_of(number);
      return shape < 1.0 ? whole + log_of(1.0 - draws.uniform(2)) / shape : whole;
    } else {
      if (shape >= 1.0) return number * scale;
      if (shape == 0.0) return 0.0;
      return number * exp_of(log_of(1.0 - draws.uniform(2)) / shape) * scale;
    }
  }
};
using gamma = gamma_numbers<false>;
using log_gamma = gamma_numbers<true>;
