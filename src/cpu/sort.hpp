// Sorting, searching, segments and histograms. Contracts: the functions of the same names of backend.
#pragma once
#include "ops/sort_plan.hpp"

namespace tessera::detail::cpu {

void sort(const sort_plan& plan);
void search(const search_plan& plan);
void reduce_segments(const segment_plan& plan);
void histogram(const histogram_plan& plan);

}  // namespace tessera::detail::cpu
