// Distributions: what they are, by their distribution functions; every bit, by docs/random.md's definition as plain loops; errors. Also
// built for the CUDA device, where samples are small. Every seed is fixed.
#include <array>
#include <cmath>
#include <complex>

#include "distribution_oracles.hpp"
#include "ops/default_device.hpp"
#include "ops/elements.hpp"

using namespace tessera;
using namespace distribution_oracles;
using tessera::random::float_options;
using tessera::random::generator;
using tessera::random::generator_state;

namespace {

class distributions : public on_test_device {};
class distribution_bits : public on_test_device {};
class distribution_errors : public on_test_device {};

const std::int64_t sample_size = on_device ? 4'000 : 200'000;
const std::uint64_t last_seed = on_device ? 1 : 3;

using function = std::function<double(double)>;

std::vector<double> doubles(const array& x) {
  EXPECT_EQ(x.device(), here);
  return tessera_test::doubles(x);
}

// ---- what they are
struct continuous {
  const char* name;
  std::function<array(generator&, const shape&, const float_options&)> draw;
  function below;
};

/// The density exp(kappa cos x) summed up over four deviations (or the circle) in 20 000 steps.
function von_mises(double kappa) {
  const double pi = std::acos(-1), end = kappa > 9 ? std::min(pi, 8 / std::sqrt(kappa)) : pi;
  const int steps = 20'000;
  std::vector<double> sums{0};
  for (int i = 0; i < steps; ++i)
    sums.push_back(sums.back() + std::exp(kappa * (std::cos(end * ((i + 0.5) / steps * 2 - 1)) - 1)));
  return [=](double x) {
    const double at = std::clamp((x / end + 1) / 2 * steps, 0.0, steps - 1e-6), part = at - std::floor(at);
    const auto i = static_cast<std::size_t>(at);
    return (sums[i] + part * (sums[i + 1] - sums[i])) / sums.back();
  };
}

std::vector<continuous> continuous_distributions() {
  std::vector<continuous> all = {
      {"exponential", [](generator& g, const shape& s, const float_options& o) { return g.exponential(2.5, s, o); },
       [](double x) { return -std::expm1(-x / 2.5); }},
      {"standard_exponential",
       [](generator& g, const shape& s, const float_options& o) { return g.standard_exponential(s, o); },
       [](double x) { return -std::expm1(-x); }},
      {"chisquare", [](generator& g, const shape& s, const float_options& o) { return g.chisquare(5, s, o); },
       [](double x) { return lower_gamma(2.5, x / 2); }},
      {"f", [](generator& g, const shape& s, const float_options& o) { return g.f(3, 7, s, o); },
       [](double x) { return incomplete_beta(1.5, 3.5, 3 * x / (3 * x + 7)); }},
      {"lognormal", [](generator& g, const shape& s, const float_options& o) { return g.lognormal(0.5, 0.7, s, o); },
       [](double x) { return normal((std::log(x) - 0.5) / 0.7); }},
      {"laplace", [](generator& g, const shape& s, const float_options& o) { return g.laplace(1, 2, s, o); },
       [](double x) { return x < 1 ? std::exp((x - 1) / 2) / 2 : 1 - std::exp((1 - x) / 2) / 2; }},
      {"logistic", [](generator& g, const shape& s, const float_options& o) { return g.logistic(1, 2, s, o); },
       [](double x) { return 1 / (1 + std::exp((1 - x) / 2)); }},
      {"gumbel", [](generator& g, const shape& s, const float_options& o) { return g.gumbel(1, 2, s, o); },
       [](double x) { return std::exp(-std::exp((1 - x) / 2)); }},
      {"weibull", [](generator& g, const shape& s, const float_options& o) { return g.weibull(1.5, s, o); },
       [](double x) { return -std::expm1(-std::pow(x, 1.5)); }},
      {"pareto", [](generator& g, const shape& s, const float_options& o) { return g.pareto(3, s, o); },
       [](double x) { return 1 - std::pow(1 + x, -3); }},
      {"power", [](generator& g, const shape& s, const float_options& o) { return g.power(0.7, s, o); },
       [](double x) { return std::pow(x, 0.7); }},
      {"rayleigh", [](generator& g, const shape& s, const float_options& o) { return g.rayleigh(2, s, o); },
       [](double x) { return -std::expm1(-x * x / 8); }},
      {"standard_cauchy", [](generator& g, const shape& s, const float_options& o) { return g.standard_cauchy(s, o); },
       [](double x) { return std::atan2(1, -x) / std::acos(-1); }},
      {"triangular",
       [](generator& g, const shape& s, const float_options& o) { return g.triangular(-1, 0.5, 2, s, o); },
       [](double x) { return x < 0.5 ? (x + 1) * (x + 1) / 4.5 : 1 - (2 - x) * (2 - x) / 4.5; }},
      {"wald", [](generator& g, const shape& s, const float_options& o) { return g.wald(3, 2, s, o); },
       [](double x) {
         const double root = std::sqrt(2 / x);
         return normal(root * (x / 3 - 1)) + std::exp(4.0 / 3) * normal(-root * (x / 3 + 1));
       }},
  };
  for (const double kappa : {0.0, 0.5, 4.0, 1e5}) {
    all.push_back({"vonmises",
                   [=](generator& g, const shape& s, const float_options& o) { return g.vonmises(0, kappa, s, o); },
                   von_mises(kappa)});
  }
  for (const double a : {0.05, 0.9, 1.0, 4.5, 1000.0}) {
    all.push_back({"gamma", [=](generator& g, const shape& s, const float_options& o) { return g.gamma(a, 2, s, o); },
                   [=](double x) { return lower_gamma(a, x / 2); }});
    all.push_back({"standard_gamma",
                   [=](generator& g, const shape& s, const float_options& o) { return g.standard_gamma(a, s, o); },
                   [=](double x) { return lower_gamma(a, x); }});
  }
  for (const double a : {0.01, 0.6, 3.0}) {
    for (const double b : {0.4, 5.0}) {
      all.push_back({"beta", [=](generator& g, const shape& s, const float_options& o) { return g.beta(a, b, s, o); },
                     [=](double x) { return incomplete_beta(a, b, x); }});
    }
  }
  for (const double df : {1.0, 3.5, 60.0}) {
    all.push_back({"standard_t",
                   [=](generator& g, const shape& s, const float_options& o) { return g.standard_t(df, s, o); },
                   [=](double x) {
                     const double tail = incomplete_beta(df / 2, 0.5, df / (df + x * x)) / 2;
                     return x < 0 ? tail : 1 - tail;
                   }});
  }
  return all;
}

TEST_F(distributions, have_their_distribution_functions) {
  for (const continuous& each : continuous_distributions()) {
    for (std::uint64_t seed = 1; seed <= last_seed; ++seed) {
      generator g(seed);
      EXPECT_LT(distance(doubles(each.draw(g, {sample_size}, {.device = here})), each.below), 1.95)
          << each.name << ' ' << seed;
    }
  }
}

TEST_F(distributions, of_float32_are_as_near_as_that_allows) {
  for (const continuous& each : continuous_distributions()) {
    const std::int64_t n = std::min<std::int64_t>(sample_size, 20'000);
    generator g(11);
    const array x = each.draw(g, {n}, {.dtype = float32, .device = here});
    EXPECT_EQ(x.dtype(), float32);
    for (const double value : doubles(x)) ASSERT_TRUE(std::isfinite(value)) << each.name;
    // Numbers that float32 takes for 0 or 1 are there in a heap, where no distance says anything.
    const std::string name = each.name;
    if (name != "beta" && name != "gamma" && name != "standard_gamma") {
      EXPECT_LT(distance(doubles(x), each.below), 1.95) << name;
    }
  }
}

struct counts {
  const char* name;
  double parameter;
  std::function<array(generator&, const shape&)> draw;
  function up_to;
  double mean, variance;
};

std::vector<counts> distributions_of_counts() {
  std::vector<counts> all;
  for (const double lam : {0.1, 3.0, 9.9, 10.0, 11.5, 40.0, 1000.0, 1e6, 1e9}) {
    all.push_back({"poisson", lam, [=](generator& g, const shape& s) { return g.poisson(lam, s, {.device = here}); },
                   [=](double k) { return 1 - lower_gamma(k + 1, lam); }, lam, lam});
  }
  for (const auto& [n, p] : {std::pair{1, 0.3},
                             {12, 0.4},
                             {19, 0.5},
                             {20, 0.5},
                             {21, 0.5},
                             {99, 0.1},
                             {101, 0.1},
                             {101, 0.9},
                             {30, 0.6},
                             {1000, 0.004},
                             {1000, 0.77},
                             {1'000'000, 0.3},
                             {1 << 30, 0.5}}) {
    all.push_back(
        {"binomial", n * p, [=](generator& g, const shape& s) { return g.binomial(n, p, s, {.device = here}); },
         [=](double k) { return k >= n ? 1 : incomplete_beta(n - k, k + 1, 1 - p); }, n * p, n * p * (1 - p)});
  }
  for (const double p : {0.003, 0.3, 0.9}) {
    all.push_back({"geometric", p, [=](generator& g, const shape& s) { return g.geometric(p, s, {.device = here}); },
                   [=](double k) { return -std::expm1(k * std::log1p(-p)); }, 1 / p, (1 - p) / (p * p)});
  }
  for (const double n : {0.4, 3.5, 100.0}) {
    all.push_back({"negative_binomial", n,
                   [=](generator& g, const shape& s) { return g.negative_binomial(n, 0.3, s, {.device = here}); },
                   [=](double k) { return incomplete_beta(n, k + 1, 0.3); }, n * 0.7 / 0.3, n * 0.7 / 0.09});
  }
  return all;
}

/// Sums of a probability from 0 or 1 on.
function summed(std::function<double(double)> probability) {
  return [=](double k) {
    double sum = 0;
    for (double j = 0; j <= k; j += 1) sum += probability(j);
    return sum;
  };
}

std::vector<counts> more_distributions_of_counts() {
  std::vector<counts> all;
  const auto choose = [](double n, double k) {
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
  };
  for (const auto& [good, bad, sample] : {std::array{5, 9, 6},
                                          {30, 8, 20},
                                          {100, 300, 60},
                                          {300, 100, 350},
                                          {40, 40, 40},
                                          {1000, 9, 500},
                                          {200'000, 300'000, 1000}}) {
    const double all_of = good + bad, share = good / all_of;
    all.push_back(
        {"hypergeometric", share,
         [=](generator& g, const shape& s) { return g.hypergeometric(good, bad, sample, s, {.device = here}); },
         summed([=](double k) {
           if (k > good || k > sample || sample - k > bad) return 0.0;
           return std::exp(choose(good, k) + choose(bad, sample - k) - choose(all_of, sample));
         }),
         sample * share, sample * share * (1 - share) * (all_of - sample) / (all_of - 1)});
  }
  for (const double p : {0.05, 0.7, 0.99}) {
    const double rate = -1 / std::log1p(-p), mean = rate * p / (1 - p);
    all.push_back({"logseries", p, [=](generator& g, const shape& s) { return g.logseries(p, s, {.device = here}); },
                   summed([=](double k) { return k < 1 ? 0 : rate * std::pow(p, k) / k; }), mean,
                   mean * (1 / (1 - p) - mean)});
  }
  for (const auto& [a, zeta] :
       {std::pair{1.5, 2.6123753486854883}, {3.0, 1.2020569031595943}, {30.0, 1.0000000009313274}}) {
    all.push_back({"zipf", a, [a](generator& g, const shape& s) { return g.zipf(a, s, {.device = here}); },
                   summed([=](double k) { return k < 1 ? 0 : std::pow(k, -a) / zeta; }), 0, 0});
  }
  return all;
}

TEST_F(distributions, of_counts_have_their_probabilities_too) {
  for (const counts& each : more_distributions_of_counts()) {
    for (std::uint64_t seed = 1; seed <= last_seed; ++seed) {
      generator g(seed);
      const std::vector<double> x = doubles(each.draw(g, {sample_size}));
      EXPECT_LT(misfit(x, each.up_to), 4) << each.name << ' ' << each.parameter << ' ' << seed;
      double sum = 0;
      for (const double value : x) sum += value - each.mean;
      const double deviation = std::sqrt(each.variance * static_cast<double>(x.size()));
      if (each.variance > 0) {
        EXPECT_LT(std::abs(sum), 4 * deviation) << each.name << ' ' << each.parameter;
      }
    }
  }
}

TEST_F(distributions, of_counts_have_their_probabilities) {
  for (const counts& each : distributions_of_counts()) {
    for (std::uint64_t seed = 1; seed <= last_seed; ++seed) {
      generator g(seed);
      const array x = each.draw(g, {sample_size});
      EXPECT_EQ(x.dtype(), int64);
      EXPECT_LT(misfit(doubles(x), each.up_to), 4) << each.name << ' ' << each.parameter << ' ' << seed;
    }
  }
}

TEST_F(distributions, of_counts_have_their_means_and_variances) {
  for (const counts& each : distributions_of_counts()) {
    generator g(9);
    const std::vector<double> x = doubles(each.draw(g, {sample_size}));
    double sum = 0, squares = 0, fourth = 0;
    for (const double value : x) {
      const double d = (value - each.mean) / std::sqrt(each.variance);
      sum += d, squares += d * d, fourth += d * d * d * d;
    }
    const auto n = static_cast<double>(x.size());
    EXPECT_LT(std::abs(sum) / std::sqrt(n), 4) << each.name << ' ' << each.parameter;
    EXPECT_LT(std::abs(squares / n - 1) * std::sqrt(n / (fourth / n)), 4.5) << each.name << ' ' << each.parameter;
  }
}

TEST_F(distributions, of_arrays_are_as_if_each_element_had_its_own_call) {
  const array lam = array({0.0, 0.5, 9.0, 10.0, 300.0, 1e12}), n = array({0, 5, 100, 1'000'000});
  const array many = broadcast_to(lam.to(here), {sample_size / 8, 6}), trials = reshape(n.to(here), {4, 1});
  generator g(5);
  const array x = g.poisson(many);
  EXPECT_EQ(x.shape(), (shape{sample_size / 8, 6}));
  const std::vector<double> got = doubles(x), means = elements<double>(lam);
  for (std::size_t column = 0; column < 6; ++column) {
    std::vector<double> part;
    for (std::size_t i = column; i < got.size(); i += 6) part.push_back(got[i]);
    const double mean = means[column];
    if (mean == 0) {
      EXPECT_EQ(*std::max_element(part.begin(), part.end()), 0);
    } else if (mean < 1e9) {
      EXPECT_LT(misfit(part, [&](double k) { return 1 - lower_gamma(k + 1, mean); }), 4) << mean;
    } else {
      EXPECT_LT(distance(part, [&](double k) { return normal((k - mean) / std::sqrt(mean)); }), 1.95);
    }
  }
  // The numbers are those of the call for one parameter at the same place.
  for (const double mean : {0.5, 9.0, 10.0, 300.0}) {
    const std::vector<double> alone = doubles(generator(5).poisson(mean, x.shape(), {.device = here}));
    const auto column = static_cast<std::size_t>(std::find(means.begin(), means.end(), mean) - means.begin());
    for (std::size_t i = column; i < got.size(); i += 6) ASSERT_EQ(got[i], alone[i]) << mean;
  }
  EXPECT_EQ(g.state().counter, static_cast<std::uint64_t>(512 * (x.size() / 2)));
  const array b = g.binomial(trials, array({0.0, 0.25, 1.0}).to(here), {50, 4, 3});
  EXPECT_EQ(b.shape(), (shape{50, 4, 3}));
  const std::vector<double> successes = doubles(b);
  for (std::size_t i = 0; i < successes.size(); i += 3) {
    EXPECT_EQ(successes[i], 0);
    EXPECT_EQ(successes[i + 2], static_cast<double>(ints(n)[i / 3 % 4]));
  }
  EXPECT_EQ(g.gamma(array({1.0, 2.0}).to(here), reshape(arange(3.0), {3, 1}).to(here)).shape(), (shape{3, 2}));
}

TEST_F(distributions, of_uniform_and_normal_numbers_take_arrays) {
  const array low = array({0.0, 10.0}).to(here), width = array({1.0, 0.0}).to(here);
  generator g(3);
  const std::vector<double> u = doubles(g.uniform(low, low + 2, {500, 2})),
                            plain = doubles(generator(3).uniform({500, 2}, {.device = here}));
  for (std::size_t i = 0; i < u.size(); ++i) EXPECT_EQ(u[i], plain[i] * 2 + (i % 2 == 0 ? 0 : 10));
  const std::vector<double> z = doubles(g.normal(5, width, {500, 2}));
  for (std::size_t i = 1; i < z.size(); i += 2) EXPECT_EQ(z[i], 5);
  const std::vector<double> tiny = doubles(g.uniform(low + 1, nextafter(low + 1, 100), {100, 2}));
  for (std::size_t i = 0; i < tiny.size(); ++i) EXPECT_EQ(tiny[i], i % 2 == 0 ? 1 : 11);  // never `high`
}

// ---- bits: docs/random.md as plain loops
/// Column m of a call of n elements that starts in this state.
std::vector<double> column(generator_state s, std::int64_t n, int m, bool is_normal) {
  s.counter += static_cast<std::uint64_t>(m) * static_cast<std::uint64_t>((n + 1) / 2);
  generator g(s);
  return tessera_test::values<double>(is_normal ? g.normal({n}, {.device = cpu()}) : g.uniform({n}, {.device = cpu()}));
}

const generator_state states[] = {{0, 0, 0}, {42, 7, 5}, {0xFEDCBA9876543210, 0x0123456789ABCDEF, ~0ull - 100}};

TEST_F(distribution_bits, poisson_by_inversion_sums_probabilities) {
  for (const generator_state& s : states) {
    for (const double lam : {0.0, 0.3, 5.0, 9.99}) {
      const std::int64_t n = 501;
      const std::vector<double> u = column(s, n, 0, false),
                                got = doubles(generator(s).poisson(lam, {n}, {.device = here}));
      for (std::size_t i = 0; i < u.size(); ++i) {
        long double term = std::exp(-static_cast<long double>(lam)), sum = term, k = 0;
        while (!(u[i] < sum)) k += 1, term *= lam / k, sum += term;
        ASSERT_EQ(got[i], static_cast<double>(k)) << lam << ' ' << i;
      }
    }
  }
}

TEST_F(distribution_bits, poisson_by_rejection_takes_two_columns_an_attempt) {
  for (const generator_state& s : states) {
    for (const double lam : {10.0, 77.5, 1e4}) {
      const std::int64_t n = 501;
      const std::vector<double> got = doubles(generator(s).poisson(lam, {n}, {.device = here}));
      std::vector<bool> done(got.size(), false);
      const double b = 0.931 + 2.53 * std::sqrt(lam), a = -0.059 + 0.02483 * b;
      for (int t = 0; t < 30; ++t) {
        const std::vector<double> first = column(s, n, 2 * t, false), second = column(s, n, 2 * t + 1, false);
        for (std::size_t i = 0; i < got.size(); ++i) {
          const double u = first[i] - 0.5, v = second[i], left = 0.5 - std::abs(u);
          const double k = std::floor((2 * a / left + b) * u + lam + 0.43);
          const bool quick = left >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2);
          if (done[i] || k < 0 || (left < 0.013 && v > left)) continue;
          if (!quick && std::log(v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (left * left) + b)) >
                            k * std::log(lam) - lam - std::lgamma(k + 1))
            continue;
          done[i] = true;
          ASSERT_EQ(got[i], k) << lam << ' ' << i;
        }
      }
      EXPECT_EQ(std::count(done.begin(), done.end(), false), 0);
    }
  }
}

