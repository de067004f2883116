// What measure_limits() is put together from.
#pragma once
#include "limits/limits.hpp"

namespace bench {

void measure_host(const limit_options& options, const tessera_cli::machine& here, limits& into);
void measure_gpu(const tessera_cli::gpu& gpu, limits& into);

}  // namespace bench
