// Elements picked by index arrays on the CPU. Contracts: backend.hpp.
#pragma once
#include <cstdint>

#include "ops/index_plan.hpp"

namespace tessera::detail::cpu {

std::int64_t check_indices(std::int64_t* positions, std::int64_t count, std::int64_t extent);
void gather(const index_plan& plan);
void scatter(const index_plan& plan);
void accumulate(const index_plan& plan, op code);

}  // namespace tessera::detail::cpu
