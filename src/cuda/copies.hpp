// Bytes to, from and on a device.
#pragma once
#include "cuda/runtime.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cuda {

// All on the current stream of `on`, whose device is the runtime's current one; see backend.hpp for what they promise.
void fill_zero(context& on, void* data, std::int64_t nbytes);
void copy(context& on, const shape& extents, const strided& from, const strided& to);
void read(context& on, const void* from, void* to, std::int64_t nbytes);
void upload(context& on, const shape& extents, const strided& from, const strided& to);
void download(context& on, const shape& extents, const strided& from, const strided& to);
void copy_from(context& on, context& other, const shape& extents, const strided& from, const strided& to);

}  // namespace tessera::detail::cuda
