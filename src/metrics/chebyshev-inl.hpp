// the largest over k of |x[k] - y[k]|                                               (as scipy.spatial.distance.chebyshev)
struct chebyshev : one_sum {
  static constexpr bool is_largest = true;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    keep_larger(sum[0], weighted(absolute(x[0] - y[0]), w));
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P) { return sum[0]; }
};
