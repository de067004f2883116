// 1 - (sum over k of w[k] x[k] y[k]) / (|x| |y|), the quotient in [-1, 1]; rows: norms  (scipy.spatial.distance.cosine)
// correlation: the same of rows less their (weighted) means
struct cosine : product_sum {
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P) {
    const V one = constant(x_row, 1), quotient = sum[0] / (x_row * y_row);
    return one - larger(constant(x_row, -1), smaller(one, quotient));
  }
};
