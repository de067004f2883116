// Halving extents of a workload's inputs.
#include "model/smaller.hpp"

#include <algorithm>
#include <vector>

namespace bench {
namespace {

struct rule {
  std::vector<std::int64_t> extents;  ///< that are halved
  std::int64_t least;                 ///< no shorter than this
};

rule rule_for(const facts& work) {
  // Lanes that are sorted keep their length: it decides which kernel does it. Fewer points alone leave too many queries.
  if (work.name.starts_with("sort_axis0_")) return {{10000}, 30};
  if (work.name.starts_with("sort_axis1_")) return {{1000}, 30};
  if (work.name.starts_with("knn10_f32_10000x")) return {{100000, 10000}, 150};
  std::int64_t largest = 0;
  for (const auto& [name, in] : work.inputs) {
    for (const std::int64_t extent : in.extents) largest = std::max(largest, extent);
  }
  return {{largest}, 240};  // some tiles of 128 rows
}

}  // namespace

int most_halvings(const facts& work) {
  const rule by = rule_for(work);
  int result = 0;
  while (*std::min_element(by.extents.begin(), by.extents.end()) >> (result + 1) >= by.least) ++result;
  return result;
}

smaller halved(const facts& work, int halvings) {
  smaller result{work, {}};
  if (halvings == 0) return result;
  for (const std::int64_t full : rule_for(work).extents) result.extents[full] = full >> halvings;
  for (auto& [name, in] : result.work.inputs) {
    const auto shorten = [&](auto& number) {
      const auto found = result.extents.find(static_cast<std::int64_t>(number));
      if (found != result.extents.end()) number = static_cast<std::remove_reference_t<decltype(number)>>(found->second);
    };
    for (std::int64_t& extent : in.extents) shorten(extent);
    if (in.kind == generator::integer) shorten(in.high);
  }
  return result;
}

}  // namespace bench
