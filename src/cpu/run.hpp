// Runs fused stages. Contract: backend::run.
#pragma once
#include "expr/program.hpp"

namespace tessera::detail::cpu {

/// Any stage.
void run(const stage& s);
/// A stage whose results are folded.
void run_folds(const stage& s);

}  // namespace tessera::detail::cpu
