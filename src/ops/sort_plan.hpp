// Plans of the verbs that work on lanes along one axis: scan, sort, search. `lanes` are the other axes.
#pragma once
#include "expr/program.hpp"

namespace tessera::detail {

/// Strides over lanes in `strided.strides`; along the axis in the stride members. All in bytes.
struct scan_plan {
  fold by = fold::sum;  // sum or prod, computed in out.type == in.type
  shape lanes;
  std::int64_t count = 0;
  strided in, out;
  std::int64_t in_stride = 0, out_stride = 0;
};

struct sort_plan {
  /// select: the elements of places nth - 1, nth and the last are there, smaller ones before and larger ones after them.
  enum class kind { values, indices, select } what = kind::values;
  bool descending = false;
  shape lanes;
  std::int64_t count = 0, nth = 0;
  strided in, out;  // indices: out is int64
  std::int64_t in_stride = 0, out_stride = 0;
};

struct search_plan {
  bool right = false;
  std::int64_t count = 0;  // elements of `sorted`, contiguous
  const std::byte* sorted = nullptr;
  shape extents;        // of values and out
  strided values, out;  // values: sorted's dtype; out: int64
};

}  // namespace tessera::detail
