// What picks, sorts, searches, counts and draws, all of it from one array: for tests that want the same bits on another
// instruction set, with more threads or beside other calls.
#pragma once
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tessera/tessera.hpp"

namespace tessera_test {

using named_arrays = std::vector<std::pair<std::string, tessera::array>>;

enum class content { bits, few, rising, specials };
inline constexpr content every_content[] = {content::bits, content::few, content::rising, content::specials};
inline constexpr tessera::dtype selected_types[] = {
    tessera::bool_,    tessera::int8,    tessera::int16,   tessera::int32,    tessera::int64,
    tessera::uint8,    tessera::uint16,  tessera::uint32,  tessera::uint64,   tessera::float16,
    tessera::bfloat16, tessera::float32, tessera::float64, tessera::complex64};

/// n elements: any bits at all (of floats NaN of all kinds), seven values, an ascending row, zeros of both signs,
/// infinities and NaN among others.
inline tessera::array selection_input(tessera::dtype type, content what, std::int64_t n) {
  using namespace tessera;
  std::mt19937_64 random(static_cast<std::uint64_t>(n) * 31 + static_cast<std::uint64_t>(what));
  if (what == content::bits && type != bool_) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(n * type.itemsize()));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    array x = copy_of(bytes.data(), {n}, type);
    if (type == float16 || type == bfloat16) {  // recipes make NaN of 16 bits quiet on some instruction sets
      array words = x.view(uint16);
      const array nan = x != x;
      words[nan] = words[nan] | (type == float16 ? 0x200 : 0x40);
    }
    return x;
  }
  const double odd[] = {0.0, -0.0, 1, -1, std::numeric_limits<double>::quiet_NaN(), HUGE_VAL, -HUGE_VAL, 3.5};
  const bool has_odd = type.kind() == 'f' || type.kind() == 'c';
  std::vector<double> values(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint64_t r = random();
    double& x = values[static_cast<std::size_t>(i)];
    if (what == content::rising) x = static_cast<double>(i) * 100 / static_cast<double>(n);
    else if (what == content::specials && has_odd && r % 3 == 0) x = odd[r / 3 % 8];
    else x = static_cast<double>(r % (what == content::few ? 7 : 100));
  }
  return from_range(values).astype(type);
}

/// Of x and of what is made from it; reads x only.
inline named_arrays selections_of(const tessera::array& x) {
  using namespace tessera;
  const std::int64_t n = x.size(), rows = 7, columns = n / rows;
  const dtype type = x.dtype();
  const array table = reshape(x(slice(0, rows * columns)), {rows, columns}), order = argsort(x),
              sorted = take(x, order);
  const array mask = arange(n) * 2654435761 % 64 < 23, some = x(slice(none, none, 3));
  named_arrays all;
  const auto add = [&](const char* name, const array& result) { all.emplace_back(name, result); };

  add("sort", sort(x));
  add("sort descending", sort(x, {.descending = true}));
  add("sort unstable", sort(x, {.stable = false}));
  add("sort columns", sort(table, 0));
  add("argsort", order);
  add("argsort rows", argsort(table, 1, {.descending = true}));
  add("partition", partition(x, {n / 3, -2}));
  add("argpartition", argpartition(x, n / 2));
  const topk_result largest = topk(x, n / 20), smallest = topk(table, 3, 1, {.largest = false});
  add("topk values", largest.values);
  add("topk indices", largest.indices);
  add("topk smallest of rows", smallest.indices);
  add("lexsort", lexsort({x, mask}));
  add("searchsorted", searchsorted(sorted, x));
  add("searchsorted right", searchsorted(sorted, some, {.side = side::right}));

  const unique_all_result distinct = unique_all(x, {.equal_nan = true});
  add("unique", distinct.values);
  add("unique indices", distinct.indices);
  add("unique inverse", distinct.inverse_indices);
  add("unique counts", distinct.counts);
  add("isin", isin(x, some));
  add("setxor1d", setxor1d(x, some));

  add("mask", x[mask]);
  add("mask by a recipe", x[(x == x) & (x != x(n / 2))]);
  add("mask of a recipe", (x + x)[mask]);
  add("compress", compress(mask(slice(0, columns)), table, 1));
  add("nonzero", nonzero(table)[1]);
  add("argwhere", argwhere(x != x(0)));
  add("where", where(mask, x, x(0)).eval());
  add("select", select({mask, x == x(0)}, {x, x(1)}, x(2)));
  array written = x.copy();
  written[mask] = x(1);
  written[~mask] = x[~mask];
  place(written(slice(none, none, 2)), mask(slice(none, none, 2)), some);
  putmask(written, x == x(3), some);
  put(written, argsort(some)(slice(0, 99)), some);
  add("written", written);
  add("take rows", take(table, array{6, 0, -1, 3}, 0));
  add("take_along_axis", take_along_axis(table, argsort(table, 1), 1));

  const array small = order % 1000, weights = (order % 97 - 40).astype(float64) / 7.0, starts = arange(0, n, 61);
  add("bincount", bincount(small));
  add("bincount weighted", bincount(small, {.weights = {weights}}));
  array counts = zeros({1000}, float64);
  add_at(counts, small, weights);
  add("add_at", counts);
  add("group_reduce sum", group_reduce(small, weights, group_fold::sum).values);
  add("group_reduce keys", group_reduce(x, order, group_fold::max).keys);
  add("add_reduceat", add_reduceat(weights, starts));
  if (type.kind() != 'c') {
    add("maximum_reduceat", maximum_reduceat(x, starts));
    const array edges = unique(some[isfinite(some)]);
    const array finite = x[isfinite(x)].astype(float64);
    const array moderate = finite[abs(finite) < 1e100];
    add("digitize", digitize(x, edges));
    add("histogram", histogram(moderate, 50).counts);
    add("histogram edges", histogram(moderate, 50).edges);
    add("histogram of the dtype", histogram(x, 20, {.range = {-10, 90}}).counts);
    add("histogram between edges", histogram(x, edges).counts);
    add("histogram weighted", histogram(moderate, 30, {.weights = {weights(slice(0, moderate.size()))}}).counts);
    add("histogram2d", histogram2d(moderate, sqrt(abs(moderate)), 9).counts);
    add("interp", interp(moderate, arange(20.0), weights(slice(0, 20))));
    if (type != bool_) {
      for (const quantile_method how : {quantile_method::linear, quantile_method::hazen, quantile_method::nearest,
                                        quantile_method::inverted_cdf, quantile_method::median_unbiased})
        add("quantile", quantile(table, array{0.0, 0.1, 0.5, 0.77, 1.0}, 1, {.method = how}));
      add("nanquantile", nanquantile(x, array{0.25, 0.6}));
      add("median", median(table, 0));
    }
  }

  random::generator g(static_cast<std::uint64_t>(n));
  add("permutation", g.permutation(x));
  add("permuted", g.permuted(table, 1));
  add("choice", g.choice(x, {n / 2}, {.replace = false}));
  add("choice weighted", g.choice(1000, {n / 2}, {.p = {full({1000}, 0.001)}}));
  array shuffled = x.copy();
  g.shuffle(shuffled);
  add("shuffle", shuffled);
  return all;
}

