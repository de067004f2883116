// printing: str and repr of arrays and of NumPy's scalars under print options.
#include "conformance/section.hpp"

namespace conformance {
namespace {

tessera::print_options options_of(const json& fields) {
  tessera::print_options result;
  for (const auto& [key, value] : fields.items()) {
    if (key == "precision") {
      result.precision = value.get<int>();
    } else if (key == "threshold") {
      result.threshold = value.get<std::int64_t>();
    } else if (key == "edgeitems") {
      result.edgeitems = value.get<std::int64_t>();
    } else if (key == "linewidth") {
      result.linewidth = value.get<int>();
    } else if (key == "suppress") {
      result.suppress = value.get<bool>();
    } else if (key == "sign") {
      result.sign = value.get<std::string>().at(0);
    } else if (key == "nanstr") {
      result.nanstr = value.get<std::string>();
    } else if (key == "infstr") {
      result.infstr = value.get<std::string>();
    } else if (key == "floatmode") {
      const std::string mode = value.get<std::string>();
      result.floatmode = mode == "fixed"     ? tessera::float_mode::fixed
                         : mode == "unique"  ? tessera::float_mode::unique
                         : mode == "maxprec" ? tessera::float_mode::maxprec
                                             : tessera::float_mode::maxprec_equal;
    } else {
      throw skipped("print option " + key);
    }
  }
  return result;
}

}  // namespace

void replay_printing(const test_case& c) {
  const placed operand = plain(c, "array");
  const tessera::print_options options = options_of(c["options"]);
  c.expect_equal("str", '"' + c.text("str") + '"', '"' + tessera::str(operand.array, options) + '"');
  const std::string repr =
      c["scalar"].get<bool>() ? tessera::repr_scalar(operand.array) : tessera::repr(operand.array, options);
  c.expect_equal("repr", '"' + c.text("repr") + '"', '"' + repr + '"');
}

}  // namespace conformance
