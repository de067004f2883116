// What is made of distances block by block: neighbours within a radius, reductions of rows, a function of the caller's.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/distance_call.hpp"
#include "ops/distance_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/distances.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/joining.hpp"
#include "tessera/printing.hpp"
#include "tessera/reduce.hpp"
#include "tessera/scan.hpp"
#include "tessera/select.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// Columns of a block: a constant, so that results do not depend on rows or devices' blocks.
constexpr std::int64_t block_columns = 4096;

/// Blocks of distances, one after the other in the same memory: 2 MiB, which stay in a core's cache, or 64 on a GPU.
class distance_blocks {
 public:
  /// `width`: of the widest block; `least_rows`: of a block, if there are as many.
  distance_blocks(const distance_call& call, std::int64_t width, std::int64_t least_rows)
      : call_(call), blocks_(call.plan, static_cast<double>(width), elements_of(call, width, least_rows)) {
    const std::int64_t rows = blocks_.most_rows();
    element_count({rows, width}, call.name, call.where, call.plan.result.itemsize());
    scratch_ = access::make({rows, width}, call.plan.result, order::C, call.on, call.where);
  }
  std::int64_t count() const noexcept { return blocks_.count(); }

  /// The plan of block `number`.
  distance_plan rows_of(std::int64_t number) const { return blocks_.cut(call_.plan, number); }
  /// The same, its `to` in `result`, an array over the batch and x's rows.
  distance_plan rows_of(std::int64_t number, const array& result) const {
    distance_plan whole = call_.plan;
    whole.to = call_.over(result, 1);
    return blocks_.cut(whole, number);
  }
  /// Distances of a block's rows to rows [first, first + columns) of y: (..., rows, columns).
  array distances(const distance_plan& rows, std::int64_t first, std::int64_t columns) const {
    distance_plan part = rows;
    narrow_columns(part, first, columns);
    shape extents = part.batch;
    extents.push_back(part.n);
    extents.push_back(columns);
    const shape strides = contiguous_strides(extents, part.result.itemsize(), order::C);
    const array block = access::view(scratch_, access::data(scratch_), part.result, extents, strides);
    part.to = {access::data(block), part.result, strides};
    call_.device().distances(part);
    access::note_write(block);
    return block;
  }

 private:
  static double elements_of(const distance_call& call, std::int64_t width, std::int64_t least_rows) {
    const double bytes = call.on == cpu() ? 2 << 20 : 64 << 20;
    return std::max(bytes / call.plan.result.itemsize(), static_cast<double>(least_rows) * static_cast<double>(width));
  }
  const distance_call& call_;
  row_blocks blocks_;
  array scratch_;
};

void check_plain(const distance_call& call) {
  if (call.batch.size() == 0) return;
  throw shape_error(
      std::string(call.name) + ": a batch of shape " + to_string(call.batch) + "; expected (n, d) and (m, d)",
      call.where);
}

/// The part of an array that a plan's `to` walks: over its batch and its rows.
array part_of(const array& whole, const distance_plan& rows) {
  shape extents = rows.batch;
  extents.push_back(rows.n);
  return access::view(whole, rows.to.data, whole.dtype(), extents, rows.to.strides);
}

// ---- pairwise_reduce

enum class reducer_kind { sum, mean, min, max, count_below, gaussian };

reducer_kind kind_of(const distance_reducer& reducer, const caller& where) {
  constexpr const char* names[] = {"sum", "mean", "min", "max", "count_below", "gaussian"};
  int kind = 0;
  while (kind < 6 && reducer.name() != names[kind]) ++kind;
  if (kind == 6) {
    throw value_error("pairwise_reduce: there is no reducer '" + reducer.name() +
                          "'; expected one of sum, mean, min, max, count_below, gaussian",
                      where);
  }
  const double parameter = reducer.parameter();
  if (static_cast<reducer_kind>(kind) == reducer_kind::gaussian && !(parameter > 0)) {
    throw value_error(
        "pairwise_reduce: gaussian: the parameter is " + str(array(parameter)) + "; expected a number > 0", where);
  }
  if (static_cast<reducer_kind>(kind) == reducer_kind::count_below && std::isnan(parameter)) {
    throw value_error("pairwise_reduce: count_below: the parameter is nan; expected a number", where);
  }
  return static_cast<reducer_kind>(kind);
}

/// One value of each row of a block, to be joined with those of the row's other blocks by joined().
expr reduced(const array& block, reducer_kind kind, double parameter) {
  switch (kind) {
    case reducer_kind::min: return min(block, -1);
    case reducer_kind::max: return max(block, -1);
    case reducer_kind::count_below: return sum(block < parameter, -1, {.dtype = int64});
    case reducer_kind::gaussian: {
      const expr scaled = block.astype(float64) * (1 / parameter);
      return sum(exp(square(scaled) * -0.5), -1);
    }
    default: return sum(block, -1, {.dtype = float64});
  }
}

expr joined(const array& partial, reducer_kind kind, std::int64_t m) {
  switch (kind) {
    case reducer_kind::min: return min(partial, -1);
    case reducer_kind::max: return max(partial, -1);
    case reducer_kind::mean: return sum(partial, -1) / static_cast<double>(m);
    default: return sum(partial, -1);
  }
}

}  // namespace

