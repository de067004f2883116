// 2 asin(sqrt(sin^2((x[0] - y[0]) / 2) + cos(x[0]) cos(y[0]) sin^2((x[1] - y[1]) / 2))) of latitudes and longitudes in
// radians: the angle between two places                                                        (as cuVS, scikit-learn)
// One coordinate with three fields: the latitude, the longitude, the latitude's cosine.
struct haversine : one_sum {
  static constexpr int x_fields = 3, y_fields = 3;
  static constexpr bool takes_weights = false;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    const V half = constant(x[0], 0.5), north = sine(half * (x[0] - y[0])), east = sine(half * (x[1] - y[1]));
    add_term(sum[0], north * north + x[2] * y[2] * (east * east), w);
  }
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P) {
    return constant(sum[0], 2) * arc_sine(square_root(smaller(constant(sum[0], 1), sum[0])));
  }
};
