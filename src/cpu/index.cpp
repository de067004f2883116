// gather, scatter, accumulate: loops over an index_plan whose axes were merged where every operand allows.
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
#include "cpu/walk.hpp"

namespace tessera::detail::cpu {
namespace {

std::int64_t load_position(const std::byte* at) noexcept {
  std::int64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
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

}  // namespace tessera::detail::cpu
