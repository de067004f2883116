// Whether a destination may be written while operands are read: quick tests that may say "overlaps" too often, never too rarely.
#pragma once
#include "core/access.hpp"

namespace tessera::detail {

/// False when no byte of one is a byte of the other: ranges apart, or interleaved as a(slice(0, none, 2)) and a(slice(1, none, 2)).
bool may_overlap(const array& a, const array& b) noexcept;
/// False when every element has bytes of its own.
bool may_overlap_itself(const array& a) noexcept;
/// Whether `a` broadcast to the destination is the same walk over the same bytes: element i is read before it is written.
bool is_same_walk(const array& a, const array& destination);

}  // namespace tessera::detail
