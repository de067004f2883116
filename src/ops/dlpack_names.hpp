// DLPack's names of its kinds of memory and elements, for messages.
#pragma once
#include <string>

#include "core/dlpack_abi.hpp"

namespace tessera::detail {

/// "kDLROCM"; "of type 99" when there is none.
std::string dlpack_name(const dlpack::device& device);
/// "float8_e4m3fn", "int4", "opaque handle with 64 bits"; "code 99 with 8 bits" when there is none. Without the lanes.
std::string dlpack_name(const dlpack::data_type& type);

}  // namespace tessera::detail
