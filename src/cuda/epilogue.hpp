// What is computed from the results of folds, in the kernel that delivers them: the division of a mean, the root of a norm.
#pragma once
#include <optional>
#include <string>

#include "cuda/geometry.hpp"
#include "cuda/launch.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cuda {

/// An elementwise stage over the kept axes of a fold, which reads its results point by point.
struct epilogue {
  stage steps;                        // its operands walked over the fold's axes, stride 0 along the folded ones
  inline_vector<int, 4> fold_result;  // an input: the number of the fold's result that it is, -1: it lies in memory
};

/// `next` as that, if it is one that can run with the fold: it walks the same points, and writes nothing that the fold reads.
std::optional<epilogue> epilogue_of(const stage& fold, const stage& next);

/// What a kernel with an epilogue has more than one without. All take null: nothing.
void append_operands(geometry& g, const epilogue* tail);  // after the fold's own
void append_key(std::string& key, const epilogue* tail);
inline_vector<instruction, 8> with_instructions(const stage& fold, const epilogue* tail);
std::string constants_text(const epilogue* tail);  // members at the end of the parameters
void add_constants(parameters& to, const epilogue* tail);

}  // namespace tessera::detail::cuda
