// gather, scatter, accumulate: loops over an index_plan whose axes were merged where every operand allows.
//
//   for each point of extents:  element = source + point * source strides + sum(positions[point] * stride)
//
// One run is the innermost axis. Along it either no index array moves (a strided copy) or some do (element by element).
// Scatter and accumulate run on one thread in C order where positions may repeat; the rest is split over threads.
#include "cpu/index.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>
#include <utility>

#include "cpu/kernels/table.hpp"
#include "cpu/lanes.hpp"
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

  /// Whether a run is a row of elements on both sides.
  bool in_rows(std::int64_t itemsize) const noexcept {
    return moving.empty() && steps.inner_stride(0) == itemsize && steps.inner_stride(1) == itemsize;
  }

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

/// Elements picked by one index array that lie in a row of results. Asked for early as rows are.
template <int size>
void gather_row(std::byte* to, const std::byte* from, const std::byte* at, std::int64_t at_step, std::int64_t step,
                std::int64_t n) {
  constexpr std::int64_t ahead = 32;
  std::int64_t i = 0;
  for (; i + ahead < n; ++i) {
    __builtin_prefetch(from + load_position(at + (i + ahead) * at_step) * step);
    std::memcpy(to + i * size, from + load_position(at + i * at_step) * step, size);
  }
  for (; i < n; ++i) std::memcpy(to + i * size, from + load_position(at + i * at_step) * step, size);
}

template <int size> void gather_sized(const merged_plan& p, std::int64_t begin, std::int64_t end) {
  const bool rows = p.in_rows(size);
  const bool one_moves = p.moving.size() == 1 && p.steps.inner_stride(0) == 0 && p.steps.inner_stride(1) == size;
  for_each_run(p.steps, begin, end, [&](const std::int64_t* offsets, std::int64_t n) {
    if (rows) {
      std::memcpy(p.values + offsets[1], p.source + p.run_offset(offsets), static_cast<std::size_t>(n * size));
    } else if (one_moves) {
      const std::size_t k = p.moving[0];
      gather_row<size>(p.values + offsets[1], p.source + p.run_offset(offsets), p.indices[k].positions + offsets[k + 2],
                       p.steps.inner_stride(k + 2), p.indices[k].stride, n);
    } else {
      p.for_each_element(offsets, n,
                         [](const std::byte* element, std::byte* value) { std::memcpy(value, element, size); });
    }
  });
}

/// Whole rows picked by one index array: operand strides over (rows, elements of a row).
bool picks_rows(const merged_plan& p, std::int64_t itemsize) {
  const walk& w = p.steps;
  return w.extents.size() == 2 && p.indices.size() == 1 && p.in_rows(itemsize) && w.strides[0][0] == 0;
}

/// Rows [begin, end). Rows of a large source come from memory one cache line or a few at a time: those needed next are asked
/// for early (10^6 rows of 64 bytes of 64 MB, Zen 3: 16 ms instead of 86).
void gather_rows(const merged_plan& p, std::int64_t row_bytes, std::int64_t begin, std::int64_t end) {
  constexpr std::int64_t ahead = 16, line = 64;
  const walk& w = p.steps;
  const std::int64_t step = p.indices[0].stride, at_step = w.strides[2][0], to_step = w.strides[1][0];
  const std::byte* const at = p.indices[0].positions;
  const std::int64_t lines = std::min<std::int64_t>(row_bytes, 4 * line);
  for (std::int64_t i = begin; i < end; ++i) {
    const std::byte* const next = p.source + load_position(at + std::min(i + ahead, end - 1) * at_step) * step;
    for (std::int64_t b = 0; b < lines; b += line) __builtin_prefetch(next + b);
    const std::byte* const from = p.source + load_position(at + i * at_step) * step;
    std::byte* const to = p.values + i * to_step;
    if (row_bytes == line) std::memcpy(to, from, line);
    else std::memcpy(to, from, static_cast<std::size_t>(row_bytes));
  }
}

template <int size> void scatter_sized(const merged_plan& p, std::int64_t begin, std::int64_t end) {
  const bool rows = p.in_rows(size);
  for_each_run(p.steps, begin, end, [&](const std::int64_t* offsets, std::int64_t n) {
    if (rows) {
      std::memcpy(p.source + p.run_offset(offsets), p.values + offsets[1], static_cast<std::size_t>(n * size));
    } else {
      p.for_each_element(offsets, n,
                         [](std::byte* element, const std::byte* value) { std::memcpy(element, value, size); });
    }
  });
}

// ---- accumulate

constexpr bool is_logical(op code) {
  return code == op::logical_and || code == op::logical_or || code == op::logical_xor;
}

