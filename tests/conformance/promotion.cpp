// promotion: dtypes of results, casts, Python scalars beside arrays (here: C++ scalars), wrap-around and rounding.
#include <complex>
#include <cstdlib>
#include <map>

#include "conformance/functions.hpp"
#include "conformance/section.hpp"

namespace conformance {

using tessera::array;
using tessera::expr;

namespace {

void expect_dtype(const test_case& c, tessera::dtype got) {
  c.expect_success(got.name());
  c.expect_equal("dtype", dtype_of(c["result"]).name(), got.name());
}

// One element of value 1.
array one(const json& type) { return tessera::ones({1}, dtype_of(type)); }

void result_type(const test_case& c) { expect_dtype(c, tessera::result_type(dtype_of(c["a"]), dtype_of(c["b"]))); }

void can_cast(const test_case& c) {
  static const std::map<std::string, tessera::casting> rules = {{"no", tessera::casting::no},
                                                                {"safe", tessera::casting::safe},
                                                                {"same_kind", tessera::casting::same_kind},
                                                                {"unsafe", tessera::casting::unsafe}};
  for (const auto& [name, rule] : rules) {
    if (!c.has(name.c_str())) continue;
    c.expect_equal(name, c[name.c_str()].get<bool>(), tessera::can_cast(dtype_of(c["a"]), dtype_of(c["b"]), rule));
  }
}

void unary(const test_case& c) { expect_dtype(c, call(c.text("op"), {one(c["a"])}).dtype()); }
void binary(const test_case& c) { expect_dtype(c, call(c.text("op"), {one(c["a"]), one(c["b"])}).dtype()); }

// "1j", "(1+2j)", "-2.5j"
std::complex<double> complex_of(std::string text) {
  if (!text.empty() && text.front() == '(') text = text.substr(1, text.size() - 2);
  char* end = nullptr;
  const double first = std::strtod(text.c_str(), &end);
  if (*end == 'j') return {0, first};
  return {first, *end == 0 ? 0.0 : std::strtod(end, nullptr)};
}

// A Python scalar as the C++ scalar that stands for it.
expr scalar_of(const std::string& text, const std::string& type) {
  if (type == "bool") return text == "True";
  if (type == "float") return std::strtod(text.c_str(), nullptr);
  if (type == "complex") return complex_of(text);
  if (type != "int") throw skipped("scalars of type " + type);
  errno = 0;
  if (text[0] == '-') {
    const long long value = std::strtoll(text.c_str(), nullptr, 10);
    if (errno == ERANGE) throw skipped("an integer that no C++ type holds");
    return static_cast<std::int64_t>(value);
  }
  const unsigned long long value = std::strtoull(text.c_str(), nullptr, 10);
  if (errno == ERANGE) throw skipped("an integer that no C++ type holds");
  if (value > static_cast<unsigned long long>(INT64_MAX)) return static_cast<std::uint64_t>(value);
  return static_cast<std::int64_t>(value);
}

// CUDA documents pow within 4 ulp of float32 and 2 of float64 (docs/gpu.md); every other operation here is exact on all devices.
double documented_error(const std::string& op, const array& got) {
  if (got.device() == tessera::cpu() || (op != "power" && op != "pow" && op != "float_power")) return 0;
  return got.dtype() == tessera::float32 ? 4 * 0x1p-23 : got.dtype() == tessera::float64 ? 2 * 0x1p-52 : 0;
}

tolerance allowed_of(const test_case& c, const array& got) {
  return {.relative = c.has("rtol") ? c["rtol"].get<double>() : documented_error(c.text("op"), got),
          .absolute = c.has("atol") ? c["atol"].get<double>() : 0};
}

void scalar(const test_case& c) {
  const expr a = one(c["array"]), s = scalar_of(c.text("scalar"), c.text("scalar_type"));
  const array got = c.text("order") == "array_scalar" ? call(c.text("op"), {a, s}) : call(c.text("op"), {s, a});
  expect_dtype(c, got.dtype());
  if (c.has("value")) c.expect_array(got, c["value"], allowed_of(c, got));
}

void values(const test_case& c) {
  const placed a = operand_of(c, "a");
  if (c.text("op") == "astype") {
    const array got = a.array.astype(dtype_of(c["dtype"]));
    c.expect_array(got, c["result"]);
    return;
  }
  std::vector<expr> operands{a.array};
  if (c.has("b")) operands.emplace_back(plain(c, "b").array.copy());
  const array got = call(c.text("op"), operands);
  c.expect_success(kind_of(got.dtype(), got.shape()));
  c.expect_array(got, c["result"], allowed_of(c, got));
}

}  // namespace

void replay_promotion(const test_case& c) {
  static const std::map<std::string, replay_function> kinds = {
      {"result_type", result_type}, {"can_cast", can_cast}, {"unary", unary},
      {"binary", binary},           {"scalar", scalar},     {"values", values}};
  const auto found = kinds.find(c.text("kind"));
  if (found == kinds.end()) throw mismatch("the runner does not know the kind " + c.text("kind"));
  found->second(c);
}

}  // namespace conformance
