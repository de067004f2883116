// The iteration space of a stage as kernels walk it: axes merged, how each operand lies along the innermost one, how many
// elements a thread takes.
//
//   vector     elements follow each other along the innermost axis      one access of up to 16 bytes for several
//   repeated   stride 0 there                                           one read for all of them
//   strided    anything else                                            one access each
//
// Only these classes, the number of axes and the widths go into a kernel's text; extents and strides are parameters.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "expr/program.hpp"

namespace tessera::detail::cuda {

enum class inner : std::uint8_t { vector, repeated, strided };

struct operand_view {
  std::byte* data;
  dtype type;
  shape strides;  // one per axis of the geometry
  bool target;
  inner along = inner::strided;
  int align = 1;  // bytes: a power of two up to 16 that address and strides are multiples of
};

struct geometry {
  shape extents;  // outermost first, at least one axis
  axis_flags folded;
  std::vector<operand_view> operands;  // inputs, then targets
  int vector = 1;                      // elements of a thread along the innermost axis
  bool wide = false;                   // offsets take 64 bits

  int ndim() const { return extents.size(); }
};

struct epilogue;

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// The largest power of two, up to `most` (one itself), that an address is a multiple of.
inline int alignment_of(std::uintptr_t address, int most) {
  const std::uintptr_t all = address | static_cast<std::uintptr_t>(most);
  return static_cast<int>(all & (~all + 1));
}

/// Bytes of one element of a dtype, 1 to 16.
int itemsize_of(dtype type);

/// The stage's axes with row axes and such merged where all operands allow it, those of the epilogue after its own if there
/// is one. Chooses no vector width yet.
geometry geometry_of(const stage& s, const epilogue* tail = nullptr);

/// Classes of the operands along the innermost axis, and the elements a thread takes: as many as fit 16 bytes of the largest
/// operand that moves, as its alignment allows and as the axis has, up to `most`.
void choose_vectors(geometry& g, int most, bool tiled = false);

/// For kernels that take one element a thread and are one text for all ways to lie along the innermost axis; after choose_vectors.
void make_strided(geometry& g);

/// Whether some operands move by one element along the innermost axis and others along another one, which then becomes the
/// second to last: thread blocks should walk tiles of both, for `choose_vectors` with `tiled`. Needs an order-free stage.
bool make_tiles(geometry& g);

/// Whether any operand's bytes span 2**31 or more.
bool needs_wide_offsets(const geometry& g);

/// A part of the space small enough for 32-bit indices: `extents` of it, and each operand's address.
struct slab {
  shape extents;
  std::vector<std::byte*> data;
  std::int64_t first = 0;  // number of its first point in C order of the axes that are cut
};

/// Cuts the space into slabs of fewer than `most` units, counted along the axes whose `folded` is as given (the others stay
/// whole); along the innermost axis a unit is `g.vector` elements.
void for_each_slab(const geometry& g, bool folded, std::int64_t most, const std::function<void(const slab&)>& run);
void for_each_slab(const geometry& g, bool folded, const std::function<void(const slab&)>& run);

/// Units along those axes.
std::int64_t units_of(const geometry& g, const shape& extents, bool folded);

/// What for_each_slab takes for `most` where it is not given; tests make it small.
std::int64_t most_slab_units();
std::int64_t set_slab_units(std::int64_t most);

}  // namespace tessera::detail::cuda
