// einsum: equations of one to four operands.
#include <algorithm>
#include <memory>

#include "conformance/section.hpp"

namespace conformance {

using tessera::array;

namespace {

array contract(const std::string& equation, const std::vector<array>& x) {
  switch (x.size()) {
    case 1: return tessera::einsum(equation, x[0]);
    case 2: return tessera::einsum(equation, x[0], x[1]);
    case 3: return tessera::einsum(equation, x[0], x[1], x[2]);
    default: return tessera::einsum(equation, x[0], x[1], x[2], x[3]);
  }
}

/// The largest sum of absolute products: what the allowed error is relative to.
double scale_of(const std::string& equation, const std::vector<array>& x) {
  std::vector<array> magnitudes;
  for (const array& operand : x) magnitudes.push_back(abs(astype(operand.to(tessera::cpu()), tessera::complex128)));
  const array sums = contract(equation, magnitudes);
  return sums.size() > 0 ? double(max(sums)) : 0.0;
}

bool repeats_an_output_label(const std::string& equation) {
  std::string output = equation.substr(std::min(equation.find("->"), equation.size()));
  std::erase_if(output, [](char c) { return c < 'A'; });
  std::sort(output.begin(), output.end());
  return std::adjacent_find(output.begin(), output.end()) != output.end();
}

}  // namespace

void replay_einsum(const test_case& c) {
  std::vector<std::unique_ptr<placed>> operands;
  std::vector<array> x;
  for (std::size_t k = 0; k < c["operands"].size(); ++k) {
    operands.push_back(std::make_unique<placed>(c.read(c["operands"][k]), c["layouts"][k].get<std::string>()));
    x.push_back(operands.back()->array);
  }
  const std::string equation = c.text("equation");
  if (repeats_an_output_label(equation)) throw skipped("repeated labels in the output, which NumPy refuses");
  const array got = contract(equation, x);
  c.expect_success("an array of shape " + to_string(got.shape()));
  const double relative = c["rtol"].is_number() ? c["rtol"].get<double>() : 0.0;
  const bool exact =
      relative == 0 || got.dtype().kind() == 'i' || got.dtype().kind() == 'u' || got.dtype().kind() == 'b';
  c.expect_array(got, c["result"],
                 exact ? tolerance() : tolerance{relative, 0, std::max(scale_of(equation, x), 1e-300)});
}

}  // namespace conformance
