// Folds of a stage as text, for all kernels that fold.
#pragma once
#include <cstdint>
#include <string>

#include "cuda/geometry.hpp"

namespace tessera::detail::cuda {

/// Bytes of the states of all results together, as the device compiler lays them out.
std::int64_t state_bytes(const stage& s);

/// weight_of the instructions and of taking an element.
int fold_weight(const stage& s);

/// The members `leaves` and `states` of a kernel's program: a fold for each result, cleared and joined together.
std::string states_text(const stage& s);

/// The member `deliver`, which stores the results of element k along `axis` (negative: of the only one) at these addresses.
std::string deliver_text(const stage& s, const geometry& g, int axis, const epilogue* tail);

}  // namespace tessera::detail::cuda
