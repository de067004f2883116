// |x|^2 + |y|^2 - 2 (sum over k of x[k] y[k]), at least 0; rows: the squares of their norms
struct expanded_sqeuclidean : product_sum {
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P) {
    const V two = constant(x_row, 2);
    return larger(constant(x_row, 0), x_row + y_row - two * sum[0]);
  }
};
