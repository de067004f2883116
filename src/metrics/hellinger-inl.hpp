// sqrt(1 - sum over k of sqrt(x[k] y[k])), 0 instead of a negative root                                  (as cuVS)
// = sqrt(sum over k of (sqrt(x[k]) - sqrt(y[k]))^2 / 2 + x_row + y_row), x_row = (1 - sum over k of x[k]) / 2: so near
// rows keep their digits. Field: the square root.
struct hellinger : one_sum {
  static constexpr bool takes_weights = false;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    const V difference = x[0] - y[0];
    add_product(sum[0], difference, difference, w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P) {
    const V half = constant(x_row, 0.5), zero = constant(x_row, 0);
    return square_root(larger(zero, half * sum[0] + (x_row + y_row)));
  }
};
