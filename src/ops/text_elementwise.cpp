// Operations of texts.
#include "expr/other_types.hpp"

namespace tessera::detail {

std::optional<expr> text_elementwise(op, const std::vector<other_operand>&, caller) { return std::nullopt; }

}  // namespace tessera::detail
