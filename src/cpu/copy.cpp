// Strided copies: axes are ordered and merged for the target, transposes go through tiles.
//
//   from, strided            to, contiguous       A row of `to` reads a column of `from`: a cache line for each
//   +--+--+--+               +-----------+        element. Tile by tile, every line is read once while it is in L1.
//   |  |  |  |  16 x 32      |           |
//   +--+--+--+  -------->    +-----------+
#include "cpu/copy.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "cpu/box.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

struct axis {
  std::int64_t extent, from, to;
};

struct copy_plan {
  axis axes[max_ndim];  // outermost first
  int ndim = 0;
  const std::byte* from;
  std::byte* to;
  int itemsize;
};

// Extent-1 axes dropped, the target walked upwards with its largest strides outside, neighbours merged.
copy_plan plan_copy(int itemsize, const shape& extents, const std::byte* from, const shape& from_strides, std::byte* to,
                    const shape& to_strides) {
  copy_plan plan{{}, 0, from, to, itemsize};
  for (int i = 0; i < extents.size(); ++i) {
    axis a{extents[i], from_strides[i], to_strides[i]};
    if (a.extent == 1) continue;
    if (a.to < 0) {
      plan.to += a.to * (a.extent - 1);
      plan.from += a.from * (a.extent - 1);
      a.to = -a.to;
      a.from = -a.from;
    }
    plan.axes[plan.ndim++] = a;
  }
  std::stable_sort(plan.axes, plan.axes + plan.ndim, [](const axis& a, const axis& b) {
    return a.to != b.to ? a.to > b.to : std::abs(a.from) > std::abs(b.from);
  });
  int merged = 0;
  for (int i = 0; i < plan.ndim; ++i) {
    const axis& a = plan.axes[i];
    if (merged > 0 && plan.axes[merged - 1].from == a.from * a.extent && plan.axes[merged - 1].to == a.to * a.extent) {
      plan.axes[merged - 1] = {plan.axes[merged - 1].extent * a.extent, a.from, a.to};
    } else {
      plan.axes[merged++] = a;
    }
  }
  plan.ndim = merged;
  return plan;
}

// The outer axes [0, ndim - inner) as one number.
struct outer_offset {
  std::int64_t from = 0, to = 0;
  outer_offset(const copy_plan& plan, int inner, std::int64_t number) {
    for (int i = plan.ndim - inner - 1; i >= 0; --i) {
      const std::int64_t place = number % plan.axes[i].extent;
      number /= plan.axes[i].extent;
      from += place * plan.axes[i].from;
      to += place * plan.axes[i].to;
    }
  }
};

std::int64_t outer_count(const copy_plan& plan, int inner) {
  std::int64_t result = 1;
  for (int i = 0; i < plan.ndim - inner; ++i) result *= plan.axes[i].extent;
  return result;
}

// Rows along the last axis, long ones in pieces.
void copy_rows(const copy_plan& plan) {
  constexpr std::int64_t piece = 32 * 1024;
  const axis row = plan.ndim > 0 ? plan.axes[plan.ndim - 1] : axis{1, 0, 0};
  const std::int64_t pieces = (row.extent + piece - 1) / piece;
  const row_copy copy_one = find_row_copy(plan.itemsize);
  parallel_for(outer_count(plan, 1) * pieces, std::min(row.extent, piece),
               [&](std::int64_t first, std::int64_t last, int) {
                 for (std::int64_t i = first; i < last; ++i) {
                   const outer_offset at(plan, 1, i / pieces);
                   const std::int64_t begin = i % pieces * piece;
                   copy_one(plan.to + at.to + begin * row.to, row.to, plan.from + at.from + begin * row.from, row.from,
                            std::min(piece, row.extent - begin));
                 }
               });
}

