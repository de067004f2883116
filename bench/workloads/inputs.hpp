// The benchmark's inputs: every element is a function of a seed and its index, the same in any language. The C++ standard
// library only, so that expected results do not depend on the library under test.
//
// word(seed, i) is splitmix64 with the state seed * 0xD1342543DE82EF95 + (i + 1) * 0x9E3779B97F4A7C15, i the flat C index.
//   uniform  low + (high - low) * ((word >> 11) * 2^-53)      computed in double, then rounded to the dtype
//   bell     (c0 + c1 + c2 + c3 - 131070) / 37837.22772…      c: the four 16-bit parts; mean 0, variance 1
//   integer  low + word % (high - low)
//   boolean  ((word >> 11) * 2^-53) < probability
//   sorted   uniform, sorted as doubles, then rounded
//   constant the same value everywhere
//   records  97 bytes: U20 name, float64 price, int64 volume, bool active, each from words of its own
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <vector>

namespace bench {

enum class element { boolean, int8, int32, int64, float16, bfloat16, float32, float64, record };
enum class generator { uniform, bell, integer, boolean, sorted, constant, records };

inline std::uint64_t word(std::uint64_t seed, std::int64_t i) {
  std::uint64_t z = seed * 0xD1342543DE82EF95u + (static_cast<std::uint64_t>(i) + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

inline double unit(std::uint64_t seed, std::int64_t i) { return static_cast<double>(word(seed, i) >> 11) * 0x1p-53; }

inline double record_price(std::uint64_t seed, std::int64_t i) { return 1.0 + 999.0 * unit(seed + 1, i); }
inline bool record_active(std::uint64_t seed, std::int64_t i) { return unit(seed + 3, i) < 0.5; }
/// 0 to n - 1: which of the words of seed + 2 is the smallest, the next one, and so on.
inline std::vector<std::int64_t> record_volumes(std::uint64_t seed, std::int64_t n) {
  std::vector<std::uint64_t> words(n);
  for (std::int64_t i = 0; i < n; ++i) words[i] = word(seed + 2, i);
  std::vector<std::int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return words[a] < words[b]; });
  return order;
}
constexpr std::int64_t record_bytes = 97;
/// n records, one behind the other.
inline void write_records(char* to, std::uint64_t seed, std::int64_t n) {
  const std::vector<std::int64_t> volumes = record_volumes(seed, n);
  for (std::int64_t i = 0; i < n; ++i, to += record_bytes) {
    char32_t name[20] = U"name";
    std::uint64_t number = word(seed, i) % 1000;
    for (int k = 9; k > 3; --k, number /= 10) name[k] = U'0' + static_cast<char32_t>(number % 10);
    const double price = record_price(seed, i);
    std::memcpy(to, name, 80);
    std::memcpy(to + 80, &price, 8);
    std::memcpy(to + 88, &volumes[i], 8);
    to[96] = static_cast<char>(record_active(seed, i));
  }
}

inline double bell(std::uint64_t seed, std::int64_t i) {
  static const double deviation = std::sqrt(4 * (65536.0 * 65536.0 - 1) / 12);
  const std::uint64_t u = word(seed, i);
  std::int64_t sum = 0;
  for (int shift = 0; shift < 64; shift += 16) sum += static_cast<std::int64_t>((u >> shift) & 0xFFFF);
  return static_cast<double>(sum - 131070) / deviation;
}

/// x rounded to nearest even with `digits` significant bits, subnormal below 2^min_exponent. Finite x within range.
inline double rounded(double x, int digits, int min_exponent) {
  if (x == 0) return x;
  const int unit_exponent = std::max(std::ilogb(x), min_exponent) - digits + 1;
  return std::ldexp(std::nearbyint(std::ldexp(x, -unit_exponent)), unit_exponent);
}

inline std::uint16_t float16_bits(double x) {
  const double r = std::abs(rounded(x, 11, -14));
  const std::uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  if (r < 0x1p-14)
    return sign | static_cast<std::uint16_t>(r * 0x1p24);  // subnormal, or the smallest normal after a carry
  const int exponent = std::ilogb(r);
  return sign | static_cast<std::uint16_t>(((exponent + 14) << 10) + static_cast<int>(std::ldexp(r, 10 - exponent)));
}

inline std::uint16_t bfloat16_bits(double x) {  // through float32, as ml_dtypes rounds
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
  return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

inline double float16_value(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double r = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return bits & 0x8000 ? -r : r;
}

inline double bfloat16_value(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// One input: how to make it, and its elements by flat C index whatever the memory order of the array.
struct input {
  std::vector<std::int64_t> extents;
  element type = element::float64;
  generator kind = generator::uniform;
  std::uint64_t seed = 0;
  double low = 0, high = 1;  // uniform, integer
  double parameter = 0;      // the probability of boolean, the value of constant
  bool fortran = false;
  bool as_file = false;
  std::shared_ptr<const std::vector<double>> values = nullptr;  // of sorted inputs, see prepare()

  std::int64_t size() const {
    std::int64_t n = 1;
    for (std::int64_t extent : extents) n *= extent;
    return n;
  }
  std::int64_t extent(int axis) const { return extents[axis]; }

  /// Sorts what can only be computed as a whole. Call once before reading elements.
  void prepare() {
    if (kind != generator::sorted) return;
    std::vector<double> all(size());
    for (std::int64_t i = 0; i < size(); ++i) all[i] = unit(seed, i);
    std::sort(all.begin(), all.end());
    values = std::make_shared<const std::vector<double>>(std::move(all));
  }

  /// Before rounding to the dtype.
  double exact(std::int64_t i) const {
    switch (kind) {
      case generator::uniform: return low == 0 && high == 1 ? unit(seed, i) : unit(seed, i) * (high - low) + low;
      case generator::bell: return bell(seed, i);
      case generator::boolean: return unit(seed, i) < parameter;
      case generator::sorted: return (*values)[i];
      case generator::constant: return parameter;
      case generator::integer:
      case generator::records: break;
    }
    return low + static_cast<double>(word(seed, i) % static_cast<std::uint64_t>(high - low));
  }

  /// As stored.
  double operator()(std::int64_t i) const {
    const double x = exact(i);
    switch (type) {
      case element::float32: return static_cast<float>(x);
      case element::float16: return float16_value(float16_bits(x));
      case element::bfloat16: return bfloat16_value(bfloat16_bits(x));
      default: return x;
    }
  }

  /// Bytes of element i as the dtype stores them.
  template <class Stored> Stored stored(std::int64_t i) const {
    const double x = exact(i);
    if (type == element::float16) return static_cast<Stored>(float16_bits(x));
    if (type == element::bfloat16) return static_cast<Stored>(bfloat16_bits(x));
    return static_cast<Stored>(x);
  }
};

}  // namespace bench
