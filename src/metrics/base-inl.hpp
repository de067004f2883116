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
