// Whether two arrays have bytes in common.
#pragma once
#include <optional>

#include "tessera/array.hpp"

namespace tessera::detail {

/// Exact; nothing when `max_work` candidate solutions (-1: no limit) did not decide it.
std::optional<bool> share_memory(const array& a, const array& b, std::int64_t max_work);

/// For deciding whether to copy first: the quick answer, true when it is not known.
bool may_overlap(const array& a, const array& b);

}  // namespace tessera::detail
