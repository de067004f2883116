// Moves elements between strides, for each instruction set.
//
// Rows with a small stride are plain loops over a constant, which the compiler turns into shuffles. A transpose goes
// through registers: each holds 16-byte pieces of several source rows, and log2(16 / itemsize) perfect shuffles of as
// many registers as a piece has elements transpose each 128-bit block.
//
//     rows  a  a0 a1 a2 a3 | e0 e1 e2 e3        a0 b0 c0 d0 | e0 f0 g0 h0     one row of the target
//           b  b0 b1 b2 b3 | f0 f1 f2 f3   ->   a1 b1 c1 d1 | e1 f1 g1 h1
//           c  c0 c1 c2 c3 | g0 g1 g2 g3        a2 b2 c2 d2 | e2 f2 g2 h2
//           d  d0 d1 d2 d3 | h0 h1 h2 h3        a3 b3 c3 d3 | e3 f3 g3 h3
//
// Gathers are no help: on Zen 3 eight scalar loads and stores take half the time of one.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/move.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "cpu/kernels/element.hpp"
#include "cpu/kernels/move.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// ---- rows ---------------------------------------------------------------------------------------------------------
/// to[i] = from[i * Step].
template <class T, std::int64_t Step> void gather_row(std::byte* to, const std::byte* from, std::int64_t n) {
  constexpr std::int64_t size = sizeof(T);
  TESSERA_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    T element;
    std::memcpy(&element, from + i * Step * size, sizeof(T));
    std::memcpy(to + i * size, &element, sizeof(T));
  }
}

/// Any strides. Four at a time: addresses of constant multiples cost less.
template <class T>
void copy_strided(std::byte* to, std::int64_t to_stride, const std::byte* from, std::int64_t from_stride,
                  std::int64_t n) {
  std::int64_t i = 0;
  for (; i + 4 <= n; i += 4, from += 4 * from_stride, to += 4 * to_stride) {
    T a, b, c, d;
    std::memcpy(&a, from, sizeof(T));
    std::memcpy(&b, from + from_stride, sizeof(T));
    std::memcpy(&c, from + 2 * from_stride, sizeof(T));
    std::memcpy(&d, from + 3 * from_stride, sizeof(T));
    std::memcpy(to, &a, sizeof(T));
    std::memcpy(to + to_stride, &b, sizeof(T));
    std::memcpy(to + 2 * to_stride, &c, sizeof(T));
    std::memcpy(to + 3 * to_stride, &d, sizeof(T));
  }
  for (; i < n; ++i, from += from_stride, to += to_stride) std::memcpy(to, from, sizeof(T));
}

template <class T> void fill_row(std::byte* to, const std::byte* from, std::int64_t n) {
  T element;
  std::memcpy(&element, from, sizeof(T));
  for (std::int64_t i = 0; i < n; ++i) std::memcpy(to + i * sizeof(T), &element, sizeof(T));
}

template <class T>
void copy_row(std::byte* to, std::int64_t to_stride, const std::byte* from, std::int64_t from_stride, std::int64_t n) {
  constexpr auto size = static_cast<std::int64_t>(sizeof(T));
  if (to_stride != size) return copy_strided<T>(to, to_stride, from, from_stride, n);
  if (from_stride == size) {
    std::memcpy(to, from, static_cast<std::size_t>(n * size));
    return;
  }
  switch (from_stride) {
    case 0: return fill_row<T>(to, from, n);
    case 2 * size: return gather_row<T, 2>(to, from, n);
    case 3 * size: return gather_row<T, 3>(to, from, n);
    case 4 * size: return gather_row<T, 4>(to, from, n);
    case -size: return gather_row<T, -1>(to, from, n);
    case -2 * size: return gather_row<T, -2>(to, from, n);
    default: return copy_strided<T>(to, size, from, from_stride, n);
  }
}

// ---- repetitions --------------------------------------------------------------------------------------------------
template <class T, std::int64_t Times> void repeat_few(std::byte* to, const std::byte* from, std::int64_t n) {
  constexpr std::int64_t size = sizeof(T);
  TESSERA_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    T element;
    std::memcpy(&element, from + i * size, sizeof(T));
    for (std::int64_t k = 0; k < Times; ++k) std::memcpy(to + (i * Times + k) * size, &element, sizeof(T));
  }
}

/// A vector of an element, at least: what `to` holds beyond is written again.
template <class T> struct spread {
  static constexpr std::int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  static HWY_INLINE void store(std::byte* to, T element) {
    const hn::ScalableTag<T> d;
    hn::StoreU(hn::Set(d, element), d, reinterpret_cast<T*>(to));
  }
};
template <> struct spread<sixteen_bytes> {
  static constexpr std::int64_t lanes = 1;
  static HWY_INLINE void store(std::byte* to, sixteen_bytes element) { std::memcpy(to, &element, sizeof(element)); }
};

