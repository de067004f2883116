// How a device-wide algorithm of CUB is called: asked for the size of its temporary memory, then run with it.
#pragma once
#include <string>

#include "cuda/launch.hpp"
#include "cuda/scratch.hpp"

namespace tessera::detail::cuda {

/// `algorithm(memory, nbytes, stream)`; the name must stay.
template <class Algorithm> void call_cub(context& on, const std::string& name, const Algorithm& algorithm) {
  std::size_t nbytes = 0;
  const cudaStream_t stream = on.stream();
  check(algorithm(nullptr, nbytes, stream), name.c_str());
  const scratch memory(on, static_cast<std::int64_t>(nbytes), name.c_str());
  note_launch(name);
  check(algorithm(memory.data(), nbytes, stream), name.c_str());
  after_launch(on, name);
}

}  // namespace tessera::detail::cuda
