// Reversing the bytes of numbers.
#include "core/byte_order.hpp"

#include <cstring>

#include "core/access.hpp"
#include "core/dtype_parts.hpp"

namespace tessera::detail {
namespace {

/// `parts` numbers lie together, `stride` bytes from the first of one element to that of the next.
template <class Unsigned, class Swap>
void swap_each(std::byte* data, std::int64_t count, std::int64_t parts, std::int64_t stride, Swap swap) {
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t part = 0; part < parts; ++part) {
      std::byte* const at = data + i * stride + part * static_cast<std::int64_t>(sizeof(Unsigned));
      Unsigned value;
      std::memcpy(&value, at, sizeof value);
      value = swap(value);
      std::memcpy(at, &value, sizeof value);
    }
  }
}

void make_native(std::byte* data, std::int64_t count, std::int64_t stride, dtype type) {
  if (type.is_native() || count == 0) return;
  if (is_record(type)) {
    for (const field& f : type.fields()) {
      const std::int64_t inner = f.type.itemsize(), elements = inner == 0 ? 0 : f.nbytes() / inner;
      for (std::int64_t i = 0; i < elements; ++i) make_native(data + f.offset + i * inner, count, stride, f.type);
    }
    return;
  }
  const int size = type.kind() == 'U' ? 4 : type.kind() == 'c' ? type.itemsize() / 2 : type.itemsize();
  const std::int64_t parts = type.itemsize() / size;
  switch (size) {
    case 2: return swap_each<std::uint16_t>(data, count, parts, stride, [](auto x) { return __builtin_bswap16(x); });
    case 4: return swap_each<std::uint32_t>(data, count, parts, stride, [](auto x) { return __builtin_bswap32(x); });
    case 8: return swap_each<std::uint64_t>(data, count, parts, stride, [](auto x) { return __builtin_bswap64(x); });
    default: return;
  }
}

}  // namespace

void make_native(std::byte* data, std::int64_t count, dtype type) { make_native(data, count, type.itemsize(), type); }

array native_copy(const void* data, const shape& extents, const shape& strides, dtype type, caller where) {
  const array result = from_pointer(data, extents, native(type), {.strides = strides}, where).copy(order::C);
  make_native(access::data(result), result.size(), type);
  return result;
}

}  // namespace tessera::detail
