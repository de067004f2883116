// What a run has found so far, as its file will say it.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "../results.hpp"
#include "competitor.hpp"
#include "plan.hpp"

namespace bench {

/// The facts of a workload, as a result file has them.
measured without_times(const work& one);
/// Minimum, median and quartiles of the samples; samples are kept for tessera only.
timing summarized(const contender& who, const outcome& found);

/// Outcomes by planned workload and contender; those of further rounds are added to the samples.
class collection {
 public:
  explicit collection(const std::vector<planned>& plan) : plan_(plan), found_(plan.size()) {}
  void add(std::size_t workload, const contender& who, const outcome& found);
  /// All workloads that somebody has been timed on, in the plan's order; the same work's times are taken over.
  std::vector<measured> workloads(const limits& machine) const;

 private:
  const std::vector<planned>& plan_;
  std::vector<std::map<contender, outcome>> found_;
};

}  // namespace bench
