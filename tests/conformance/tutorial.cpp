// tutorial: the worked examples, each through the functions that a user would write.
#include <map>

#include "conformance/section.hpp"

namespace conformance {

using tessera::array;
using tessera::axes;
using tessera::operand;
using tessera::slice;

namespace {

array input(const test_case& c, std::size_t i = 0) { return placed(c.read(c["inputs"].at(i)), "C").array.copy(); }

void expect(const test_case& c, const std::vector<array>& results) {
  const json& wanted = c["results"];
  if (wanted.size() != results.size()) throw mismatch("expected " + std::to_string(wanted.size()) + " results");
  const auto figure = [&c](const char* key) { return c.has(key) ? c[key].get<double>() : 0.0; };
  tolerance allowed{figure("rtol"), figure("atol")};
  if (c.text("name").starts_with("einsum_")) allowed.absolute = 1e-300;  // NumPy adds products to 0: none of them is -0
  for (std::size_t i = 0; i < results.size(); ++i) c.expect_array(results[i], wanted[i], allowed);
}

void expect_strides(const array& got, const json& wanted) {
  if (!(got.strides() == shape_of(wanted)))
    throw mismatch("strides: expected " + wanted.dump() + ", got " + to_string(got.strides()));
}

void sums_along_axes(const test_case& c) {
  const array whole = tessera::arange(1000000).astype(tessera::int64);
  const array in_c = reshape(array(whole * 7919 % 1000 / 8.0), {1000, 1000});
  const array a = in_c.copy(c.text("order") == "F" ? tessera::order::F : tessera::order::C);
  expect_strides(a, c["strides"]);
  expect(c, {sum(a, 0), sum(a, 1), sum(a), mean(a, 0), max(a, 1)});
}

void masks(const test_case& c) {
  const array data = input(c);
  expect(c, {data[data > 0], data[(data > 0) & (data < 3)], data[~(data > 0)]});
}

void choice_of_texts(const test_case& c) { expect(c, {where(input(c) > 0, "buy", "hold")}); }

void choices(const test_case& c) {
  const array x = input(c);
  const array low = x<-5, negative = x<0, above_5 = x> 5, above_7 = x> 7;
  expect(c, {tessera::select({low, negative, above_7}, {"low", "neg", "high"}, "mid"),
             tessera::select({negative, above_5}, {x * x, x * 10}, -1)});
}

void searches(const test_case& c) {
  const array a = input(c), v = input(c, 1);
  const std::vector<tessera::expr> sorter = {input(c, 2)};
  const auto right = tessera::side::right;
  std::vector<array> results = {searchsorted(a, v), searchsorted(a, v, {.side = right}),
                                searchsorted(a, v, {.sorter = sorter}),
                                searchsorted(a, v, {.side = right, .sorter = sorter})};
  // Without a sorter `a` is in no order, and only the host goes the way that NumPy goes.
  for (std::size_t i = a.device() == tessera::cpu() ? 0 : 2; i < results.size(); ++i)
    c.expect_array(results[i], c["results"].at(i));
}

void sums_of_products(const test_case& c) {
  std::vector<operand> inputs;
  for (std::size_t i = 0; i < c["inputs"].size(); ++i) inputs.push_back(input(c, i));
  expect(c, {einsum_list(c.text("formula"), inputs)});
}

void line_through_points(const test_case& c) {
  const array x = input(c), y = input(c, 1);
  const array from_middle = x - mean(x);
  const array slope = reshape(array(sum(from_middle * y) / sum(tessera::square(from_middle))), {1});
  const array line = tessera::concatenate({slope, mean(y) - slope * mean(x)});
  const array residuals = reshape(array(sum(tessera::square(y - (line(0) * x + line(1))))), {1});
  const array r2 = 1 - residuals / sum(tessera::square(y - mean(y)));
  expect(c, {line, residuals, r2});
}

void distances_of_points(const test_case& c) {
  const array p = input(c);
  const auto all = tessera::all;
  expect(c, {sqrt(sum(tessera::square(p(all, tessera::newaxis, all) - p(tessera::newaxis, all, all)), -1))});
}

void strides_of_views(const test_case& c) {
  const array a = input(c);
  const slice every_second(tessera::none, tessera::none, 2), backwards(tessera::none, tessera::none, -1);
  const array views[] = {a,
                         a.T(),
                         a(tessera::all, every_second),
                         a(tessera::ellipsis, backwards),
                         transpose(a, {1, 0, 2}),
                         reshape(a.astype(tessera::float32), {6, 4})};
  for (std::size_t i = 0; i < std::size(views); ++i) expect_strides(views[i], c["strides"].at(i));
}

void standard_scores(const test_case& c) {
  const array z = input(c);
  expect(c, {(z - mean(z, 0)) / stddev(z, 0)});
}

void covariances(const test_case& c) {
  const array h = input(c);
  const array centred = h - mean(h, 0);
  const array covariance = matmul(centred.T(), centred) / (h.shape()[0] - 1);
  const array deviations = sqrt(diagonal(covariance));
  expect(c, {covariance, covariance / outer(deviations, deviations)});
}

const std::map<std::string, replay_function> examples = {{"sum_axes_C", sums_along_axes},
                                                         {"sum_axes_F", sums_along_axes},
                                                         {"mask", masks},
                                                         {"where_strings", choice_of_texts},
                                                         {"select", choices},
                                                         {"searchsorted", searches},
                                                         {"least_squares", line_through_points},
                                                         {"distance_matrix", distances_of_points},
                                                         {"distance_matrix_100", distances_of_points},
                                                         {"strides", strides_of_views},
                                                         {"zscore", standard_scores},
                                                         {"covariance", covariances}};

}  // namespace

void replay_tutorial(const test_case& c) {
  const std::string name = c.text("name");
  if (name.starts_with("einsum_")) return sums_of_products(c);
  const auto found = examples.find(name);
  if (found == examples.end()) throw skipped(name);
  found->second(c);
}

}  // namespace conformance
