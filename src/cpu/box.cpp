// Moves blocks between strided memory and registers.
#include "cpu/box.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "cpu/kernels/compress.hpp"

namespace tessera::detail::cpu {
void box::push(std::int64_t extent, std::int64_t from_stride, std::int64_t to_stride, bool tiled) noexcept {
  if (extent == 1 && !tiled) return;
  if (ndim_ > 0) {
    axis& outer = axes_[ndim_ - 1];
    if (outer.from == from_stride * extent && outer.to == to_stride * extent) {
      if (tiled_ == ndim_ - 1) per_tile_ *= extent;
      outer = {outer.extent * extent, from_stride, to_stride};
      return;
    }
  }
  assert(ndim_ < capacity);
  if (tiled) tiled_ = ndim_;
  axes_[ndim_++] = {extent, from_stride, to_stride};
}

void box::finish() noexcept {
  constexpr std::int64_t short_row = 8;
  if (ndim_ >= 2 && axes_[ndim_ - 1].from == 0 &&
      axes_[ndim_ - 2].to == axes_[ndim_ - 1].extent * axes_[ndim_ - 1].to) {
    repeat_ = axes_[--ndim_].extent;
    return;
  }
  if (ndim_ < 2 || axes_[ndim_ - 1].extent >= short_row) return;
  int longest = ndim_ - 1;
  for (int i = 0; i < ndim_; ++i) {
    if (axes_[i].extent > axes_[longest].extent) longest = i;
  }
  std::rotate(axes_ + longest, axes_ + longest + 1, axes_ + ndim_);
  if (tiled_ == longest) {
    tiled_ = ndim_ - 1;
  } else if (tiled_ > longest) {
    --tiled_;
  }
}

// Calls row(extent, offset and stride of from, offset and stride of to) for each innermost row.
template <class Row> void box::walk(std::int64_t count, const Row& row) const noexcept {
  if (ndim_ == 0) return row(1, 0, 0, 0, 0);
  std::int64_t extents[capacity], place[capacity] = {}, from = 0, to = 0;
  for (int i = 0; i < ndim_; ++i) extents[i] = i == tiled_ ? count * per_tile_ : axes_[i].extent;
  const int last = ndim_ - 1;
  for (;;) {
    row(extents[last], from, axes_[last].from, to, axes_[last].to);
    int i = last - 1;
    for (; i >= 0; --i) {
      from += axes_[i].from;
      to += axes_[i].to;
      if (++place[i] < extents[i]) break;
      from -= axes_[i].from * extents[i];
      to -= axes_[i].to * extents[i];
      place[i] = 0;
    }
    if (i < 0) return;
  }
}

void box::copy(int itemsize, std::byte* to, const std::byte* from, std::int64_t count) const noexcept {
  const move_kernels& move = find_moves(itemsize);
  walk(count, [&](std::int64_t n, std::int64_t from_offset, std::int64_t from_stride, std::int64_t to_offset,
                  std::int64_t to_stride) {
    if (repeat_ > 0) {
      assert(to_stride == repeat_ * itemsize || n == 1);
      move.repeat(to + to_offset, from + from_offset, from_stride, n, repeat_);
    } else {
      move.row(to + to_offset, to_stride, from + from_offset, from_stride, n);
    }
  });
}

void box::copy_where(int itemsize, std::byte* to, const std::byte* from, const std::byte* mask,
                     std::int64_t count) const noexcept {
  const auto blend = find_marks().blend_of(itemsize);
  walk(count, [&](std::int64_t n, std::int64_t from_offset, std::int64_t from_stride, std::int64_t to_offset,
                  std::int64_t to_stride) {
    if (from_stride == itemsize && to_stride == itemsize)
      return blend(to + to_offset, from + from_offset, mask + from_offset / itemsize, n);
    const std::byte* chosen = mask + from_offset / itemsize;
    for (std::int64_t i = 0; i < n; ++i) {
      if (chosen[i * (from_stride / itemsize)] == std::byte{0}) continue;
      std::memcpy(to + to_offset + i * to_stride, from + from_offset + i * from_stride,
                  static_cast<std::size_t>(itemsize));
    }
  });
}

}  // namespace tessera::detail::cpu
