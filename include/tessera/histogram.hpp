// Counting in bins, and values between given points. Weights are real unless said otherwise; bins on the host go where x is.
#pragma once
#include <optional>

#include "creation.hpp"

namespace tessera {

struct bincount_options {
  std::vector<expr> weights = {};  // none or one, as many as x has elements, cast to float64 safely (else dtype_error)
  std::int64_t minlength = 0;
};
/// How often each of 0, 1, … occurs in x, a vector of integers or bool (else dtype_error), or the sum of the weights there, added in x's order: int64, or float64; as many as the largest element needs and minlength at least.
/// Throws value_error for negative elements, and unless x has one axis.
TESSERA_API array bincount(const operand& x, const bincount_options& options = {});

struct digitize_options {
  bool right = false;  // bins have their upper edge, not their lower one
};
/// The number of the bin that each element of x lies in, 0 below the first edge: bins[i - 1] <= x < bins[i], where edges
/// descend bins[i - 1] > x >= bins[i]; int64, x's shape. Throws value_error unless bins is a vector that ascends or descends.
TESSERA_API array digitize(const operand& x, const operand& bins, const digitize_options& options = {});

/// Rules for the width of bins (numpy.histogram_bin_edges tells of them), by name: "auto", "fd", "sqrt" …
enum class bin_rule { automatic, fd, doane, scott, stone, rice, sturges, sqrt };

/// How an axis is cut: a number of equal bins, the edges themselves, ascending, or a rule.
class TESSERA_API binning {
 public:
  template <integer T> binning(T count) : count(static_cast<std::int64_t>(count)) {}
  binning(bin_rule rule) : rule(rule) {}
  /// Throws value_error for a name that is no rule's.
  template <string_like S>
  binning(const S& rule_name, caller where = caller::current()) : rule(rule_of(std::string_view(rule_name), where)) {}
  template <index_array E> binning(const E& edges) : edges{expr(edges)} {}
  binning(std::initializer_list<literal> edges, caller where = caller::current()) : edges{expr(edges, where)} {}

  std::int64_t count = 0;
  std::optional<bin_rule> rule = {};
  std::vector<expr> edges = {};  // none or one

 private:
  static bin_rule rule_of(std::string_view name, caller where);
};
/// From where to where equal bins lie; nothing: from the smallest to the largest element.
class bin_range {
 public:
  bin_range() = default;
  bin_range(double low, double high) : is_given(true), low(low), high(high) {}
  bool is_given = false;
  double low = 0, high = 0;
};

struct histogram_options {
  bin_range range = {};
  std::vector<expr> weights = {};  // none or one, of x's shape (else shape_error); complex ones too
  bool density = false;            // divided by the sum of all and the bins' widths
};
struct histogram_result {
  array counts;  // int64, the weights' dtype, with density float64 or complex128
  array edges;   // one more; x's dtype where bins are counted and x is floating, else float64; the edges given
};
/// How many elements of x, or what weights, lie in each bin: edges[i] <= x < edges[i + 1], the last bin with its upper edge.
/// NaN is in none. Throws value_error for edges that descend, less than one bin, a range that is not finite or
/// descends, bins too narrow for the dtype; dtype_error for complex x, for weights with a rule.
TESSERA_API histogram_result histogram(const operand& x, const binning& bins = 10,
                                       const histogram_options& options = {});
struct bin_edges_options {
  bin_range range = {};
};
/// The edges that histogram would use.
TESSERA_API array histogram_bin_edges(const operand& x, const binning& bins = 10,
                                      const bin_edges_options& options = {});

/// One binning for every axis, or a list of one for each: {10, 20}, {array{0, 1, 5}, 10}; no rules.
class binnings {
 public:
  template <std::convertible_to<binning> B> binnings(const B& every) : list{binning(every)}, every(true) {}
  binnings(std::initializer_list<binning> each) : list(each) {}
  binnings(std::vector<binning> each) : list(std::move(each)) {}
  std::vector<binning> list;
  bool every = false;
};
struct histogramdd_options {
  std::vector<bin_range> range = {};  // none or one for each axis
  std::vector<expr> weights = {};     // none or one, a vector of one for each sample
  bool density = false;
};
struct histogramdd_result {
  array counts;  // float64
  std::vector<array> edges;
};
/// Samples are the rows of x (n, d), or a vector's elements: counts has d axes. Throws as histogram does, and value_error for
/// another number of binnings or ranges.
TESSERA_API histogramdd_result histogramdd(const operand& x, const binnings& bins = 10,
                                           const histogramdd_options& options = {});
struct histogram2d_result {
  array counts;  // float64, (bins of x, bins of y)
  array x_edges, y_edges;
};
/// Samples are the pairs of two vectors of one length (else shape_error).
TESSERA_API histogram2d_result histogram2d(const operand& x, const operand& y, const binnings& bins = 10,
                                           const histogramdd_options& options = {});

struct interp_options {
  std::optional<number> left = {}, right = {};  // below xp's first and above its last; fp's first and last unless given
  std::optional<double> period = {};            // of x and xp, which need not ascend then; left and right do not matter
};
/// Values at x of the lines through the points (xp, fp), vectors of one length (else shape_error) with xp ascending, which is
/// not looked at: where it does not ascend results have no meaning. float64, or complex128 for complex fp; x's shape.
/// Throws value_error without points or for a period of 0.
TESSERA_API array interp(const operand& x, const operand& xp, const operand& fp, const interp_options& options = {});

}  // namespace tessera
