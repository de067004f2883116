// 2 c(x != y) / (c(x and y) + 2 c(x != y)); c counts, or sums w[k]                 (scipy.spatial.distance.sokalsneath)
struct sokalsneath : difference_of_sets {
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P) {
    const V four = constant(x_row, 4), three = constant(x_row, 3);
    return four * sum[0] / (x_row + y_row + three * sum[0]);
  }
};
