// schedule: which vertices get an array of their own, and which pass over memory computes what.
#pragma once
#include "core/small_vector.hpp"
#include "expr/dag.hpp"

namespace tessera::detail {

/// How a value leaves the recipe: into a fresh array, or into `destination` (shapes and dtypes already checked).
struct output {
  int value = -1;
  const array* destination = nullptr;
  int mask = -1;  // a bool vertex: written only where true
};

/// One value leaving a pass: a computed vertex into its array, or the value of an output that is no vertex's own array.
struct sink {
  int value = -1;   // the vertex; of a reduction the fold of its operand leaves
  int output = -1;  // >= 0: the output that receives it
};

/// One walk over an iteration space.
struct pass {
  int level = 0;  // reads only arrays computed on lower levels
  shape extents;
  axis_list over;  // folded axes; empty when values are stored
  bool folds = false;
  small_vector<sink> sinks;
  small_vector<int> reads;     // sorted: leaves and computed vertices (folds only)
  small_vector<int> row_axes;  // in a row group: the axes that its passes share, in the same order
  bool joins = false;          // in the row group of the pass before
};

struct schedule {
  small_vector<char> computed;  // per vertex: has an array of its own
  small_vector<char> c_order;   // … that must be C-contiguous
  small_vector<int> available;  // the level from which it can be read
  small_vector<int> output_of;  // the output whose array it is, or -1
  small_vector<pass> passes;    // by level, row groups together
  small_vector<int> temporary;  // per vertex: its number in its row group, or -1

  /// Whether a pass on `level` reads v from memory (or a constant) rather than computing it.
  bool is_source(const dag& values, int v, int level) const {
    return values[v].kind() != node_kind::elementwise || (computed[v] && available[v] <= level);
  }
};

schedule make_schedule(const dag& values, const small_vector<output>& outputs);

/// The vertices a pass on `level` needs to have `roots`, ascending: sources, and what is computed from them.
small_vector<int> needed_for(const dag& values, const schedule& plan, const small_vector<int>& roots, int level);

}  // namespace tessera::detail
