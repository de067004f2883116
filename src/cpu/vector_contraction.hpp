// Products of matrices and vectors, and of vectors: contractions that read each element of one operand once.
#pragma once
#include "ops/contraction_plan.hpp"

namespace tessera::detail::cpu {

/// Runs a contraction of float32 or float64 of which one operand has no axes of its own, where the other one's elements lie
/// one after the other along the summed axis or along one of its own. False when it is of another kind: then nothing was
/// done. Throws std::bad_alloc, having written nothing.
bool run_vector_contraction(const contraction_plan& plan);
/// Whether run_vector_contraction would run it.
bool is_vector_contraction(const contraction_plan& plan);

}  // namespace tessera::detail::cpu
