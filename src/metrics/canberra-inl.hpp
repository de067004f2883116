// sum over k of w[k] |x[k] - y[k]| / (|x[k]| + |y[k]|), where 0 / 0 counts as 0    (as scipy.spatial.distance.canberra)
struct canberra : one_sum {
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    const V size = absolute(x[0]) + absolute(y[0]);
    add_term(sum[0], if_zero(size, constant(size, 0), absolute(x[0] - y[0]) / size), w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P) { return sum[0]; }
};