/// code(x, y) in the bits of the kernels; those of op::add, subtract, multiply, maximum, minimum and the logical ones that
/// `joins` says are there.
template <op code, class T> constexpr bool joins() {
  if (is_logical(code)) return true;
  if (std::same_as<T, bool> || half<T>) return false;
  return !complex_number<T> || code == op::add || code == op::subtract;
}
template <op code, class T> T joined(T x, T y) {
  if constexpr (code == op::logical_and) return convert<T>(convert<bool>(x) && convert<bool>(y));
  else if constexpr (code == op::logical_or) return convert<T>(convert<bool>(x) || convert<bool>(y));
  else if constexpr (code == op::logical_xor) return convert<T>(convert<bool>(x) != convert<bool>(y));
  else if constexpr (code == op::maximum) return x >= y || x != x ? x : y;
  else if constexpr (code == op::minimum) return x <= y || x != x ? x : y;
  else if constexpr (complex_number<T>) {
    const auto sign = static_cast<typename T::part>(code == op::subtract ? -1 : 1);
    return {x.re + sign * y.re, x.im + sign * y.im};
  } else if constexpr (integer<T>) {  // wraps
    const auto a = static_cast<std::uint64_t>(x), b = static_cast<std::uint64_t>(y);
    return static_cast<T>(code == op::add ? a + b : code == op::subtract ? a - b : a * b);
  } else {
    return code == op::add ? x + y : code == op::subtract ? x - y : x * y;
  }
}

template <op code, class T> void join_elements(const merged_plan& p) {
  for_each_run(p.steps, 0, p.steps.size(), [&](const std::int64_t* offsets, std::int64_t n) {
    p.for_each_element(offsets, n, [](std::byte* element, const std::byte* value) {
      store(element, 0, joined<code>(load<T>(element, 0), load<T>(value, 0)));
    });
  });
}

/// One loop around the operation, in place of a call of a kernel for each element. Returns whether there is one.
bool accumulate_elements(const merged_plan& p, op code, dtype type) {
  const auto with = [&]<op by>() {
    bool found = false;
    visit_element(type, [&]<class T>() {
      if constexpr (joins<by, T>()) {
        join_elements<by, T>(p);
        found = true;
      }
    });
    return found;
  };
  switch (code) {
    case op::add: return with.template operator()<op::add>();
    case op::subtract: return with.template operator()<op::subtract>();
    case op::multiply: return with.template operator()<op::multiply>();
    case op::maximum: return with.template operator()<op::maximum>();
    case op::minimum: return with.template operator()<op::minimum>();
    case op::logical_and: return with.template operator()<op::logical_and>();
    case op::logical_or: return with.template operator()<op::logical_or>();
    case op::logical_xor: return with.template operator()<op::logical_xor>();
    default: return false;
  }
}

/// accumulate where the values' dtype is the source's: whole rows where neighbours are distinct elements.
void accumulate_same(const merged_plan& p, kernel apply, int itemsize) {
  const bool rows = p.in_rows(itemsize);
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
  const int itemsize = plan.source.type.itemsize();
  if (picks_rows(p, itemsize)) {
    const std::int64_t row_bytes = p.steps.extents[1] * itemsize;
    parallel_for(p.steps.extents[0], std::max<std::int64_t>(4, row_bytes / 8),
                 [&](std::int64_t begin, std::int64_t end, int) { gather_rows(p, row_bytes, begin, end); });
    return;
  }
  with_itemsize(itemsize, [&]<int size>() {
    parallel_for(p.steps.size(), 2,
                 [&](std::int64_t begin, std::int64_t end, int) { gather_sized<size>(p, begin, end); });
  });
}

void scatter(const index_plan& plan) {
  const merged_plan p(plan);
  with_itemsize(plan.source.type.itemsize(), [&]<int size>() {
    if (!plan.distinct || plan.overlapping) return scatter_sized<size>(p, 0, p.steps.size());
    parallel_for(p.steps.size(), 2,
                 [&](std::int64_t begin, std::int64_t end, int) { scatter_sized<size>(p, begin, end); });
  });
}

void accumulate(const index_plan& plan, op code) {
  const merged_plan p(plan);
  const dtype type = plan.source.type, loop = plan.values.type;
  // Rows of distinct elements go to kernels of vectors, but those of logical operations give bool.
  if (type == loop && (!p.moving.empty() || is_logical(code)) && accumulate_elements(p, code, type)) return;
  const kernel apply = find_kernel(code, loop);
  assert(apply);
  if (type == loop) {
    accumulate_same(p, apply, type.itemsize());
  } else {
    accumulate_cast(p, apply, find_cast(type, loop), find_cast(loop, type));
  }
}

}  // namespace tessera::detail::cpu
