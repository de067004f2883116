// Operations of times.
#include "expr/other_types.hpp"

namespace tessera::detail {

std::optional<expr> time_elementwise(op, const std::vector<other_operand>&, caller) { return std::nullopt; }

std::optional<expr> time_reduction(fold, const array&, const axes&, bool, const char*, caller) { return std::nullopt; }

}  // namespace tessera::detail
