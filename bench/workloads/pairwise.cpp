// Pairwise workloads: distances between all rows of two matrices, the nearest rows, distances as broadcasting writes them.
#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;
using row = std::vector<double>;

/// A metric's name as a template argument.
template <std::size_t N> struct text {
  constexpr text(const char (&from)[N]) { std::copy_n(from, N, characters); }
  char characters[N];
};

row row_of(const input& x, std::int64_t i) {
  const std::int64_t d = x.extent(1);
  row result(static_cast<std::size_t>(d));
  for (std::int64_t k = 0; k < d; ++k) result[static_cast<std::size_t>(k)] = x(i * d + k);
  return result;
}

/// The sum of term(a, b) over the coordinates.
template <class Term> double total(const row& a, const row& b, const Term& term) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += term(a[k], b[k]);
  return sum;
}

// ---- Distances of two rows, by their definitions

double squared(const row& a, const row& b) {
  return total(a, b, [](double x, double y) { return (x - y) * (x - y); });
}
double euclidean(const row& a, const row& b) { return std::sqrt(squared(a, b)); }
double cityblock(const row& a, const row& b) {
  return total(a, b, [](double x, double y) { return std::abs(x - y); });
}
double chebyshev(const row& a, const row& b) {
  double largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
  return largest;
}
double minkowski3(const row& a, const row& b) {
  return std::cbrt(total(a, b, [](double x, double y) { return std::pow(std::abs(x - y), 3); }));
}
double cosine(const row& a, const row& b) {
  const auto product = [](double x, double y) { return x * y; };
  return 1 - total(a, b, product) / std::sqrt(total(a, a, product) * total(b, b, product));
}
double correlation(row a, row b) {
  for (row* x : {&a, &b}) {
    double mean = 0;
    for (double element : *x) mean += element / static_cast<double>(x->size());
    for (double& element : *x) element -= mean;
  }
  return cosine(a, b);
}
double unequal(const row& a, const row& b) {
  return total(a, b, [](double x, double y) -> double { return x != y; });
}
double hamming(const row& a, const row& b) { return unequal(a, b) / static_cast<double>(a.size()); }
double jaccard(const row& a, const row& b) {
  const double any = total(a, b, [](double x, double y) -> double { return x != 0 || y != 0; });
  return any == 0 ? 0 : unequal(a, b) / any;
}
double canberra(const row& a, const row& b) {
  return total(a, b, [](double x, double y) { return std::abs(x - y) / (std::abs(x) + std::abs(y)); });
}
double braycurtis(const row& a, const row& b) {
  return cityblock(a, b) / total(a, b, [](double x, double y) { return std::abs(x + y); });
}

// ---- Matrices of distances

template <text Name> array matrix(const operands& in) { return cdist(in.x, in.y, Name.characters); }

dtype result_type(const operands& in) { return in.x.dtype() == float32 ? float32 : float64; }

template <auto Distance> answer matrix_of(const operands& in) {
  return {{in.x.shape()[0], in.y.shape()[0]}, result_type(in), [x = in["x"], y = in["y"]](std::int64_t k) {
            return Distance(row_of(x, k / y.extent(0)), row_of(y, k % y.extent(0)));
          }};
}

answer condensed(const operands& in) {
  const std::int64_t n = in.x.shape()[0];
  return {{n * (n - 1) / 2}, result_type(in), [n, x = in["x"]](std::int64_t k) {
            std::int64_t i = 0;
            for (; k >= n - 1 - i; ++i) k -= n - 1 - i;
            return euclidean(row_of(x, i), row_of(x, i + 1 + k));
          }};
}

// ---- What is made of the distances without keeping them

/// The squared distances of row i of x to all rows of y.
row squares(const input& x, std::int64_t i, const input& y) {
  const row from = row_of(x, i);
  row result;
  for (std::int64_t j = 0; j < y.extent(0); ++j) result.push_back(squared(from, row_of(y, j)));
  return result;
}

answer nearest_ten(const operands& in) {
  return {{in.q.shape()[0], 10},
          float32,
          [q = in["q"], b = in["b"]](std::int64_t k) {
            row found = squares(q, k / 10, b);
            std::nth_element(found.begin(), found.begin() + k % 10, found.end());
            return found[static_cast<std::size_t>(k % 10)];
          },
          6};
}

constexpr double sigma = 0.5, radius = 0.1;

answer gaussian_sums(const operands& in) {
  return {{in.x.shape()[0]}, float32, [x = in["x"], y = in["y"]](std::int64_t i) {
            double sum = 0;
            for (double square : squares(x, i, y)) sum += std::exp(-square / (2 * sigma * sigma));
            return sum;
          }};
}

/// Where each query's neighbours end.
answer counts_within(const operands& in) {
  const input x = in["x"], y = in["y"];
  row offsets = {0};
  for (std::int64_t i = 0; i < x.extent(0); ++i) {
    const row found = squares(x, i, y);
    offsets.push_back(offsets.back() + static_cast<double>(std::count_if(
                                           found.begin(), found.end(), [](double s) { return s <= radius * radius; })));
  }
  return {{x.extent(0) + 1}, int64, [offsets](std::int64_t i) { return offsets[static_cast<std::size_t>(i)]; }};
}

const entry entries[] = {
    {"bcast_dist_f32_d(3|16|128)",
     [](const operands& in) -> array {
       return sqrt(sum(square(in.x(all, newaxis, all) - in.y(newaxis, all, all)), 2));
     },
     matrix_of<euclidean>},
    {"cdist_euclidean_.*", matrix<"euclidean">, matrix_of<euclidean>},
    {"cdist_sqeuclidean_.*", matrix<"sqeuclidean">, matrix_of<squared>},
    {"cdist_cosine_.*", matrix<"cosine">, matrix_of<cosine>},
    {"cdist_correlation_.*", matrix<"correlation">, matrix_of<correlation>},
    {"cdist_cityblock_.*", matrix<"cityblock">, matrix_of<cityblock>},
    {"cdist_chebyshev_.*", matrix<"chebyshev">, matrix_of<chebyshev>},
    {"cdist_minkowski3_.*",
     [](const operands& in) -> array { return cdist(in.x, in.y, metric("minkowski", {.p = 3})); },
     matrix_of<minkowski3>},
    {"cdist_hamming_.*", matrix<"hamming">, matrix_of<hamming>},
    {"cdist_jaccard_bool_.*", matrix<"jaccard">, matrix_of<jaccard>},
    {"cdist_canberra_.*", matrix<"canberra">, matrix_of<canberra>},
    {"cdist_braycurtis_.*", matrix<"braycurtis">, matrix_of<braycurtis>},
    {"pdist_euclidean_.*", [](const operands& in) -> array { return pdist(in.x); }, condensed},
    {"knn10_.*",
     [](const operands& in) -> array { return nearest(in.q, in.b, 10, {.metric = "sqeuclidean"}).distances; },
     nearest_ten},
    {"reduce_gaussian_.*",
     [](const operands& in) -> array {
       return pairwise_reduce(in.x, in.y, "euclidean", {"gaussian", sigma});
     },
     gaussian_sums},
    {"radius_.*", [](const operands& in) -> array { return radius_neighbors(in.x, in.y, radius).offsets; },
     counts_within},
};

}  // namespace

std::span<const entry> pairwise_entries() { return entries; }

}  // namespace bench
