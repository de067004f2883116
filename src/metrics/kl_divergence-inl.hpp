// sum over k of x[k] log(x[k] / y[k]), x[k] = 0 counting 0; infinite for a negative coordinate (scipy.special.rel_entr)
// cuVS halves it. Fields: x[k] and its logarithm, of y the logarithm; rows: 0, or infinity for a negative coordinate.
struct kl_divergence : one_sum {
  static constexpr int x_fields = 2;
  static constexpr bool takes_weights = false;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    add_term(sum[0], if_zero(x[0], x[0], x[0] * (x[1] - y[0])), w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P) {
    return sum[0] + (x_row + y_row);
  }
};
