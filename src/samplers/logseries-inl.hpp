// logseries(p), p < 1: A. W. Kemp, Efficient generation of logarithmically distributed pseudo-random variables (1981). Columns 0 and 1.
struct logseries {
  static constexpr bool is_integer = true;
  double p, rate;

  TESSERA_SAMPLER explicit logseries(const double* parameters) : p(parameters[0]), rate(log1p_of(-parameters[0])) {}
  TESSERA_SAMPLER int columns_ahead() const { return 2; }
  static TESSERA_SAMPLER bool is_normal(int) { return false; }

  template <class Draws> TESSERA_SAMPLER double operator()(const Draws& draws) const {
    const double v = 1.0 - draws.uniform(0);
    if (v >= p) return 1.0;
    const double q = 1.0 - exp_of(rate * (1.0 - draws.uniform(1)));
    if (v <= q * q) {
      const double k = round_down(1.0 + log_of(v) / log_of(q));
      return k > 1.0 ? k : 1.0;
    }
    return v >= q ? 1.0 : 2.0;
  }
};
