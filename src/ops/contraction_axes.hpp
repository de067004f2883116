// What the front end and backends do with the axes of a contraction: merge neighbours, find a point.
#pragma once
#include <utility>

#include "ops/contraction_plan.hpp"

namespace tessera::detail {

/// The magnitude of a stride, of the least one too.
inline std::uint64_t magnitude(std::int64_t stride) noexcept {
  const auto bits = static_cast<std::uint64_t>(stride);
  return stride < 0 ? 0 - bits : bits;
}

/// Makes one axis of neighbours that all three arrays walk as one.
inline void merge(contraction_axes& group) {
  contraction_axes merged;
  const auto follows = [](std::int64_t outer, std::int64_t inner, std::int64_t extent) {
    std::int64_t whole;
    return !__builtin_mul_overflow(inner, extent, &whole) && whole == outer;
  };
  for (const contraction_axis& axis : group) {
    if (!merged.empty()) {
      contraction_axis& outer = merged.back();
      if (follows(outer.x, axis.x, axis.extent) && follows(outer.y, axis.y, axis.extent) &&
          follows(outer.to, axis.to, axis.extent)) {
        outer = {outer.extent * axis.extent, axis.x, axis.y, axis.to};
        continue;
      }
    }
    merged.push_back(axis);
  }
  group = merged;
}

/// The same contraction with x for y and rows for columns. For plans that do not conjugate x.
inline contraction_plan exchanged(contraction_plan plan) {
  std::swap(plan.x, plan.y);
  std::swap(plan.rows, plan.columns);
  for (contraction_axes* group : {&plan.batch, &plan.rows, &plan.columns, &plan.summed})
    for (contraction_axis& axis : *group) std::swap(axis.x, axis.y);
  return plan;
}

struct contraction_point {
  const std::byte* x;
  const std::byte* y;
  std::byte* to;
};

/// Point `number` of a group in C order, from its first.
inline contraction_point point_at(contraction_point first, const contraction_axes& group,
                                  std::int64_t number) noexcept {
  for (std::size_t i = group.size(); i-- > 0;) {
    const contraction_axis& axis = group[i];
    const std::int64_t k = number % axis.extent;
    first.x += k * axis.x;
    first.y += k * axis.y;
    first.to += k * axis.to;
    number /= axis.extent;
  }
  return first;
}

}  // namespace tessera::detail
