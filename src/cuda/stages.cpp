// Stages on a device: what they read and write is noted, then the kernels of their kind run.
#include "cuda/stages.hpp"

#include <map>

#include "cuda/elementwise.hpp"
#include "cuda/fold.hpp"
#include "cuda/pairs.hpp"
#include "cuda/scratch.hpp"

namespace tessera::detail::cuda {
namespace {

std::int64_t span_of(const shape& extents, const strided& x) {
  std::int64_t bytes = x.type.itemsize();
  for (int axis = 0; axis < extents.size(); ++axis) bytes += (extents[axis] - 1) * x.strides[axis];
  return bytes;
}

}  // namespace

void run_stage(context& on, const stage& s) {
  for (const strided& input : s.inputs) on.use(input.data, false);
  for (const result& r : s.results) on.use(r.target.data, true);
  if (s.results[0].by == fold::none) run_elementwise(on, s);
  else if (!run_pairs(on, s)) run_folds(on, s);
}

void run_stages(context& on, std::span<const stage> group) {
  std::map<int, scratch> temporaries;
  const auto place = [&](strided& x) {
    if (x.temporary < 0) return;
    x.data = temporaries.at(x.temporary).data();
    x.temporary = -1;
  };
  for (stage s : group) {
    for (strided& input : s.inputs) place(input);
    for (result& r : s.results) {
      if (r.target.temporary >= 0 && !temporaries.contains(r.target.temporary))
        temporaries.emplace(r.target.temporary, scratch(on, span_of(s.extents, r.target), "evaluation"));
      place(r.target);
    }
    run_stage(on, s);
  }
}

}  // namespace tessera::detail::cuda
