// direct: recipes so simple that there is nothing to plan.
//
// One operation, or one fold over all axes, of arrays that lie alike, in C order: the elements are walked as one row and the
// result is fresh and in C order. Everything else, and what is too large for a plan to matter, goes to the planner
// (plan.hpp), which would come to the same; tests hold the two against each other.
#pragma once
#include "expr/node.hpp"

namespace tessera::detail {

/// Whether run_direct() takes the recipe.
bool is_direct(const node& n) noexcept;

/// The result, as evaluate() would give it. Throws stale_expression, out_of_memory.
array run_direct(const node& n, const char* name, const caller& where);

}  // namespace tessera::detail
