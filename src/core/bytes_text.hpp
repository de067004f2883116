// Sizes of memory as people read them.
#pragma once
#include <cstdint>
#include <string>

#include "core/module_api.hpp"

namespace tessera::detail {

/// "8.00 TiB"
TESSERA_MODULE_API std::string bytes_text(std::int64_t nbytes);

}  // namespace tessera::detail
