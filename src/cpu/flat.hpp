// Single operations and folds of elements that lie one after the other: straight to the kernel. Contract: backend::run.
#pragma once
#include "expr/program.hpp"

namespace tessera::detail::cpu {

void run_flat(const flat_operation& x);
void run_flat(const flat_fold& x);

}  // namespace tessera::detail::cpu
