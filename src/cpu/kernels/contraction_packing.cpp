// Lays out operands of contractions for their tiles: short rows of elements from anywhere, one after the other.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/contraction_packing.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "cpu/kernels/contraction.hpp"
#include "cpu/kernels/element.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

template <std::size_t Bytes>
void copy_rows(std::byte* to, std::int64_t pitch, const std::byte* from, std::int64_t across, std::int64_t steps) {
  for (std::int64_t k = 0; k < steps; ++k, to += pitch, from += across) std::memcpy(to, from, Bytes);
}

/// Rows of elements that lie side by side. Those of whole tiles are of few lengths, copied in registers.
void copy_any_rows(std::byte* to, std::int64_t pitch, const std::byte* from, std::int64_t across, std::int64_t bytes,
                   std::int64_t steps) {
  switch (bytes) {
    case 16: return copy_rows<16>(to, pitch, from, across, steps);
    case 32: return copy_rows<32>(to, pitch, from, across, steps);
    case 64: return copy_rows<64>(to, pitch, from, across, steps);
    case 96: return copy_rows<96>(to, pitch, from, across, steps);
    case 128: return copy_rows<128>(to, pitch, from, across, steps);
    case 192: return copy_rows<192>(to, pitch, from, across, steps);
    default:
      for (std::int64_t k = 0; k < steps; ++k, to += pitch, from += across)
        std::memcpy(to, from, static_cast<std::size_t>(bytes));
  }
}

/// Elements a few apart within each lane: first each lane side by side, then turned.
template <class T>
void pack_spaced(std::byte* to, std::int64_t pitch, columns from, std::int64_t count, std::int64_t steps) {
  constexpr std::int64_t size = sizeof(T), most_lanes = 32, most_steps = 64;
  alignas(64) std::byte rows[most_lanes * most_steps * size];
  const move_kernels& moves = find_moves(size);
  for (std::int64_t k = 0; k < steps;
       k += most_steps, from.data += most_steps * from.across, to += most_steps * pitch) {
    const std::int64_t n = std::min(most_steps, steps - k);
    for (std::int64_t i = 0; i < count; i += most_lanes) {
      const std::int64_t lanes = std::min(most_lanes, count - i);
      for (std::int64_t r = 0; r < lanes; ++r)
        moves.row(rows + r * most_steps * size, size, from.data + (i + r) * from.along, from.across, n);
      moves.transpose(to + i * size, pitch, {rows, most_steps * size, size}, lanes, n);
    }
  }
}

template <class T>
void pack_regular(std::byte* to, std::int64_t pitch, const columns& from, std::int64_t count, std::int64_t steps) {
  constexpr std::int64_t size = sizeof(T);
  if (from.along == size || count == 1) return copy_any_rows(to, pitch, from.data, from.across, count * size, steps);
  const std::int64_t spacing = std::abs(from.across);
  if (spacing > size && spacing <= 4 * size && std::abs(from.along) > spacing)
    return pack_spaced<T>(to, pitch, from, count, steps);
  find_moves(size).transpose(to, pitch, from, count, steps);
}

template <class T>
void pack_scattered(std::byte* to, std::int64_t pitch, const std::byte* from, const std::int64_t* along,
                    const std::int64_t* across, std::int64_t count, std::int64_t steps) {
  for (std::int64_t k = 0; k < steps; ++k, to += pitch) {
    const std::byte* const row = from + across[k];
    for (std::int64_t i = 0; i < count; ++i)
      std::memcpy(to + i * static_cast<std::int64_t>(sizeof(T)), row + along[i], sizeof(T));
  }
}

template <std::int64_t Bytes>
void split_rows(std::byte* to, std::int64_t panel, const std::byte* from, std::int64_t across, std::int64_t count,
                std::int64_t steps) {
  for (std::int64_t p = 0; p < count; ++p, to += panel, from += Bytes) {
    for (std::int64_t k = 0; k < steps; ++k)
      std::memcpy(to + k * Bytes, from + k * across, static_cast<std::size_t>(Bytes));
  }
}

