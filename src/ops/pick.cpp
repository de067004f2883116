// From a list of indices with masks and index arrays to an index_plan: NumPy's rules of advanced indexing.
//
//   a(slice, rows, newaxis, mask)      entries:  one per index, in order; a mask counts as one index array per axis
//                                      kept axes of slices and newaxis; integers move the origin
//                                      picked axes of the index arrays' broadcast shape
#include "ops/index.hpp"

#include <optional>

#include "backend.hpp"
#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/marks.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"
#include "tessera/select.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

enum class entry_kind : std::uint8_t { integer, slice, newaxis, ellipsis, positions, mask, flag };

/// One index of the list, classified. A flag is a 0-d mask: an index array of one position or none that moves along no axis.
struct entry {
  entry_kind kind;
  subscript basic = newaxis;
  array values;        // of positions (int64), flags
  int axes = 0;        // of the source that it uses up
  expr condition = 0;  // of masks

  bool is_picking() const noexcept {
    return kind == entry_kind::positions || kind == entry_kind::mask || kind == entry_kind::flag;
  }
};

/// Integers as int64 in C order: a copy only where they are not.
array as_positions(const array& values, caller where) {
  if (values.dtype() == int64 && values.flags().c_contiguous && values.flags().aligned) return values;
  array positions = access::make(values.shape(), int64, order::C, values.device(), where);
  evaluate_into(positions, values, assign_rule::unsafe, "index", where);
  return positions;
}

entry classify_array(const expr& index, caller where) {
  const expr x = without_selection(index, where);
  const dtype type = x.dtype();
  if (type == bool_ && x.ndim() > 0) return {entry_kind::mask, newaxis, {}, x.ndim(), x};
  const array values = materialize(x, where);
  if (type == bool_) return {entry_kind::flag, newaxis, values, 0};
  if (!is_integer(type)) {
    throw index_error(std::string("index: arrays used as indices must be integers or bool, not ") + type.name(), where);
  }
  const array positions = as_positions(values, where);
  if (positions.ndim() == 0) return {entry_kind::integer, item_of(positions), {}, 1};
  return {entry_kind::positions, newaxis, positions, 1};
}

entry classify(const any_index& index, caller where) {
  if (!index.is_basic) return classify_array(index.array, where);
  switch (index.basic.which()) {
    case subscript::kind::integer: return {entry_kind::integer, index.basic, {}, 1};
    case subscript::kind::slice: return {entry_kind::slice, index.basic, {}, 1};
    case subscript::kind::newaxis: return {entry_kind::newaxis, index.basic, {}, 0};
    default: return {entry_kind::ellipsis, index.basic, {}, 0};
  }
}

std::vector<entry> classify_all(const array& source, const std::vector<any_index>& indices, caller where) {
  std::vector<entry> entries;
  int used = 0, ellipses = 0;
  for (const any_index& index : indices) {
    entries.push_back(classify(index, where));
    used += entries.back().axes;
    ellipses += entries.back().kind == entry_kind::ellipsis;
  }
  if (ellipses > 1) throw_two_ellipses(where);
  if (used > source.ndim()) throw_too_many_indices(used, source.shape(), where);
  if (ellipses == 0) entries.push_back({entry_kind::ellipsis, ellipsis, {}, 0});
  for (entry& e : entries) {
    if (e.kind == entry_kind::ellipsis) e.axes = source.ndim() - used;
  }
  return entries;
}

void check_mask(const entry& e, const array& source, int axis, caller where) {
  const shape extents = e.condition.shape();
  for (int i = 0; i < e.axes; ++i) {
    const std::int64_t extent = extents[i];
    if (extent != 0 && extent != source.shape()[axis + i]) {  // as in NumPy a mask of none picks none of any extent
      throw index_error("index: mask of shape " + to_string(extents) + " does not match an array of shape " +
                            to_string(source.shape()) + ": axis " + std::to_string(axis + i) + " has extents " +
                            std::to_string(extent) + " and " + std::to_string(source.shape()[axis + i]),
                        where);
    }
  }
}

/// Where the picked axes stand among the kept ones: before the first array if all arrays and integers are neighbours, else 0.
int place_of_picked(const std::vector<entry>& entries) {
  int place = -1, kept = 0;
  bool interrupted = false;
  for (const entry& e : entries) {
    if (e.is_picking() || e.kind == entry_kind::integer) {
      if (interrupted) return 0;
      if (place < 0) place = kept;
    } else {
      interrupted = interrupted || place >= 0;
      kept += e.kind == entry_kind::ellipsis ? e.axes : 1;
    }
  }
  return place;
}

