// A sort_plan as kernels walk it: its lanes, kept, and the sorted axis, folded; what its kernels' texts share.
#pragma once
#include <string>

#include "cuda/source.hpp"
#include "ops/sort_plan.hpp"

namespace tessera::detail::cuda {

struct sort_walk {
  explicit sort_walk(const sort_plan& plan);

  std::int64_t lanes(const slab& part) const { return units_of(g, part.extents, false); }
  stage_source source() const { return stage_source(s, g, indirect); }
  /// The parameters, with these of the kernel's own behind, and `struct program` with these members.
  std::string program(const std::string& params, const std::string& members) const;

  const sort_plan& plan;
  const stage s;
  geometry g;
  bool indirect = false;
};

/// Whether lanes are short enough for a block to sort some of them.
bool sorts_in_blocks(const sort_plan& plan);
/// Sorts the lanes of the part, in one launch.
void sort_short_lanes(context& on, const sort_walk& walk, const slab& part);
kernel_text short_text_of(const sort_walk& walk);

/// Whether the first `keep` elements, or those at `nth`, are better selected than sorted.
bool selects(const sort_plan& plan);
std::int64_t most_selected_lanes(const sort_plan& plan);
/// With nth: writes the lanes of the part. Else the numbers (of all the part's elements) of the first `keep` of each lane, in the
/// order in which they lie.
void select_places(context& on, const sort_walk& walk, const slab& part, std::uint32_t* numbers);
/// The rounds, or what comes after them.
kernel_text select_text_of(const sort_walk& walk, bool ends);

}  // namespace tessera::detail::cuda
