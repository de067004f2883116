// How many threads the library computes with. What a program's own threads may do is in docs/thread-safety.md.
#pragma once
#include "api.hpp"
#include "concepts.hpp"

namespace tessera {

/// Threads that an operation may use, the caller's included: the environment's TESSERA_NUM_THREADS, else as many as the
/// process may run on.                                                                   (as torch.get_num_threads)
TESSERA_API int num_threads();

/// For the whole process; more than 1024 count as 1024. May be called while other threads compute: operations that run
/// finish with the threads they began with. No result depends on it.                       (as torch.set_num_threads)
/// Throws value_error unless count >= 1.
TESSERA_API void set_num_threads(int count, caller where = caller::current());

}  // namespace tessera
