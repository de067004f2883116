// Histograms and interpolation beside NumPy's results (tests/data/histogram.json) and plain loops, on the CPU or, built with
// TESSERA_TEST_ON_DEVICE, on a GPU; messages word for word.
#include <cmath>
#include <complex>
#include <random>

#include "ops/default_device.hpp"
#include "ops/numpy_cases.hpp"

using namespace tessera;

namespace {

using nlohmann::json;
using tessera_test::array_of_numpy;
using tessera_test::doubles;
constexpr std::int64_t many = on_device ? 5000 : 300'000;

class histogram_here : public on_test_device {};

binning binning_of(const json& x) {
  if (x.is_string()) return binning(x.get<std::string>());
  if (x.is_number()) return binning(x.get<std::int64_t>());
  return binning(array_of_numpy(x));
}
binnings binnings_of(const json& x) {
  if (!x.contains("each")) return binnings(binning_of(x));
  std::vector<binning> each;
  for (const json& one : x["each"]) each.push_back(binning_of(one));
  return binnings(each);
}

bin_range range_of(const json& x) {
  return x.is_null() ? bin_range() : bin_range(x[0].get<double>(), x[1].get<double>());
}

struct call_of {
  const json& arguments;
  const json& options;

  array operator[](std::size_t i) const { return array_of_numpy(arguments[i], here); }
  bool has(const char* name) const { return options.contains(name); }
  std::vector<expr> weights() const {
    if (!has("weights")) return {};
    return {expr(array_of_numpy(options["weights"], here))};
  }
  histogramdd_options of_samples() const {
    histogramdd_options o{.weights = weights(), .density = options.value("density", false)};
    if (has("range")) {
      for (const json& each : options["range"]) o.range.push_back(range_of(each));
    }
    return o;
  }
  binnings bins(std::size_t i) const { return arguments.size() > i ? binnings_of(arguments[i]) : binnings(10); }
};

std::vector<array> run(const std::string& name, const call_of& c) {
  const json& o = c.options;
  if (name == "bincount") {
    return {bincount(c[0], {.weights = c.weights(), .minlength = o.value("minlength", std::int64_t{0})})};
  }
  if (name == "digitize") return {digitize(c[0], c[1], {.right = o.value("right", false)})};
  const bin_range range = name.ends_with("d") || !c.has("range") ? bin_range() : range_of(o["range"]);
  if (name == "histogram_bin_edges") return {histogram_bin_edges(c[0], binning_of(c.arguments[1]), {.range = range})};
  if (name == "histogram") {
    const histogram_result r =
        histogram(c[0], binning_of(c.arguments[1]),
                  {.range = range, .weights = c.weights(), .density = o.value("density", false)});
    return {r.counts, r.edges};
  }
  if (name == "histogram2d") {
    const histogram2d_result r = histogram2d(c[0], c[1], c.bins(2), c.of_samples());
    return {r.counts, r.x_edges, r.y_edges};
  }
  if (name == "histogramdd") {
    const histogramdd_result r = histogramdd(c[0], c.bins(1), c.of_samples());
    std::vector<array> all = {r.counts};
    all.insert(all.end(), r.edges.begin(), r.edges.end());
    return all;
  }
  interp_options i;
  if (c.has("left")) i.left = o["left"].get<double>();
  if (c.has("right")) i.right = o["right"].get<double>();
  if (c.has("period")) i.period = o["period"].get<double>();
  return {interp(c[0], c[1], c[2], i)};
}

/// Equal, or NaN both; a few ulps apart on a GPU, where sums of weights are of other parts.
bool are_close(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  return on_device && std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b));
}

void expect_array(const array& found, const array& want) {
  EXPECT_EQ(found.dtype(), want.dtype());
  ASSERT_EQ(found.shape(), want.shape());
  using complex = std::complex<double>;
  const auto a = tessera_test::values<complex>(found.to(cpu()).astype(complex128)),
             b = tessera_test::values<complex>(want.astype(complex128));
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_TRUE(are_close(a[i].real(), b[i].real()) && are_close(a[i].imag(), b[i].imag()))
        << "element " << i << " is " << a[i] << ", not " << b[i];
  }
}

TEST_F(histogram_here, gives_what_numpy_gives) {
  const json cases = tessera_test::cases_of("histogram.json");
  ASSERT_GT(cases.size(), 600U);
  int number = 0;
  for (const json& each : cases) {
    if (on_device && ++number % 5 != 0 && !each["result"].is_string()) continue;
    SCOPED_TRACE(each.dump().substr(0, 400));
    const call_of call{each["arguments"], each["options"]};
    const std::string name = each["call"];
    if (each["result"].is_string()) {
      const std::string error = error_of([&] { run(name, call); });
      const bool is_type = each["result"] == "TypeError";
      EXPECT_TRUE(is_type ? error.starts_with("dtype_error")
                          : error.starts_with("value_error") || error.starts_with("shape_error"))
          << error;
      EXPECT_NE(error.find(name), std::string::npos) << error;
      continue;
    }
    const std::vector<array> found = run(name, call);
    ASSERT_EQ(found.size(), each["result"].size());
    for (std::size_t i = 0; i < found.size(); ++i) expect_array(found[i], array_of_numpy(each["result"][i]));
  }
}