/// Whether one mask does all the picking: then nothing is picked twice.
bool is_one_mask(const std::vector<entry>& entries) {
  int masks = 0, others = 0;
  for (const entry& e : entries) {
    if (e.is_picking()) ++(e.kind == entry_kind::mask ? masks : others);
  }
  return masks == 1 && others == 0;
}

/// One index array and the axis of the source that it moves along (stride 0 for a flag).
struct mover {
  array positions;
  std::int64_t extent, stride;
  int axis;
  bool checked;
};

/// The movers of a mask: one over its elements in C order where the source's axes can be walked as one.
void add_mask(std::vector<mover>& movers, const entry& e, const array& source, int axis, caller where) {
  shape extents, strides;
  for (int i = 0; i < e.axes; ++i) {
    extents.push_back(source.shape()[axis + i]);
    strides.push_back(source.strides()[axis + i]);
  }
  const marks m = mark(e.condition, where);
  const std::int64_t size = element_count(extents);
  if (e.axes > 1 &&
      element_count(m.extents) > 0) {  // else the mask may be of other extents: it has no elements to walk
    if (const auto flat = reshape_strides(extents, strides, size, source.itemsize(), order::C)) {
      movers.push_back({flat_positions(m, where), size, (*flat)[0], axis, true});
      return;
    }
  }
  std::vector<array> found = positions(m, where);
  for (int i = 0; i < e.axes; ++i) {
    movers.push_back({std::move(found[i]), extents[i], strides[i], axis + i, true});
  }
}

shape broadcast_positions(const std::vector<mover>& movers, caller where) {
  shape extents;
  for (const mover& m : movers) {
    const shape& other = m.positions.shape();
    try {
      extents = broadcast(extents, other, "index", where);
    } catch (const shape_error& e) {
      throw index_error(e.what(), where);  // NumPy's IndexError: "shape mismatch: indexing arrays …"
    }
  }
  return extents;
}

struct parts {
  strided_view kept;
  std::vector<mover> movers;
};

parts split(const array& source, const std::vector<entry>& entries, caller where) {
  int axis = 0;
  for (const entry& e :
       entries) {  // as in NumPy a mask that does not match is reported before an integer out of bounds
    if (e.kind == entry_kind::mask) check_mask(e, source, axis, where);
    axis += e.axes;
  }
  parts p;
  axis = 0;
  for (const entry& e : entries) {
    const std::int64_t extent = e.axes > 0 ? source.shape()[axis] : 1, stride = e.axes > 0 ? source.strides()[axis] : 0;
    switch (e.kind) {
      case entry_kind::integer:
        p.kept.move(checked_position(e.basic.position(), extent, axis, "index", where), stride);
        break;
      case entry_kind::slice: p.kept.slice_axis(e.basic.range(), extent, stride, where); break;
      case entry_kind::newaxis: p.kept.push(1, 0, where); break;
      case entry_kind::ellipsis:
        for (int i = 0; i < e.axes; ++i) p.kept.push(source.shape()[axis + i], source.strides()[axis + i], where);
        break;
      case entry_kind::positions: p.movers.push_back({e.values, extent, stride, axis, false}); break;
      case entry_kind::mask: add_mask(p.movers, e, source, axis, where); break;
      case entry_kind::flag:
        p.movers.push_back({zeros(e.values.item<bool>() ? 1 : 0, {.dtype = int64, .device = source.device()}, where), 1,
                            0, axis, true});
        break;
    }
    axis += e.axes;
  }
  return p;
}

shape part(const shape& s, int begin, int end) {
  shape result;
  for (int i = begin; i < end; ++i) result.push_back(s[i]);
  return result;
}

shape joined(shape a, const shape& b) {
  for (std::int64_t value : b) a.push_back(value);
  return a;
}

}  // namespace

std::int64_t item_of(const array& x) {
  std::int64_t value = 0;
  backend_of(x.device()).read(x.data(), &value, sizeof value);
  return value;
}

array positions_of(const expr& x, casting rule, const char* name, caller where) {
  std::optional<device_scope> on_host;
  if (weak_kind_of(x) != weak_kind::none) on_host.emplace(cpu());  // a number goes anywhere
  const array values = materialize(x, where);
  if (!can_cast(values.dtype(), int64, rule)) {
    throw dtype_error(std::string(name) + ": integers expected, not " + values.dtype().name(), where);
  }
  return as_positions(values, where);
}