TEST_F(distribution_bits, gamma_is_what_marsaglia_and_tsang_accept) {
  for (const generator_state& s : states) {
    for (const double a : {0.2, 1.0, 7.5, 1e5}) {
      const std::int64_t n = 501;
      const std::vector<double> got = doubles(generator(s).gamma(a, 3, {n}, {.device = here})),
                                boost = column(s, n, 2, false);
      std::vector<bool> done(got.size(), false);
      const double d = (a < 1 ? a + 1 : a) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
      for (int t = 0; t < 30; ++t) {
        const std::vector<double> z = column(s, n, t == 0 ? 0 : 2 * t + 1, true),
                                  y = column(s, n, t == 0 ? 1 : 2 * t + 2, false);
        for (std::size_t i = 0; i < got.size(); ++i) {
          const double v = std::pow(1 + c * z[i], 3);
          if (done[i] || v <= 0 || std::log(y[i]) >= z[i] * z[i] / 2 + d * (1 - v + std::log(v))) continue;
          done[i] = true;
          const double want = 3 * d * v * (a < 1 ? std::pow(1 - boost[i], 1 / a) : 1);
          ASSERT_NEAR(got[i], want, 1e-13 * want) << a << ' ' << i;
        }
      }
      EXPECT_EQ(std::count(done.begin(), done.end(), false), 0);
    }
  }
}

