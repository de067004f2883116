// How many elements are not zero, and their positions: counted by blocks, then written behind the counts before.
#include "cpu/nonzero.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "cpu/threads.hpp"
#include "cpu/walk.hpp"

namespace tessera::detail::cpu {
namespace {

/// An element's bits without the sign bits of floating parts: not zero exactly if the element is not (-0.0 is zero, NaN not).
template <class Word, Word mask> struct bits_of {
  static bool nonzero(const std::byte* at) noexcept {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return (word & mask) != 0;
  }
};
struct complex128_bits {
  static bool nonzero(const std::byte* at) noexcept {
    std::uint64_t parts[2];
    std::memcpy(parts, at, sizeof parts);
    return ((parts[0] | parts[1]) & 0x7fff'ffff'ffff'ffff) != 0;
  }
};

template <class F> decltype(auto) with_bits(dtype type, const F& f) {
  switch (type.code()) {
    case dtype_code::float16:
    case dtype_code::bfloat16: return f(bits_of<std::uint16_t, 0x7fff>());
    case dtype_code::float32: return f(bits_of<std::uint32_t, 0x7fff'ffff>());
    case dtype_code::float64: return f(bits_of<std::uint64_t, 0x7fff'ffff'ffff'ffff>());
    case dtype_code::complex64: return f(bits_of<std::uint64_t, 0x7fff'ffff'7fff'ffff>());
    case dtype_code::complex128: return f(complex128_bits());
    default: break;
  }
  switch (type.itemsize()) {
    case 1: return f(bits_of<std::uint8_t, 0xff>());
    case 2: return f(bits_of<std::uint16_t, 0xffff>());
    case 4: return f(bits_of<std::uint32_t, 0xffff'ffff>());
    default: return f(bits_of<std::uint64_t, ~std::uint64_t{0}>());
  }
}

template <class Bits>
std::int64_t count_points(const walk& w, const std::byte* data, std::int64_t itemsize, std::int64_t begin,
                          std::int64_t end) {
  const std::int64_t step = w.inner_stride(0);
  std::int64_t count = 0;
  for_each_run(w, begin, end, [&](const std::int64_t* offsets, std::int64_t n) {
    const std::byte* row = data + offsets[0];
    std::int64_t c = 0;
    if (step == itemsize) {  // a constant step lets the compiler use vectors
      for (std::int64_t i = 0; i < n; ++i) c += Bits::nonzero(row + i * itemsize) ? 1 : 0;
    } else {
      for (std::int64_t i = 0; i < n; ++i) c += Bits::nonzero(row + i * step) ? 1 : 0;
    }
    count += c;
  });
  return count;
}

/// Writes the coordinates of the points [begin, end) that are not zero to out[axis][at, stop). `w` was not merged.
template <class Bits>
void write_points(const walk& w, const std::byte* data, std::int64_t begin, std::int64_t end, std::int64_t* const* out,
                  std::int64_t at, std::int64_t stop) {
  const int last = static_cast<int>(w.extents.size()) - 1;
  const std::int64_t step = w.inner_stride(0);
  std::vector<std::int64_t> point(w.extents.size());
  std::int64_t next = begin;
  for_each_run(w, begin, end, [&](const std::int64_t* offsets, std::int64_t n) {
    std::int64_t rest = next;
    for (int axis = last; axis >= 0; --axis) {
      point[axis] = rest % w.extents[axis];
      rest /= w.extents[axis];
    }
    next += n;
    const std::byte* row = data + offsets[0];
    const std::int64_t first = at;
    std::int64_t* inner = out[last];
    for (std::int64_t i = 0; i < n && at < stop;
         ++i) {  // always written, kept if not zero: random masks mispredict branches
      inner[at] = point[last] + i;
      at += Bits::nonzero(row + i * step) ? 1 : 0;
    }
    for (int axis = 0; axis < last; ++axis) std::fill(out[axis] + first, out[axis] + at, point[axis]);
  });
}

}  // namespace

std::int64_t count_nonzero(const shape& extents, const strided& x) {
  const walk w(extents, {&x.strides});
  return with_bits(x.type, [&]<class Bits>(Bits) {
    std::atomic<std::int64_t> total{0};
    parallel_for(w.size(), 1, [&](std::int64_t begin, std::int64_t end, int) {
      total += count_points<Bits>(w, x.data, x.type.itemsize(), begin, end);
    });
    return total.load();
  });
}

void nonzero(const shape& extents, const strided& x, std::int64_t* const* out) {
  const walk w(extents, x.strides);
  const std::int64_t size = w.size();
  const std::int64_t blocks = std::clamp<std::int64_t>(size / 32768, 1, 256);
  const std::int64_t block = (size + blocks - 1) / blocks;
  with_bits(x.type, [&]<class Bits>(Bits) {
    std::vector<std::int64_t> start(static_cast<std::size_t>(blocks) + 1, 0);
    parallel_for(blocks, 2 * block, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t b = begin; b < end; ++b) {
        start[b + 1] = count_points<Bits>(w, x.data, x.type.itemsize(), b * block, std::min(size, (b + 1) * block));
      }
    });
    for (std::int64_t b = 0; b < blocks; ++b) start[b + 1] += start[b];
    parallel_for(blocks, 2 * block, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t b = begin; b < end; ++b) {
        write_points<Bits>(w, x.data, b * block, std::min(size, (b + 1) * block), out, start[b], start[b + 1]);
      }
    });
  });
}

}  // namespace tessera::detail::cpu
