// Lowering: one pass of a schedule to the instructions of a stage.
#pragma once
#include "expr/program.hpp"
#include "expr/schedule.hpp"

namespace tessera::detail {

/// Where the elements of a vertex lie. Data is null in a plan that is only looked at.
struct placed {
  std::byte* data = nullptr;
  dtype type;
  shape extents, strides;
  int temporary = -1;  // as strided::temporary
};

/// What lowering reads.
struct recipe {
  const dag& values;
  const schedule& plan;
  const small_vector<output>& outputs;
  const small_vector<placed>& arrays;  // per vertex: of those computed on lower levels
  tessera::device on;
};

/// The stage of a pass, on the pass's own axes: one result per sink, in order, whose targets are still to be set. The axes
/// of folds without an axis longer than 1 are gone: they have become stores.
stage lower(const recipe& r, const pass& p);

/// Strides of a placed array walked as `extents`; 0 also on axes of extent 1.
shape strides_over(const placed& a, const shape& extents);

}  // namespace tessera::detail