TEST_F(distribution_bits, exponential_numbers_are_logarithms_of_odd_words) {
  for (const generator_state& s : states) {
    const std::vector<double> got = doubles(generator(s).exponential(3, {501}, {.device = here})),
                              u = column(s, 501, 0, false);
    for (std::size_t i = 0; i < got.size(); ++i) {  // u has the upper 53 bits of w | 1
      EXPECT_LE(got[i], -3 * std::log(u[i]) * (1 + 1e-15));
      EXPECT_GE(got[i], -3 * std::log(u[i] + 0x1p-53) * (1 - 1e-15));
    }
  }
}

#ifdef TESSERA_TEST_ON_DEVICE
TEST_F(distribution_bits, are_the_cpus) {
  const std::string same[] = {"gamma",       "standard_gamma",       "chisquare",
                              "exponential", "standard_exponential", "triangular"};
  for (const continuous& each : continuous_distributions()) {
    generator there(77), g(77);
    const std::vector<double> got = doubles(each.draw(there, {999}, {.device = here})),
                              want = tessera_test::values<double>(each.draw(g, {999}, {.device = cpu()}));
    EXPECT_TRUE(g == there);
    const bool bits = std::find(std::begin(same), std::end(same), each.name) != std::end(same);
    for (std::size_t i = 0; i < want.size(); ++i)
      ASSERT_NEAR(got[i], want[i], bits ? 0 : 1e-14 * (1 + std::abs(want[i]))) << each.name << ' ' << i;
  }
  for (const double lam : {0.5, 9.0, 10.0, 1e4, 1e12})
    EXPECT_EQ(doubles(generator(1).poisson(lam, {999}, {.device = here})),
              elements<double>(generator(1).poisson(lam, {999}, {.device = cpu()}).astype(float64)));
  for (const double p : {0.001, 0.3, 0.8})
    EXPECT_EQ(doubles(generator(1).binomial(700, p, {999}, {.device = here})),
              elements<double>(generator(1).binomial(700, p, {999}, {.device = cpu()}).astype(float64)));
  EXPECT_EQ(doubles(generator(1).geometric(0.01, {999}, {.device = here})),
            elements<double>(generator(1).geometric(0.01, {999}, {.device = cpu()}).astype(float64)));
}
#endif

