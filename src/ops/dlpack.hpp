// What both directions of DLPack need.
#pragma once
#include "core/access.hpp"
#include "core/copy.hpp"
#include "core/dlpack_dtypes.hpp"
#include "tessera/dlpack.hpp"

namespace tessera::detail {

/// The stream to synchronise with; none also for -1. Throws dlpack_error "NAME: …" for 0, for what is no stream, and
/// for any where the memory has nothing to do with a GPU.
std::optional<std::intptr_t> stream_of(std::optional<std::intptr_t> stream, bool of_gpus, const char* name,
                                       const caller& where);

}  // namespace tessera::detail
