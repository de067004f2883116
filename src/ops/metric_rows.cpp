// What is done to rows before their distances are taken: of each metric its kernel, its parameters, its rows.
#include "ops/metric_rows.hpp"

#include <cmath>
#include <limits>

#include "core/access.hpp"
#include "expr/evaluate.hpp"
#include "ops/linalg_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/joining.hpp"
#include "tessera/printing.hpp"
#include "tessera/products.hpp"
#include "tessera/reduce.hpp"
#include "tessera/select.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

/// A call in work: what is made of it step by step.
struct preparation {
  const metric_call& call;
  metric_rows& rows;
  array w;  // as given, in float64; without storage where there are none

  std::string text() const { return std::string(call.name) + ": " + call.by.name(); }
  std::int64_t d() const { return call.x.shape()[call.x.ndim() - 1]; }
  bool has_w() const { return access::storage_of(w) != nullptr; }
  array made(const expr& x) const { return materialize(x.dtype() == rows.type ? x : x.astype(rows.type), call.where); }
  /// The weights in the kernel.
  void keep_w() const {
    if (has_w()) rows.w = made(w);
  }
  /// f of each operand's rows, once where both are the same.
  template <class F> void fields(const F& f) const {
    rows.x.push_back(made(f(call.x)));
    rows.y.push_back(call.x.is(call.y) ? rows.x[rows.x.size() - 1] : made(f(call.y)));
  }
  template <class F> void numbers(const F& f) const {
    rows.x_row = made(f(call.x));
    rows.y_row = call.x.is(call.y) ? rows.x_row : made(f(call.y));
  }
};

expr wide(const expr& x) { return x.dtype() == float64 ? x : x.astype(float64); }
expr total_of(const expr& x) { return sum(x, -1, {.keepdims = true}); }

// ---- rows, one function for each kind

void as_they_are(preparation& p) {
  p.fields([](const array& x) { return expr(x); });
  p.keep_w();
}

/// Weights that are not 0 choose coordinates.
void chosen(preparation& p) {
  if (!p.has_w()) return as_they_are(p);
  const expr counts = p.w > 0.0;
  p.fields([&](const array& x) { return expr(compress(counts, x, -1)); });
}

void minkowski(preparation& p) {
  const double order = p.call.by.options().p;
  if (!(order > 0)) {
    throw value_error(p.text() + ": p is " + str(array(order)) + "; expected a number > 0", p.call.where);
  }
  if (order == 1) p.rows.what = metric_code::cityblock;
  if (order == 2) p.rows.what = metric_code::euclidean;
  if (std::isinf(order)) p.rows.what = metric_code::chebyshev;
  p.rows.order = order;
  std::isinf(order) ? chosen(p) : as_they_are(p);
}

/// Weights go into y's rows.
void products(preparation& p) {
  if (!p.has_w()) return as_they_are(p);
  p.rows.x.push_back(p.made(p.call.x));
  p.rows.y.push_back(p.made(wide(p.call.y) * p.w));
}

expr squared_norms(const preparation& p, const expr& x) {
  return p.has_w() ? sum(square(wide(x)) * p.w, -1) : sum(square(wide(x)), -1);
}

void expanded(preparation& p) {
  products(p);
  p.numbers([&](const array& x) { return squared_norms(p, x); });
}

void cosine(preparation& p) {
  products(p);
  p.numbers([&](const array& x) { return sqrt(squared_norms(p, x)); });
}

/// Means and differences in float64: rows far from 0 keep their digits.
void correlation(preparation& p) {
  const auto centred = [&](const array& x) {
    if (!p.has_w()) return wide(x) - mean(wide(x), -1, {.keepdims = true});
    return wide(x) - total_of(wide(x) * p.w) / sum(p.w);
  };
  const array x = materialize(centred(p.call.x), p.call.where);
  const array y = p.call.x.is(p.call.y) ? x : materialize(centred(p.call.y), p.call.where);
  const metric_call call = {p.call.name, x, y, p.call.of_one, p.call.by, p.call.method, p.call.wanted, p.call.where};
  preparation next = {call, p.rows, p.w};
  cosine(next);
}

/// All rows of an operand: (rows, d) in float64.
array flat_rows(const preparation& p, const array& x) {
  return reshape(materialize(wide(x), p.call.where), {x.size() / std::max<std::int64_t>(p.d(), 1), p.d()}, order::C,
                 p.call.where);
}

array all_rows(const preparation& p) {
  if (p.call.of_one) return flat_rows(p, p.call.x);
  return concatenate({flat_rows(p, p.call.x), flat_rows(p, p.call.y)}, 0);
}

