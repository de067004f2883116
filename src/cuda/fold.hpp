// Stages with folds: one kernel, or two where few results are made of much.
#pragma once
#include <cstdint>
#include <string>

#include "cuda/epilogue.hpp"
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cuda {

/// A stage whose results are all folded over the same axes, and what is computed from them if anything is.
void run_folds(context& on, const stage& s, const epilogue* tail = nullptr);

/// What was decided for a stage, for tests.
struct fold_choice {
  bool rows;            // threads walk a folded axis, else a kept one
  int group;            // threads of a block beside each other along it
  int vector, unroll;   // elements an access; units in flight
  std::int64_t pieces;  // parts of the folded axes: more than one takes a second kernel
};
fold_choice fold_choice_of(const stage& s);
kernel_text fold_text_of(const stage& s);

}  // namespace tessera::detail::cuda
