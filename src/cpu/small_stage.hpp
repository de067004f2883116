// Small stages: all of their points are one block, with its registers on the stack. No plan, no threads, no allocation.
#pragma once
#include "expr/program.hpp"

namespace tessera::detail::cpu {

/// Runs a stage that is small enough, stores or folds of a single row, to the same bits as blocks would; false and nothing
/// done if it is not.
bool run_small(const stage& s);

}  // namespace tessera::detail::cpu