/// Sums of weights of equal bins of [0, 1), by a loop.
template <class T> std::vector<double> counted(const std::vector<T>& x, const array& edges) {
  const auto e = elements<T>(edges);
  std::vector<double> counts(e.size() - 1, 0);
  for (const T v : x) {
    if (!(v >= e.front() && v <= e.back())) continue;
    std::size_t bin = 0;
    while (bin + 2 < e.size() && e[bin + 1] <= v) ++bin;
    ++counts[bin];
  }
  return counts;
}

TEST_F(histogram_here, counts_many_elements_of_any_layout) {
  std::mt19937_64 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> x(static_cast<std::size_t>(many));
  for (float& v : x) v = normal(random);
  x[7] = std::numeric_limits<float>::quiet_NaN();
  const array all = on(from_range(x));
  for (const std::int64_t bins : {1, 3, 100, 1000}) {
    const histogram_result h = histogram(all, bins, {.range = {-2, 2}});
    EXPECT_EQ(doubles(h.counts), counted(x, h.edges)) << bins;
    const histogram_result reversed = histogram(all(slice(none, none, -1)), bins, {.range = {-2, 2}});
    EXPECT_TRUE(array_equal(h.counts, reversed.counts)) << bins;
    const histogram_result given = histogram(all, h.edges);
    EXPECT_TRUE(array_equal(h.counts, given.counts)) << bins;
  }
  const array edges = on(array{-2.0, -1.5, -0.25, 0.0, 1.0, 1.0, 3.0}.astype(float32));
  EXPECT_EQ(doubles(histogram(all, edges).counts), counted(x, edges));
}

TEST_F(histogram_here, counts_many_integers_at_any_number_of_bins) {
  std::mt19937_64 random(6);
  for (const std::int64_t bins : {std::int64_t{1}, std::int64_t{5}, std::int64_t{1000}, many / 5, 3 * many}) {
    std::vector<std::int64_t> x(static_cast<std::size_t>(many)), want(static_cast<std::size_t>(bins), 0);
    for (auto& v : x) ++want[static_cast<std::size_t>(v = static_cast<std::int64_t>(random() % bins))];
    for (const std::int64_t least : {std::int64_t{0}, bins}) {
      auto found = ints(bincount(on(from_range(x)), {.minlength = least}));
      found.resize(want.size(), 0);
      EXPECT_EQ(found, want) << bins;
    }
  }
}

TEST_F(histogram_here, adds_weights_as_numpy_does) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform;
  std::vector<double> x(static_cast<std::size_t>(many)), w(x.size()), want(10, 0);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = uniform(random), w[i] = uniform(random);
  for (std::size_t begin = 0; begin < x.size(); begin += 65536) {  // blocks as in NumPy
    std::vector<double> sums(10, 0);
    for (std::size_t i = begin; i < std::min(x.size(), begin + 65536); ++i)
      sums[static_cast<std::size_t>(x[i] * 10)] += w[i];
    for (std::size_t k = 0; k < 10; ++k) want[k] += sums[k];
  }
  const histogram_result h = histogram(on(from_range(x)), 10, {.range = {0, 1}, .weights = {on(from_range(w))}});
  const auto found = elements<double>(h.counts);
  for (std::size_t k = 0; k < 10; ++k) EXPECT_NEAR(found[k], want[k], on_device ? 1e-9 : 0) << k;
}

