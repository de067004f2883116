// What a machine can do at best: bandwidth of its memories, multiply-adds, the way to a GPU. Times are compared with
// it.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "../results.hpp"

namespace bench {

struct limit_options {
  double seconds = 30;       ///< for all figures of the host together, about; no figure gets fewer than three passes
  int step = 2;              ///< from one working set to the next
  std::vector<int> threads;  ///< none: 1, 2, 4 … and all
  bool emulated = false;     ///< emulated GPUs too: that it works, no figure means anything
  std::function<void(double part)> progress;  ///< called between figures with the part that is done
};

/// Takes a few seconds.
limit_options quick_limits();

/// Measures the host and each GPU. Figures are the best of several passes: other programs only make them smaller.
limits measure_limits(const limit_options& options = {});

/// The least time that the limits allow for a workload: its bytes at the bandwidth of a working set of so many bytes
/// (interpolated over the logarithm; of reading where the workload only reads, else the best of copying and c = a + s *
/// b), or its operations at the peak of multiply-adds, whichever takes longer. Limits of more than so many threads do
/// not count. 0 where the limits do not tell.
double least_seconds(const measured& work, const limits& of, const std::string& device, int threads);

}  // namespace bench