array pairwise_reduce(const operand& x, const operand& y, const metric& by, const distance_reducer& reducer,
                      const distance_options& options) {
  const distance_call call("pairwise_reduce", x, y, by, options.method, options.dtype);
  const reducer_kind kind = kind_of(reducer, call.where);
  const std::int64_t n = call.plan.n, m = call.plan.m, parts = m / block_columns + (m % block_columns != 0);
  if (m == 0 && (kind == reducer_kind::min || kind == reducer_kind::max)) {
    throw value_error("pairwise_reduce: " + reducer.name() + " of no distances: rows of shapes " +
                          to_string(x->shape()) + " and " + to_string(y->shape()),
                      call.where);
  }
  array out = call.make({n}, kind == reducer_kind::count_below ? int64 : call.rows.wanted);
  if (out.size() == 0) return out;
  if (m == 0) {
    out() = kind == reducer_kind::mean ? std::numeric_limits<double>::quiet_NaN() : 0.0;
    return out;
  }
  const distance_blocks blocks(call, std::min(m, block_columns), 1);
  progress_steps progress(call, options.progress, blocks.count());
  for (std::int64_t number = 0; number < blocks.count(); ++number) {
    const distance_plan rows = blocks.rows_of(number, out);
    array to = part_of(out, rows);
    shape extents = to.shape();
    extents.push_back(parts);
    const bool counts = kind == reducer_kind::count_below,
               picks = kind == reducer_kind::min || kind == reducer_kind::max;
    array partial = access::make(extents,
                                 counts  ? int64
                                 : picks ? call.plan.result
                                         : float64,
                                 order::C, call.on, call.where);
    for (std::int64_t i = 0; i < parts; ++i) {
      const array block = blocks.distances(rows, i * block_columns, std::min(block_columns, m - i * block_columns));
      partial(ellipsis, i) = reduced(block, kind, reducer.parameter());
    }
    to() = joined(partial, kind, m);
    progress.step();
  }
  return out;
}

// ---- radius_neighbors

namespace {

/// Neighbours found, in no more arrays than blocks.
struct neighbours {
  std::vector<array> rows, indices, distances;

  void append(const array& block, const array& is_near, std::int64_t first_column) {
    const std::vector<array> places = nonzero(is_near);
    if (places[0].size() == 0) return;
    rows.push_back(places[0]);
    indices.push_back(places[1] + first_column);
    distances.push_back(block[is_near]);
  }
  /// Those of several parts of the same rows, in order of rows and indices.
  void append(const neighbours& parts) {
    if (parts.rows.empty()) return;
    const array all = concatenate_flat(parts.rows);
    const array order = argsort(all, 0);  // stable: parts are in order
    rows.push_back(take(all, order));
    indices.push_back(take(concatenate_flat(parts.indices), order));
    distances.push_back(take(concatenate_flat(parts.distances), order));
  }
};

array together(const std::vector<array>& parts, dtype type, const distance_call& call) {
  return parts.empty() ? call.make({0}, type) : concatenate_flat(parts);
}

}  // namespace

radius_result radius_neighbors(const operand& queries, const operand& points, double radius,
                               const nearest_options& options) {
  const distance_call call("radius_neighbors", queries, points, options.metric, options.method, options.dtype);
  check_plain(call);
  if (std::isnan(radius)) throw value_error("radius_neighbors: the radius is nan; expected a number", call.where);
  const std::int64_t n = call.plan.n, m = call.plan.m;
  const array counts = zeros({n}, {.dtype = int64, .device = call.on}, call.where);
  neighbours found;
  if (n > 0 && m > 0) {
    const distance_blocks blocks(call, std::min(m, block_columns), 1);
    progress_steps progress(call, options.progress, blocks.count());
    for (std::int64_t number = 0; number < blocks.count(); ++number) {
      const distance_plan rows = blocks.rows_of(number, counts);
      array count = part_of(counts, rows);
      neighbours parts;
      for (std::int64_t first = 0; first < m; first += block_columns) {
        const array block = blocks.distances(rows, first, std::min(block_columns, m - first));
        if (options.exclude_self && rows.first_row < first + block.shape()[1] && first < rows.first_row + rows.n) {
          array own = diagonal(block, static_cast<int>(rows.first_row - first));
          own() = std::numeric_limits<double>::quiet_NaN();  // no comparison is true
        }
        const array is_near = call.rows.largest_first ? block >= radius : block <= radius;
        count() += sum(is_near, 1);
        parts.append(block, is_near, first);
      }
      found.append(parts);
      progress.step();
    }
  }
  array offsets = zeros({n + 1}, {.dtype = int64, .device = call.on}, call.where);
  offsets(slice(1, none)) = cumsum(counts, 0);
  return {offsets, call.finished(together(found.distances, call.plan.result, call)),
          together(found.indices, int64, call)};
}

void for_each_row_block(const operand& x, const operand& y, const metric& by, row_block_function f,
                        const distance_options& options) {
  const distance_call call("for_each_row_block", x, y, by, options.method, options.dtype);
  check_plain(call);
  const std::int64_t m = call.plan.m;
  if (call.plan.n == 0) return;
  if (m == 0) return f(0, call.finished(call.make({call.plan.n, 0}, call.plan.result)));
  const distance_blocks blocks(call, m, 32);  // y's rows are packed again for each block: a thirty-second of the work
  progress_steps progress(call, options.progress, blocks.count());
  for (std::int64_t number = 0; number < blocks.count(); ++number) {
    const distance_plan rows = blocks.rows_of(number);
    f(rows.first_row, call.finished(blocks.distances(rows, 0, m)));
    progress.step();
  }
}

}  // namespace tessera
