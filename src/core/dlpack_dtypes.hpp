// Our dtypes as DLPack's kinds of elements, and back.
#pragma once
#include "core/dlpack_abi.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail {

// In the order of dtype_code.
inline constexpr dlpack::data_type data_types[dtype_count] = {
    {dlpack::opaque_handle, 0, 1}, {dlpack::bool_, 8, 1},   {dlpack::int_, 8, 1},     {dlpack::int_, 16, 1},
    {dlpack::int_, 32, 1},         {dlpack::int_, 64, 1},   {dlpack::uint, 8, 1},     {dlpack::uint, 16, 1},
    {dlpack::uint, 32, 1},         {dlpack::uint, 64, 1},   {dlpack::float_, 16, 1},  {dlpack::bfloat, 16, 1},
    {dlpack::float_, 32, 1},       {dlpack::float_, 64, 1}, {dlpack::complex, 64, 1}, {dlpack::complex, 128, 1},
};

/// Unset for elements that we do not have.
inline dtype dtype_of(const dlpack::data_type& type) {
  for (int code = 1; code < dtype_count; ++code) {
    const dlpack::data_type& ours = data_types[code];
    if (ours.code == type.code && ours.bits == type.bits && ours.lanes == type.lanes) {
      return dtype(static_cast<dtype_code>(code));
    }
  }
  return {};
}

}  // namespace tessera::detail