/// What is drawn without an array. with_functions: also what goes through exponentials, sines or sums of products, whose
/// last bits depend on the instruction set.
inline named_arrays draws_of(std::uint64_t seed, std::int64_t n, bool with_functions) {
  using namespace tessera;
  random::generator g(seed);
  named_arrays all;
  const auto add = [&](const char* name, const array& result) { all.emplace_back(name, result); };
  for (const dtype type : {float32, float64}) {
    add("uniform", g.uniform({n}, {.dtype = type}));
    add("normal", g.normal({n}, {.dtype = type}));
    add("exponential", g.exponential(2.0, {n}, {.dtype = type}));
    add("gamma", g.gamma(0.7, 1.0, {n}, {.dtype = type}));
    if (with_functions) add("beta", g.beta(0.5, 3.0, {n}, {.dtype = type}));
    if (with_functions) add("vonmises", g.vonmises(0.1, 4.0, {n}, {.dtype = type}));
    add("wald", g.wald(1.0, 2.0, {n}, {.dtype = type}));
    if (with_functions) add("dirichlet", g.dirichlet(array{0.4, 2.0, 1.0}, {n / 3}, {.dtype = type}));
  }
  add("integers", g.integers(-5, 1'000'000, {n}));
  add("poisson", g.poisson(arange(n) % 40, {n}));
  add("binomial", g.binomial(100, 0.3, {n}));
  add("negative_binomial", g.negative_binomial(3.5, 0.2, {n}));
  add("hypergeometric", g.hypergeometric(50, 70, 30, {n}));
  add("zipf", g.zipf(2.5, {n}));
  add("multinomial", g.multinomial(20, array{0.2, 0.5, 0.3}, {n / 3}));
  if (with_functions)
    add("multivariate_normal", g.multivariate_normal(array{1.0, 2.0}, array{{2.0, 0.3}, {0.3, 1.0}}, {n / 2}));
  return all;
}

/// The names of the results that are not the same to the bit.
inline std::string differences(const named_arrays& a, const named_arrays& b) {
  std::string names;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const tessera::array x = a[i].second.copy(), y = b[i].second.copy();
    if (x.shape() != y.shape() || x.dtype() != y.dtype() ||
        (x.size() > 0 && std::memcmp(x.data(), y.data(), static_cast<std::size_t>(x.nbytes())) != 0))
      names += a[i].first + ", ";
  }
  return names;
}

}  // namespace tessera_test
