// gather, scatter, accumulate, nonzero: loops over an index_plan whose axes were merged where every operand allows.
//
//   for each point of extents:  element = source + point * source strides + sum(positions[point] * stride)
//
// One run is the innermost axis. Along it either no index array moves (a strided copy) or some do (element by element).
// Scatter and accumulate run on one thread in C order, because positions may repeat; reading is split over threads.
#include "cpu/index.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>
#include <utility>

#include "cpu/kernels/table.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

std::int64_t load_position(const std::byte* at) noexcept {
  std::int64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// Strides of several operands over common axes, outermost first; at least one axis.
struct walk {
  std::vector<std::int64_t> extents;
  std::vector<std::vector<std::int64_t>> strides;  // [operand][axis]

  /// Axes of extent 1 dropped, neighbours merged where every operand allows.
  walk(const shape& shape, const std::vector<const tessera::shape*>& operands) : strides(operands.size()) {
    for (int axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] == 1) continue;
      if (!extents.empty() && merges(operands, axis, shape[axis])) {
        extents.back() *= shape[axis];
        for (std::size_t k = 0; k < operands.size(); ++k) strides[k].back() = (*operands[k])[axis];
      } else {
        extents.push_back(shape[axis]);
        for (std::size_t k = 0; k < operands.size(); ++k) strides[k].push_back((*operands[k])[axis]);
      }
    }
    if (extents.empty()) {
      extents.push_back(1);
      for (auto& s : strides) s.push_back(0);
    }
  }

  /// One operand over the axes as they are, at least one.
  walk(const shape& shape, const tessera::shape& stride)
      : extents(shape.begin(), shape.end()), strides{std::vector<std::int64_t>(stride.begin(), stride.end())} {
    if (extents.empty()) {
      extents.push_back(1);
      strides[0].push_back(0);
    }
  }

  std::int64_t size() const noexcept {
    std::int64_t n = 1;
    for (std::int64_t e : extents) n *= e;
    return n;
  }
  std::int64_t inner() const noexcept { return extents.back(); }
  std::int64_t inner_stride(std::size_t operand) const noexcept { return strides[operand].back(); }

 private:
  bool merges(const std::vector<const tessera::shape*>& operands, int axis, std::int64_t extent) const {
    for (std::size_t k = 0; k < operands.size(); ++k) {
      if (strides[k].back() != (*operands[k])[axis] * extent) return false;
    }
    return true;
  }
};

/// Calls run(offsets, n) for each piece of an innermost row that lies in the points [begin, end).
template <class Run> void for_each_run(const walk& w, std::int64_t begin, std::int64_t end, const Run& run) {
  if (begin >= end) return;
  const int last = static_cast<int>(w.extents.size()) - 1;
  const std::size_t operands = w.strides.size();
  std::vector<std::int64_t> point(w.extents.size()), offsets(operands, 0);
  std::int64_t rest = begin;
  for (int axis = last; axis >= 0; --axis) {
    point[axis] = rest % w.extents[axis];
    rest /= w.extents[axis];
    for (std::size_t k = 0; k < operands; ++k) offsets[k] += point[axis] * w.strides[k][axis];
  }
  while (true) {
    const std::int64_t n = std::min(w.inner() - point[last], end - begin);
    run(offsets.data(), n);
    begin += n;
    if (begin >= end) return;
    for (std::size_t k = 0; k < operands; ++k) offsets[k] -= point[last] * w.strides[k][last];
    point[last] = 0;
    for (int axis = last - 1; axis >= 0; --axis) {
      ++point[axis];
      for (std::size_t k = 0; k < operands; ++k) offsets[k] += w.strides[k][axis];
      if (point[axis] < w.extents[axis]) break;
      for (std::size_t k = 0; k < operands; ++k) offsets[k] -= point[axis] * w.strides[k][axis];
      point[axis] = 0;
    }
  }
}

/// An index_plan merged: operand 0 is the source, 1 the values, then the positions.
struct merged_plan {
  explicit merged_plan(const index_plan& p)
      : source(p.source.data), values(p.values.data), steps(p.extents, operands_of(p)) {
    for (const index_operand& i : p.indices) indices.push_back({i.positions.data, i.stride});
    for (std::size_t k = 0; k < indices.size(); ++k) {
      if (steps.inner_stride(k + 2) != 0) moving.push_back(k);
    }
  }
  static std::vector<const shape*> operands_of(const index_plan& p) {
    std::vector<const shape*> list = {&p.source.strides, &p.values.strides};
    for (const index_operand& i : p.indices) list.push_back(&i.positions.strides);
    return list;
  }

  struct index {
    const std::byte* positions;
    std::int64_t stride;
  };
  std::byte* source;
  std::byte* values;
  std::vector<index> indices;
  std::vector<std::size_t> moving;  // those that change along the innermost axis
  walk steps;

  /// Byte offset in the source of the run's first point, without the moving index arrays.
  std::int64_t run_offset(const std::int64_t* offsets) const noexcept {
    std::int64_t offset = offsets[0];
    for (std::size_t k = 0; k < indices.size(); ++k) {
      if (steps.inner_stride(k + 2) == 0)
        offset += load_position(indices[k].positions + offsets[k + 2]) * indices[k].stride;
    }
    return offset;
  }