/// The one array of an option, in float64, with the shape it must have.
array parameter(const preparation& p, const std::vector<expr>& option, const char* parameter, const shape& expected) {
  const caller& where = p.call.where;
  const std::string text = p.text() + ": " + parameter;
  if (option.size() > 1) {
    throw value_error(text + " is " + std::to_string(option.size()) + " arrays; expected one", where);
  }
  if (!is_real(option[0].dtype())) {
    throw dtype_error(text + " is " + option[0].dtype().name() + "; expected real numbers", where);
  }
  if (!(option[0].shape() == expected)) {
    throw shape_error(text + " has shape " + to_string(option[0].shape()) + "; expected " + to_string(expected) +
                          " for rows of shapes " + to_string(p.call.x.shape()) + " and " + to_string(p.call.y.shape()),
                      where);
  }
  const array x = materialize(wide(option[0]), where);
  if (x.device() != p.call.x.device()) {
    throw device_error(text + " is on " + x.device().name() + ", the rows on " + p.call.x.device().name(), where);
  }
  return x;
}

/// 1 / V as weights.
void take_variances(preparation& p) {
  const std::vector<expr>& V = p.call.by.options().V;
  const expr variance = V.empty() ? var(all_rows(p), 0, {.ddof = 1}) : expr(parameter(p, V, "V", {p.d()}));
  p.w = materialize(1.0 / variance, p.call.where);
}

void seuclidean(preparation& p) {
  take_variances(p);
  as_they_are(p);
}

array inverse_covariance(const preparation& p) {
  if (p.call.x.size() == 0 && p.call.y.size() == 0) return zeros({p.d(), p.d()}, {.device = p.call.x.device()});
  const array x = all_rows(p);
  const std::int64_t count = x.shape()[0];
  if (count <= p.d()) {
    throw value_error(p.text() + ": " + std::to_string(count) + " rows of " + std::to_string(p.d()) +
                          " coordinates have no inverse covariance; expected at least " + std::to_string(p.d() + 1) +
                          ", or VI",
                      p.call.where);
  }
  const array centred = materialize(x - mean(x, 0), p.call.where);
  const array covariance = array(matmul(centred.T(), centred)) / static_cast<double>(count - 1);
  try {
    // d x d numbers: where they are computed does not matter, and not every device has factorisations.
    return inverse_of(operand(covariance.to(cpu()), p.call.where), p.call.name).to(x.device());
  } catch (const linalg_error&) {
    throw linalg_error(p.text() + ": the covariance of the rows is singular; expected VI", p.call.where);
  }
}

void mahalanobis(preparation& p) {
  const std::vector<expr>& VI = p.call.by.options().VI;
  const array inverse = VI.empty() ? inverse_covariance(p) : parameter(p, VI, "VI", {p.d(), p.d()});
  // Differences are as good as the rows are small: all are moved by the mean of x's rows, where it is a number.
  const operand middle(mean(flat_rows(p, p.call.x), 0));
  const array origin = where(isfinite(middle), middle, 0.0);
  const auto moved = [&](const array& x) { return wide(x) - origin; };
  p.fields(moved);
  p.rows.x.push_back(matmul(p.rows.x[0], inverse));
  p.rows.y.push_back(p.call.x.is(p.call.y) ? p.rows.x[1] : array(matmul(p.rows.y[0], inverse)));
}

double sum_of_weights(const preparation& p) {
  return p.has_w() ? sum(p.w).item<double>(p.call.where) : static_cast<double>(p.d());
}

void hamming(preparation& p) {
  p.rows.total = sum_of_weights(p);
  as_they_are(p);
}

expr is_in(const array& x) { return x.dtype() == bool_ ? expr(x) : x != 0; }
expr counted(const preparation& p, const array& x) {
  return p.has_w() ? sum(where(is_in(x), p.w, 0.0), -1) : sum(is_in(x), -1);
}

void sets(preparation& p) {
  p.rows.total = sum_of_weights(p);
  const array root = p.has_w() ? array(sqrt(p.w)) : array();
  p.fields([&](const array& x) { return p.has_w() ? where(is_in(x), root, 0.0) : is_in(x); });
  p.numbers([&](const array& x) { return counted(p, x); });
}

void yule(preparation& p) {
  p.rows.total = sum_of_weights(p);
  p.rows.x.push_back(p.made(is_in(p.call.x)));
  p.rows.x.push_back(p.made(1.0 - p.rows.x[0]));
  for (int field = 0; field < 2; ++field) {
    const expr y = field == 0 ? is_in(p.call.y) : ~is_in(p.call.y);
    p.rows.y.push_back(p.made(p.has_w() ? where(y, p.w, 0.0) : y));
  }
  p.numbers([&](const array& x) { return counted(p, x); });
}

void hellinger(preparation& p) {
  p.fields([](const array& x) { return sqrt(wide(x)); });
  p.numbers([](const array& x) { return (1.0 - sum(wide(x), -1)) * 0.5; });
}

