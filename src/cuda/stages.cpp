// Stages on a device: what they read and write is noted, then the kernels of their kind run.
#include "cuda/stages.hpp"

#include "tessera/error.hpp"

namespace tessera::detail::cuda {

void run_stage(context& on, const stage& s) {
  for (const strided& input : s.inputs) on.use(input.data, false);
  for (const result& r : s.results) on.use(r.target.data, true);
  throw device_error("evaluation: not available on cuda:" + std::to_string(on.index()) + " yet", caller());
}

}  // namespace tessera::detail::cuda
