// Elementwise stages as one kernel each.
#pragma once
#include <string>

#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cuda {

/// A stage whose results are all stored. Enqueues one kernel (more for spaces of 2**31 units and beyond).
void run_elementwise(context& on, const stage& s);

/// For tests: its kernel's text, and its PTX where PTX is what is compiled to.
kernel_text elementwise_text_of(const stage& s);
std::string elementwise_ptx_of(context& on, const stage& s);

}  // namespace tessera::detail::cuda
