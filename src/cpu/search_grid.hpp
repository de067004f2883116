// A grid over sorted numbers: for each of many buckets of equal width the place of its first number.
//
//     bucket(x) = (x - low) * scale, cut to [0, buckets)       rises with x however it is rounded, so that a place can be
//     starts    | 0 | 3 | 3 | 9 | …                            looked for in one bucket
//
// low and high are near the ends of the numbers, not at them: a few far ones do not spoil it. Numbers of which most lie in one
// bucket are searched as if there were none.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "cpu/memory.hpp"

namespace tessera::detail::cpu {

template <class Key> class search_grid {
 public:
  /// Below this many a search is as short as the way through a grid.
  static constexpr std::int64_t least_count = 1024;

  /// at(i), i < count, ascend and hold no NaN. Empty where they have no width or one that is not finite.
  template <class At> static std::optional<search_grid> over(std::int64_t count, const At& at) {
    if (count < least_count || count > std::numeric_limits<std::int32_t>::max()) return {};
    const Key low = at(count / 1024), high = at(count - 1 - count / 1024);
    search_grid grid(low, std::clamp<std::int64_t>(count / per_bucket, 256, most_buckets));
    const number width = grid.distance(high);
    grid.scale_ = static_cast<number>(grid.buckets_ - 1) / width;
    if (!(width > 0) || !std::isfinite(width) || !std::isfinite(grid.scale_)) return {};
    grid.fill(count, at);
    return grid;
  }

  std::int64_t bucket(Key x) const {
    const number place = distance(x) * scale_;
    return static_cast<std::int32_t>(std::min(place > 0 ? place : number{0}, static_cast<number>(buckets_ - 1)));
  }
  std::int64_t begin(std::int64_t bucket) const { return starts()[bucket]; }
  std::int64_t end(std::int64_t bucket) const { return starts()[bucket + 1]; }

 private:
  using number = std::conditional_t<std::same_as<Key, float>, float, double>;
  static constexpr std::int64_t per_bucket = 8, most_buckets = std::int64_t{1} << 16;

  search_grid(Key low, std::int64_t buckets) : low_(low), buckets_(buckets), memory_((buckets + 1) * 4) {}

  std::int32_t* starts() const { return reinterpret_cast<std::int32_t*>(memory_.data()); }

  number distance(Key x) const {
    if constexpr (std::integral<Key>) {
      using bits = std::make_unsigned_t<Key>;
      return x < low_ ? 0 : static_cast<number>(static_cast<bits>(static_cast<bits>(x) - static_cast<bits>(low_)));
    } else {
      return x - low_;
    }
  }

  /// The last one of a bucket says where the next begins; empty ones begin where those before them end.
  template <class At> void fill(std::int64_t count, const At& at) {
    std::fill(starts(), starts() + buckets_ + 1, 0);
    for (std::int64_t i = 0; i < count; ++i) starts()[bucket(at(i)) + 1] = static_cast<std::int32_t>(i + 1);
    for (std::int64_t b = 0; b < buckets_; ++b) starts()[b + 1] = std::max(starts()[b + 1], starts()[b]);
  }

  Key low_;
  number scale_ = 0;
  std::int64_t buckets_;
  scratch memory_;
};

}  // namespace tessera::detail::cpu
