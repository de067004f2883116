// Distances between the rows of two arrays, and the nearest rows; memory in proportion to the result.
#pragma once
#include <string>

#include "array.hpp"
#include "progress.hpp"

namespace tessera {

/// Parameters of the metrics that have some; arrays: none or one.
struct metric_options {
  double p = 2;               // minkowski: the order, > 0
  std::vector<expr> w = {};   // (d,): weights of the coordinates, >= 0
  std::vector<expr> V = {};   // (d,): variances of seuclidean; of all rows together unless given
  std::vector<expr> VI = {};  // (d, d): the inverse covariance of mahalanobis; of all rows together unless given
  double base = 0;            // jensenshannon: of the logarithm; 0: e
};

/// How far apart two rows of d coordinates are, by its name in SciPy (docs/distances.md has the formulas):
///   euclidean, sqeuclidean, cityblock, chebyshev, minkowski, seuclidean, mahalanobis, cosine, correlation, hamming,
///   jaccard, canberra, braycurtis, jensenshannon; of bool: dice, russellrao, rogerstanimoto, sokalsneath, yule;
///   hellinger, kl_divergence, inner_product, haversine (rows of latitude and longitude in radians), bitwise_hamming
///   (rows of packed bits, unsigned integers)
/// metric("minkowski", {.p = 3}), or just "minkowski". Throws value_error for another name when it is used.
class metric {
 public:
  template <string_like S>
  metric(const S& name, const metric_options& options = {}) : name_(std::string_view(name)), options_(options) {}
  const std::string& name() const noexcept { return name_; }
  const metric_options& options() const noexcept { return options_; }

 private:
  std::string name_;
  metric_options options_;
};

/// "exact": differences are taken first. "expanded" (euclidean, sqeuclidean, seuclidean): |x|^2 + |y|^2 - 2 x y, whose
/// error grows with the distance from the origin: near rows far from it lose all digits.
class distance_method {
 public:
  template <string_like S> distance_method(const S& name) : name_(std::string_view(name)) {}
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

struct distance_options {
  distance_method method = "exact";
  tessera::dtype dtype = {};  // float32 or float64, to compute in and of the result; unset: float32 for floats of up to
                              // 32 bits, else float64 (SciPy: always float64)
  progress_function progress = {};
};

/// Of each row of x with each row of y: (..., n, d), (..., m, d) -> (..., n, m). Leading axes broadcast. Results do not
/// depend on threads or progress. (as scipy.spatial.distance.cdist)
/// Throws shape_error, value_error for metrics and parameters, dtype_error, device_error, out_of_memory, cancelled.
TESSERA_API array cdist(const operand& x, const operand& y, const metric& by = "euclidean",
                        const distance_options& options = {});
/// Of each row with each later one: (..., n, d) -> (..., n (n - 1) / 2), in the order (0, 1), (0, 2), … (as SciPy's pdist).
TESSERA_API array pdist(const operand& x, const metric& by = "euclidean", const distance_options& options = {});
/// From pdist's result to a symmetric matrix with zeros on its diagonal, and back. Throws shape_error, value_error,
/// dtype_error.
TESSERA_API array squareform(const operand& x);

struct nearest_options {
  tessera::metric metric = "euclidean";
  bool exclude_self = false;  // row i of points is no neighbour of row i of queries
  distance_method method = "exact";
  tessera::dtype dtype = {};  // as in distance_options
  progress_function progress = {};
};
struct nearest_result {
  array distances, indices;  // (..., n, k), ascending; int64
};
/// The k nearest rows of points for each row of queries: (..., n, d), (..., m, d). Equal distances in order of their
/// indices, NaN last; by inner_product the largest products first. Memory: O(n k). Throws as cdist, value_error for k < 0
/// and k > m (m - 1 with exclude_self).
TESSERA_API nearest_result nearest(const operand& queries, const operand& points, std::int64_t k,
                                   const nearest_options& options = {});

struct radius_result {
  array offsets;             // (n + 1,) int64: neighbours of query i are at [offsets[i], offsets[i + 1]) of the others
  array distances, indices;  // of all queries' neighbours together; in order of the indices
};
/// All rows of points within `radius` of each row of queries, itself included: (n, d), (m, d). (as sklearn's
/// radius_neighbors). By inner_product those of at least `radius`.
TESSERA_API radius_result radius_neighbors(const operand& queries, const operand& points, double radius,
                                           const nearest_options& options = {});

/// What is made of the distances of one row: "sum", "mean", "min", "max", "count_below" (how many are < parameter; int64),
/// "gaussian" (the sum of exp(-d^2 / (2 parameter^2))).
class distance_reducer {
 public:
  template <string_like S>
  distance_reducer(const S& name, double parameter = 1) : name_(std::string_view(name)), parameter_(parameter) {}
  const std::string& name() const noexcept { return name_; }
  double parameter() const noexcept { return parameter_; }

 private:
  std::string name_;
  double parameter_;
};
/// The matrix cdist(x, y) reduced along its last axis, without the matrix: (..., n, d), (..., m, d) -> (..., n).
TESSERA_API array pairwise_reduce(const operand& x, const operand& y, const metric& by, const distance_reducer& reducer,
                                  const distance_options& options = {});

/// A borrowed callable f(first, block): rows [first, first + block.shape()[0]) of cdist(x, y).
class row_block_function {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, row_block_function>)
  row_block_function(F&& f)
      : object_(&f), call_([](const void* object, std::int64_t first, const array& block) {
          (*static_cast<std::remove_reference_t<F>*>(const_cast<void*>(object)))(first, block);
        }) {}
  void operator()(std::int64_t first, const array& block) const { call_(object_, first, block); }

 private:
  const void* object_;
  void (*call_)(const void*, std::int64_t, const array&);
};
/// Hands cdist(x, y) to f by blocks of rows, in order: (n, d), (m, d). The block's memory is used again.
TESSERA_API void for_each_row_block(const operand& x, const operand& y, const metric& by, row_block_function f,
                                    const distance_options& options = {});

}  // namespace tessera