/// Whole vectors, each over the end of the one before; only the last elements are written exactly.
template <class T>
void repeat_elements(std::byte* to, const std::byte* from, std::int64_t from_stride, std::int64_t n,
                     std::int64_t times) {
  constexpr std::int64_t lanes = spread<T>::lanes, size = sizeof(T);
  if (from_stride == size && times == 2) return repeat_few<T, 2>(to, from, n);
  if (from_stride == size && times == 3) return repeat_few<T, 3>(to, from, n);
  if (from_stride == size && times == 4) return repeat_few<T, 4>(to, from, n);
  std::int64_t i = 0;
  const std::int64_t whole = n - (lanes + times - 1) / times;
  for (; i < whole; ++i, from += from_stride, to += times * size) {
    T element;
    std::memcpy(&element, from, sizeof(T));
    for (std::int64_t k = 0; k < times; k += lanes) spread<T>::store(to + k * size, element);
  }
  for (; i < n; ++i, from += from_stride, to += times * size) fill_row<T>(to, from, times);
}

// ---- transposes ---------------------------------------------------------------------------------------------------
/// Source rows are often a page or more apart, where the processor foresees nothing. Two tiles ahead, into L2: rows a
/// power of two apart share a set of L1, which would lose them again. Past the end is as good a place as any.
HWY_INLINE void prefetch_rows(const columns& from, std::int64_t first, std::int64_t n, std::int64_t bytes) {
  constexpr std::int64_t ahead = 8, near = 512, line = 64;
  if (std::abs(from.along) < near) return;
  const auto start =
      reinterpret_cast<std::uintptr_t>(from.data) + static_cast<std::uintptr_t>((first + ahead) * from.along);
  for (std::int64_t k = 0; k < n; ++k) {
    const std::uintptr_t row = start + static_cast<std::uintptr_t>(k * from.along);
    for (std::int64_t b = 0; b < bytes; b += line) __builtin_prefetch(reinterpret_cast<const void*>(row + b), 0, 2);
  }
}

template <class T>
void transpose_elements(std::byte* to, std::int64_t pitch, columns from, std::int64_t count, std::int64_t rows) {
  for (std::int64_t i = 0; i < count; ++i, to += sizeof(T), from.data += from.along) {
    prefetch_rows(from, 8, 1, rows * std::abs(from.across));
    copy_strided<T>(to, pitch, from.data, from.across, rows);
  }
}

#if HWY_TARGET != HWY_SCALAR
/// 16 bytes from each of as many rows as D has 128-bit blocks, `step` bytes apart.
template <class D> HWY_INLINE hn::Vec<D> load_blocks(D d, const std::byte* from, std::int64_t step) {
  if constexpr (sizeof(hn::TFromD<D>) * hn::MaxLanes(d) == 16) {
    return hn::LoadU(d, reinterpret_cast<const hn::TFromD<D>*>(from));
  } else {
    const hn::Half<D> half;
    constexpr std::int64_t blocks = sizeof(hn::TFromD<D>) * hn::MaxLanes(half) / 16;
    return hn::Combine(d, load_blocks(half, from + blocks * step, step), load_blocks(half, from, step));
  }
}

/// The elements of one target row that lie in a register: `lanes` source rows by 16 bytes become 16 / size rows.
template <class D>
HWY_INLINE void transpose_tile(D d, std::byte* to, std::int64_t pitch, const std::byte* from, std::int64_t along) {
  using T = hn::TFromD<D>;
  constexpr std::int64_t side = 16 / sizeof(T);
  hn::Vec<D> x[side], y[side];
  for (std::int64_t k = 0; k < side; ++k) x[k] = load_blocks(d, from + k * along, side * along);
  for (std::int64_t level = 1; level < side; level *= 2) {
    for (std::int64_t k = 0; k < side / 2; ++k) {
      y[2 * k] = hn::InterleaveLower(d, x[k], x[k + side / 2]);
      y[2 * k + 1] = hn::InterleaveUpper(d, x[k], x[k + side / 2]);
    }
    for (std::int64_t k = 0; k < side; ++k) x[k] = y[k];
  }
  for (std::int64_t k = 0; k < side; ++k) hn::StoreU(x[k], d, reinterpret_cast<T*>(to + k * pitch));
}

