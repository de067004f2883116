// the largest over k of |x[k] - y[k]| that is a number, of those with w[k] > 0    (as scipy.spatial.distance.chebyshev)
struct chebyshev : one_sum {
  static constexpr bool takes_weights = false;  // only the coordinates that count are there
  static constexpr bool is_largest = true;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W, P) {
    keep_larger(sum[0], absolute(x[0] - y[0]));
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P) { return sum[0]; }
};
