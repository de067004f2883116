// Random numbers from a counter: Philox4x32-10, the same bits on every device and with any number of threads.
//
// Element i of a call is a function of seed, stream, counter and i alone (docs/random.md defines every bit), so there is
// no order in which elements have to be made. The words are those of J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel
// random numbers: as easy as 1, 2, 3 (SC 2011).
#pragma once
#include <iosfwd>
#include <optional>

#include "array.hpp"

namespace tessera::detail {
/// Parameters that are not two plain numbers.
template <class A, class B>
concept parameter_arrays =
    std::convertible_to<const A&, operand> && std::convertible_to<const B&, operand> && !(scalar<A> && scalar<B>);
}  // namespace tessera::detail

namespace tessera::random {

struct float_options {
  tessera::dtype dtype = float64;              // or float32
  std::optional<tessera::device> device = {};  // the default device unless given
};
struct integer_options {
  tessera::dtype dtype = int64;  // any integer, or bool
  bool endpoint = false;         // true: `high` itself may come
  std::optional<tessera::device> device = {};
};
/// Of counts, which are int64.
struct integer_draw_options {
  std::optional<tessera::device> device = {};
};
struct choice_options {
  bool replace = true;                         // whether a member may come more than once
  std::vector<expr> p = {};                    // none, or one: each member's probability
  int axis = 0;                                // of an array: along which its members lie
  std::optional<tessera::device> device = {};  // of positions; arrays stay where they are
};
struct generator_options {
  std::uint64_t stream = 0;
};

/// A bound of integers(): any C++ integer, exactly.
class bound {
 public:
  template <integer T> constexpr bound(T v) : bits_(static_cast<std::uint64_t>(v)), negative_(v < 0) {}
  /// Two's complement.
  constexpr std::uint64_t bits() const noexcept { return bits_; }
  constexpr bool negative() const noexcept { return negative_; }

 private:
  std::uint64_t bits_;
  bool negative_;
};

/// All there is to a generator: restores it with generator(state).
struct generator_state {
  std::uint64_t seed = 0, stream = 0, counter = 0;
  friend bool operator==(const generator_state&, const generator_state&) = default;
};

/// Draws arrays (C order); each call goes on where the last one stopped. Copies draw the same numbers. Not
/// locked: threads that share one generator take turns; better each has its own stream.
///
/// A call uses up ceil(count * words / 4) counters, where an element takes one 32-bit word as float32, two as float64,
/// and as an integer two, or four if high - low is above 2**32; docs/random.md has those of the other distributions. A call that
/// throws uses up none.
/// All throw value_error for negative extents, out_of_memory with the size, dtype_error for a dtype not listed.
class TESSERA_API generator {
 public:
  /// A seed from the operating system.
  generator();
  /// Streams of one seed have no counter in common, each is 2**66 words long.
  explicit generator(std::uint64_t seed, const generator_options& options = {}) : state_{seed, options.stream, 0} {}
  explicit generator(const generator_state& state) : state_(state) {}

  /// Multiples of 2**-53 (float32: 2**-24) in [0, 1), each as likely.       (as numpy's Generator.random)
  array uniform(const shape& extents, const float_options& options = {}, caller where = caller::current());
  /// low + (high - low) * u, never `high`. Throws value_error unless both are finite in the dtype and low < high,
  /// overflow_error when high - low is infinite.
  array uniform(double low, double high, const shape& extents = {}, const float_options& options = {},
                caller where = caller::current());

  /// Mean 0, variance 1; up to 9.4 deviations (float32: 6.7).               (as numpy's Generator.standard_normal)
  array normal(const shape& extents, const float_options& options = {}, caller where = caller::current());
  /// mean + deviation * z. Throws value_error unless both are finite in the dtype and deviation >= 0.
  array normal(double mean, double deviation, const shape& extents = {}, const float_options& options = {},
               caller where = caller::current());

