// 2 a b / (c(x and y) c(neither) + a b), a = c(x, not y), b = c(y, not x); 0 for a b = 0  (scipy.spatial.distance.yule)
// c counts, or sums w[k]. Fields: what is in the set, what is not, as 0 and 1, of y times w[k]: a and b are exactly 0
// where they are. x_row: c(x).
struct yule : one_sum {
  static constexpr int sums = 2, x_fields = 2, y_fields = 2;
  static constexpr bool takes_weights = false;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    add_product(sum[0], x[0], y[1], w);
    add_product(sum[1], x[1], y[0], w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V, P parameters) {
    const V product = sum[0] * sum[1], both = x_row - sum[0], neither = parameters.total - x_row - sum[1];
    return if_zero(product, constant(product, 0), constant(product, 2) * product / (both * neither + product));
  }
};
