// What NVIDIA's CUB library does for this module: stable radix sorts, selection, running sums of counts. No header of it here.
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

/// The elements of 1, 2, 4, 8 or 16 bytes whose flag is not 0, in their order, to `out`; how many to the device's `*chosen`.
void select_flagged(context& on, int itemsize, const void* in, const std::uint8_t* flags, void* out, std::int64_t count,
                    std::int64_t* chosen);
/// The numbers of the elements whose flag is not 0.
void select_positions(context& on, const std::uint8_t* flags, std::int64_t* out, std::int64_t count,
                      std::int64_t* chosen);

/// out[i] = in[0] + … + in[i - 1]; `in` may be `out`.
void exclusive_sum(context& on, const std::int64_t* in, std::int64_t* out, std::int64_t count);

}  // namespace tessera::detail::cuda
