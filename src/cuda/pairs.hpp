// Folds of pairs x(i, k), y(j, k) in two-dimensional tiles.
#pragma once
#include <string>

#include "cuda/epilogue.hpp"
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cuda {

/// Runs the stage in tiles, in one kernel or two, if it is such a fold and large enough for tiles to pay; else does nothing
/// and returns false. Any instructions will do, also those of an epilogue.
bool run_pairs(context& on, const stage& s, const epilogue* tail);

/// The text of the kernel, for tests; empty if the stage is none.
kernel_text pairs_text_of(const stage& s);

}  // namespace tessera::detail::cuda
