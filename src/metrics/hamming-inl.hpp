// (sum over k of w[k] [x[k] != y[k]]) / (sum of w), w = 1 unless given              (as scipy.spatial.distance.hamming)
struct hamming : one_sum {
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    add_term(sum[0], unequal(x[0], y[0]), w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P parameters) {
    return sum[0] / parameters.total;
  }
};
