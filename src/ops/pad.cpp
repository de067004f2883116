// pad: an array with borders around it.
//
// edge, reflect, symmetric and wrap repeat elements: one gather with a position list per axis. The other modes compute
// borders axis by axis; a later axis sees the borders of the earlier ones.
//
//          before   extent   after
//        +--------+--------+-------+      axis 0: a slab above and below the array itself
//        | axis 1 | array  | axis 1|      axis 1: slabs over everything of axis 0, borders included
//        +--------+--------+-------+
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/operands.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/joining.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

using widths_t = std::vector<std::pair<std::int64_t, std::int64_t>>;

widths_t widths_of(const pad_width& given, const array& x, caller where) {
  widths_t widths = given.pairs;
  if (widths.size() == 1) widths.resize(x.ndim(), given.pairs[0]);
  if (static_cast<int>(widths.size()) != x.ndim()) {
    throw value_error(
        "pad: " + std::to_string(widths.size()) + " pairs of widths for an array of shape " + to_string(x.shape()),
        where);
  }
  for (const auto& [before, after] : widths) {
    if (before < 0 || after < 0) {
      throw value_error("pad: widths must not be negative: " + std::to_string(before) + ", " + std::to_string(after),
                        where);
    }
  }
  return widths;
}

shape padded_extents(const array& x, const widths_t& widths, pad_mode mode, caller where) {
  shape extents = x.shape();
  for (int axis = 0; axis < x.ndim(); ++axis) {
    const auto [before, after] = widths[axis];
    if (extents[axis] == 0 && (before > 0 || after > 0) && mode != pad_mode::constant && mode != pad_mode::empty) {
      throw value_error("pad: axis " + std::to_string(axis) + " with extent 0 has nothing to repeat", where);
    }
    if (__builtin_add_overflow(extents[axis], before, &extents[axis]) ||
        __builtin_add_overflow(extents[axis], after, &extents[axis])) {
      throw value_error("pad: axis " + std::to_string(axis) + " does not fit in 64 bits", where);
    }
  }
  return extents;
}

// ---- modes that repeat elements

/// The position in [0, n) whose element stands at `i` of an axis repeated without end.
std::int64_t repeated_position(std::int64_t i, std::int64_t n, pad_mode mode) {
  if (mode == pad_mode::edge || n == 1) return i < 0 ? 0 : i >= n ? n - 1 : i;
  const std::int64_t period = mode == pad_mode::wrap ? n : mode == pad_mode::symmetric ? 2 * n : 2 * (n - 1);
  const std::int64_t phase = (i % period + period) % period;
  if (phase < n) return phase;
  return mode == pad_mode::symmetric ? period - 1 - phase : period - phase;  // on the way back
}

void fill_repeated(const array& result, const array& x, const widths_t& widths, pad_mode mode, caller where) {
  shape strides = x.strides();
  for (int axis = 0; axis < x.ndim(); ++axis) {
    if (widths[axis] != std::pair<std::int64_t, std::int64_t>()) strides[axis] = 0;
  }
  picked p = picked_by(x, result.shape(), strides);
  for (int axis = 0; axis < x.ndim(); ++axis) {
    if (widths[axis] == std::pair<std::int64_t, std::int64_t>()) continue;
    std::vector<std::int64_t> positions;
    for (std::int64_t i = 0; i < result.shape()[axis]; ++i) {
      positions.push_back(repeated_position(i - widths[axis].first, x.shape()[axis], mode));
    }
    shape along = shape::filled(x.ndim(), 0);
    along[axis] = sizeof(std::int64_t);
    add_positions(p, from_range(positions, {.device = cpu()}, where), along, x.strides()[axis], where);
  }
  gather_into(p, result);
}

// ---- modes that compute borders axis by axis

