// What medians and quantiles share: folded axes as lanes, elements by their place in a lane's order; quantiles' places.
#pragma once
#include "ops/reduce_parts.hpp"
#include "tessera/quantile.hpp"

namespace tessera::detail {

/// x with its folded axes as one last axis; every lane is contiguous only as far as x allows.
array folded_last(const operand& x, const axis_list& folded, const folding& f);

/// Elements [begin, end) of the last axis.
array last_part(const array& lanes, std::int64_t begin, std::int64_t end, const folding& f);

/// How many elements of each lane are no NaN. int64, (..., 1)
array count_numbers(const array& lanes, const folding& f);

/// The elements of each lane at the places, int64 in bounds: (..., n), (..., k) -> (..., k).
array at_places(const array& lanes, const array& places, const folding& f);

/// The same of each lane sorted, NaN last. The host looks at places only where they lie there already.
array at_places_in_order(const array& lanes, const array& places, const folding& f);

/// Where quantiles lie in sorted lanes: at `previous`, int64 places in bounds, or between it and `next`, `gamma` of the
/// way.
struct quantile_points {
  array previous;
  array next, gamma;  // where is_between
  bool is_between = false;
};
/// `count` is the number of elements of a lane or (..., 1) numbers, below which the places are; q (k,), in [0, 1], is
/// beside it.
quantile_points points_of(quantile_method method, const operand& count, const array& q, caller where);

}  // namespace tessera::detail