TEST_F(distribution_bits, do_not_change) {  // docs/random.md has them too
  EXPECT_EQ(ints(generator(42).poisson(4.5, {6}, {.device = here})), (list{4, 3, 3, 4, 5, 6}));
  EXPECT_EQ(ints(generator(42).binomial(100, 0.3, {6}, {.device = here})), (list{30, 28, 28, 29, 32, 34}));
}

TEST_F(distribution_bits, use_up_counters_by_their_arguments_only) {
  const auto used = [](const std::function<void(generator&)>& call) {
    generator g(1);
    call(g);
    return g.state().counter;
  };
  EXPECT_EQ(used([](generator& g) { (void)g.poisson(3, {5}); }), 512u * 3);
  EXPECT_EQ(used([](generator& g) { (void)g.poisson(300, {5}); }), 512u * 3);
  EXPECT_EQ(used([](generator& g) { (void)g.gamma(0.5, 1, {6}); }), 512u * 3);
  EXPECT_EQ(used([](generator& g) { (void)g.gamma(5, 1, {6}, {.dtype = float32}); }), 512u * 3);
  EXPECT_EQ(used([](generator& g) { (void)g.geometric(0.5, {7}); }), 4u);
  EXPECT_EQ(used([](generator& g) { (void)g.exponential(0.5, {7}); }), 4u);
  EXPECT_EQ(used([](generator& g) { (void)g.exponential(0.5, {7}, {.dtype = float32}); }), 2u);
  EXPECT_EQ(used([](generator& g) { (void)g.beta(2, 3, {4}); }), 2u * 512 * 2);
  EXPECT_EQ(used([](generator& g) { (void)g.poisson(3, {0, 5}); }), 0u);
}

