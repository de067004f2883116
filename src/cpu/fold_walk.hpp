// fold_walk: in which order a stage with folds walks its axes. Kept (K) and folded (F) ones:
//
//     rows     K… F…        long folded axes innermost: each row of a block is folded to one accumulator, in the kernel
//     lanes    F… K…        kept axes innermost: blocks are added lane by lane into a block of accumulators. Where the kept
//                           axes are too short to fill a block, points of the folded axes fill it too, and the lanes are
//                           folded onto each other at the end. Short folded axes (x, y, z of points) are walked outside
//                           the kept ones.
//     lanes    K… F… K…     folded axes amid kept ones: memory is walked in its own order
#pragma once

#include "cpu/blocking.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cpu {

struct fold_walk {
  explicit fold_walk(const stage& s);
  bool rows;
  small_vector<int> axes;                // of the stage, as they are walked
  int folded_begin = 0, folded_end = 0;  // places of the folded ones among them
  shape position_steps;                  // along the axes as they are walked: C order of the folded ones
  block_size size = {};                  // of a block
  bool in_place = false;                 // rows that are folded where they lie, also if they are maps of inputs

 private:
  void size_rows(const stage& s);
  void fit_to_all_rows(const stage& s);
};

}  // namespace tessera::detail::cpu
