// Merging, classifying, cutting.
#include "cuda/geometry.hpp"

#include "cuda/epilogue.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t most_units = (std::int64_t{1} << 31) - 1;
std::atomic<std::int64_t> slab_units{most_units};

bool continues(const geometry& g, int outer) {
  if (g.folded[outer] != g.folded[outer + 1]) return false;
  return std::all_of(g.operands.begin(), g.operands.end(), [&](const operand_view& x) {
    return x.strides[outer] == x.strides[outer + 1] * g.extents[outer + 1];
  });
}

void erase_axis(geometry& g, int axis) {
  g.extents.erase(axis);
  g.folded.erase(g.folded.begin() + axis);
  for (operand_view& x : g.operands) x.strides.erase(axis);
}

void merge_axes(geometry& g) {
  for (int axis = g.ndim() - 1; axis >= 0; --axis) {
    if (g.extents[axis] == 1) erase_axis(g, axis);
  }
  for (int outer = g.ndim() - 2; outer >= 0; --outer) {
    if (!continues(g, outer)) continue;
    g.extents[outer] *= g.extents[outer + 1];
    g.extents.erase(outer + 1);
    g.folded.erase(g.folded.begin() + outer + 1);
    for (operand_view& x : g.operands) x.strides.erase(outer);
  }
  if (g.ndim() > 0) return;
  g.extents.push_back(1);
  g.folded.push_back(false);
  for (operand_view& x : g.operands) x.strides.push_back(0);
}

/// The largest power of two, up to 16, that divides the address and all strides but the innermost.
int operand_alignment(const operand_view& x) {
  auto all = reinterpret_cast<std::uintptr_t>(x.data);
  for (int axis = 0; axis + 1 < x.strides.size(); ++axis) all |= static_cast<std::uintptr_t>(x.strides[axis]);
  return alignment_of(all, 16);
}

}  // namespace

int itemsize_of(dtype type) {
  constexpr int sizes[dtype_count] = {0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16};
  return sizes[static_cast<int>(type.code())];
}

geometry geometry_of(const stage& s, const epilogue* tail) {
  geometry g;
  g.extents = s.extents;
  g.folded = s.folded;
  for (const strided& x : s.inputs) g.operands.push_back({x.data, x.type, x.strides, false});
  for (const result& r : s.results) g.operands.push_back({r.target.data, r.target.type, r.target.strides, true});
  append_operands(g, tail);
  merge_axes(g);
  return g;
}

void choose_vectors(geometry& g, int most, bool tiled) {
  const int last = g.ndim() - 1;
  int vector = most;
  int moving = 0;  // operands read or written as vectors
  for (operand_view& x : g.operands) {
    const int itemsize = itemsize_of(x.type);
    x.align = operand_alignment(x);
    x.along = x.strides[last] == 0 ? inner::repeated : x.strides[last] == itemsize ? inner::vector : inner::strided;
    if (x.along == inner::vector) {
      ++moving;
      vector = std::min(vector, std::max(1, x.align / itemsize));
    } else if (x.along == inner::strided) {
      x.align = std::min(x.align, static_cast<int>(x.strides[last] & -x.strides[last]));
      if (x.target && !tiled) vector = 1;  // neighbouring threads then write closer together
    }
  }
  // All that a thread holds at once: bytes of three operands, 16 each, no longer fit its registers.
  constexpr int most_elements = 48;
  while (vector > 1 && vector * moving > most_elements) vector /= 2;
  if (moving == 0) vector = 1;
  while (vector > 1 && vector > g.extents[last]) vector /= 2;
  g.vector = vector;
}

void make_strided(geometry& g) {
  for (operand_view& x : g.operands) {
    x.align = std::min(x.align, itemsize_of(x.type));
    x.along = inner::strided;
  }
}

