// c(x != y) / c(x or y), 0 for c(x or y) = 0; c counts, or sums w[k]                   (scipy.spatial.distance.jaccard)
struct jaccard : difference_of_sets {
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P) {
    const V twice = x_row + y_row + sum[0];
    return if_zero(twice, constant(twice, 0), constant(twice, 2) * sum[0] / twice);
  }
};