  /// Calls f(source element, value element) for the points of a run, in order.
  template <class F> void for_each_element(const std::int64_t* offsets, std::int64_t n, const F& f) const {
    const std::int64_t step = steps.inner_stride(0), value_step = steps.inner_stride(1);
    std::byte* const from = source + run_offset(offsets);
    std::byte* const value = values + offsets[1];
    if (moving.empty()) {
      for (std::int64_t i = 0; i < n; ++i) f(from + i * step, value + i * value_step);
    } else if (moving.size() == 1) {
      const index& only = indices[moving[0]];
      const std::byte* at = only.positions + offsets[moving[0] + 2];
      const std::int64_t position_step = steps.inner_stride(moving[0] + 2);
      for (std::int64_t i = 0; i < n; ++i) {
        f(from + i * step + load_position(at + i * position_step) * only.stride, value + i * value_step);
      }
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t offset = i * step;
        for (std::size_t k : moving) {
          offset +=
              load_position(indices[k].positions + offsets[k + 2] + i * steps.inner_stride(k + 2)) * indices[k].stride;
        }
        f(from + offset, value + i * value_step);
      }
    }
  }
};

template <int size> void gather_sized(const merged_plan& p, std::int64_t begin, std::int64_t end) {
  const bool rows = p.moving.empty() && p.steps.inner_stride(0) == size && p.steps.inner_stride(1) == size;
  for_each_run(p.steps, begin, end, [&](const std::int64_t* offsets, std::int64_t n) {
    if (rows) {
      std::memcpy(p.values + offsets[1], p.source + p.run_offset(offsets), static_cast<std::size_t>(n * size));
    } else {
      p.for_each_element(offsets, n,
                         [](const std::byte* element, std::byte* value) { std::memcpy(value, element, size); });
    }
  });
}

template <int size> void scatter_sized(const merged_plan& p) {
  const bool rows = p.moving.empty() && p.steps.inner_stride(0) == size && p.steps.inner_stride(1) == size;
  for_each_run(p.steps, 0, p.steps.size(), [&](const std::int64_t* offsets, std::int64_t n) {
    if (rows) {
      std::memcpy(p.source + p.run_offset(offsets), p.values + offsets[1], static_cast<std::size_t>(n * size));
    } else {
      p.for_each_element(offsets, n,
                         [](std::byte* element, const std::byte* value) { std::memcpy(element, value, size); });
    }
  });
}

/// Calls f.operator()<itemsize>().
template <class F> decltype(auto) with_itemsize(int itemsize, const F& f) {
  switch (itemsize) {
    case 1: return f.template operator()<1>();
    case 2: return f.template operator()<2>();
    case 4: return f.template operator()<4>();
    case 8: return f.template operator()<8>();
    default: assert(itemsize == 16); return f.template operator()<16>();
  }
}

/// accumulate where the values' dtype is the source's: whole rows where neighbours are distinct elements.
void accumulate_same(const merged_plan& p, kernel apply, int itemsize) {
  const bool rows = p.moving.empty() && p.steps.inner_stride(0) == itemsize && p.steps.inner_stride(1) == itemsize;
  for_each_run(p.steps, 0, p.steps.size(), [&](const std::int64_t* offsets, std::int64_t n) {
    if (rows) {
      std::byte* row = p.source + p.run_offset(offsets);
      apply(row, row, p.values + offsets[1], nullptr, static_cast<std::size_t>(n));
    } else {
      p.for_each_element(
          offsets, n, [&](std::byte* element, const std::byte* value) { apply(element, element, value, nullptr, 1); });
    }
  });
}

void accumulate_cast(const merged_plan& p, kernel apply, kernel widen, kernel narrow) {
  alignas(16) std::byte wide[16];
  for_each_run(p.steps, 0, p.steps.size(), [&](const std::int64_t* offsets, std::int64_t n) {
    p.for_each_element(offsets, n, [&](std::byte* element, const std::byte* value) {
      widen(wide, element, nullptr, nullptr, 1);
      apply(wide, wide, value, nullptr, 1);
      narrow(element, wide, nullptr, nullptr, 1);
    });
  });
}

// ---- not zero

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

std::int64_t check_indices(std::int64_t* positions, std::int64_t count, std::int64_t extent) {
  std::atomic<std::int64_t> bad{count};
  parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end, int) {
    bool good = true;
    for (std::int64_t i = begin; i < end; ++i) good &= positions[i] >= -extent && positions[i] < extent;
    if (good) return;
    std::int64_t first = begin;
    while (positions[first] >= -extent && positions[first] < extent) ++first;
    std::int64_t known = bad.load();
    while (first < known && !bad.compare_exchange_weak(known, first)) {}
  });
  if (bad.load() != count) return bad.load();
  parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) positions[i] += positions[i] < 0 ? extent : 0;
  });
  return -1;
}

void gather(const index_plan& plan) {
  const merged_plan p(plan);
  with_itemsize(plan.source.type.itemsize(), [&]<int size>() {
    parallel_for(p.steps.size(), 2,
                 [&](std::int64_t begin, std::int64_t end, int) { gather_sized<size>(p, begin, end); });
  });
}

void scatter(const index_plan& plan) {
  const merged_plan p(plan);
  with_itemsize(plan.source.type.itemsize(), [&]<int size>() { scatter_sized<size>(p); });
}

void accumulate(const index_plan& plan, op code) {
  const merged_plan p(plan);
  const dtype type = plan.source.type, loop = plan.values.type;
  const kernel apply = find_kernel(code, loop);
  assert(apply);
  if (type == loop) {
    accumulate_same(p, apply, type.itemsize());
  } else {
    accumulate_cast(p, apply, find_cast(type, loop), find_cast(loop, type));
  }
}

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
