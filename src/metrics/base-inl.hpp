// What all metrics share.
struct one_sum {
  static constexpr int sums = 1, x_fields = 1, y_fields = 1;
  static constexpr bool takes_weights = true, is_largest = false;
};

struct no_weight {};  // every weight is 1
template <class V> TESSERA_METRIC V weighted(V term, no_weight) { return term; }
template <class V> TESSERA_METRIC V weighted(V term, V w) { return term * w; }

template <class V> struct metric_parameters {
  V order, total;
};

/// Sums of products. Weights are multiplied into y's rows.
struct product_sum : one_sum {
  static constexpr bool takes_weights = false;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    add_product(sum[0], x[0], y[0], w);
  }
};

/// Sets, as rows of 0 and 1, or of 0 and sqrt(w[k]); a coordinate that is not 0 is in the set. sum[0] is how much
/// differs, c(x != y), exactly 0 for equal rows; x_row = c(x), y_row = c(y). 2 c(x and y) = c(x) + c(y) - c(x != y).
struct difference_of_sets : one_sum {
  static constexpr bool takes_weights = false;
  template <class V, class W, class P> static TESSERA_METRIC void step(V* sum, const V* x, const V* y, W w, P) {
    const V difference = x[0] - y[0];
    add_product(sum[0], difference, difference, w);
  }
};