// ---- edges
TEST_F(distributions, of_the_ends_of_their_parameters) {
  generator g(2);
  const auto every = [&](const array& x, double value) {
    for (const double each : doubles(x)) EXPECT_EQ(each, value);
  };
  every(g.exponential(0, {9}, {.device = here}), 0);
  every(g.gamma(0, 2, {9}, {.device = here}), 0);
  every(g.gamma(2, 0, {9}, {.device = here}), 0);
  every(g.poisson(0, {9}, {.device = here}), 0);
  every(g.binomial(0, 0.5, {9}, {.device = here}), 0);
  every(g.binomial(7, 0, {9}, {.device = here}), 0);
  every(g.binomial(7, 1, {9}, {.device = here}), 7);
  every(g.binomial(std::int64_t{1} << 53, 1, {9}, {.device = here}), 0x1p53);
  every(g.geometric(1, {9}, {.device = here}), 1);
  every(g.geometric(1e-300, {9}, {.device = here}), 0x1p63);  // 2**63 - 1, rounded
  every(g.zipf(2000, {9}, {.device = here}), 1);
  every(g.logseries(0, {9}, {.device = here}), 1);
  every(g.hypergeometric(0, 0, 0, {9}, {.device = here}), 0);
  every(g.hypergeometric(7, 0, 5, {9}, {.device = here}), 5);
  every(g.hypergeometric(0, 7, 5, {9}, {.device = here}), 0);
  every(g.hypergeometric(70, 90, 160, {9}, {.device = here}), 70);
  for (const double x : doubles(g.zipf(1.0001, {99}, {.device = here}))) EXPECT_TRUE(x >= 1 && x <= 0x1p63) << x;
  for (const double x : doubles(g.vonmises(3, 1, {99}, {.device = here}))) EXPECT_LE(std::abs(x), 3.1415926535897932);
  every(g.negative_binomial(3, 1, {9}, {.device = here}), 0);
  every(g.lognormal(0, 0, {9}, {.device = here}), 1);
  for (const double x : doubles(g.poisson(9.2e18, {9}, {.device = here}))) EXPECT_NEAR(x, 9.2e18, 1e11);
  for (const double x : doubles(g.beta(1e-5, 1e-5, {99}, {.device = here}))) EXPECT_TRUE(x >= 0 && x <= 1) << x;
  EXPECT_EQ(g.poisson(3).shape(), shape());
  EXPECT_EQ(g.gamma(3, 1, {0, 2}).shape(), (shape{0, 2}));
  EXPECT_EQ(g.poisson(zeros({0})).shape(), shape{0});
}

