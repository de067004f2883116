// The distributions of tessera.random's generator: NumPy's names, with a dtype and a device for each.
#include "functions.hpp"

namespace tessera::python {
namespace {

using random::generator;

/// A parameter's default, or that there is none.
nb::arg_v argument(const char* name, double value) { return nb::arg(name) = value; }
nb::arg argument(const char* name) { return nb::arg(name); }

using plain = array (generator::*)(const shape&, const random::float_options&, caller);

void bind_plain(nb::class_<generator>& c, const char* name, plain f, const char* sentence) {
  c.def(
      name,
      [f](generator& g, nb::handle size, nb::handle type, nb::handle device) {
        return wrap((g.*f)(size_of(size), floats(type, device), caller()));
      },
      optional("size"), nb::kw_only(), optional("dtype"), optional("device"), sentence);
}

using of_one = array (generator::*)(const operand&, const shape&, const random::float_options&);

template <class... Default>
void bind_of_one(nb::class_<generator>& c, const char* name, of_one f, const char* sentence, const char* parameter,
                 Default... value) {
  c.def(
      name,
      [f](generator& g, nb::handle a, nb::handle size, nb::handle type, nb::handle device) {
        return wrap((g.*f)(to_expr(a), size_of(size), floats(type, device)));
      },
      argument(parameter, value...), optional("size"), nb::kw_only(), optional("dtype"), optional("device"), sentence);
}

using of_two = array (generator::*)(const operand&, const operand&, const shape&, const random::float_options&);

template <class First, class Second>
void bind_of_two(nb::class_<generator>& c, const char* name, of_two f, const char* sentence, First first,
                 Second second) {
  c.def(
      name,
      [f](generator& g, nb::handle a, nb::handle b, nb::handle size, nb::handle type, nb::handle device) {
        return wrap((g.*f)(to_expr(a), to_expr(b), size_of(size), floats(type, device)));
      },
      first, second, optional("size"), nb::kw_only(), optional("dtype"), optional("device"), sentence);
}

void bind_floating(nb::class_<generator>& c) {
  bind_plain(c, "standard_exponential", &generator::standard_exponential, "Exponential, of mean 1.");
  bind_plain(c, "standard_cauchy", &generator::standard_cauchy, "Cauchy, around 0.");
  bind_of_one(c, "exponential", &generator::exponential, "Exponential, of mean scale.", "scale", 1.0);
  bind_of_one(c, "standard_gamma", &generator::standard_gamma, "Gamma of this shape, of scale 1.", "shape");
  bind_of_one(c, "chisquare", &generator::chisquare, "Chi-square with df degrees of freedom.", "df");
  bind_of_one(c, "standard_t", &generator::standard_t, "Student's t with df degrees of freedom.", "df");
  bind_of_one(c, "weibull", &generator::weibull, "Weibull of shape a.", "a");
  bind_of_one(c, "pareto", &generator::pareto, "Pareto II (Lomax) of shape a.", "a");
  bind_of_one(c, "power", &generator::power, "Power function on [0, 1] with exponent a - 1.", "a");
  bind_of_one(c, "rayleigh", &generator::rayleigh, "Rayleigh.", "scale", 1.0);
  const auto zero = [](const char* name) { return argument(name, 0.0); };
  const auto one = [](const char* name) { return argument(name, 1.0); };
  bind_of_two(c, "gamma", &generator::gamma, "Gamma, of mean shape * scale.", argument("shape"), one("scale"));
  bind_of_two(c, "beta", &generator::beta, "Beta.", argument("a"), argument("b"));
  bind_of_two(c, "f", &generator::f, "Fisher's F.", argument("dfnum"), argument("dfden"));
  bind_of_two(c, "lognormal", &generator::lognormal, "exp of a normal number.", zero("mean"), one("sigma"));
  bind_of_two(c, "laplace", &generator::laplace, "Double exponential.", zero("loc"), one("scale"));
  bind_of_two(c, "logistic", &generator::logistic, "Logistic.", zero("loc"), one("scale"));
  bind_of_two(c, "gumbel", &generator::gumbel, "Gumbel.", zero("loc"), one("scale"));
  bind_of_two(c, "wald", &generator::wald, "Inverse Gaussian.", argument("mean"), argument("scale"));
  bind_of_two(c, "vonmises", &generator::vonmises, "Angles around mu.", argument("mu"), argument("kappa"));
  bind_of_two(c, "multivariate_normal", &generator::multivariate_normal, "Normal vectors of this mean and covariance.",
              argument("mean"), argument("cov"));
  bind_of_one(c, "dirichlet", &generator::dirichlet, "Shares that sum to 1.", "alpha");
  c.def(
      "triangular",
      [](generator& g, nb::handle left, nb::handle mode, nb::handle right, nb::handle size, nb::handle type,
         nb::handle device) {
        return wrap(g.triangular(to_expr(left), to_expr(mode), to_expr(right), size_of(size), floats(type, device)));
      },
      nb::arg("left"), nb::arg("mode"), nb::arg("right"), optional("size"), nb::kw_only(), optional("dtype"),
      optional("device"), "Triangular over [left, right], highest at mode.");
}

using count_of_one = array (generator::*)(const operand&, const shape&, const random::integer_draw_options&);
using count_of_two = array (generator::*)(const operand&, const operand&, const shape&,
                                          const random::integer_draw_options&);

template <class First>
void bind_count(nb::class_<generator>& c, const char* name, count_of_one f, const char* sentence, First first) {
  c.def(
      name,
      [f](generator& g, nb::handle a, nb::handle size, nb::handle device) {
        return wrap((g.*f)(to_expr(a), size_of(size), {.device = to_device(device)}));
      },
      first, optional("size"), nb::kw_only(), optional("device"), sentence);
}

void bind_count(nb::class_<generator>& c, const char* name, count_of_two f, const char* sentence,
                const char* second = "p") {
  c.def(
      name,
      [f](generator& g, nb::handle n, nb::handle p, nb::handle size, nb::handle device) {
        return wrap((g.*f)(to_expr(n), to_expr(p), size_of(size), {.device = to_device(device)}));
      },
      nb::arg("n"), nb::arg(second), optional("size"), nb::kw_only(), optional("device"), sentence);
}

void bind_counts(nb::class_<generator>& c) {
  bind_count(c, "poisson", &generator::poisson, "Poisson, of mean lam.", argument("lam", 1.0));
  bind_count(c, "geometric", &generator::geometric, "Trials up to the first success.", argument("p"));
  bind_count(c, "binomial", &generator::binomial, "Successes among n trials of probability p.");
  bind_count(c, "negative_binomial", &generator::negative_binomial, "Failures before n successes.");
  bind_count(c, "multinomial", &generator::multinomial, "How often each kind came in n trials.", "pvals");
  bind_count(c, "zipf", &generator::zipf, "Zipf's distribution.", argument("a"));
  bind_count(c, "logseries", &generator::logseries, "The logarithmic distribution.", argument("p"));
  c.def(
      "hypergeometric",
      [](generator& g, nb::handle ngood, nb::handle nbad, nb::handle nsample, nb::handle size, nb::handle device) {
        return wrap(g.hypergeometric(to_expr(ngood), to_expr(nbad), to_expr(nsample), size_of(size),
                                     {.device = to_device(device)}));
      },
      nb::arg("ngood"), nb::arg("nbad"), nb::arg("nsample"), optional("size"), nb::kw_only(), optional("device"),
      "Marked ones among nsample of ngood + nbad.");
}

void bind_members(nb::class_<generator>& c) {
  c.def(
       "choice",
       [](generator& g, nb::handle a, nb::handle size, bool replace, nb::handle p, nb::handle axis, bool,
          nb::handle device) {
         const random::choice_options options{
             .replace = replace, .p = one_or_none(p, nb::none()), .axis = to_axis(axis), .device = to_device(device)};
         return wrap(g.choice(to_expr(a), size_of(size), options));
       },
       nb::arg("a"), optional("size"), nb::arg("replace") = true, optional("p"), nb::arg("axis") = 0,
       nb::arg("shuffle") = true, nb::kw_only(), optional("device"),
       "Members of 0 … a - 1, or of an array along an axis; always in random order.")
      .def(
          "permuted",
          [](generator& g, nb::handle x, nb::handle axis) { return wrap(g.permuted(to_expr(x), to_axes(axis))); },
          nb::arg("x"), nb::kw_only(), optional("axis"),
          "x with each lane along an axis in a random order of its own; without one all elements.");
}

}  // namespace

void bind_distributions(nb::class_<random::generator>& c) {
  bind_floating(c);
  bind_counts(c);
  bind_members(c);
}

}  // namespace tessera::python