// Rows too short for a loop of their own: strips along a longer axis beside them, which stay in L1 between the columns.
void copy_strips(const copy_plan& plan) {
  constexpr std::int64_t piece = 1024;
  const axis &rows = plan.axes[plan.ndim - 2], &columns = plan.axes[plan.ndim - 1];
  const std::int64_t pieces = (rows.extent + piece - 1) / piece;
  const row_copy copy_one = find_row_copy(plan.itemsize);
  parallel_for(outer_count(plan, 2) * pieces, piece * columns.extent, [&](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t k = first; k < last; ++k) {
      const outer_offset at(plan, 2, k / pieces);
      const std::int64_t i = k % pieces * piece, n = std::min(piece, rows.extent - i);
      for (std::int64_t j = 0; j < columns.extent; ++j) {
        copy_one(plan.to + at.to + i * rows.to + j * columns.to, rows.to,
                 plan.from + at.from + i * rows.from + j * columns.from, rows.from, n);
      }
    }
  });
}

// Tiles of one cache line of the source by `side` of its columns, through a buffer: read along the source's fastest axis,
// written along the target's. Copied directly, one of the two would hop from line to line, all in one set of the cache
// where strides are powers of two; two lines across took four times as long (1024 x 1024 float32: 2.2 ms, not 0.5).
template <int Size> void copy_tiles(const copy_plan& plan) {
  constexpr std::int64_t across = 64 / Size, side = 32;
  const axis &rows = plan.axes[plan.ndim - 2], &columns = plan.axes[plan.ndim - 1];
  const std::int64_t down = (rows.extent + across - 1) / across;
  const row_copy copy_one = find_row_copy(Size);
  parallel_for(outer_count(plan, 2) * down, 2 * across * columns.extent,
               [&](std::int64_t first, std::int64_t last, int) {
                 alignas(64) std::byte buffer[across * side * Size];
                 for (std::int64_t k = first; k < last; ++k) {
                   const outer_offset at(plan, 2, k / down);
                   const std::int64_t i = k % down * across, m = std::min(across, rows.extent - i);
                   for (std::int64_t j = 0; j < columns.extent; j += side) {
                     const std::int64_t n = std::min(side, columns.extent - j);
                     const std::byte* const from = plan.from + at.from + i * rows.from + j * columns.from;
                     std::byte* const to = plan.to + at.to + i * rows.to + j * columns.to;
                     transpose_copy(Size, buffer, side * Size, {from, columns.from, rows.from}, n, m);
                     for (std::int64_t r = 0; r < m; ++r)
                       copy_one(to + r * rows.to, columns.to, buffer + r * side * Size, Size, n);
                   }
                 }
               });
}

enum class way { rows, strips, tiles };

// Chooses by the two axes that matter, and moves the other one beside the last.
way choose_way(copy_plan& plan) {
  constexpr std::int64_t shortest = 16;
  if (plan.ndim < 2) return way::rows;
  const axis& last = plan.axes[plan.ndim - 1];
  const bool is_short = last.extent < shortest;
  int other = plan.ndim - 1;
  for (int i = 0; i < plan.ndim; ++i) {
    const axis &a = plan.axes[i], &best = plan.axes[other];
    const bool faster = last.from != 0 && a.from != 0 && a.extent >= 4 && std::abs(a.from) < std::abs(best.from);
    if (is_short ? a.extent > best.extent : faster) other = i;
  }
  if (other == plan.ndim - 1) return way::rows;
  std::rotate(plan.axes + other, plan.axes + other + 1, plan.axes + plan.ndim - 1);
  return is_short ? way::strips : way::tiles;
}

}  // namespace

void copy_elements(int itemsize, const shape& extents, const std::byte* from, const shape& from_strides, std::byte* to,
                   const shape& to_strides) {
  if (std::find(extents.begin(), extents.end(), 0) != extents.end()) return;
  copy_plan plan = plan_copy(itemsize, extents, from, from_strides, to, to_strides);
  const way how = choose_way(plan);
  if (how == way::rows) return copy_rows(plan);
  if (how == way::strips) return copy_strips(plan);
  switch (itemsize) {
    case 1: return copy_tiles<1>(plan);
    case 2: return copy_tiles<2>(plan);
    case 4: return copy_tiles<4>(plan);
    case 8: return copy_tiles<8>(plan);
    default: return copy_tiles<16>(plan);
  }
}

}  // namespace tessera::detail::cpu