bool make_tiles(geometry& g) {
  constexpr std::int64_t shortest =
      16;  // rows of 64 bytes: a warp has several, whose units lie together along the other axis
  const int last = g.ndim() - 1;
  if (last == 0 || g.extents[last] <= shortest) return false;
  const auto follows = [&](const operand_view& x, int axis) {
    return std::llabs(x.strides[axis]) == itemsize_of(x.type);
  };
  const bool some_here =
      std::any_of(g.operands.begin(), g.operands.end(), [&](const operand_view& x) { return follows(x, last); });
  int best = -1;
  std::int64_t bytes = 0;  // of operands that would be read in pieces
  for (int axis = 0; axis < last; ++axis) {
    std::int64_t here = 0;
    for (const operand_view& x : g.operands) {
      if (x.strides[last] != 0 && !follows(x, last) && follows(x, axis)) here += itemsize_of(x.type);
    }
    if (g.extents[axis] < shortest || here <= bytes) continue;
    bytes = here;
    best = axis;
  }
  if (best < 0 || !some_here) return false;
  std::swap(g.extents[best], g.extents[last - 1]);
  for (operand_view& x : g.operands) std::swap(x.strides[best], x.strides[last - 1]);
  return true;
}

bool needs_wide_offsets(const geometry& g) {
  for (const operand_view& x : g.operands) {
    std::int64_t span = itemsize_of(x.type);
    for (int axis = 0; axis < g.ndim(); ++axis) span += (g.extents[axis] - 1) * std::llabs(x.strides[axis]);
    if (span > most_units) return true;
  }
  return false;
}

std::int64_t units_of(const geometry& g, const shape& extents, bool folded) {
  std::int64_t units = 1;
  for (int axis = 0; axis < g.ndim(); ++axis) {
    if (g.folded[axis] != folded) continue;
    units *= axis + 1 == g.ndim() ? (extents[axis] + g.vector - 1) / g.vector : extents[axis];
  }
  return units;
}

void for_each_slab(const geometry& g, bool folded, const std::function<void(const slab&)>& run) {
  for_each_slab(g, folded, slab_units, run);
}

void for_each_slab(const geometry& g, bool folded, std::int64_t most, const std::function<void(const slab&)>& run) {
  slab part;
  part.extents = g.extents;
  for (const operand_view& x : g.operands) part.data.push_back(x.data);
  if (units_of(g, g.extents, folded) <= most) return run(part);
  std::vector<int> axes;
  for (int axis = 0; axis < g.ndim(); ++axis) {
    if (g.folded[axis] == folded) axes.push_back(axis);
  }
  // Axes after number `cut` stay whole; that one is walked in steps, those before it one by one.
  const auto units = [&](int axis) {
    return axis + 1 == g.ndim() ? (g.extents[axis] + g.vector - 1) / g.vector : g.extents[axis];
  };
  int cut = static_cast<int>(axes.size()) - 1;
  std::int64_t inside = 1, after = 1, before = 1;
  while (cut > 0 && inside * units(axes[cut]) <= most) {
    inside *= units(axes[cut]);
    after *= g.extents[axes[cut--]];
  }
  const int axis = axes[cut];
  const std::int64_t step = std::max<std::int64_t>(1, most / inside) * (axis + 1 == g.ndim() ? g.vector : 1);
  for (int i = 0; i < cut; ++i) {
    part.extents[axes[i]] = 1;
    before *= g.extents[axes[i]];
  }
  for (std::int64_t outer = 0; outer < before; ++outer) {
    std::vector<std::byte*> base;
    for (const operand_view& x : g.operands) {
      std::int64_t offset = 0, rest = outer;
      for (int i = cut - 1; i >= 0; --i) {
        offset += rest % g.extents[axes[i]] * x.strides[axes[i]];
        rest /= g.extents[axes[i]];
      }
      base.push_back(x.data + offset);
    }
    for (std::int64_t begin = 0; begin < g.extents[axis]; begin += step) {
      part.extents[axis] = std::min(step, g.extents[axis] - begin);
      for (std::size_t i = 0; i < base.size(); ++i) part.data[i] = base[i] + begin * g.operands[i].strides[axis];
      part.first = (outer * g.extents[axis] + begin) * after;
      run(part);
    }
  }
}

std::int64_t most_slab_units() { return slab_units; }
std::int64_t set_slab_units(std::int64_t most) { return slab_units.exchange(most); }

}  // namespace tessera::detail::cuda
