// Sorting and searching. Contracts: backend::sort, backend::search.
#pragma once
#include "ops/sort_plan.hpp"

namespace tessera::detail::cpu {

void sort(const sort_plan& plan);
void search(const search_plan& plan);

}  // namespace tessera::detail::cpu
