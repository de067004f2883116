// Two-dimensional folds: fold_k map(x[i,k], y[j,k]) in tiles of i and j.
#pragma once
#include "expr/program.hpp"

namespace tessera::detail::cpu {

/// Runs a stage whose two inputs are each repeated along an axis that the other one moves along, where there is a kernel
/// for what it folds (kernels/pairwise.hpp) and the axes fill its tiles. False when the stage is of another kind: then
/// nothing was done. Throws std::bad_alloc.
bool run_pairwise(const stage& s);

}  // namespace tessera::detail::cpu
