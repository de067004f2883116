// Texts compared element by element.
#pragma once
#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"
#include "ops/text_plan.hpp"

namespace tessera::detail::cuda {

void run_texts(context& on, const text_plan& plan);

/// For tests: the text of its kernel.
kernel_text texts_text_of(const text_plan& plan);

}  // namespace tessera::detail::cuda
