// sqrt(|x|^2 + |y|^2 - 2 (sum over k of x[k] y[k])), 0 instead of a negative root; rows: the squares of their norms
struct expanded_euclidean : product_sum {
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P) {
    const V two = constant(x_row, 2);
    return square_root(larger(constant(x_row, 0), x_row + y_row - two * sum[0]));
  }
};