void check_positions(array& positions, std::int64_t extent, int axis, const char* name, caller where) {
  const std::int64_t count = positions.size();
  if (count == 0) return;
  // Most often none is negative: one pass that only reads, where a copy and a second one would take as long as gather.
  constexpr std::int64_t few = 2048;
  if (count > few) {
    const array bits = access::view(positions, access::data(positions), uint64, positions.shape(), positions.strides());
    if (max(operand(bits, where)).item<std::uint64_t>() < static_cast<std::uint64_t>(extent)) return;
  }
  positions = positions.copy();  // it may be the caller's
  backend& device = backend_of(positions.device());
  auto* list = reinterpret_cast<std::int64_t*>(access::data(positions));
  const std::int64_t bad = device.check_indices(list, count, extent);
  if (bad < 0) return;
  std::int64_t position = 0;
  device.read(list + bad, &position, sizeof position);
  throw_out_of_bounds(position, extent, axis, name, where);
}

array folded_positions(array positions, std::int64_t extent, take_mode mode, caller where) {
  const operand each(positions, where);
  switch (mode) {
    case take_mode::wrap: return evaluate(remainder(each, operand(extent, where)), where);
    case take_mode::clip: return evaluate(clip(each, 0, extent - 1), where);
    default: return positions;
  }
}

picked picked_by(const array& source, const shape& extents, const shape& source_strides) {
  picked p;
  p.source = source;
  p.plan.extents = extents;
  p.plan.source = {access::data(source), source.dtype(), source_strides};
  p.picked_axes = extents.size();
  p.extents = extents;
  return p;
}
void add_positions(picked& p, array positions, const shape& strides, std::int64_t source_stride, caller where) {
  positions = beside(p.source, positions, "index", where);
  p.plan.indices.push_back({{access::data(positions), int64, strides}, source_stride});
  p.positions.push_back(std::move(positions));
}

array take_slices(const array& x, const array& positions, int axis, caller where) {
  shape extents, strides, position_strides;
  const auto keep = [&](int i) {
    extents.push_back(x.shape()[i]);
    strides.push_back(x.strides()[i]);
    position_strides.push_back(0);
  };
  for (int i = 0; i < axis; ++i) keep(i);
  for (int i = 0; i < positions.ndim(); ++i) {
    extents.push_back(positions.shape()[i]);
    strides.push_back(0);
    position_strides.push_back(positions.strides()[i]);
  }
  for (int i = axis + 1; i < x.ndim(); ++i) keep(i);
  picked p = picked_by(x, extents, strides);
  add_positions(p, positions, position_strides, x.strides()[axis], where);
  return gather(p, where);
}

picked pick(const array& source, const std::vector<any_index>& indices, caller where, const array* values) {
  const std::vector<entry> entries = classify_all(source, indices, where);
  parts found = split(source, entries, where);
  const shape& kept = found.kept.extents;
  const shape picked_extents = broadcast_positions(found.movers, where);
  if (picked_extents.size() + kept.size() > max_ndim) {
    throw index_error("index: the result would have more than " + std::to_string(max_ndim) + " axes", where);
  }

  picked p;
  p.source = source;
  p.picked_axes = picked_extents.size();
  p.place = found.movers.empty() ? 0 : place_of_picked(entries);
  p.plan.extents = joined(picked_extents, kept);
  p.plan.source = {nullptr, source.dtype(), joined(shape::filled(p.picked_axes, 0), found.kept.strides)};
  if (element_count(p.plan.extents) > 0) p.plan.source.data = access::data(source) + found.kept.offset;
  p.extents = joined(joined(part(kept, 0, p.place), picked_extents), part(kept, p.place, kept.size()));

  p.plan.distinct = is_one_mask(entries);
  if (values) broadcast_values(*values, p.extents, "index", where, p.picked_axes > 0);
  const bool reads_nothing = element_count(picked_extents) == 0;  // then NumPy does not look at the positions
  for (mover& m : found.movers) {
    if (!m.checked && !reads_nothing) check_positions(m.positions, m.extent, m.axis, "index", where);
    const shape strides = broadcast_strides(m.positions.shape(), m.positions.strides(), picked_extents);
    add_positions(p, std::move(m.positions), joined(strides, shape::filled(kept.size(), 0)), m.stride, where);
  }
  return p;
}

}  // namespace tessera::detail
