// Kernels of distances: the finished distances of a tile of rows, for each metric of src/metrics.
#pragma once
#include "cpu/kernels/pair_tile.hpp"
#include "metrics/list.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

/// For operands of the dtype; results are as distance_plan says. Null where the metric takes no weights but should.
const tile_kernel* find_distance(metric_code what, dtype type, bool weighted);

}  // namespace tessera::detail::cpu
