// Elements of files in the other byte order.
#pragma once
#include <cstddef>

#include "tessera/creation.hpp"

namespace tessera::detail {

/// Makes `count` elements of a dtype that is not native, one after the other, native in place: of texts each code point, of complex
/// numbers each part, of records each field that is in the other order.
void make_native(std::byte* data, std::int64_t count, dtype type);
/// A native copy, in C order on the host, of elements that lie in memory in the byte order that `type` says; strides are bytes.
TESSERA_API array native_copy(const void* data, const shape& extents, const shape& strides, dtype type, caller where);

}  // namespace tessera::detail
