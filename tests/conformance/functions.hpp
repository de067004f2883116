// Functions of arrays by NumPy's names, so that cases can call any of them.
#pragma once
#include <string>
#include <tessera/tessera.hpp>
#include <vector>

namespace conformance {

/// Runs the function of this name; throws mismatch when there is none with as many operands.
tessera::array call(const std::string& name, const std::vector<tessera::expr>& operands);

}  // namespace conformance