/// Infinity where `is_bad`, else 0.
expr penalty(const expr& is_bad) { return where(is_bad, std::numeric_limits<double>::infinity(), 0.0); }

void kl_divergence(preparation& p) {
  p.fields([](const array& x) { return maximum(wide(x), 0.0); });
  const auto logarithm = [](const array& x) { return log(maximum(wide(x), 0.0)); };
  p.rows.x.push_back(p.made(logarithm(p.call.x)));
  p.rows.y[0] = p.call.x.is(p.call.y) ? p.rows.x[1] : p.made(logarithm(p.call.y));
  p.numbers([](const array& x) { return penalty(any(wide(x) < 0.0, -1)); });
}

void jensenshannon(preparation& p) {
  const double base = p.call.by.options().base;
  if (!(base >= 0)) {
    throw value_error(p.text() + ": base is " + str(array(base)) + "; expected a number > 0, or 0 for e", p.call.where);
  }
  p.rows.total = base == 0 ? 1 : std::log(base);
  const auto is_bad = [](const expr& x) {
    return any(wide(x) < 0.0, -1, {.keepdims = true}) | (total_of(wide(x)) == 0.0);
  };
  p.fields([&](const array& x) { return where(is_bad(x), 0.0, wide(x) / total_of(wide(x))); });
  p.numbers([&](const array& x) { return penalty(squeeze(array(is_bad(x)), -1)); });
}

void haversine(preparation& p) {
  if (p.d() != 2) {
    throw shape_error(p.text() + ": rows of shapes " + to_string(p.call.x.shape()) + " and " +
                          to_string(p.call.y.shape()) + "; expected two coordinates, latitude and longitude",
                      p.call.where);
  }
  p.fields([](const array& x) { return expr(x(ellipsis, slice(0, 1))); });
  p.fields([](const array& x) { return expr(x(ellipsis, slice(1, 2))); });
  p.fields([](const array& x) { return cos(wide(x(ellipsis, slice(0, 1)))); });
}

/// The same bits in words of 64, with zeros behind.
array words(const preparation& p, const array& x) {
  const std::int64_t in_word = 8 / x.itemsize(), count = p.d() / in_word + (p.d() % in_word != 0);
  shape extents = x.shape();
  extents[x.ndim() - 1] = count * in_word;
  if (count == 0) return zeros(extents, {.dtype = uint64, .device = x.device()}, p.call.where);
  array padded = zeros(extents, {.dtype = x.dtype(), .device = x.device()}, p.call.where);
  padded(ellipsis, slice(0, p.d())) = x;
  return padded.view(uint64);
}

void bitwise_hamming(preparation& p) {
  if (p.call.x.dtype().kind() != 'u' || p.call.y.dtype() != p.call.x.dtype()) {
    throw dtype_error(p.text() + ": rows of " + p.call.x.dtype().name() + " and " + p.call.y.dtype().name() +
                          "; expected bits packed in unsigned integers of one dtype",
                      p.call.where);
  }
  p.rows.type = uint64;
  p.rows.x.push_back(words(p, p.call.x));
  p.rows.y.push_back(p.call.x.is(p.call.y) ? p.rows.x[0] : words(p, p.call.y));
}

// ---- the metrics

enum parameters : unsigned { none = 0, takes_p = 1, takes_w = 2, takes_V = 4, takes_VI = 8, takes_base = 16 };

struct definition {
  const char* name;
  metric_code kernel;
  unsigned parameters;
  void (*prepare)(preparation&);
};

constexpr definition definitions[] = {
    {"euclidean", metric_code::euclidean, takes_w, as_they_are},
    {"sqeuclidean", metric_code::sqeuclidean, takes_w, as_they_are},
    {"cityblock", metric_code::cityblock, takes_w, as_they_are},
    {"chebyshev", metric_code::chebyshev, takes_w, chosen},
    {"minkowski", metric_code::minkowski, takes_p | takes_w, minkowski},
    {"seuclidean", metric_code::euclidean, takes_V, seuclidean},
    {"mahalanobis", metric_code::mahalanobis, takes_VI, mahalanobis},
    {"cosine", metric_code::cosine, takes_w, cosine},
    {"correlation", metric_code::cosine, takes_w, correlation},
    {"hamming", metric_code::hamming, takes_w, hamming},
    {"jaccard", metric_code::jaccard, takes_w, sets},
    {"canberra", metric_code::canberra, takes_w, as_they_are},
    {"braycurtis", metric_code::braycurtis, takes_w, as_they_are},
    {"jensenshannon", metric_code::jensenshannon, takes_base, jensenshannon},
    {"dice", metric_code::dice, takes_w, sets},
    {"russellrao", metric_code::russellrao, takes_w, sets},
    {"rogerstanimoto", metric_code::rogerstanimoto, takes_w, sets},
    {"sokalsneath", metric_code::sokalsneath, takes_w, sets},
    {"yule", metric_code::yule, takes_w, yule},
    {"hellinger", metric_code::hellinger, none, hellinger},
    {"kl_divergence", metric_code::kl_divergence, none, kl_divergence},
    {"inner_product", metric_code::inner_product, takes_w, products},
    {"haversine", metric_code::haversine, none, haversine},
    {"bitwise_hamming", metric_code::bitwise_hamming, none, bitwise_hamming},
};

