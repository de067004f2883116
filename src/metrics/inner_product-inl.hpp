// sum over k of x[k] y[k]
struct inner_product : one_sum {
  static constexpr bool takes_weights = false;  // they are multiplied into y's rows
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    add_product(sum[0], x[0], y[0], w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P) { return sum[0]; }
};
