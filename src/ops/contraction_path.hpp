// In which order einsum contracts more than two operands: the search, on sets of labels alone.
#pragma once
#include <span>

#include "ops/label_set.hpp"
#include "tessera/einsum.hpp"

namespace tessera::detail {

/// Positions in the list of what is left, ascending. What comes of them goes to the end of the list.
using path_step = inline_vector<int, 2>;

struct path_problem {
  std::span<const label_set> operands;
  label_set output;
  const std::int64_t* extents;  // by label
  double memory_limit;          // of elements in what a step makes
};

struct path_choice {
  inline_vector<path_step, 4> steps;
  const char* search;  // which made it, and why not the one asked for
};

/// Operands that one pass multiplies and sums; a step of more is taken two at a time.
inline constexpr int most_in_one_pass = 16;

/// `by` is no longer `automatic` in the answer's text. Bounded: optimal up to 12 operands, greedy up to 512, beyond these the
/// next simpler one.
path_choice find_path(const path_problem& problem, einsum_search by);

/// Product of the extents; may be infinite.
double size_of(label_set labels, const std::int64_t* extents);
/// As numpy.einsum_path counts: one for each product and, where anything is summed, one for each addition.
double flops_of(label_set all, bool sums, int operands, const std::int64_t* extents);

}  // namespace tessera::detail