struct alias {
  const char *name, *of;
};
/// SciPy's longer ones, and scikit-learn's.
constexpr alias aliases[] = {
    {"euclid", "euclidean"},    {"l2", "euclidean"},        {"sqeuclid", "sqeuclidean"}, {"cblock", "cityblock"},
    {"l1", "cityblock"},        {"manhattan", "cityblock"}, {"cheb", "chebyshev"},       {"cheby", "chebyshev"},
    {"chebychev", "chebyshev"}, {"pnorm", "minkowski"},     {"mahal", "mahalanobis"},    {"cos", "cosine"},
    {"hamm", "hamming"},        {"matching", "hamming"},    {"jacc", "jaccard"},         {"js", "jensenshannon"},
};

const definition& definition_of(const metric_call& call) {
  std::string_view name = call.by.name();
  for (const alias& other : aliases) {
    if (name == other.name) name = other.of;
  }
  for (const definition& known : definitions) {
    if (name == known.name) return known;
  }
  std::string names;
  for (const definition& known : definitions) {
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  throw value_error(std::string(call.name) + ": there is no metric '" + call.by.name() + "'; expected one of " + names,
                    call.where);
}

void check_parameters(const metric_call& call, const definition& known) {
  const metric_options& given = call.by.options();
  const auto refuse = [&](bool is_given, unsigned parameter, const char* text) {
    if (!is_given || (known.parameters & parameter) != 0) return;
    throw value_error(std::string(call.name) + ": " + call.by.name() + " has no parameter " + text, call.where);
  };
  refuse(given.p != 2, takes_p, "p");
  refuse(!given.w.empty(), takes_w, "w");
  refuse(!given.V.empty(), takes_V, "V");
  refuse(!given.VI.empty(), takes_VI, "VI");
  refuse(given.base != 0, takes_base, "base");
}

/// Whether the matrix product is to be used.
bool is_expanded(const metric_call& call, const definition& known) {
  const std::string& method = call.method.name();
  if (method == "exact") return false;
  if (method != "expanded") {
    throw value_error(std::string(call.name) + ": there is no method '" + method + "'; expected exact or expanded",
                      call.where);
  }
  if (known.kernel == metric_code::euclidean || known.kernel == metric_code::sqeuclidean) return true;
  throw value_error(std::string(call.name) + ": " + call.by.name() +
                        " has no method 'expanded'; only euclidean, sqeuclidean and seuclidean have",
                    call.where);
}

dtype type_of(const metric_call& call) {
  if (!is_real(call.x.dtype()) || !is_real(call.y.dtype())) {
    throw dtype_error(std::string(call.name) + ": rows of " + call.x.dtype().name() + " and " + call.y.dtype().name() +
                          "; expected real numbers",
                      call.where);
  }
  if (call.wanted == float32 || call.wanted == float64) return call.wanted;
  if (call.wanted.is_set()) {
    throw dtype_error(
        std::string(call.name) + ": dtype " + call.wanted.name() + " is not supported; expected float32 or float64",
        call.where);
  }
  const auto is_small = [](const array& a) { return a.dtype().kind() == 'f' && a.dtype().itemsize() <= 4; };
  return is_small(call.x) && is_small(call.y) ? float32 : float64;
}

}  // namespace

metric_rows rows_of(const metric_call& call) {
  const definition& known = definition_of(call);
  check_parameters(call, known);
  metric_rows rows;
  rows.what = known.kernel;
  rows.wanted = type_of(call);
  const bool in_float64 = known.kernel == metric_code::mahalanobis || known.kernel == metric_code::bitwise_hamming;
  rows.type = rows.result = in_float64 ? float64 : rows.wanted;
  rows.largest_first = known.kernel == metric_code::inner_product;
  preparation p = {call, rows, {}};
  if (!call.by.options().w.empty()) {
    p.w = parameter(p, call.by.options().w, "w", {p.d()});
    if (any(p.w < 0.0).item<bool>(call.where)) {
      throw value_error(p.text() + ": w has a negative weight; expected weights >= 0", call.where);
    }
  }
  if (is_expanded(call, known)) {
    rows.what =
        known.kernel == metric_code::euclidean ? metric_code::expanded_euclidean : metric_code::expanded_sqeuclidean;
    if ((known.parameters & takes_V) != 0) take_variances(p);
    expanded(p);
  } else {
    known.prepare(p);
  }
  return rows;
}

}  // namespace tessera::detail