/// As many steps at a time as fill a cache line of a panel: panels are often a power of two apart, and source rows too,
/// so that few of either stay in L1.
template <class T>
void pack_panels(std::byte* to, std::int64_t panel, const std::byte* from, std::int64_t across, std::int64_t width,
                 std::int64_t count, std::int64_t steps) {
  constexpr std::int64_t size = sizeof(T), line = 64;
  const std::int64_t bytes = width * size, at_once = std::max<std::int64_t>(1, line / bytes);
  for (std::int64_t k = 0; k < steps; k += at_once, to += at_once * bytes, from += at_once * across) {
    const std::int64_t n = std::min(at_once, steps - k);
    if (bytes == 16 && n == 4) {
      split_rows<16>(to, panel, from, across, count, 4);
    } else if (bytes == 32 && n == 2) {
      split_rows<32>(to, panel, from, across, count, 2);
    } else {
      for (std::int64_t p = 0; p < count; ++p) copy_any_rows(to + p * panel, bytes, from + p * bytes, across, bytes, n);
    }
  }
}

template <class T, std::int64_t Count>
void separate_parts(T* __restrict to, const T* __restrict from, T sign, std::int64_t count, std::int64_t steps) {
  if constexpr (Count != 0) count = Count;
  for (std::int64_t k = 0; k < steps; ++k, to += 2 * count, from += 2 * count) {
    for (std::int64_t i = 0; i < count; ++i) {
      to[i] = from[2 * i];
      to[count + i] = sign * from[2 * i + 1];
    }
  }
}

template <class T>
void pack_complex_x(void* to, const void* from, bool conjugate, std::int64_t count, std::int64_t steps) {
  const T sign = conjugate ? -1 : 1;
  if (count == 4) return separate_parts<T, 4>(static_cast<T*>(to), static_cast<const T*>(from), sign, count, steps);
  if (count == 8) return separate_parts<T, 8>(static_cast<T*>(to), static_cast<const T*>(from), sign, count, steps);
  separate_parts<T, 0>(static_cast<T*>(to), static_cast<const T*>(from), sign, count, steps);
}

template <class T>
void pack_complex_y(void* target, const void* source, bool conjugate, std::int64_t count, std::int64_t steps) {
  T* __restrict to = static_cast<T*>(target);
  const T* __restrict from = static_cast<const T*>(source);
  const T sign = conjugate ? -1 : 1;
  for (std::int64_t k = 0; k < steps; ++k, to += 4 * count, from += 2 * count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const T re = from[2 * i], im = sign * from[2 * i + 1];
      to[2 * i] = re;
      to[2 * i + 1] = im;
      to[2 * count + 2 * i] = -im;
      to[2 * count + 2 * i + 1] = re;
    }
  }
}

template <class T> inline constexpr complex_packing_kernels complex_packing_of = {pack_complex_x<T>, pack_complex_y<T>};

const complex_packing_kernels* choose_complex_packing(dtype_code part) {
  return part == dtype_code::float32 ? &complex_packing_of<float> : &complex_packing_of<double>;
}

template <class T> inline constexpr packing_kernels packing_of = {pack_regular<T>, pack_scattered<T>, pack_panels<T>};

const packing_kernels* choose_packing(int itemsize) {
  switch (itemsize) {
    case 1: return &packing_of<std::uint8_t>;
    case 2: return &packing_of<std::uint16_t>;
    case 4: return &packing_of<std::uint32_t>;
    case 8: return &packing_of<std::uint64_t>;
    default: return &packing_of<sixteen_bytes>;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_packing);
HWY_EXPORT(choose_complex_packing);
const packing_kernels& find_packing(int itemsize) noexcept { return *HWY_DYNAMIC_DISPATCH(choose_packing)(itemsize); }
const complex_packing_kernels& find_complex_packing(dtype part) noexcept {
  return *HWY_DYNAMIC_DISPATCH(choose_complex_packing)(part.code());
}
}  // namespace tessera::detail::cpu
#endif
