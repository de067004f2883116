// sqrt(sum over k of w[k] (x[k] - y[k])^2)                                        (as scipy.spatial.distance.euclidean)
// seuclidean: w = 1 / V
struct euclidean : one_sum {
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    const V difference = x[0] - y[0];
    add_product(sum[0], difference, difference, w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P) { return square_root(sum[0]); }
};
