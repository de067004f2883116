// Memory of a device: how much is in use, limits, and what is kept for reuse.
//
// Blocks of more than 64 KiB are kept when an array is dropped and given to the next one of about the same size: fresh
// memory costs more to touch than most operations cost to run. Smaller ones lie in lists of each thread. All figures are
// bytes of the library's own memory (arrays, recipes, intermediate results) and count blocks as they are rounded up (by at
// most a quarter, above 512 bytes), in the whole process. Memory that was handed to the library
// is not counted.
#pragma once
#include <cstdint>

#include "api.hpp"
#include "concepts.hpp"
#include "device.hpp"

namespace tessera {

struct memory_statistics {
  std::int64_t bytes_in_use;       ///< held by arrays, recipes and running operations
  std::int64_t peak_bytes_in_use;  ///< the most since the last reset_peak_memory(), small blocks that are kept included
  std::int64_t bytes_cached;       ///< freed and kept for reuse
  std::int64_t memory_limit;       ///< see set_memory_limit
  std::int64_t cache_limit;        ///< see set_cache_limit
  std::int64_t allocations;        ///< blocks of more than 64 KiB that were asked for since the program began
  std::int64_t cache_hits;         ///< and how many of them came from those kept
};

/// How the device's memory is used.                          (as jax.Device.memory_stats, torch.cuda.memory_stats)
/// Exact while no other thread works. Takes microseconds: not for inner loops.
TESSERA_API memory_statistics memory_stats(const device& on = cpu());

/// peak_bytes_in_use starts again from what is in use now.     (as torch.cuda.reset_peak_memory_stats)
TESSERA_API void reset_peak_memory(const device& on = cpu());

/// Bounds bytes_in_use and bytes_cached together; returns the limit before, the largest int64 where there was none.
/// (as cupy.cuda.MemoryPool.set_limit)
/// A block of more than 64 KiB beyond it throws out_of_memory, after what is kept has been given back to the system; smaller
/// ones are counted, but always granted. Arrays that exist stay, also when they are more than the limit.
/// Throws value_error unless bytes >= 0.
TESSERA_API std::int64_t set_memory_limit(std::int64_t bytes, const device& on = cpu(),
                                          caller where = caller::current());

/// Bounds what is kept in blocks of more than 64 KiB; returns the limit before. 0 keeps none.
/// To begin with an eighth of the memory that the process may use, at most 4 GiB. Beyond it those go that were freed longest
/// ago, at once. Throws value_error unless bytes >= 0.
TESSERA_API std::int64_t set_cache_limit(std::int64_t bytes, const device& on = cpu(),
                                         caller where = caller::current());

/// Gives what is kept back to the system, all but the small blocks of other threads.      (as torch.cuda.empty_cache)
TESSERA_API void release_cached_memory(const device& on = cpu());

}  // namespace tessera
