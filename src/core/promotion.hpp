// Promotion without exceptions, for callers that name their own operation.
#pragma once
#include "tessera/dtype.hpp"

namespace tessera::detail {

/// As result_type, but unset when there is no common dtype (bfloat16 with float16 or integers of more than 8 bits;
/// records with others).
dtype promote(dtype a, dtype b);

}  // namespace tessera::detail
