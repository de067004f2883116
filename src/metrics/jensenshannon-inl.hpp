// sqrt((sum over k of x[k] log(x[k] / m[k]) + y[k] log(y[k] / m[k])) / (2 log(base))), m = (x + y) / 2, of rows divided
// by their sums; infinite for rows with a negative coordinate or the sum 0    (as scipy.spatial.distance.jensenshannon)
// With a = 1 + |x - y| / (x + y) and b = 2 - a a term is m (a log(a) + b log(b)): positive, even where x is near y, and
// 2 - a has no error. scipy's terms cancel there: its distances below 1e-8 are noise.
// Rows: 0 or infinity. total: log(base).
struct jensenshannon : one_sum {
  static constexpr bool takes_weights = false;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    const V zero = constant(x[0], 0), one = constant(x[0], 1), both = x[0] + y[0];
    const V a = one + if_zero(both, zero, absolute(x[0] - y[0]) / both), b = constant(a, 2) - a;
    add_term(sum[0], both * (a * logarithm(a) + if_zero(b, zero, b * logarithm(b))), w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P parameters) {
    const V positive = larger(constant(x_row, 0), sum[0]);  // a term of nearly equal coordinates may round below 0
    return square_root(constant(x_row, 0.25) * positive / parameters.total) + (x_row + y_row);
  }
};
