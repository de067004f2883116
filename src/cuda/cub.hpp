// What NVIDIA's CUB library does for this module: stable radix sorts. No header of it here.
//
// All work is on the calling thread's stream; temporary memory comes from the pool and is given back in stream order. Results
// are the same on every run. Each throws out_of_memory, or device_error naming the algorithm.
#pragma once
#include <cstdint>

#include "cuda/runtime.hpp"

namespace tessera::detail::cuda {

/// Device memory for what is sorted, twice: a radix sort writes from one to the other and back. What it returns, and at the
/// end what was asked for, is in `current`; the contents of `spare` are lost.
struct sort_buffers {
  void *current, *spare;
};

/// Sorts `count` unsigned keys of 1, 2, 4 or 8 bytes, ascending, by their `bits` lowest bits; equal ones keep their order.
void sort_keys(context& on, int key_bytes, sort_buffers& keys, std::int64_t count, int bits);
/// … together with a payload each, of 4 bytes (or of 8, beside keys of 8 bytes).
void sort_pairs(context& on, int key_bytes, sort_buffers& keys, int payload_bytes, sort_buffers& payload,
                std::int64_t count, int bits);

}  // namespace tessera::detail::cuda
