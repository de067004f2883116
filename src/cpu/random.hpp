// Random fills on the CPU: blocks of counters on any thread.
#pragma once
#include "ops/random_plan.hpp"

namespace tessera::detail::cpu {

void random(const random_plan& plan);

}  // namespace tessera::detail::cpu
