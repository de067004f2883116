// Kernel of histograms: places among evenly spaced edges, where one multiplication decides them.
#pragma once
#include <cstddef>
#include <cstdint>

#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

/// Edges that a place follows from: g(x) = (x - low) * scale rounds to a non-decreasing function, and of edge i it differs from
/// i by `off` at most. So floor(g(x)) is x's bin unless g(x) is within `off` of an integer.
struct even_edges {
  double low = 0, high = 0, scale = 0, off = 0;  // exact in the edges' dtype
  std::int32_t bins = 0;
};
inline constexpr std::int32_t place_unknown = -1;

/// to[i]: the bin of x[i]; `bins` where x[i] is outside or NaN; place_unknown where the edges must be asked. Returns whether
/// no place is unknown.
using place_kernel = bool (*)(std::int32_t* to, const void* x, std::size_t count, const even_edges& edges);
/// For float32 or float64.
place_kernel find_place_kernel(dtype type);

}  // namespace tessera::detail::cpu