/// A range of `axis` in the part of the result that axis by axis filling has reached: whole earlier axes, later ones
/// without borders.
array slab(const array& result, const array& x, const widths_t& widths, int axis, std::int64_t begin, std::int64_t end,
           caller where) {
  array part = slice_along(result, axis, slice(begin, end), where);
  for (int later = axis + 1; later < x.ndim(); ++later) {
    part = slice_along(part, later, slice(widths[later].first, widths[later].first + x.shape()[later]), where);
  }
  return part;
}

/// 0 … edge in `width` even steps along `axis`, as linspace computes them: without the edge itself.
array ramp(const array& edge, std::int64_t width, int axis, caller where) {
  const array stop = edge.astype(result_type(edge.dtype(), float64));
  shape extents = shape::filled(edge.ndim(), 1);
  extents[axis] = width;
  const array t = reshape(arange(0, width, 1, {.dtype = float64, .device = edge.device()}), extents);
  const array step = stop / width;
  // linspace multiplies last where a step is 0, because a tiny stop over a large count may have become 0.
  const array values = bool(any(step == 0)) ? array((t / width) * stop + 0.0) : array(t * step + 0.0);
  const char kind = edge.dtype().kind();
  return array(kind == 'i' || kind == 'u' ? floor(values) : expr(values), where);
}

array statistic(const array& part, int axis, pad_mode mode) {
  if (mode == pad_mode::maximum) return max(part, axis, {.keepdims = true});
  if (mode == pad_mode::minimum) return min(part, axis, {.keepdims = true});
  const char kind = part.dtype().kind();
  const expr average = mean(part, axis, {.keepdims = true});
  return kind == 'i' || kind == 'u' ? rint(average) : average;
}

void fill_borders(const array& result, const array& x, const widths_t& widths, const pad_options& options,
                  caller where) {
  const auto assign = [&](const array& to, const expr& value) {
    evaluate_into(to, value, assign_rule::unsafe, "pad", where);
  };
  for (int axis = 0; axis < x.ndim(); ++axis) {
    const auto [before, after] = widths[axis];
    const std::int64_t end = before + x.shape()[axis], whole = end + after;
    const auto range = [&](std::int64_t first, std::int64_t last) {
      return slab(result, x, widths, axis, first, last, where);
    };
    if (before == 0 && after == 0) continue;
    if (options.mode == pad_mode::constant) {
      const expr value = options.constant_values.empty() ? expr(0) : options.constant_values[0];
      assign(range(0, before), value);
      assign(range(end, whole), value);
    } else if (options.mode == pad_mode::linear_ramp) {
      if (before > 0) assign(range(0, before), ramp(range(before, before + 1), before, axis, where));
      if (after > 0) assign(range(end, whole), flip(ramp(range(end - 1, end), after, axis, where), axis));
    } else {
      const array value = statistic(range(before, end), axis, options.mode);
      assign(range(0, before), value);
      assign(range(end, whole), value);
    }
  }
}

}  // namespace

array pad(const operand& x, const pad_width& width, const pad_options& options) {
  const caller where = x.where();
  const array elements = materialize(x.recipe(), where);
  if (options.constant_values.size() > 1 ||
      (options.constant_values.size() == 1 && options.constant_values[0].size() != 1)) {
    throw value_error("pad: takes one constant value", where);
  }
  const widths_t widths = elements.ndim() == 0 ? widths_t() : widths_of(width, elements, where);
  const shape extents = padded_extents(elements, widths, options.mode, where);
  array result =
      access::make(extents, elements.dtype(), is_fortran(elements) ? order::F : order::C, elements.device(), where);
  switch (options.mode) {
    case pad_mode::edge:
    case pad_mode::reflect:
    case pad_mode::symmetric:
    case pad_mode::wrap: fill_repeated(result, elements, widths, options.mode, where); return result;
    default: break;
  }
  array middle = result;
  for (int axis = 0; axis < elements.ndim(); ++axis) {
    middle = slice_along(middle, axis, slice(widths[axis].first, widths[axis].first + elements.shape()[axis]), where);
  }
  copy_elements(elements, middle);
  if (options.mode != pad_mode::empty) fill_borders(result, elements, widths, options, where);
  return result;
}

}  // namespace tessera
