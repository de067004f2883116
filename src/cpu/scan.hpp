// Running sums and products. Contract: backend::scan.
#pragma once
#include "ops/sort_plan.hpp"

namespace tessera::detail::cpu {

void scan(const scan_plan& plan);

}  // namespace tessera::detail::cpu
