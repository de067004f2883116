// The distributions of tessera.random's generator: NumPy's names, with a dtype and a device for each.
#include "functions.hpp"

namespace tessera::python {
namespace {

using random::generator;

using plain = array (generator::*)(const shape&, const random::float_options&, caller);

void bind_plain(nb::class_<generator>& c, const char* name, plain f, const char* sentence) {
  c.def(
      name,
      [f](generator& g, nb::handle size, nb::handle type, nb::handle device) {
        return wrap((g.*f)(size_of(size), floats(type, device), caller()));
      },
      optional("size"), nb::kw_only(), optional("dtype"), optional("device"), sentence);
}

template <class> using handle = nb::handle;

/// `f` takes an operand for each parameter.
template <class F, class... Parameter>
void bind_numbers(nb::class_<generator>& c, const char* name, F f, const char* sentence, Parameter... parameters) {
  c.def(
      name,
      [f](generator& g, handle<Parameter>... of, nb::handle size, nb::handle type, nb::handle device) {
        return wrap((g.*f)(to_expr(of)..., size_of(size), floats(type, device)));
      },
      parameters..., optional("size"), nb::kw_only(), optional("dtype"), optional("device"), sentence);
}

void bind_floating(nb::class_<generator>& c) {
  bind_plain(c, "standard_exponential", &generator::standard_exponential, "Exponential, of mean 1.");
  bind_plain(c, "standard_cauchy", &generator::standard_cauchy, "Cauchy, around 0.");
  bind_numbers(c, "exponential", &generator::exponential, "Exponential, of mean scale.", nb::arg("scale") = 1.0);
  bind_numbers(c, "standard_gamma", &generator::standard_gamma, "Gamma of this shape, of scale 1.", nb::arg("shape"));
  bind_numbers(c, "chisquare", &generator::chisquare, "Chi-square with df degrees of freedom.", nb::arg("df"));
  bind_numbers(c, "standard_t", &generator::standard_t, "Student's t with df degrees of freedom.", nb::arg("df"));
  bind_numbers(c, "weibull", &generator::weibull, "Weibull of shape a.", nb::arg("a"));
  bind_numbers(c, "pareto", &generator::pareto, "Pareto II (Lomax) of shape a.", nb::arg("a"));
  bind_numbers(c, "power", &generator::power, "Power function on [0, 1] with exponent a - 1.", nb::arg("a"));
  bind_numbers(c, "rayleigh", &generator::rayleigh, "Rayleigh.", nb::arg("scale") = 1.0);
  bind_numbers(c, "gamma", &generator::gamma, "Gamma, of mean shape * scale.", nb::arg("shape"),
               nb::arg("scale") = 1.0);
  bind_numbers(c, "beta", &generator::beta, "Beta.", nb::arg("a"), nb::arg("b"));
  bind_numbers(c, "f", &generator::f, "Fisher's F.", nb::arg("dfnum"), nb::arg("dfden"));
  bind_numbers(c, "lognormal", &generator::lognormal, "exp of a normal number.", nb::arg("mean") = 0.0,
               nb::arg("sigma") = 1.0);
  bind_numbers(c, "laplace", &generator::laplace, "Double exponential.", nb::arg("loc") = 0.0, nb::arg("scale") = 1.0);
  bind_numbers(c, "logistic", &generator::logistic, "Logistic.", nb::arg("loc") = 0.0, nb::arg("scale") = 1.0);
  bind_numbers(c, "gumbel", &generator::gumbel, "Gumbel.", nb::arg("loc") = 0.0, nb::arg("scale") = 1.0);
  bind_numbers(c, "wald", &generator::wald, "Inverse Gaussian.", nb::arg("mean"), nb::arg("scale"));
  bind_numbers(c, "vonmises", &generator::vonmises, "Angles around mu.", nb::arg("mu"), nb::arg("kappa"));
  bind_numbers(c, "multivariate_normal", &generator::multivariate_normal, "Normal vectors of this mean and covariance.",
               nb::arg("mean"), nb::arg("cov"));
  bind_numbers(c, "dirichlet", &generator::dirichlet, "Shares that sum to 1.", nb::arg("alpha"));
  bind_numbers(c, "triangular", &generator::triangular, "Triangular over [left, right], highest at mode.",
               nb::arg("left"), nb::arg("mode"), nb::arg("right"));
}

template <class F, class... Parameter>
void bind_count(nb::class_<generator>& c, const char* name, F f, const char* sentence, Parameter... parameters) {
  c.def(
      name,
      [f](generator& g, handle<Parameter>... of, nb::handle size, nb::handle device) {
        return wrap((g.*f)(to_expr(of)..., size_of(size), {.device = to_device(device)}));
      },
      parameters..., optional("size"), nb::kw_only(), optional("device"), sentence);
}

void bind_counts(nb::class_<generator>& c) {
  bind_count(c, "poisson", &generator::poisson, "Poisson, of mean lam.", nb::arg("lam") = 1.0);
  bind_count(c, "geometric", &generator::geometric, "Trials up to the first success.", nb::arg("p"));
  bind_count(c, "binomial", &generator::binomial, "Successes among n trials of probability p.", nb::arg("n"),
             nb::arg("p"));
  bind_count(c, "negative_binomial", &generator::negative_binomial, "Failures before n successes.", nb::arg("n"),
             nb::arg("p"));
  bind_count(c, "multinomial", &generator::multinomial, "How often each kind came in n trials.", nb::arg("n"),
             nb::arg("pvals"));
  bind_count(c, "zipf", &generator::zipf, "Zipf's distribution.", nb::arg("a"));
  bind_count(c, "logseries", &generator::logseries, "The logarithmic distribution.", nb::arg("p"));
  bind_count(c, "hypergeometric", &generator::hypergeometric, "Marked ones among nsample of ngood + nbad.",
             nb::arg("ngood"), nb::arg("nbad"), nb::arg("nsample"));
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
