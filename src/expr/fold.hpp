// The fold that only reductions have; op_table's are those that kernels share with scans and elementwise operations.
#pragma once
#include "expr/op_table.hpp"

namespace tessera::detail {

/// Sums the squares of x - mean(x), x of a floating dtype, as sum does.
inline constexpr fold deviations_fold = static_cast<fold>(static_cast<int>(fold::argmax) + 1);

}  // namespace tessera::detail