TEST_F(histogram_here, says_what_is_wrong) {
  const array x = on(array{1, 2, 3}), y = on(array{0.5, 1.0, 1.5}), z = on(array{1, 2}).astype(complex128);
  const auto error = [](const std::function<void()>& call) { return error_of(call); };
  EXPECT_EQ(error([&] {
              bincount(on(zeros({2, 2}, int64)));
            }),
            "value_error bincount: x has shape (2, 2); expected one axis");
  EXPECT_EQ(error([&] { bincount(y); }), "dtype_error bincount: integers expected, not float64");
  EXPECT_EQ(error([&] {
              bincount(on(array{3, -2, -1}));
            }),
            "value_error bincount: x has negative elements, the smallest is -2");
  EXPECT_EQ(error([&] { bincount(x, {.minlength = -1}); }),
            "value_error bincount: minlength must not be negative, not -1");
  EXPECT_EQ(error([&] { bincount(x, {.weights = {z}}); }),
            "dtype_error bincount: weights must cast to float64 safely, not complex128");
  EXPECT_EQ(error([&] {
              bincount(x, {.weights = {on(array{1, 2})}});
            }),
            "shape_error bincount: weights of shape (2,) for x of shape (3,); expected one for each element");
  EXPECT_EQ(error([&] { bincount(on(array{std::numeric_limits<std::int64_t>::max()})); }),
            "value_error bincount: the largest element, 9223372036854775807, needs more bins than 64 bits count");
  EXPECT_EQ(error([&] {
              digitize(y, on(array{1, 3, 2}));
            }),
            "value_error digitize: bins neither ascend nor descend; sort() puts them in order");
  EXPECT_EQ(error([&] { digitize(y, 1); }), "value_error digitize: bins has shape (); expected one axis");
  EXPECT_EQ(error([&] { digitize(z, x); }), "dtype_error digitize: complex128 has no order that bins could follow");
  EXPECT_EQ(error([&] { histogram(z); }), "dtype_error histogram: complex128 has no order that bins could follow");
  EXPECT_EQ(error([&] { histogram(x, 0); }), "value_error histogram: bins: 0 of them; expected at least one");
  EXPECT_EQ(error([&] { histogram(x, {3, 2}); }), "value_error histogram: bins descends; edges ascend");
  EXPECT_EQ(error([&] {
              histogram(x, zeros({2, 2}));
            }),
            "value_error histogram: bins has shape (2, 2); expected one axis");
  EXPECT_EQ(error([&] { histogram(x, "no"); }),
            "value_error histogram: 'no' is not a rule for bins: auto, fd, doane, scott, stone, rice, sturges, sqrt");
  EXPECT_EQ(error([&] { histogram(x, bin_rule::fd, {.weights = {y}}); }),
            "dtype_error histogram: bins: a rule takes no weights");
  EXPECT_EQ(error([&] { histogram(x, 3, {.range = {2, 1}}); }), "value_error histogram: range (2, 1) descends");
  EXPECT_EQ(error([&] {
              histogram(x, 3, {.range = {2, std::numeric_limits<double>::infinity()}});
            }),
            "value_error histogram: range (2, inf) is not finite");
  EXPECT_EQ(error([&] { histogram(y / 0.0, 3); }),
            "value_error histogram: x goes from inf to inf, which is not finite; a range leaves such elements out");
  EXPECT_EQ(error([&] {
              histogram(y.astype(float32), 100, {.range = {1, 1.000001}});
            }),
            "value_error histogram: 100 bins between 1 and 1.000001 are too narrow for float32");
  EXPECT_EQ(error([&] {
              histogramdd(on(zeros({3, 2})), {1, 2, 3});
            }),
            "value_error histogramdd: 3 binnings for samples of 2 coordinates");
  EXPECT_EQ(error([&] {
              histogramdd(on(zeros({3, 2})), 2, {.range = {{0, 1}}});
            }),
            "value_error histogramdd: 1 ranges for samples of 2 coordinates");
  EXPECT_EQ(error([&] {
              histogramdd(on(zeros({3, 2, 2})));
            }),
            "value_error histogramdd: samples of shape (3, 2, 2); expected (samples, coordinates)");
  EXPECT_EQ(error([&] {
              histogramdd(on(zeros({3, 2})), {2, 0});
            }),
            "value_error histogramdd: bins 1: 0 of them; expected at least one");
  EXPECT_EQ(error([&] { histogram2d(x, z); }),
            "shape_error histogram2d: x of shape (3,) and y of shape (2,); expected vectors of one length");
  EXPECT_EQ(error([&] { histogram2d(x, y, "auto"); }), "value_error histogram2d: takes no rules for bins");
  EXPECT_EQ(error([&] { interp(y, x, z); }),
            "shape_error interp: xp of shape (3,) and fp of shape (2,); expected vectors of one length");
  EXPECT_EQ(error([&] { interp(y, on(zeros({0})), on(zeros({0}))); }), "value_error interp: no points to go between");
  EXPECT_EQ(error([&] { interp(z, x, y); }), "dtype_error interp: x must be real, not complex128");
  EXPECT_EQ(error([&] { interp(y, x, y, {.period = 0}); }), "value_error interp: period must not be 0");
  EXPECT_EQ(error([&] { interp(y, x, y, {.left = std::complex<double>(0, 1)}); }),
            "dtype_error interp: left is complex and fp is real");
}

TEST_F(histogram_here, takes_points_and_bins_on_the_host) {
  EXPECT_EQ(ints(digitize(on(array{0.5, 2.5}), {0, 1, 2})), (list{1, 3}));
  EXPECT_EQ(ints(histogram(on(array{0.5, 2.5, 1.0}), {0, 1, 3}).counts), (list{1, 2}));
  EXPECT_EQ(interp(on(array{1.5}), {1, 2}, {10, 20}).to(cpu()).item<double>(), 15);
}

}  // namespace
