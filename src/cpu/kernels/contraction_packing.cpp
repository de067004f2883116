// Lays out operands of contractions for their tiles: short rows of elements from anywhere, one after the other.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/contraction_packing.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "cpu/kernels/contraction.hpp"
#include "cpu/kernels/element.hpp"

#ifndef TESSERA_PACKING_TYPES
#define TESSERA_PACKING_TYPES
namespace tessera::detail::cpu {
struct packed_pair {
  std::uint64_t low, high;
};
}  // namespace tessera::detail::cpu
#endif

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

template <class T>
void pack_regular(std::byte* to, std::int64_t pitch, const columns& from, std::int64_t count, std::int64_t steps) {
  constexpr std::int64_t size = sizeof(T);
  if (from.along == size || count == 1) return copy_any_rows(to, pitch, from.data, from.across, count * size, steps);
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

template <class T> inline constexpr packing_kernels packing_of = {pack_regular<T>, pack_scattered<T>};

const packing_kernels* choose_packing(int itemsize) {
  switch (itemsize) {
    case 1: return &packing_of<std::uint8_t>;
    case 2: return &packing_of<std::uint16_t>;
    case 4: return &packing_of<std::uint32_t>;
    case 8: return &packing_of<std::uint64_t>;
    default: return &packing_of<packed_pair>;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_packing);
const packing_kernels& find_packing(int itemsize) noexcept { return *HWY_DYNAMIC_DISPATCH(choose_packing)(itemsize); }
}  // namespace tessera::detail::cpu
#endif
