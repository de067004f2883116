// What tests of operations on a device work on, and how they are held to the host.
#pragma once
#include <cstring>
#include <functional>
#include <string>

#include "array_values.hpp"
#include "cuda/device.hpp"

namespace tessera_test {

using namespace tessera;

class indexing_on_gpu : public on_gpu {};

inline constexpr dtype all_dtypes[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                                       uint64, float16, bfloat16, float32, float64, complex64, complex128};
inline constexpr dtype one_of_each_size[] = {int8, float16, float32, int64, complex128};

/// Numbers that look random, some of them zero: on the host.
inline array numbers(const shape& extents, const dtype& type = int32) {
  std::int64_t n = 1;
  for (const std::int64_t extent : extents) n *= extent;
  const array order = arange(0, n, 1, {.dtype = int64, .device = cpu()});
  return reshape(array(remainder(order * 7919 + floor_divide(order, 3), 61) - 20).astype(type), extents);
}
/// Positions within an extent, also negative ones, with duplicates.
inline array positions(const shape& extents, std::int64_t extent) {
  return remainder(numbers(extents, int64) * 5 + 3, 2 * extent) - extent;
}

/// The same elements one byte past an aligned address, on the same device.
inline array misaligned(const array& x) {
  array bytes = zeros({x.size() * x.itemsize() + 1}, {.dtype = uint8, .device = x.device()});
  array moved = reshape(array(bytes(slice(1, none))).view(x.dtype()), x.shape());
  moved(ellipsis) = x;
  return moved;
}

using move_to = std::function<array(const array&)>;
using work = std::function<array(const move_to&)>;

inline void expect_bits(const array& there, const array& here, const std::string& what) {
  SCOPED_TRACE(what);
  ASSERT_EQ(there.device(), cuda());
  ASSERT_EQ(there.dtype(), here.dtype());
  ASSERT_EQ(there.shape(), here.shape());
  const array a = there.to(cpu()).copy(), b = here.to(cpu()).copy();
  ASSERT_EQ(std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size() * a.itemsize())), 0)
      << str(a, {.threshold = 40}) << "\nnot\n"
      << str(b, {.threshold = 40});
}
/// `f` makes its operands by on(array of the host); the result on the device has the bits of that on the host.
inline void expect_same(const std::string& what, const work& f) {
  const array here = f([](const array& x) { return x; });
  expect_bits(f([](const array& x) { return x.to(cuda()); }), here, what);
}

}  // namespace tessera_test
