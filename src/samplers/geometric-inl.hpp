// geometric(p): log(1 - u) / log(1 - p) rounded up, u from column 0; at least 1, at most 2**63 - 1.
struct geometric {
  static constexpr bool is_integer = true;
  double log_failure;

  TESSERA_SAMPLER explicit geometric(const double* parameters) {
    log_failure = parameters[0] < 1.0 ? log1p_of(-parameters[0]) : 0.0;
  }
  TESSERA_SAMPLER int columns_ahead() const { return 1; }
  static TESSERA_SAMPLER bool is_normal(int) { return false; }

  template <class Draws> TESSERA_SAMPLER double operator()(const Draws& draws) const {
    if (log_failure == 0.0) return 1.0;
    const double k = -round_down(-(log_of(1.0 - draws.uniform(0)) / log_failure));
    return k > 1.0 ? k : 1.0;
  }
};
