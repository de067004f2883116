// Plans of the verbs that work on lanes along one axis (`lanes` are the other axes): scan, sort, segments; of search and
// histogram.
#pragma once
#include <vector>

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

/// Equal elements stay in the order in which they lie; NaN comes last, descending first.
struct sort_plan {
  enum class kind { values, indices } what = kind::values;
  bool descending = false;
  shape lanes;
  std::int64_t count = 0;
  std::int64_t keep = 0;  // of each sorted lane only the first `keep` elements are written; count: all
  /// Not empty (keep == count then): only the elements of these places, ascending, need be those of the sorted lane; what lies
  /// between two of them belongs there, in any order, and of equal ones any may stand anywhere.
  std::vector<std::int64_t> nth;
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

/// Pieces of lanes folded: element = code(element, next), in order. Segment i begins at starts[i], in [0, count), and ends
/// where the next one begins (the last one: at count); it is one element where that is not behind it (numpy.ufunc.reduceat).
struct segment_plan {
  op code = op::add;  // binary, keeps the dtype: in.type == out.type
  shape lanes;
  std::int64_t count = 0, segments = 0;
  const std::int64_t* starts = nullptr;  // contiguous
  strided in, out;                       // out: `segments` elements a lane
  std::int64_t in_stride = 0, out_stride = 0;
};

/// How many values lie in each bin, or the sum of their weights. Values are int64 places, or with edges numbers of the edges'
/// dtype, float32 or float64: a bin has its lower edge, the last one both. Places outside [0, bins), values outside the edges
/// and NaN are left out.
struct histogram_plan {
  shape extents;
  strided values;
  strided weights;  // no data: one each; else of out's dtype
  std::int64_t bins = 0;
  const std::byte* edges = nullptr;  // bins + 1, ascending, contiguous
  bool uniform = false;              // as good as evenly spaced: a place can be guessed
  std::byte* out = nullptr;          // contiguous, zero: int64, or the weights' float64 or complex128
};

}  // namespace tessera::detail