  /// Integers in [low, high), each as likely to within 2**-32 of its probability.   (as numpy's Generator.integers)
  /// Throws value_error unless low < high (with `endpoint` low <= high) and all values are in the dtype.
  array integers(bound low, bound high, const shape& extents = {}, const integer_options& options = {},
                 caller where = caller::current());

  // ---- distributions under numpy.random.Generator's names, with its parameters
  // A parameter is a number or an array of any real dtype. Extents are those given, to which the parameters broadcast (else
  // shape_error); without any, what the parameters broadcast to. On the device given, else the arrays'. Computed in
  // float64 and rounded where that is not a plain function of one number. Throw value_error with the first value that is
  // outside what a distribution takes, written as an interval here: no parameter may be infinite or NaN.

  /// The two above with arrays among the parameters.
  template <class Low, class High>
    requires detail::parameter_arrays<Low, High>
  array uniform(const Low& low, const High& high, const shape& extents = {}, const float_options& options = {},
                caller where = caller::current()) {
    return uniform_between(operand(low, where), operand(high, where), extents, options);
  }
  template <class Mean, class Deviation>
    requires detail::parameter_arrays<Mean, Deviation>
  array normal(const Mean& mean, const Deviation& deviation, const shape& extents = {},
               const float_options& options = {}, caller where = caller::current()) {
    return normal_around(operand(mean, where), operand(deviation, where), extents, options);
  }

  array standard_exponential(const shape& extents = {}, const float_options& options = {},
                             caller where = caller::current());
  array exponential(const operand& scale, const shape& extents = {}, const float_options& options = {});  // [0, inf)
  array standard_gamma(const operand& a, const shape& extents = {}, const float_options& options = {});   // [0, inf)
  /// Of shape `a`, mean a * scale, both in [0, inf).
  array gamma(const operand& a, const operand& scale, const shape& extents = {}, const float_options& options = {});
  array beta(const operand& a, const operand& b, const shape& extents = {},
             const float_options& options = {});                                                     // (0, inf)
  array chisquare(const operand& df, const shape& extents = {}, const float_options& options = {});  // (0, inf)
  array f(const operand& dfnum, const operand& dfden, const shape& extents = {},
          const float_options& options = {});                                                         // (0, inf)
  array standard_t(const operand& df, const shape& extents = {}, const float_options& options = {});  // (0, inf)
  array standard_cauchy(const shape& extents = {}, const float_options& options = {}, caller where = caller::current());
  /// exp of a normal number; sigma in [0, inf).
  array lognormal(const operand& mean, const operand& sigma, const shape& extents = {},
                  const float_options& options = {});
  array laplace(const operand& loc, const operand& scale, const shape& extents = {},
                const float_options& options = {});  // scale [0, inf)
  array logistic(const operand& loc, const operand& scale, const shape& extents = {},
                 const float_options& options = {});  // scale [0, inf)
  array gumbel(const operand& loc, const operand& scale, const shape& extents = {},
               const float_options& options = {});                                                // scale [0, inf)
  array weibull(const operand& a, const shape& extents = {}, const float_options& options = {});  // (0, inf)
  array pareto(const operand& a, const shape& extents = {}, const float_options& options = {});   // from 0; (0, inf)
  array power(const operand& a, const shape& extents = {}, const float_options& options = {});    // (0, inf)
  array rayleigh(const operand& scale, const shape& extents = {}, const float_options& options = {});  // [0, inf)
  /// Inverse Gaussian numbers; both (0, inf).
  array wald(const operand& mean, const operand& scale, const shape& extents = {}, const float_options& options = {});
  /// Throws value_error unless left <= mode <= right and left < right.
  array triangular(const operand& left, const operand& mode, const operand& right, const shape& extents = {},
                   const float_options& options = {});