/// Tiles over count x rows; the last ones reach back over what was done, so neither may be smaller than a tile.
template <class D>
void transpose_tiles(D d, std::byte* to, std::int64_t pitch, columns from, std::int64_t count, std::int64_t rows) {
  constexpr std::int64_t size = sizeof(hn::TFromD<D>), side = 16 / size, lanes = hn::MaxLanes(d);
  for (std::int64_t i = 0;; i = std::min(i + lanes, count - lanes)) {
    prefetch_rows(from, i + lanes, lanes, rows * size);
    for (std::int64_t r = 0;; r = std::min(r + side, rows - side)) {
      transpose_tile(d, to + r * pitch + i * size, pitch, from.data + i * from.along + r * size, from.along);
      if (r + side == rows) break;
    }
    if (i + lanes == count) break;
  }
}
#endif

/// Short target rows one after the other: a few contiguous source rows woven together.
template <class T, std::int64_t Count> void interleave(std::byte* to, columns from, std::int64_t rows) {
  constexpr std::int64_t size = sizeof(T);
  TESSERA_INDEPENDENT
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t i = 0; i < Count; ++i)
      std::memcpy(to + (r * Count + i) * size, from.data + i * from.along + r * size, sizeof(T));
  }
}

template <class T>
bool interleaved(std::byte* to, std::int64_t pitch, columns from, std::int64_t count, std::int64_t rows) {
  constexpr auto size = static_cast<std::int64_t>(sizeof(T));
  if (count > 4 || pitch != count * size || from.across != size) return false;
  if (count == 2) return interleave<T, 2>(to, from, rows), true;
  if (count == 3) return interleave<T, 3>(to, from, rows), true;
  return count == 4 && (interleave<T, 4>(to, from, rows), true);
}

template <class T>
void transpose(std::byte* to, std::int64_t pitch, columns from, std::int64_t count, std::int64_t rows) {
  constexpr auto size = static_cast<std::int64_t>(sizeof(T));
  if (from.across == -size) {  // the same, upside down
    from.data += (rows - 1) * from.across;
    from.across = size;
    to += (rows - 1) * pitch;
    pitch = -pitch;
  }
  if (interleaved<T>(to, pitch, from, count, rows)) return;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (size < 16) {
    constexpr std::int64_t side = 16 / size;
    const hn::ScalableTag<T> d;
    if (from.across == size && rows >= side && count >= side) {
      if (count >= static_cast<std::int64_t>(hn::Lanes(d))) return transpose_tiles(d, to, pitch, from, count, rows);
      return transpose_tiles(hn::Simd<T, side, 0>(), to, pitch, from, count, rows);
    }
  }
#endif
  if (std::abs(from.along) <= 4 * size) {  // rows that share cache lines within themselves
    for (std::int64_t r = 0; r < rows; ++r)
      copy_row<T>(to + r * pitch, size, from.data + r * from.across, from.along, count);
  } else {
    transpose_elements<T>(to, pitch, from, count, rows);
  }
}

// ---- past the caches ----------------------------------------------------------------------------------------------
template <class T> void stream(std::byte* to, const std::byte* from, std::int64_t n) {
  std::int64_t bytes = n * static_cast<std::int64_t>(sizeof(T));
#if HWY_TARGET != HWY_SCALAR
  constexpr std::int64_t line = 64;
  const hn::ScalableTag<std::uint8_t> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t head = std::min<std::int64_t>(bytes, -reinterpret_cast<std::intptr_t>(to) & (line - 1));
  std::memcpy(to, from, static_cast<std::size_t>(head));
  to += head, from += head, bytes -= head;
  for (; bytes >= line; to += line, from += line, bytes -= line) {
    for (std::int64_t k = 0; k < line; k += lanes) {
      hn::Stream(hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(from + k)), d,
                 reinterpret_cast<std::uint8_t*>(to + k));
    }
  }
#endif
  std::memcpy(to, from, static_cast<std::size_t>(bytes));
}

template <class T>
inline constexpr move_kernels kernels_of = {copy_row<T>, transpose<T>, repeat_elements<T>, stream<T>};

const move_kernels* choose_moves(int itemsize) {
  switch (itemsize) {
    case 1: return &kernels_of<std::uint8_t>;
    case 2: return &kernels_of<std::uint16_t>;
    case 4: return &kernels_of<std::uint32_t>;
    case 8: return &kernels_of<std::uint64_t>;
    default: return &kernels_of<sixteen_bytes>;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <hwy/cache_control.h>

#include <cassert>

namespace tessera::detail::cpu {
HWY_EXPORT(choose_moves);
const move_kernels& find_moves(int itemsize) noexcept {
  assert(itemsize == 1 || itemsize == 2 || itemsize == 4 || itemsize == 8 || itemsize == 16);
  return *HWY_DYNAMIC_DISPATCH(choose_moves)(itemsize);
}
void finish_streaming() noexcept { hwy::FlushStream(); }
}  // namespace tessera::detail::cpu
#endif
