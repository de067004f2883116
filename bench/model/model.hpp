// The modelled columns of a result file: which workloads are counted at which size, and what follows for known GPUs.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/emulation.hpp"
#include "results.hpp"
#include "workload.hpp"

namespace bench {

/// What a workload's kernels do at its full size: counted there, or scaled from two smaller sizes.
struct counted_workload {
  counts total;
  std::string note;  ///< how it was scaled; empty at the full size
};

/// Counts at sizes that take about `seconds` of the processor. Throws std::runtime_error where that cannot be.
counted_workload count_workload(const emulator& on, const facts& work, double seconds);

/// For each known GPU. Empty if nothing is launched.
std::vector<model> models_of(const counted_workload& counted, double least_bytes);

}  // namespace bench
