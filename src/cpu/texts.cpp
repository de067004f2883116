// Texts compared some words at a time: most pairs differ in their first ones.
#include "cpu/texts.hpp"

#include <bit>
#include <cstring>

#include "cpu/threads.hpp"
#include "cpu/walk.hpp"

namespace tessera::detail::cpu {
namespace {

static_assert(std::endian::native == std::endian::little, "the first character is the lowest");

template <class T> T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T> T difference(const std::byte* x, const std::byte* y, std::int64_t at) {
  return load<T>(x + at) ^ load<T>(y + at);
}

/// Whether n bytes differ. The last steps overlap instead of getting shorter: short texts take no branch but on their width.
bool differ(const std::byte* x, const std::byte* y, std::int64_t n) {
  const auto word = [&](std::int64_t at) { return difference<std::uint64_t>(x, y, at); };
  for (; n > 32; x += 32, y += 32, n -= 32) {
    if ((word(0) | word(8) | word(16) | word(24)) != 0) return true;
  }
  if (n >= 16) return (word(0) | word(8) | word(n - 16) | word(n - 8)) != 0;
  if (n >= 8) return (word(0) | word(n - 8)) != 0;
  if (n >= 4) return (difference<std::uint32_t>(x, y, 0) | difference<std::uint32_t>(x, y, n - 4)) != 0;
  for (; n > 0; ++x, ++y, --n) {
    if (*x != *y) return true;
  }
  return false;
}

/// Whether some of the n bytes is not zero.
bool any_set(const std::byte* x, std::int64_t n) {
  for (; n >= 8; x += 8, n -= 8) {
    if (load<std::uint64_t>(x) != 0) return true;
  }
  for (; n > 0; ++x, --n) {
    if (*x != std::byte{0}) return true;
  }
  return false;
}

/// Below, at or above 0 as x is before, at or behind y: n bytes of characters.
template <class Char> int order_of(const std::byte* x, const std::byte* y, std::int64_t n) {
  for (; n >= 8; x += 8, y += 8, n -= 8) {
    const auto a = load<std::uint64_t>(x), b = load<std::uint64_t>(y);
    if (a == b) continue;
    constexpr int bits = 8 * static_cast<int>(sizeof(Char));
    const int at = std::countr_zero(a ^ b) / bits * bits;  // of the first character that differs
    return static_cast<Char>(a >> at) < static_cast<Char>(b >> at) ? -1 : 1;
  }
  for (constexpr std::int64_t size = sizeof(Char); n > 0; x += size, y += size, n -= size) {
    const auto a = load<Char>(x), b = load<Char>(y);
    if (a != b) return a < b ? -1 : 1;
  }
  return 0;
}

/// Bytes of both texts, of the rest of the longer one, and whether that is the left one.
struct widths {
  std::int64_t both, rest;
  bool left_is_longer;
};

template <class Char> int three_way(const std::byte* x, const std::byte* y, const widths& w) {
  const int order = order_of<Char>(x, y, w.both);
  if (order != 0 || w.rest == 0) return order;
  if (!any_set((w.left_is_longer ? x : y) + w.both, w.rest)) return 0;
  return w.left_is_longer ? 1 : -1;
}

bool unequal(const std::byte* x, const std::byte* y, const widths& w) {
  const bool differs = differ(x, y, w.both);
  if (w.rest == 0) return differs;  // without a branch on what lies there, which nobody can predict
  return differs || any_set((w.left_is_longer ? x : y) + w.both, w.rest);
}

template <class Holds> void walk_texts(const text_plan& plan, const Holds& holds) {
  const walk w(plan.extents, {&plan.left.strides, &plan.right.strides, &plan.out.strides});
  const std::int64_t work = 4 + std::min(plan.left.type.itemsize(), plan.right.type.itemsize()) / 16;
  parallel_for(w.size(), work, [&](std::int64_t first, std::int64_t last, int) {
    const Holds here = holds;  // what is written may be anything but this copy
    for_each_run(w, first, last, [&, here](const std::int64_t* offsets, std::int64_t n) {
      const std::byte *x = plan.left.data + offsets[0], *y = plan.right.data + offsets[1];
      std::byte* out = plan.out.data + offsets[2];
      const std::int64_t x_step = w.inner_stride(0), y_step = w.inner_stride(1), out_step = w.inner_stride(2);
      for (; n > 0; --n, x += x_step, y += y_step, out += out_step) *out = std::byte{here(x, y)};
    });
  });
}

template <class Char> void compare(const text_plan& plan, const widths& w) {
  switch (plan.code) {
    case op::less: return walk_texts(plan, [w](auto* x, auto* y) { return three_way<Char>(x, y, w) < 0; });
    case op::less_equal: return walk_texts(plan, [w](auto* x, auto* y) { return three_way<Char>(x, y, w) <= 0; });
    case op::greater: return walk_texts(plan, [w](auto* x, auto* y) { return three_way<Char>(x, y, w) > 0; });
    default: return walk_texts(plan, [w](auto* x, auto* y) { return three_way<Char>(x, y, w) >= 0; });
  }
}

}  // namespace

void compare_texts(const text_plan& plan) {
  const std::int64_t left = plan.left.type.itemsize(), right = plan.right.type.itemsize();
  const widths w{std::min(left, right), std::abs(left - right), left > right};
  if (plan.code == op::equal) return walk_texts(plan, [w](auto* x, auto* y) { return !unequal(x, y, w); });
  if (plan.code == op::not_equal) return walk_texts(plan, [w](auto* x, auto* y) { return unequal(x, y, w); });
  if (plan.left.type.code() == dtype_code::str_) compare<std::uint32_t>(plan, w);
  else compare<std::uint8_t>(plan, w);
}

}  // namespace tessera::detail::cpu
