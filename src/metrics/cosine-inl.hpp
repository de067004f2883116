// 1 - (sum over k of w[k] x[k] y[k]) / (|x| |y|), the quotient in [-1, 1]; rows: the norms  (scipy.spatial.distance.cosine)
struct cosine : one_sum {
  static constexpr bool takes_weights = false;  // they are multiplied into y's rows
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    add_product(sum[0], x[0], y[0], w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P) {
    const V one = constant(x_row, 1), quotient = sum[0] / (x_row * y_row);
    return one - larger(constant(x_row, -1), smaller(one, quotient));
  }
};
