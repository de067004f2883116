// Stages on a device: what they read and write is noted, then the kernels of their kind run.
#include "cuda/stages.hpp"

#include <map>
#include <optional>

#include "cuda/elementwise.hpp"
#include "cuda/epilogue.hpp"
#include "cuda/fold.hpp"
#include "cuda/scratch.hpp"

namespace tessera::detail::cuda {
namespace {

std::int64_t span_of(const shape& extents, const strided& x) {
  std::int64_t bytes = x.type.itemsize();
  for (int axis = 0; axis < extents.size(); ++axis) bytes += (extents[axis] - 1) * x.strides[axis];
  return bytes;
}

}  // namespace

void run_stage(context& on, const stage& s, const epilogue* tail) {
  const auto use = [&on](const stage& x) {
    for (const strided& input : x.inputs) on.use(input.data, false);
    for (const result& r : x.results) on.use(r.target.data, true);
  };
  use(s);
  if (tail != nullptr) use(tail->steps);
  if (s.results[0].by == fold::none) run_elementwise(on, s);
  else run_folds(on, s, tail);
}

void run_stages(context& on, std::span<const stage> all) {
  if (all.size() == 1) return run_stage(on, all[0]);  // reads and writes no temporaries: nothing to copy
  std::map<int, scratch> temporaries, of_group_before;
  const auto place = [&](strided& x) {
    if (x.temporary < 0) return;
    x.data = temporaries.at(x.temporary).data();
    x.temporary = -1;
  };
  const auto placed = [&](stage s) {
    if (!s.joins) {
      of_group_before = std::move(temporaries);
      temporaries.clear();
    }
    for (strided& input : s.inputs) place(input);
    for (result& r : s.results) {
      if (r.target.temporary >= 0 && !temporaries.contains(r.target.temporary))
        temporaries.emplace(r.target.temporary, scratch(on, span_of(s.extents, r.target), "evaluation"));
      place(r.target);
    }
    return s;
  };
  std::optional<stage> next;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const stage s = next ? std::move(*next) : placed(all[i]);
    next.reset();
    std::optional<epilogue> tail;
    if (s.results[0].by != fold::none && i + 1 < all.size()) {
      next = placed(all[i + 1]);
      tail = epilogue_of(s, *next);
    }
    run_stage(on, s, tail ? &*tail : nullptr);
    of_group_before.clear();
    if (!tail) continue;
    next.reset();
    ++i;
  }
}

}  // namespace tessera::detail::cuda
