// Contractions: floating numbers by cuBLAS, integers and bool in tiles.
#pragma once
#include <string>

#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "ops/contraction_plan.hpp"

namespace tessera::detail::cuda {

/// Whether run_contraction is faster than the fused product and fold, as far as is known without a GPU; never for those
/// that it cannot do.
bool contracts(const contraction_plan& plan);
/// On the current stream.
void run_contraction(context& on, const contraction_plan& plan);
/// What it calls, as text.
std::string contraction_calls(const contraction_plan& plan);

/// For tests: the text of the kernel that fills tiles.
kernel_text tiles_text_of(const contraction_plan& plan);

}  // namespace tessera::detail::cuda
