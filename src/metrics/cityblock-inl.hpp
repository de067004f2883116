// sum over k of w[k] |x[k] - y[k]|                                                (as scipy.spatial.distance.cityblock)
struct cityblock : one_sum {
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    add_term(sum[0], absolute(x[0] - y[0]), w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P) { return sum[0]; }
};
