// sqrt((x - y) VI (x - y))                                                      (as scipy.spatial.distance.mahalanobis)
// Fields: the row and the row times VI, both less a common origin. Always in float64.
struct mahalanobis : one_sum {
  static constexpr int x_fields = 2, y_fields = 2;
  static constexpr bool takes_weights = false;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    add_product(sum[0], x[0] - y[0], x[1] - y[1], w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P) { return square_root(sum[0]); }
};
