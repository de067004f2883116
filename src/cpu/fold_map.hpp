// fold_map: which stages are a fold of a map that the kernels of folds compute themselves, while they read.
//
//     r1 = square(r0)           sum(r1)        x x
//     r1 = multiply(r0, r0)     sum(r1)        x x
//     r2 = multiply(r0, r1)     sum(r2)        x y
//     r2 = subtract(r0, r1)
//     r3 = square(r2)           sum(r3)        (x - y)²
//     r1 = fabs(r0)             sum(r1)        |x|
//     r2 = subtract(r0, r1)
//     r3 = exp(r2)              sum(r3)        exp(x - y)      y: one element a row
//
// Nothing goes through a block in L1, and rows are read as several streams.
#pragma once
#include "cpu/kernels/reduce.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cpu {

/// The result of a stage as a map of one or two of its inputs (y is x if of one).
struct mapped_inputs {
  fold_map map = fold_map::none;
  reg x = no_reg, y = no_reg;  // none: the result is no input, and no such map
  bool found() const noexcept { return x != no_reg; }
  /// y is one element a row, the others lie as x does.
  bool is_per_row(reg r) const noexcept { return map == fold_map::exp_difference && r == y; }
};
mapped_inputs find_fold_map(const stage& s, const result& r);

}  // namespace tessera::detail::cpu
