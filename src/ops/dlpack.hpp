// What both directions of DLPack need.
#pragma once
#include "core/access.hpp"
#include "core/dlpack_abi.hpp"
#include "tessera/dlpack.hpp"

namespace tessera::detail {

// In the order of dtype_code.
inline constexpr dlpack::data_type data_types[dtype_count] = {
    {dlpack::opaque_handle, 0, 1}, {dlpack::bool_, 8, 1},   {dlpack::int_, 8, 1},     {dlpack::int_, 16, 1},
    {dlpack::int_, 32, 1},         {dlpack::int_, 64, 1},   {dlpack::uint, 8, 1},     {dlpack::uint, 16, 1},
    {dlpack::uint, 32, 1},         {dlpack::uint, 64, 1},   {dlpack::float_, 16, 1},  {dlpack::bfloat, 16, 1},
    {dlpack::float_, 32, 1},       {dlpack::float_, 64, 1}, {dlpack::complex, 64, 1}, {dlpack::complex, 128, 1},
};

/// The stream to synchronise with; none also for -1. Throws dlpack_error "NAME: …" for 0, for what is no stream, and
/// for any where the memory has nothing to do with a GPU.
std::optional<std::intptr_t> stream_of(std::optional<std::intptr_t> stream, bool of_gpus, const char* name,
                                       const caller& where);

/// The elements copied to `on`, also when they are there already, in their own memory order.
array copy_to(const array& a, tessera::device on, const caller& where);

}  // namespace tessera::detail
