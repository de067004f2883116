// The two 16-bit floating element types: storage, and conversions that round once, ties to even.
//
//   float16_t    1 sign, 5 exponent, 10 fraction bits (IEEE binary16)      bfloat16_t   1, 8, 7: the top half of a float
//
// All conversions are branch-free bit arithmetic that compilers vectorise. A NaN stays a NaN, becomes quiet, keeps its sign
// and the leading bits of its payload. Overflow gives infinity; subnormals are kept. Arithmetic is done in float.
#pragma once
#include <bit>
#include <cstdint>

namespace tessera::detail {

struct float16_t {
  std::uint16_t bits;

  float16_t() = default;
  explicit constexpr float16_t(float x) : bits(round(x)) {}
  explicit constexpr float16_t(double x) : bits(round(odd_float(x))) {}
  static constexpr float16_t from_bits(std::uint16_t bits) { return float16_t(bits, 0); }

  /// To float with the bits that are cut off or-ed into the last one: rounding that again is rounding once.
  static constexpr float odd_float(double x) {
    constexpr std::uint64_t cut = 0x1fffffff;  // 52 - 23 bits
    const std::uint64_t all = std::bit_cast<std::uint64_t>(x);
    return static_cast<float>(std::bit_cast<double>((all & ~cut) | ((all & cut) != 0 ? cut + 1 : 0)));
  }

  explicit constexpr operator float() const {
    const std::uint32_t magnitude = bits & 0x7fffu, sign = (bits & 0x8000u) << 16;
    const std::uint32_t shifted = magnitude << 13;
    const std::uint32_t normal = shifted + (112u << 23);  // exponent bias 15 -> 127
    // 0.f.ffff * 2**-14 without the implicit one: put it there, subtract it in float, exactly.
    const std::uint32_t subnormal = to_bits(std::bit_cast<float>(shifted + (113u << 23)) - 0x1p-14f);
    const std::uint32_t special = shifted + (224u << 23) + (magnitude > 0x7c00u ? 0x00400000u & ~shifted : 0u);
    return std::bit_cast<float>(sign | (magnitude >= 0x7c00u ? special : magnitude < 0x0400u ? subnormal : normal));
  }
  explicit constexpr operator double() const { return static_cast<float>(*this); }

 private:
  constexpr float16_t(std::uint16_t value, int) : bits(value) {}
  static constexpr std::uint32_t to_bits(float x) { return std::bit_cast<std::uint32_t>(x); }

  static constexpr std::uint16_t round(float x) {
    const std::uint32_t all = to_bits(x), sign = (all >> 16) & 0x8000u, magnitude = all & 0x7fffffffu;
    // 13 bits go: add just under half a unit, and the last kept bit for ties; a carry rounds up to infinity by itself.
    const std::uint32_t normal = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
    // 0.5f has units of 2**-24, the smallest float16: the addition rounds, the fraction bits are the answer.
    const std::uint32_t subnormal = to_bits(std::bit_cast<float>(magnitude) + 0.5f) - to_bits(0.5f);
    const std::uint32_t special = magnitude > 0x7f800000u ? 0x7e00u | ((magnitude >> 13) & 0x1ffu) : 0x7c00u;
    const std::uint32_t rounded = magnitude >= 0x47800000u ? special : magnitude < 0x38800000u ? subnormal : normal;
    return static_cast<std::uint16_t>(sign | rounded);
  }
};

struct bfloat16_t {
  std::uint16_t bits;

  bfloat16_t() = default;
  explicit constexpr bfloat16_t(float x) : bits(round(std::bit_cast<std::uint32_t>(x))) {}
  explicit constexpr bfloat16_t(double x) : bits(round(std::bit_cast<std::uint32_t>(odd_float(x)))) {}
  static constexpr bfloat16_t from_bits(std::uint16_t bits) { return bfloat16_t(bits, 0); }

  /// As float16_t::odd_float. Below 2**-126 a float has fewer bits, so there the bfloat16 subnormal is rounded here.
  static constexpr float odd_float(double x) {
    constexpr std::uint64_t cut = 0x1fffffff, sign_bit = std::uint64_t{1} << 63;
    const std::uint64_t all = std::bit_cast<std::uint64_t>(x), magnitude = all & ~sign_bit;
    const std::uint64_t odd = (magnitude & ~cut) | ((magnitude & cut) != 0 ? cut + 1 : 0);
    constexpr double units = 0x1p-81;  // its unit in the last place is 2**-133, the smallest bfloat16
    const double subnormal = (std::bit_cast<double>(magnitude) + units) - units;
    const std::uint64_t chosen =
        magnitude < (std::uint64_t{1023 - 126} << 52) ? std::bit_cast<std::uint64_t>(subnormal) : odd;
    return static_cast<float>(std::bit_cast<double>(chosen | (all & sign_bit)));
  }

  explicit constexpr operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
  explicit constexpr operator double() const { return static_cast<float>(*this); }

 private:
  constexpr bfloat16_t(std::uint16_t value, int) : bits(value) {}

  static constexpr std::uint16_t round(std::uint32_t all) {
    const std::uint32_t rounded = (all + 0x7fffu + ((all >> 16) & 1u)) >> 16;
    const std::uint32_t nan = (all >> 16) | 0x40u;
    return static_cast<std::uint16_t>((all & 0x7fffffffu) > 0x7f800000u ? nan : rounded);
  }
};

/// The largest integers lose bits in double already: these or them into the last one kept, so that rounding the double
/// to 16 bits is rounding the integer once.
constexpr double odd_double(std::int64_t x) {
  const auto all = static_cast<std::uint64_t>(x);
  const std::uint64_t odd = (all & ~std::uint64_t{0x7ff}) | ((all & 0x7ff) != 0 ? 0x800 : 0);
  const bool exact = all + (std::uint64_t{1} << 53) <= std::uint64_t{1} << 54;
  return static_cast<double>(static_cast<std::int64_t>(exact ? all : odd));
}
constexpr double odd_double(std::uint64_t x) {
  const std::uint64_t odd = (x & ~std::uint64_t{0x7ff}) | ((x & 0x7ff) != 0 ? 0x800 : 0);
  return static_cast<double>(x <= std::uint64_t{1} << 53 ? x : odd);
}

}  // namespace tessera::detail
