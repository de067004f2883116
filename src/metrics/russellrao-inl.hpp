// (total - c(x and y)) / total; c counts, or sums w[k]                              (scipy.spatial.distance.russellrao)
struct russellrao : difference_of_sets {
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P parameters) {
    const V twice = parameters.total + parameters.total;
    return (twice - (x_row + y_row) + sum[0]) / twice;
  }
};
