// pad: an array with borders around it, axis by axis; a later axis sees the borders of the earlier ones.
//
//          before   extent   after
//        +--------+--------+-------+      axis 0: a slab above and below the array itself
//        | axis 1 | array  | axis 1|      axis 1: slabs over everything of axis 0, borders included
//        +--------+--------+-------+
//
// edge, reflect, symmetric and wrap repeat elements: a gather with one list of positions for each slab.
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/joining.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

using widths_t = std::vector<std::pair<std::int64_t, std::int64_t>>;

widths_t widths_of(const pad_width& given, const array& x, const char* name, caller where) {
  widths_t widths = given.pairs;
  if (widths.size() == 1) widths.resize(x.ndim(), given.pairs[0]);
  if (static_cast<int>(widths.size()) != x.ndim()) {
    throw value_error("pad: " + std::to_string(widths.size()) + " pairs of " + name + " for an array of shape " +
                          to_string(x.shape()),
                      where);
  }
  for (const auto& [before, after] : widths) {
    if (before < 0 || after < 0) {
      throw value_error(std::string("pad: ") + name + " must not be negative: " + std::to_string(before) + ", " +
                            std::to_string(after),
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

// ---- one axis

/// One axis of the result while it is filled: earlier axes are whole, later ones without borders.
struct padded_axis {
  array part;
  int axis;
  std::int64_t before, extent, after;
  caller where;

  array range(std::int64_t begin, std::int64_t end) const { return slice_along(part, axis, slice(begin, end), where); }
  std::int64_t end() const { return before + extent; }
  array left() const { return range(0, before); }
  array right() const { return range(end(), end() + after); }
  array first() const { return range(before, before + 1); }
  array last() const { return range(end() - 1, end()); }

  void assign(const array& to, const expr& value) const {
    if (to.size() > 0) evaluate_into(to, value, assign_rule::unsafe, "pad", where);
  }
};

/// The border of `count` elements that begins at `begin`, as seen from the first element.
void repeat_into(const array& border, std::int64_t begin, const padded_axis& p, pad_mode mode) {
  if (border.size() == 0) return;
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < border.shape()[p.axis]; ++i)
    positions.push_back(repeated_position(begin + i, p.extent, mode));
  const array source = p.range(p.before, p.end());
  shape strides = source.strides(), along = shape::filled(border.ndim(), 0);
  strides[p.axis] = 0;
  along[p.axis] = sizeof(std::int64_t);
  picked elements = picked_by(source, border.shape(), strides);
  add_positions(elements, from_range(positions, {.device = cpu()}, p.where), along, source.strides()[p.axis], p.where);
  gather_into(elements, border);
}

/// Reflections with their sign turned at each edge: as much at a time as is there already, in whole periods of x.
void reflect_oddly(const padded_axis& p, bool with_edge) {
  const std::int64_t whole = p.end() + p.after;
  for (std::int64_t left = p.before, right = p.after; left > 0 || right > 0;) {
    std::int64_t there = whole - left - right;
    there = with_edge ? there / p.extent * p.extent : (there - 1) / (p.extent - 1) * (p.extent - 1);
    const std::int64_t inner = with_edge ? 0 : 1, at_left = std::min(there, left), at_right = std::min(there, right);
    const auto reflect = [&](std::int64_t edge, std::int64_t from, std::int64_t to, std::int64_t count) {
      const operand twice(multiply({2, p.where}, {p.range(edge, edge + 1), p.where}), p.where);
      p.assign(p.range(to, to + count), subtract(twice, {flip(p.range(from, from + count), p.axis, p.where), p.where}));
    };
    const std::int64_t last = whole - right - 1;
    if (left > 0) reflect(left, left + inner, left - at_left, at_left);
    if (right > 0) reflect(last, last - inner - at_right + 1, last + 1, at_right);
    left -= at_left;
    right -= at_right;
  }
}

/// end … edge in `width` even steps along `axis`, as linspace computes them in this dtype: without the edge itself.
expr ramp(const array& edge, const expr& end, std::int64_t width, dtype type, const padded_axis& p) {
  const expr start = weak_kind_of(end) == weak_kind::none ? end.astype(type, p.where) : end;
  const array distance = array(edge.astype(type) - start, p.where);
  shape extents = shape::filled(edge.ndim(), 1);
  extents[p.axis] = width;
  const array t = reshape(arange(0, width, 1, {.dtype = type, .device = edge.device()}, p.where), extents);
  const expr step = distance / width;
  // linspace multiplies last where a step is 0, because a tiny distance over a large count may have become 0.
  const array is_tiny = array(any({step == 0, p.where}), p.where);
  const expr values = where({is_tiny, p.where}, {(t / width) * distance, p.where}, {t * step, p.where}) + start;
  return is_integer(edge.dtype()) ? floor({values, p.where}) : values;
}

expr statistic(const array& part, int axis, pad_mode mode) {
  switch (mode) {
    case pad_mode::maximum: return max(part, axis, {.keepdims = true});
    case pad_mode::minimum: return min(part, axis, {.keepdims = true});
    default: break;
  }
  const expr middle =
      mode == pad_mode::mean ? mean(part, axis, {.keepdims = true}) : median(part, axis, {.keepdims = true});
  return is_integer(part.dtype()) ? rint(middle) : middle;
}

void fill_statistics(const padded_axis& p, pad_mode mode, std::pair<std::int64_t, std::int64_t> lengths) {
  const std::int64_t left = std::min(lengths.first, p.extent), right = std::min(lengths.second, p.extent);
  const array at_left = array(statistic(p.range(p.before, p.before + left), p.axis, mode), p.where);
  p.assign(p.left(), at_left);
  const bool is_same = left == p.extent && right == p.extent;
  p.assign(p.right(), is_same ? expr(at_left) : statistic(p.range(p.end() - right, p.end()), p.axis, mode));
}

// ---- options

/// What constant_values or end_values say for one side of an axis.
class side_values {
 public:
  side_values(const std::vector<expr>& given, const array& x, const char* name, caller where) : where_(where) {
    if (given.empty()) {
      one_ = {expr(0), expr(0)};
    } else if (given.size() == 2 && given[0].size() == 1 && given[1].size() == 1) {
      one_ = {number(given[0], x), number(given[1], x)};
    } else if (given.size() == 1 && given[0].size() == 1) {
      one_ = {number(given[0], x), number(given[0], x)};
    } else if (given.size() == 1) {
      const array values = materialize(given[0], where).to(x.device(), where);
      const bool is_pair = values.size() == 2 && values.ndim() < 3 && !(values.shape() == shape({2, 1}));
      if (is_pair) {
        const array pair = reshape(values, {2}, order::C, where);
        one_ = {pair[0], pair[1]};
      } else {
        all_ = pairs_of(values, x, name);
      }
    } else {
      throw value_error(std::string("pad: ") + name + " are one number, two, or one array", where);
    }
  }

  bool is_array() const noexcept { return one_.empty(); }
  expr operator()(int axis, int side) const {
    if (!one_.empty()) return one_[static_cast<std::size_t>(side)];
    return all_.view_at({axis, side}, where_);
  }

 private:
  expr number(const expr& given, const array& x) const {
    if (weak_kind_of(given) != weak_kind::none) return given;
    return reshape(materialize(given, where_), shape(), order::C, where_).to(x.device(), where_);
  }
  array pairs_of(const array& given, const array& x, const char* name) const {
    try {
      return broadcast_to(given, {x.ndim(), 2}, where_);
    } catch (const shape_error&) {
      throw shape_error(std::string("pad: ") + name + " of shape " + to_string(given.shape()) +
                            " do not broadcast to (" + std::to_string(x.ndim()) + ", 2)",
                        where_);
    }
  }

  caller where_;
  std::vector<expr> one_;  // before, after
  array all_;
};

widths_t lengths_of(const pad_options& options, const array& x, caller where) {
  if (!options.stat_length) return widths_t(static_cast<std::size_t>(x.ndim()), {INT64_MAX, INT64_MAX});
  widths_t lengths = widths_of(*options.stat_length, x, "lengths", where);
  const bool needs_one = options.mode == pad_mode::maximum || options.mode == pad_mode::minimum;
  for (const auto& [left, right] : lengths) {
    if (needs_one && x.size() > 0 && (left == 0 || right == 0)) {
      throw value_error("pad: stat_length 0 has no maximum and no minimum", where);
    }
  }
  return lengths;
}

struct checked_options {
  side_values constants, ends;
  widths_t lengths;
};

void fill_axis(const padded_axis& p, const pad_options& options, const checked_options& checked) {
  switch (options.mode) {
    case pad_mode::constant:
      p.assign(p.left(), checked.constants(p.axis, 0));
      p.assign(p.right(), checked.constants(p.axis, 1));
      return;
    case pad_mode::linear_ramp: {
      // As in NumPy one number or two are float64, those of an array are as Python's numbers and leave float16 float16.
      const dtype own = p.part.dtype();
      const dtype type = checked.ends.is_array() && is_inexact(own) ? own : result_type(own, float64);
      if (p.before > 0) p.assign(p.left(), ramp(p.first(), checked.ends(p.axis, 0), p.before, type, p));
      if (p.after > 0) {
        p.assign(flip(p.right(), p.axis, p.where), ramp(p.last(), checked.ends(p.axis, 1), p.after, type, p));
      }
      return;
    }
    case pad_mode::maximum:
    case pad_mode::minimum:
    case pad_mode::mean:
    case pad_mode::median: return fill_statistics(p, options.mode, checked.lengths[static_cast<std::size_t>(p.axis)]);
    default: break;
  }
  if (options.mode == pad_mode::edge || p.extent == 1) {  // a reflection of one element, too
    p.assign(p.left(), p.first());
    p.assign(p.right(), p.last());
  } else if (options.reflect_type == reflection::odd && options.mode != pad_mode::wrap) {
    reflect_oddly(p, options.mode == pad_mode::symmetric);
  } else {
    repeat_into(p.left(), -p.before, p, options.mode);
    repeat_into(p.right(), p.extent, p, options.mode);
  }
}

}  // namespace

array pad(const operand& x, const pad_width& width, const pad_options& options) {
  const caller where = x.where();
  const array elements = materialize(x.recipe(), where);
  const int ndim = elements.ndim();
  const checked_options checked{{options.constant_values, elements, "constant_values", where},
                                {options.end_values, elements, "end_values", where},
                                lengths_of(options, elements, where)};
  const widths_t widths = ndim == 0 ? widths_t() : widths_of(width, elements, "widths", where);
  const shape extents = padded_extents(elements, widths, options.mode, where);
  element_count(extents, "pad", where, elements.itemsize());
  array result =
      access::make(extents, elements.dtype(), is_fortran(elements) ? order::F : order::C, elements.device(), where);
  std::vector<array> reached{result};  // [i]: without the borders of the last i axes
  for (int axis = ndim - 1; axis >= 0; --axis) {
    const std::int64_t begin = widths[static_cast<std::size_t>(axis)].first;
    reached.push_back(slice_along(reached.back(), axis, slice(begin, begin + elements.shape()[axis]), where));
  }
  copy_elements(elements, reached.back());
  if (options.mode == pad_mode::empty || (elements.size() == 0 && options.mode != pad_mode::constant)) return result;
  for (int axis = 0; axis < ndim; ++axis) {
    const auto [before, after] = widths[static_cast<std::size_t>(axis)];
    if (before == 0 && after == 0) continue;
    fill_axis({reached[static_cast<std::size_t>(ndim - 1 - axis)], axis, before, elements.shape()[axis], after, where},
              options, checked);
  }
  return result;
}

}  // namespace tessera
