// how many bits of x and y differ                                                                          (as cuVS)
// Rows are uint64, sums float64: add_unequal_bits(sum, x, y) adds as many as x xor y has.
struct bitwise_hamming : one_sum {
  static constexpr bool takes_weights = false;
  template <class V, class U, class W, class P> static TESSERA_METRIC void step(V* sum, const U* x, const U* y, W, P) {
    add_unequal_bits(sum[0], x[0], y[0]);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P) { return sum[0]; }
};
