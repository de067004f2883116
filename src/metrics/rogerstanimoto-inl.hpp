// 2 c(x != y) / (total + c(x != y)); c counts, or sums w[k]                     (scipy.spatial.distance.rogerstanimoto)
struct rogerstanimoto : difference_of_sets {
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V, V, P parameters) {
    return constant(sum[0], 2) * sum[0] / (parameters.total + sum[0]);
  }
};
