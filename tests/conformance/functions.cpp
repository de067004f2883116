// The table of functions: a row says NumPy's name and ours.
#include "conformance/functions.hpp"

#include <map>

#include "conformance/data.hpp"

namespace conformance {
namespace {

using tessera::array;
using tessera::expr;
using unary = array (*)(const expr&);
using binary = array (*)(const expr&, const expr&);

#define UNARY(numpy, ours)                                         \
  {                                                                \
    numpy, [](const expr& x) -> array { return tessera::ours(x); } \
  }
#define BINARY(numpy, ours)                                                          \
  {                                                                                  \
    numpy, [](const expr& x, const expr& y) -> array { return tessera::ours(x, y); } \
  }

const std::map<std::string, unary> unary_functions = {
    // arithmetic
    UNARY("negative", negative), UNARY("positive", positive), UNARY("absolute", abs), UNARY("abs", abs),
    UNARY("fabs", fabs), UNARY("sign", sign), UNARY("reciprocal", reciprocal), UNARY("square", square),
    UNARY("sqrt", sqrt), UNARY("cbrt", cbrt),
    // exponentials and logarithms
    UNARY("exp", exp), UNARY("exp2", exp2), UNARY("expm1", expm1), UNARY("log", log), UNARY("log2", log2),
    UNARY("log10", log10), UNARY("log1p", log1p),
    // trigonometry
    UNARY("sin", sin), UNARY("cos", cos), UNARY("tan", tan), UNARY("arcsin", asin), UNARY("asin", asin),
    UNARY("arccos", acos), UNARY("acos", acos), UNARY("arctan", atan), UNARY("atan", atan), UNARY("sinh", sinh),
    UNARY("cosh", cosh), UNARY("tanh", tanh), UNARY("arcsinh", asinh), UNARY("asinh", asinh), UNARY("arccosh", acosh),
    UNARY("acosh", acosh), UNARY("arctanh", atanh), UNARY("atanh", atanh), UNARY("deg2rad", deg2rad),
    UNARY("radians", deg2rad), UNARY("rad2deg", rad2deg), UNARY("degrees", rad2deg),
    // rounding, parts, tests
    UNARY("rint", rint), UNARY("round", round), UNARY("floor", floor), UNARY("ceil", ceil), UNARY("trunc", trunc),
    UNARY("spacing", spacing), UNARY("isnan", isnan), UNARY("isinf", isinf), UNARY("isfinite", isfinite),
    UNARY("signbit", signbit), UNARY("nan_to_num", nan_to_num), UNARY("conjugate", conj), UNARY("conj", conj),
    UNARY("real", real), UNARY("imag", imag), UNARY("angle", angle),
    // logic and bits
    UNARY("logical_not", logical_not), UNARY("invert", bitwise_invert), UNARY("bitwise_not", bitwise_invert),
    UNARY("bitwise_invert", bitwise_invert), UNARY("bitwise_count", bitwise_count),
    // reductions, scans, order
    UNARY("sum", sum), UNARY("prod", prod), UNARY("mean", mean), UNARY("var", var), UNARY("std", stddev),
    UNARY("max", max), UNARY("amax", max), UNARY("min", min), UNARY("amin", min), UNARY("ptp", ptp), UNARY("any", any),
    UNARY("all", all), UNARY("argmax", argmax), UNARY("argmin", argmin), UNARY("count_nonzero", count_nonzero),
    UNARY("median", median), UNARY("average", average), UNARY("nansum", nansum), UNARY("nanprod", nanprod),
    UNARY("nanmean", nanmean), UNARY("nanvar", nanvar), UNARY("nanstd", nanstddev), UNARY("nanmax", nanmax),
    UNARY("nanmin", nanmin), UNARY("nanargmax", nanargmax), UNARY("nanargmin", nanargmin),
    UNARY("nanmedian", nanmedian), UNARY("cumsum", cumsum), UNARY("cumprod", cumprod), UNARY("nancumsum", nancumsum),
    UNARY("nancumprod", nancumprod), UNARY("diff", diff), UNARY("sort", sort), UNARY("argsort", argsort)};

const std::map<std::string, binary> binary_functions = {
    // arithmetic
    BINARY("add", add), BINARY("subtract", subtract), BINARY("multiply", multiply), BINARY("true_divide", divide),
    BINARY("divide", divide), BINARY("floor_divide", floor_divide), BINARY("remainder", remainder),
    BINARY("mod", remainder), BINARY("fmod", fmod), BINARY("power", pow), BINARY("pow", pow),
    BINARY("float_power", float_power), BINARY("gcd", gcd), BINARY("lcm", lcm), BINARY("heaviside", heaviside),
    BINARY("maximum", maximum), BINARY("minimum", minimum), BINARY("fmax", fmax), BINARY("fmin", fmin),
    // exponentials, trigonometry, parts
    BINARY("logaddexp", logaddexp), BINARY("logaddexp2", logaddexp2), BINARY("arctan2", atan2), BINARY("atan2", atan2),
    BINARY("hypot", hypot), BINARY("copysign", copysign), BINARY("nextafter", nextafter), BINARY("ldexp", ldexp),
    // comparison, logic, bits
    BINARY("equal", equal), BINARY("not_equal", not_equal), BINARY("less", less), BINARY("less_equal", less_equal),
    BINARY("greater", greater), BINARY("greater_equal", greater_equal), BINARY("logical_and", logical_and),
    BINARY("logical_or", logical_or), BINARY("logical_xor", logical_xor), BINARY("bitwise_and", bitwise_and),
    BINARY("bitwise_or", bitwise_or), BINARY("bitwise_xor", bitwise_xor), BINARY("left_shift", bitwise_left_shift),
    BINARY("bitwise_left_shift", bitwise_left_shift), BINARY("right_shift", bitwise_right_shift),
    BINARY("bitwise_right_shift", bitwise_right_shift), BINARY("isclose", isclose)};

#undef UNARY
#undef BINARY

}  // namespace

array call(const std::string& name, const std::vector<expr>& operands) {
  if (operands.size() == 1) {
    if (const auto found = unary_functions.find(name); found != unary_functions.end())
      return found->second(operands[0]);
  } else if (operands.size() == 2) {
    if (const auto found = binary_functions.find(name); found != binary_functions.end()) {
      return found->second(operands[0], operands[1]);
    }
  }
  throw mismatch("the runner knows no function " + name + " of " + std::to_string(operands.size()) + " operands");
}

}  // namespace conformance
