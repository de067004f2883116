// Distances of rows of 16-bit integers in tiles of 6 x 2 vectors: sums of products, two coordinates an instruction.
//
// |x - y|^2 = |x|^2 + |y|^2 - 2 x y is exact in integers. A product and sum of pairs (pmaddwd) takes as long as a
// multiply-add of floats and does two coordinates; 12 sums, two vectors of y, one of x and a product fill the 16
// registers of AVX2. A pair of rows at d = 128 takes 2.0 ns on Zen 3, 4.2 in float32.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/nearest_shortlist.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>
#include <limits>

#include "cpu/kernels/avx2-inl.hpp"
#include "cpu/kernels/nearest_shortlist.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

#if TESSERA_AVX2
namespace hn = hwy::HWY_NAMESPACE;
using floats = hn::ScalableTag<float>;
using integers = hn::ScalableTag<std::int32_t>;
using halves = hn::ScalableTag<std::int16_t>;
constexpr int vectors = 2;

bool widen(float* low, float* high, const float* x, std::int64_t count) {
  const floats d;
  const auto most = hn::Set(d, std::numeric_limits<float>::max());
  auto finite = hn::FirstN(d, hn::Lanes(d));
  for (std::int64_t i = 0; i < count; i += static_cast<std::int64_t>(hn::Lanes(d))) {
    const auto v = hn::LoadU(d, x + i);
    finite = hn::And(finite, hn::Le(hn::Abs(v), most));
    hn::StoreU(hn::Min(hn::LoadU(d, low + i), v), d, low + i);
    hn::StoreU(hn::Max(hn::LoadU(d, high + i), v), d, high + i);
  }
  return hn::AllTrue(d, finite);
}

void round(std::int32_t* to, std::int32_t* squares, const float* panel, std::int64_t steps, const float* centre,
           float inverse, float most) {
  const floats d;
  const integers di;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto factor = hn::Set(d, inverse), least = hn::Set(d, -most), largest = hn::Set(d, most);
  const auto rounded = [&](std::int64_t k, int v) {
    const auto x = hn::LoadU(d, panel + (k * vectors + v) * lanes);
    const auto scaled = hn::Mul(hn::Sub(x, hn::Set(d, centre[k])), factor);
    return hn::NearestInt(hn::Min(hn::Max(scaled, least), largest));
  };
  for (int v = 0; v < vectors; ++v) {
    auto sum = hn::Zero(di);
    for (std::int64_t k = 0; k < steps; k += 2) {
      const auto first = rounded(k, v), second = k + 1 < steps ? rounded(k + 1, v) : hn::Zero(di);
      const auto pair = hn::Or(hn::And(first, hn::Set(di, 0xFFFF)), hn::ShiftLeft<16>(second));
      hn::StoreU(pair, di, to + (k / 2 * vectors + v) * lanes);
      sum = hn::Add(sum, hn::Add(hn::Mul(first, first), hn::Mul(second, second)));
    }
    hn::StoreU(sum, di, squares + v * lanes);
  }
}

void find_below(std::uint64_t* below, const std::int32_t* tile, const std::int32_t* bounds) {
  const integers d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (int r = 0; r < shortlist_rows; ++r) {
    below[r] = 0;
    for (int v = 0; v < vectors; ++v, tile += lanes) {
      std::uint8_t bytes[8] = {};
      hn::StoreMaskBits(d, hn::Not(hn::Gt(hn::LoadU(d, tile), hn::Set(d, bounds[r]))), bytes);
      std::uint64_t bits;
      std::memcpy(&bits, bytes, sizeof bits);
      below[r] |= bits << (v * lanes);
    }
  }
}

bool tile(std::int32_t* to, std::uint64_t* below, const std::int32_t* HWY_RESTRICT x,
          const std::int32_t* HWY_RESTRICT y, const std::int32_t* y_squares, std::int64_t pairs,
          const std::int32_t* bounds) {
  const integers d;
  const halves dh;
  using V = hn::Vec<integers>;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  // By name: of an array g++ writes each sum to memory in every step.
  V a0 = hn::Zero(d), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0, f0 = a0, f1 = a0;
  const auto add = [&](V& first, V& second, std::int32_t pair, auto y0, auto y1) {
    const auto element = hn::BitCast(dh, hn::Set(d, pair));
    V unused = hn::Zero(d);
    first = hn::ReorderWidenMulAccumulate(d, element, y0, first, unused);
    second = hn::ReorderWidenMulAccumulate(d, element, y1, second, unused);
  };
  for (std::int64_t p = 0; p < pairs; ++p, ++x, y += vectors * lanes) {
    const auto y0 = hn::BitCast(dh, hn::LoadU(d, y)), y1 = hn::BitCast(dh, hn::LoadU(d, y + lanes));
    add(a0, a1, x[0], y0, y1);
    add(b0, b1, x[pairs], y0, y1);
    add(c0, c1, x[2 * pairs], y0, y1);
    add(d0, d1, x[3 * pairs], y0, y1);
    add(e0, e1, x[4 * pairs], y0, y1);
    add(f0, f1, x[5 * pairs], y0, y1);
  }
  V sum[shortlist_rows][vectors] = {{a0, a1}, {b0, b1}, {c0, c1}, {d0, d1}, {e0, e1}, {f0, f1}};
  auto any = hn::FirstN(d, 0);
  for (int r = 0; r < shortlist_rows; ++r) {
    const V bound = hn::Set(d, bounds[r]);
    for (int v = 0; v < vectors; ++v) {
      sum[r][v] = hn::Sub(hn::LoadU(d, y_squares + v * lanes), hn::Add(sum[r][v], sum[r][v]));
      any = hn::Or(any, hn::Not(hn::Gt(sum[r][v], bound)));
    }
  }
  if (HWY_LIKELY(hn::AllFalse(d, any))) return false;
  for (int r = 0; r < shortlist_rows; ++r)
    for (int v = 0; v < vectors; ++v) hn::StoreU(sum[r][v], d, to + (r * vectors + v) * lanes);
  find_below(below, to, bounds);
  return true;
}

const shortlist_kernel* choose_shortlist() {
  static const shortlist_kernel kernel = {shortlist_rows, vectors * static_cast<int>(hn::Lanes(integers())), widen,
                                          round, tile};
  return &kernel;
}
#else
const shortlist_kernel* choose_shortlist() { return nullptr; }
#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_shortlist);
const shortlist_kernel* find_shortlist() { return HWY_DYNAMIC_DISPATCH(choose_shortlist)(); }
}  // namespace tessera::detail::cpu
#endif
