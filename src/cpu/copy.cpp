// Strided copies: axes are ordered and merged for the target, transposes go through square tiles.
//
//   from, strided            to, contiguous       A row of `to` reads a column of `from`: a cache line for each
//   +--+--+--+               +-----------+        element. Tile by tile, every line is read once while it is in L1.
//   |  |  |  |  32 x 32      |           |
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

template <int Size>
void copy_tile(std::byte* to, const std::byte* from, const axis& rows, const axis& columns, std::int64_t m,
               std::int64_t n) {
  for (std::int64_t i = 0; i < m; ++i) {
    std::byte* target = to + i * rows.to;
    const std::byte* source = from + i * rows.from;
    for (std::int64_t j = 0; j < n; ++j) std::memcpy(target + j * columns.to, source + j * columns.from, Size);
  }
}

// The last axis is the target's, the one before it the source's fastest: square tiles over both.
template <int Size> void copy_tiles(const copy_plan& plan) {
  constexpr std::int64_t side = Size >= 8 ? 16 : Size >= 4 ? 32 : 64;
  const axis &rows = plan.axes[plan.ndim - 2], &columns = plan.axes[plan.ndim - 1];
  const std::int64_t down = (rows.extent + side - 1) / side;
  parallel_for(outer_count(plan, 2) * down, 2 * side * columns.extent, [&](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t k = first; k < last; ++k) {
      const outer_offset at(plan, 2, k / down);
      const std::int64_t i = k % down * side, m = std::min(side, rows.extent - i);
      for (std::int64_t j = 0; j < columns.extent; j += side) {
        copy_tile<Size>(plan.to + at.to + i * rows.to + j * columns.to,
                        plan.from + at.from + i * rows.from + j * columns.from, rows, columns, m,
                        std::min(side, columns.extent - j));
      }
    }
  });
}

// Whether two axes matter: the source runs faster along another axis than along the target's fastest, or the rows are
// too short for a loop of their own. The other axis is moved beside the last then.
bool needs_tiles(copy_plan& plan) {
  constexpr std::int64_t shortest = 16;
  if (plan.ndim < 2) return false;
  const axis& last = plan.axes[plan.ndim - 1];
  int other = plan.ndim - 1;
  if (last.extent < shortest) {
    for (int i = 0; i < plan.ndim; ++i) {
      if (plan.axes[i].extent > plan.axes[other].extent) other = i;
    }
    if (other == plan.ndim - 1) other = plan.ndim - 2;
  } else if (last.from != 0) {
    for (int i = 0; i < plan.ndim; ++i) {
      const axis& a = plan.axes[i];
      if (a.from != 0 && a.extent >= shortest && std::abs(a.from) < std::abs(plan.axes[other].from)) other = i;
    }
  }
  if (other == plan.ndim - 1) return false;
  std::rotate(plan.axes + other, plan.axes + other + 1, plan.axes + plan.ndim - 1);
  return true;
}

}  // namespace

void copy_elements(int itemsize, const shape& extents, const std::byte* from, const shape& from_strides, std::byte* to,
                   const shape& to_strides) {
  if (std::find(extents.begin(), extents.end(), 0) != extents.end()) return;
  copy_plan plan = plan_copy(itemsize, extents, from, from_strides, to, to_strides);
  if (!needs_tiles(plan)) return copy_rows(plan);
  switch (itemsize) {
    case 1: return copy_tiles<1>(plan);
    case 2: return copy_tiles<2>(plan);
    case 4: return copy_tiles<4>(plan);
    case 8: return copy_tiles<8>(plan);
    default: return copy_tiles<16>(plan);
  }
}

}  // namespace tessera::detail::cpu
