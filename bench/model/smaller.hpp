// A workload with fewer elements: what an emulated GPU would take too long for is counted at two such sizes.
#pragma once
#include <cstdint>
#include <map>

#include "workload.hpp"

namespace bench {

/// The workload with its largest extent halved so many times in all inputs, other extents as they are; integers below it, which
/// are indices, stay below it. Some workloads have another extent, or two, halved: model/smaller.cpp says which and why.
struct smaller {
  facts work;
  std::map<std::int64_t, std::int64_t> extents;  ///< what became of each halved extent
};
smaller halved(const facts& work, int halvings);

/// How often the workload can be halved so that a size means as much as the full one.
int most_halvings(const facts& work);

}  // namespace bench
