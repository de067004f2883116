// Packs operands: runs of equally spaced elements where they are long, else each element by offsets.
#include "cpu/contraction_operand.hpp"

#include <cstring>

namespace tessera::detail::cpu {

walk::walk(const contraction_axes& group, std::int64_t contraction_axis::*stride) {
  for (const contraction_axis& a : group) {
    std::int64_t whole;
    if (!axes_.empty() && !__builtin_mul_overflow(a.*stride, a.extent, &whole) && whole == axes_.back().stride) {
      axes_.back() = {axes_.back().extent * a.extent, a.*stride};
    } else {
      axes_.push_back({a.extent, a.*stride});
    }
    points_ *= a.extent;
  }
}

walk::run walk::run_at(std::int64_t point, std::int64_t most) const noexcept {
  if (axes_.empty()) return {0, 0, 1};
  run result{0, stride(), most};
  for (std::size_t k = axes_.size(); k-- > 1;) {
    const std::int64_t at = point % axes_[k].extent;
    if (k + 1 == axes_.size()) result.length = std::min(most, axes_[k].extent - at);
    result.offset += at * axes_[k].stride;
    point /= axes_[k].extent;
  }
  result.offset += point * axes_[0].stride;
  return result;
}

contraction_type::contraction_type(dtype type) : element(type), sum(type) {
  switch (type.code()) {
    case dtype_code::float16:
    case dtype_code::bfloat16: sum = float32; break;
    case dtype_code::int8:
    case dtype_code::int16:
    case dtype_code::uint8:
    case dtype_code::uint16:
    case dtype_code::uint32: sum = int32; break;
    case dtype_code::uint64: sum = int64; break;
    case dtype_code::complex64: sum = float32, parts = 2; break;
    case dtype_code::complex128: sum = float64, parts = 2; break;
    default: break;
  }
  tiles = find_contraction(sum);
  if (type == bool_) widen = find_cast(bool_, uint8);
  if (parts * sum.itemsize() == element.itemsize()) return;
  widen = find_cast(element, sum);
  narrow = find_cast(sum, element);
}

namespace {

constexpr std::int64_t most_width = most_tile_vectors * 64;  // lanes of a panel
constexpr std::int64_t chunk = 128;                          // steps whose offsets are listed at once
constexpr std::int64_t shortest_lanes = 4, shortest_steps = 8;

bool in_short_runs(const walk& w, std::int64_t shortest) { return !w.regular() && w.inner() < shortest; }

}  // namespace

void contraction_operand::pack_elements(int itemsize, std::int64_t offset, const part& which, std::byte* to) const {
  const packing_kernels& kernels = find_packing(itemsize);
  const std::byte* const from = data + offset;
  const std::int64_t pitch = which.width * itemsize;
  if (which.count < which.width) std::memset(to, 0, static_cast<std::size_t>(which.steps * pitch));
  if (!in_short_runs(lanes, shortest_lanes) && !in_short_runs(steps, shortest_steps)) {
    for (std::int64_t k = 0; k < which.steps;) {
      const walk::run across = steps.run_at(which.step + k, which.steps - k);
      for (std::int64_t i = 0; i < which.count;) {
        const walk::run along = lanes.run_at(which.lane + i, which.count - i);
        kernels.regular(to + k * pitch + i * itemsize, pitch,
                        {from + across.offset + along.offset, along.stride, across.stride}, along.length,
                        across.length);
        i += along.length;
      }
      k += across.length;
    }
    return;
  }
  std::int64_t along[most_width], across[chunk];
  for (std::int64_t i = 0; i < which.count; ++i) along[i] = lanes.offset(which.lane + i);
  for (std::int64_t k = 0; k < which.steps; k += chunk) {
    const std::int64_t n = std::min(chunk, which.steps - k);
    for (std::int64_t i = 0; i < n; ++i) across[i] = steps.offset(which.step + k + i);
    kernels.scattered(to + k * pitch, pitch, from, along, across, which.count, n);
  }
}

// Elements are converted a few at a time, while they are in L1: convert(to's place in steps, elements, steps).
template <class Convert>
void contraction_operand::pack_converted(int itemsize, std::int64_t offset, const part& which,
                                         Convert&& convert) const {
  constexpr std::int64_t most = 4096;
  alignas(64) std::byte elements[most];
  const std::int64_t at_once = std::max<std::int64_t>(1, most / (which.width * itemsize));
  for (std::int64_t k = 0; k < which.steps; k += at_once) {
    part some = which;
    some.step += k;
    some.steps = std::min(at_once, which.steps - k);
    pack_elements(itemsize, offset, some, elements);
    convert(k, elements, some.steps);
  }
}

void contraction_operand::pack_x(const contraction_type& type, std::int64_t offset, const part& which,
                                 std::byte* to) const {
  const int itemsize = type.element.itemsize();
  const std::int64_t row = which.width * type.parts * type.sum.itemsize();  // of a step
  if (type.parts == 2) {
    const auto separate = find_complex_packing(type.sum).x;
    return pack_converted(itemsize, offset, which, [&](std::int64_t k, const std::byte* from, std::int64_t steps) {
      separate(to + k * row, from, conjugate, which.width, steps);
    });
  }
  if (!type.widen) return pack_elements(itemsize, offset, which, to);
  pack_converted(itemsize, offset, which, [&](std::int64_t k, const std::byte* from, std::int64_t steps) {
    type.widen(to + k * row, from, nullptr, nullptr, static_cast<std::size_t>(steps * which.width));
  });
}

void contraction_operand::pack_y(const contraction_type& type, std::int64_t offset, const part& which,
                                 std::byte* to) const {
  if (type.parts == 1) return pack_x(type, offset, which, to);
  const auto turn = find_complex_packing(type.sum).y;
  const std::int64_t row = 4 * which.width * type.sum.itemsize();
  pack_converted(type.element.itemsize(), offset, which,
                 [&](std::int64_t k, const std::byte* from, std::int64_t steps) {
                   turn(to + k * row, from, conjugate, which.width, steps);
                 });
}

bool contraction_operand::in_rows(const contraction_type& type) const {
  return lanes.regular() && lanes.stride() == type.element.itemsize() && type.parts == 1 && !type.widen;
}

void contraction_operand::pack_panels(const contraction_type& type, std::int64_t offset, const part& which,
                                      std::byte* to) const {
  const std::int64_t size = type.element.itemsize(), row = which.width * size;
  const std::byte* const from = data + offset + which.lane * size;
  const auto panels = find_packing(static_cast<int>(size)).panels;
  for (std::int64_t k = 0; k < which.steps;) {
    const walk::run run = steps.run_at(which.step + k, which.steps - k);
    panels(to + k * row, which.steps * row, from + run.offset, run.stride, which.width, which.count / which.width,
           run.length);
    k += run.length;
  }
}

}  // namespace tessera::detail::cpu
