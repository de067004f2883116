// Basic indexing: integers, slices, newaxis and an ellipsis make a view with Python's rules for any bounds.
#include "ops/index.hpp"

#include <algorithm>
#include <limits>

#include "core/dtype_parts.hpp"
#include "core/layout.hpp"

namespace tessera::detail {

const field& find_field(dtype type, std::string_view name, const char* operation, caller where) {
  for (const field& f : type.fields()) {
    if (f.name == name) return f;
  }
  const std::string text = std::string(operation) + ": ";
  if (!type.has_fields()) throw index_error(text + "dtype " + type.name() + " has no fields", where);
  std::string there;
  for (const field& f : type.fields()) there += (there.empty() ? "'" : ", '") + f.name + "'";
  throw index_error(text + "no field '" + std::string(name) + "'; there are " + there, where);
}

std::int64_t checked_position(std::int64_t position, std::int64_t extent, int axis, const char* name, caller where) {
  if (position < -extent || position >= extent) throw_out_of_bounds(position, extent, axis, name, where);
  return position < 0 ? position + extent : position;
}

void throw_out_of_bounds(std::int64_t position, std::int64_t extent, int axis, const char* name, caller where) {
  throw index_error(std::string(name) + ": " + std::to_string(position) + " is out of bounds for axis " +
                        std::to_string(axis) + " with extent " + std::to_string(extent),
                    where);
}

void throw_too_many_indices(int given, const shape& extents, caller where) {
  throw index_error(
      "index: too many indices for an array of shape " + to_string(extents) + ": " + std::to_string(given), where);
}

void throw_two_ellipses(caller where) { throw index_error("index: more than one ellipsis", where); }

resolved_slice resolve(const slice& s, std::int64_t extent, caller where) {
  constexpr std::int64_t lowest = -std::numeric_limits<std::int64_t>::max();  // so that -step fits
  const std::int64_t step = s.step.given ? std::max(s.step.value, lowest) : 1;
  if (step == 0) throw value_error("index: slice step cannot be zero", where);
  const bool forward = step > 0;
  const auto clipped = [&](const bound& b, std::int64_t otherwise) {
    if (!b.given) return otherwise;
    const std::int64_t low = forward ? 0 : -1, high = forward ? extent : extent - 1;
    return std::clamp(b.value < 0 ? b.value + extent : b.value, low, high);
  };
  const std::int64_t begin = clipped(s.begin, forward ? 0 : extent - 1);
  const std::int64_t end = clipped(s.end, forward ? extent : -1);
  const std::int64_t span = forward ? end - begin : begin - end;
  return {begin, step, span > 0 ? (span - 1) / (forward ? step : -step) + 1 : 0};
}

void strided_view::slice_axis(const slice& s, std::int64_t extent, std::int64_t stride, caller where) {
  const resolved_slice r = resolve(s, extent, where);
  if (r.count > 0) move(r.begin, stride);
  push(r.count, wrapping_product(r.step, stride), where);
}

void strided_view::push(std::int64_t extent, std::int64_t stride, caller where) {
  if (extents.size() == max_ndim) {
    throw index_error("index: the result would have more than " + std::to_string(max_ndim) + " axes", where);
  }
  extents.push_back(extent);
  strides.push_back(stride);
}

array strided_view::of(const array& x) const {
  const bool empty = std::find(extents.begin(), extents.end(), 0) != extents.end();
  std::byte* data = access::data(x);
  return access::view(x, empty ? data : data + offset, x.dtype(), extents, strides);
}

array basic_view(const array& x, std::span<const subscript> indices, caller where) {
  int used = 0, ellipses = 0;
  for (const subscript& i : indices) {
    used += i.which() == subscript::kind::integer || i.which() == subscript::kind::slice;
    ellipses += i.which() == subscript::kind::ellipsis;
  }
  if (ellipses > 1) throw_two_ellipses(where);
  if (used > x.ndim()) throw_too_many_indices(used, x.shape(), where);

  strided_view view;
  int axis = 0;
  const auto keep = [&](int count) {
    for (; count > 0; --count, ++axis) view.push(x.shape()[axis], x.strides()[axis], where);
  };
  for (const subscript& i : indices) {
    switch (i.which()) {
      case subscript::kind::integer:
        view.move(checked_position(i.position(), x.shape()[axis], axis, "index", where), x.strides()[axis]);
        ++axis;
        break;
      case subscript::kind::slice:
        view.slice_axis(i.range(), x.shape()[axis], x.strides()[axis], where);
        ++axis;
        break;
      case subscript::kind::newaxis: view.push(1, 0, where); break;
      case subscript::kind::ellipsis: keep(x.ndim() - used); break;
    }
  }
  keep(x.ndim() - axis);
  return view.of(x);
}

}  // namespace tessera::detail

namespace tessera {

array array::basic_view(std::initializer_list<subscript> indices, caller where) const {
  return detail::basic_view(*this, {indices.begin(), indices.size()}, where);
}

array array::view_at(const std::vector<subscript>& indices, caller where) const {
  return detail::basic_view(*this, indices, where);
}

array array::field(std::string_view name) const {
  const tessera::field& f = detail::find_field(dtype_, name, "index", caller());
  tessera::shape extents = shape_, strides = strides_;
  const tessera::shape inner = detail::contiguous_strides(f.extents, f.type.itemsize(), order::C);
  for (int axis = 0; axis < f.extents.size(); ++axis) {
    if (extents.size() == max_ndim) {
      throw index_error("index: field '" + f.name + "' would have more than " + std::to_string(max_ndim) + " axes",
                        caller());
    }
    extents.push_back(f.extents[axis]);
    strides.push_back(inner[axis]);
  }
  return detail::access::view(*this, data_ + f.offset, f.type, extents, strides);
}

array array::fields(const names& list) const {
  std::vector<tessera::field> kept;
  for (const std::string& name : list.list()) {
    const tessera::field& f = detail::find_field(dtype_, name, "index", caller());
    const bool twice = std::any_of(kept.begin(), kept.end(), [&f](const auto& other) { return other.name == f.name; });
    if (twice) throw value_error("index: field '" + name + "' is named twice", caller());
    kept.push_back(f);
  }
  if (kept.empty()) throw index_error("index: no field is named", caller());
  const tessera::dtype type = detail::record_of_layout(std::move(kept), itemsize(), dtype_.is_aligned());
  return detail::access::view(*this, data_, type, shape_, strides_);
}

}  // namespace tessera
