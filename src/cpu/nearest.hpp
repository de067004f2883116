// The nearest rows on the CPU.
#pragma once
#include "ops/distance_plan.hpp"

namespace tessera::detail::cpu {

/// Bits do not depend on the number of threads. Throws std::bad_alloc.
void nearest(const nearest_plan& plan);

}  // namespace tessera::detail::cpu
