// c(x != y) / (2 c(x and y) + c(x != y)); c counts, or sums w[k]                          (scipy.spatial.distance.dice)
// What is not 0 is in the set; scipy computes with other numbers as if they were truth values.
struct dice : difference_of_sets {
  template <class V, class P> static TESSERA_METRIC V finish(const V* sum, V x_row, V y_row, P) {
    return sum[0] / (x_row + y_row);
  }
};