struct failing_call {
  const char* text;
  std::function<void(generator&)> call;
};

TEST_F(distribution_errors, say_what_is_wrong_and_leave_the_generator_as_it_was) {
  const double inf = INFINITY;
  const failing_call calls[] = {
      {"value_error exponential: scale -1.0 is not in [0.0, inf)", [](generator& g) { (void)g.exponential(-1, {3}); }},
      {"value_error exponential: scale nan is not in [0.0, inf)", [](generator& g) { (void)g.exponential(NAN, {3}); }},
      {"value_error exponential: scale inf is not in [0.0, inf)", [=](generator& g) { (void)g.exponential(inf, {3}); }},
      {"value_error exponential: scale -2.0 is not in [0.0, inf)",
       [](generator& g) {
         (void)g.exponential(array({1.0, -2.0, -3.0}).to(here));
       }},
      {"value_error gamma: shape -1.0 is not in [0.0, inf)", [](generator& g) { (void)g.gamma(-1, 1, {3}); }},
      {"value_error gamma: scale -0.5 is not in [0.0, inf)", [](generator& g) { (void)g.gamma(1, -0.5, {3}); }},
      {"value_error beta: a 0.0 is not in (0.0, inf)", [](generator& g) { (void)g.beta(0, 1, {3}); }},
      {"value_error poisson: lam 1e+19 is not in [0.0, 9.223372006484771e+18]",
       [](generator& g) { (void)g.poisson(1e19, {3}); }},
      {"value_error binomial: p 1.5 is not in [0.0, 1.0]", [](generator& g) { (void)g.binomial(3, 1.5, {3}); }},
      {"value_error binomial: n -1.0 is not in [0.0, 9007199254740992.0]",
       [](generator& g) { (void)g.binomial(-1, 0.5, {3}); }},
      {"dtype_error binomial: n of dtype float64 is not an integer",
       [](generator& g) { (void)g.binomial(3.0, 0.5, {3}); }},
      {"dtype_error poisson: lam of dtype complex128 is not real",
       [](generator& g) { (void)g.poisson(std::complex<double>(1), {3}); }},
      {"value_error geometric: p 0.0 is not in (0.0, 1.0]", [](generator& g) { (void)g.geometric(0, {3}); }},
      {"value_error hypergeometric: nsample 9.0 is above ngood + nbad 8.0",
       [](generator& g) { (void)g.hypergeometric(3, 5, 9, {3}); }},
      {"value_error hypergeometric: nsample 9.0 is above ngood + nbad 8.0",
       [](generator& g) {
         (void)g.hypergeometric(array({9, 3}).to(here), 5, 9);
       }},
      {"value_error hypergeometric: ngood 1000000000.0 is not in [0.0, 1000000000.0)",
       [](generator& g) { (void)g.hypergeometric(1'000'000'000, 5, 9, {3}); }},
      {"value_error zipf: a 1.0 is not in (1.0, inf)", [](generator& g) { (void)g.zipf(1, {3}); }},
      {"value_error logseries: p 1.0 is not in [0.0, 1.0)", [](generator& g) { (void)g.logseries(1, {3}); }},
      {"value_error vonmises: kappa -1.0 is not in [0.0, inf)", [](generator& g) { (void)g.vonmises(0, -1, {3}); }},
      {"value_error standard_t: df 0.0 is not in (0.0, inf)", [](generator& g) { (void)g.standard_t(0, {3}); }},
      {"value_error triangular: mode 3.0 is above right 2.0", [](generator& g) { (void)g.triangular(1, 3, 2, {3}); }},
      {"value_error triangular: left 2.0 is above mode 1.0",
       [](generator& g) {
         (void)g.triangular(array({0.0, 2.0}).to(here), 1, 4, {2});
       }},
      {"value_error triangular: left 1.0 is not below right 1.0",
       [](generator& g) { (void)g.triangular(1, 1, 1, {3}); }},
      {"value_error uniform: low 2.0 is not below high 2.0",
       [](generator& g) {
         (void)g.uniform(array({0.0, 2.0}).to(here), 2);
       }},
      {"dtype_error gamma: dtype int64 is not float32 or float64",
       [](generator& g) { (void)g.gamma(1, 1, {3}, {.dtype = int64}); }},
      {"shape_error poisson: lam of shape (2,) does not broadcast to (3,)",
       [](generator& g) { (void)g.poisson(ones({2}).to(here), {3}); }},
      {"shape_error gamma: shapes (2,) and (3,) do not broadcast: axis 0 has extents 2 and 3",
       [](generator& g) { (void)g.gamma(ones({2}).to(here), ones({3}).to(here)); }},
      {"value_error poisson: shape (-1,) has a negative extent", [](generator& g) { (void)g.poisson(1, {-1}); }},
  };
  for (const failing_call& c : calls) {
    generator g(1);
    EXPECT_EQ(error_of([&] { c.call(g); }), c.text);
    EXPECT_TRUE(g == generator(1)) << c.text;
  }
}

TEST_F(distribution_errors, name_the_callers_line) {
  generator g(1);
  unsigned line = 0;
  try {
    line = __LINE__ + 1;
    (void)g.poisson(-1, {3});
    FAIL();
  } catch (const value_error& e) {
    EXPECT_EQ(e.where().line(), line);
  }
}

}  // namespace
