// Kernels of masks: bytes to bits, counting bits, elements whose bits are set.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tessera::detail::cpu {

/// Bit k of a string of bits is bit k % 64 of word k / 64. The word after the last one that holds a bit can be read.
struct mark_kernels {
  /// Bit k of `to` says whether bytes[k] is not zero, for k < n; the rest of the last word is zero.
  void (*pack)(std::uint64_t* to, const std::byte* bytes, std::int64_t n);
  std::int64_t (*count)(const std::uint64_t* words, std::int64_t n);
  /// The elements of from[0, n) whose bits (from bit `first` on) are set, one after the other to [to, stop). Writes nothing
  /// behind them but within that range. Returns where the next one goes.
  using compress = std::byte* (*)(std::byte* to, std::byte* stop, const std::byte* from, const std::uint64_t* bits,
                                  std::int64_t first, std::int64_t n);
  compress compresses[5];  // of elements of 1, 2, 4, 8, 16 bytes
  /// The same of the numbers base, base + 1, …
  std::int64_t* (*positions)(std::int64_t* to, std::int64_t* stop, std::int64_t base, const std::uint64_t* bits,
                             std::int64_t first, std::int64_t n);

  /// to[k] = from[k] where mask[k] is not zero, for k < n. Stretches of 32 elements without one are not touched.
  using blend = void (*)(std::byte* to, const std::byte* from, const std::byte* mask, std::int64_t n);
  blend blends[5];  // as well

  compress of(int itemsize) const noexcept { return compresses[std::countr_zero(static_cast<unsigned>(itemsize))]; }
  blend blend_of(int itemsize) const noexcept { return blends[std::countr_zero(static_cast<unsigned>(itemsize))]; }
};

const mark_kernels& find_marks();

}  // namespace tessera::detail::cpu
