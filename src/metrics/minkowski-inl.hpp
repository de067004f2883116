// (sum over k of w[k] |x[k] - y[k]|^p)^(1/p); other kernels serve p = 1, 2, infinity (scipy.spatial.distance.minkowski)
struct minkowski : one_sum {
  template <class V, class W, class P>
  static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P parameters) {
    add_term(sum[0], power(absolute(x[0] - y[0]), parameters.order), w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P parameters) {
    return power(sum[0], constant(sum[0], 1) / parameters.order);
  }
};