  // Counts: int64.
  array poisson(const operand& lam, const shape& extents = {},
                const integer_draw_options& options = {});  // [0, 9.22e18]
  /// n trials, an integer up to 2**53, each a success with probability p in [0, 1].
  array binomial(const operand& n, const operand& p, const shape& extents = {},
                 const integer_draw_options& options = {});
  /// Failures before n successes, n in (0, inf), p in (0, 1].
  array negative_binomial(const operand& n, const operand& p, const shape& extents = {},
                          const integer_draw_options& options = {});
  /// Trials up to the first success, p in (0, 1]; at most 2**63 - 1.
  array geometric(const operand& p, const shape& extents = {}, const integer_draw_options& options = {});

  /// Marked ones among nsample of ngood + nbad; integers below 10**9. Throws value_error if nsample is above the sum.
  array hypergeometric(const operand& ngood, const operand& nbad, const operand& nsample, const shape& extents = {},
                       const integer_draw_options& options = {});
  array zipf(const operand& a, const shape& extents = {}, const integer_draw_options& options = {});       // (1, inf)
  array logseries(const operand& p, const shape& extents = {}, const integer_draw_options& options = {});  // [0, 1)
  /// Angles in [-pi, pi] around mu; kappa in [0, inf).
  array vonmises(const operand& mu, const operand& kappa, const shape& extents = {}, const float_options& options = {});

  // Vectors along a last axis.
  /// How often each of k kinds came in n trials; pvals (..., k) in [0, 1], of which the last is what the others leave of 1. Extents are
  /// those before the last axis. Throws value_error where the others sum to more than 1. int64 (..., k)
  array multinomial(const operand& n, const operand& pvals, const shape& extents = {},
                    const integer_draw_options& options = {});
  /// Shares that sum to 1; alpha (k,) in (0, inf). (..., k)
  array dirichlet(const operand& alpha, const shape& extents = {}, const float_options& options = {});
  /// mean (d,), covariance (d, d). Factorised on the CPU wherever it lies. Throws value_error unless the covariance is symmetric and
  /// positive semidefinite. (..., d)
  array multivariate_normal(const operand& mean, const operand& covariance, const shape& extents = {},
                            const float_options& options = {});

  /// Members of 0 … a - 1 for an integer a, else of the array a along an axis, which `extents` replace. Without replacement in random
  /// order. Weighted: with replacement by the cumulative sum of p, without as if drawn one after the other, each time with the
  /// weights that are left. Throws value_error for an empty population, for more than there are, for p out of [0, 1] or not summing to
  /// 1 within 1.5e-8; shape_error unless p has one for each member.
  array choice(const operand& a, const shape& extents = {}, const choice_options& options = {});

  /// 0 … n - 1 in random order. int64 (n,)
  template <integer T> array permutation(T n, caller where = caller::current()) {
    return permuted_range(static_cast<std::int64_t>(n), where);
  }
  /// x with what lies along `axis` in random order; rows stay whole. A copy. Throws axis_error.
  array permutation(const operand& x, int axis = 0);
  /// x with each lane along `axis` in a random order of its own; without one all elements. A copy.
  array permuted(const operand& x, const axes& axis = {});
  /// permutation() in place. Throws value_error if the target is read-only.
  void shuffle(array target, int axis = 0, caller where = caller::current());
  void shuffle(const expr& target, int axis = 0) = delete;  // a recipe has no elements to write

  /// Goes `counters` on, as calls that use up as many would.
  generator& jump(std::uint64_t counters) noexcept {
    state_.counter += counters;
    return *this;
  }
  const generator_state& state() const noexcept { return state_; }

  friend bool operator==(const generator&, const generator&) = default;

 private:
  array permuted_range(std::int64_t n, caller where);
  array chosen(std::int64_t population, const shape& extents, const choice_options& options,
               const std::optional<device>& on, caller where);
  array uniform_between(const operand& low, const operand& high, const shape& extents, const float_options& options);
  array normal_around(const operand& mean, const operand& deviation, const shape& extents,
                      const float_options& options);
  generator_state state_;
};

/// "generator({.seed = 42, .stream = 0, .counter = 250})"
TESSERA_API std::string to_string(const generator& g);
TESSERA_API std::ostream& operator<<(std::ostream& out, const generator& g);

}  // namespace tessera::random
