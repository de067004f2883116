// Shape and stride algebra: contiguity, broadcasting, axes, reshaping without a copy.
#include "core/layout.hpp"

#include <algorithm>
#include <numeric>

namespace tessera::detail {
namespace {

/// x *= factor, wrapping round: strides of a view repeated too often to be copied are computed before that is noticed.
void grow(std::int64_t& x, std::int64_t factor) noexcept { (void)__builtin_mul_overflow(x, factor, &x); }

std::string prefix(const char* name) { return std::string(name) + ": "; }

/// Whether strides are those of an array filled in `order`, extents of 1 aside.
bool is_contiguous(const shape& extents, const shape& strides, std::int64_t itemsize, bool c_order) noexcept {
  std::int64_t expected = itemsize;
  bool contiguous = true;
  for (int i = 0; i < extents.size(); ++i) {
    const int axis = c_order ? extents.size() - 1 - i : i;
    if (extents[axis] == 0) return true;
    if (extents[axis] == 1) continue;
    contiguous = contiguous && strides[axis] == expected;
    if (!contiguous) expected = 0;  // only looking for a 0 now
    expected *= extents[axis];
  }
  return contiguous;
}

}  // namespace

std::int64_t element_count(const shape& extents, const char* name, caller where, std::int64_t itemsize) {
  itemsize = std::max<std::int64_t>(1, itemsize);  // of dtypes without bytes: their arrays are refused by name later
  std::int64_t product = itemsize;
  bool empty = false;
  for (const std::int64_t extent : extents) {
    if (extent < 0) throw value_error(prefix(name) + "shape " + to_string(extents) + " has a negative extent", where);
    if (extent == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, extent, &product)) {
      throw value_error(prefix(name) + "shape " + to_string(extents) + " has more " +
                            (itemsize == 1 ? "elements" : "bytes") + " than fit in 64 bits",
                        where);
    }
  }
  return empty ? 0 : product / itemsize;
}

std::int64_t element_count(const shape& extents) noexcept {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) {
    if (extent == 0) return 0;
    product *= extent;
  }
  return product;
}

shape contiguous_strides(const shape& extents, std::int64_t itemsize, order layout) {
  shape strides = extents;
  const int ndim = extents.size();
  for (int i = 0; i < ndim; ++i) {
    const int axis = layout == order::F ? i : ndim - 1 - i;
    strides[axis] = itemsize;
    if (extents[axis] > 0) grow(itemsize, extents[axis]);
  }
  return strides;
}

shape keep_order_strides(const shape& extents, const shape& like_strides, std::int64_t itemsize) {
  const int ndim = extents.size();
  int axis[max_ndim];
  std::iota(axis, axis + ndim, 0);
  const auto magnitude = [&](int i) { return like_strides[i] < 0 ? -like_strides[i] : like_strides[i]; };
  std::stable_sort(axis, axis + ndim, [&](int a, int b) { return magnitude(a) > magnitude(b); });
  shape strides = extents;
  for (int i = ndim - 1; i >= 0; --i) {
    strides[axis[i]] = itemsize;
    if (extents[axis[i]] > 0) grow(itemsize, extents[axis[i]]);
  }
  return strides;
}

bool is_c_contiguous(const shape& extents, const shape& strides, std::int64_t itemsize) noexcept {
  return is_contiguous(extents, strides, itemsize, true);
}

bool is_f_contiguous(const shape& extents, const shape& strides, std::int64_t itemsize) noexcept {
  return is_contiguous(extents, strides, itemsize, false);
}

shape broadcast(const shape& a, const shape& b, const char* name, caller where) {
  const int ndim = std::max(a.size(), b.size());
  shape result = a.size() >= b.size() ? a : b;
  for (int axis = 0; axis < ndim; ++axis) {
    const int in_a = axis - (ndim - a.size()), in_b = axis - (ndim - b.size());
    if (in_a < 0 || in_b < 0 || a[in_a] == b[in_b]) continue;
    if (a[in_a] != 1 && b[in_b] != 1) {
      throw shape_error(prefix(name) + "shapes " + to_string(a) + " and " + to_string(b) + " do not broadcast: axis " +
                            std::to_string(axis) + " has extents " + std::to_string(a[in_a]) + " and " +
                            std::to_string(b[in_b]),
                        where);
    }
    result[axis] = a[in_a] == 1 ? b[in_b] : a[in_a];
  }
  return result;
}

bool broadcasts_to(const shape& from, const shape& to) noexcept {
  const int missing = to.size() - from.size();
  if (missing < 0) return false;
  for (int axis = 0; axis < from.size(); ++axis) {
    if (from[axis] != to[axis + missing] && from[axis] != 1) return false;
  }
  return true;
}

shape broadcast_strides(const shape& from, const shape& strides, const shape& to) {
  shape result = shape::filled(to.size(), 0);
  const int missing = to.size() - from.size();
  for (int axis = 0; axis < from.size(); ++axis) {
    if (from[axis] == to[axis + missing]) result[axis + missing] = strides[axis];
  }
  return result;
}

int normalize_axis(std::int64_t axis, int ndim, const char* name, caller where) {
  if (axis < -ndim || axis >= ndim) {
    throw axis_error(prefix(name) + "axis " + std::to_string(axis) + " is out of bounds for an array with " +
                         std::to_string(ndim) + (ndim == 1 ? " axis" : " axes"),
                     where);
  }
  return static_cast<int>(axis < 0 ? axis + ndim : axis);
}

axis_list normalize_axes(const axes& over, int ndim, const char* name, caller where) {
  axis_list result;
  if (over.every()) {
    result.resize(static_cast<std::size_t>(ndim));
    std::iota(result.begin(), result.end(), 0);
    return result;
  }
  for (const std::int64_t axis : over.list()) result.push_back(normalize_axis(axis, ndim, name, where));
  std::sort(result.begin(), result.end());
  const auto twice = std::adjacent_find(result.begin(), result.end());
  if (twice != result.end())
    throw value_error(prefix(name) + "axis " + std::to_string(*twice) + " is named twice", where);
  return result;
}

std::optional<shape> reshape_strides(const shape& from, const shape& strides, const shape& to, std::int64_t itemsize,
                                     order layout) {
  const bool fortran = layout == order::F;
  if (is_contiguous(from, strides, itemsize, !fortran)) return contiguous_strides(to, itemsize, layout);
  // From here on there are elements. Walk both shapes from the slowest axis (the fastest in F order) in groups of equal
  // product. Old axes of a group must walk as one; the new ones then divide that walk among them.
  shape old_extents, old_strides, result = to;
  for (int axis = 0; axis < from.size(); ++axis) {
    if (from[axis] == 1) continue;
    old_extents.push_back(from[axis]);
    old_strides.push_back(strides[axis]);
  }
  int old_begin = 0, new_begin = 0;
  while (old_begin < old_extents.size() && new_begin < to.size()) {
    int old_end = old_begin + 1, new_end = new_begin + 1;
    std::int64_t old_product = old_extents[old_begin], new_product = to[new_begin];
    while (old_product != new_product) {
      if (new_product < old_product) new_product *= to[new_end++];
      else old_product *= old_extents[old_end++];
    }
    for (int k = old_begin; k + 1 < old_end; ++k) {
      const int slow = fortran ? k + 1 : k, fast = fortran ? k : k + 1;
      if (old_strides[slow] != old_extents[fast] * old_strides[fast]) return std::nullopt;
    }
    std::int64_t stride = old_strides[fortran ? old_begin : old_end - 1];
    for (int i = 0; i < new_end - new_begin; ++i) {
      const int axis = fortran ? new_begin + i : new_end - 1 - i;
      result[axis] = stride;
      stride *= to[axis];
    }
    old_begin = old_end;
    new_begin = new_end;
  }
  // New trailing axes of extent 1: any stride would do, NumPy continues the last one.
  std::int64_t last = new_begin > 0 ? result[new_begin - 1] : itemsize;
  if (fortran && new_begin > 0) last *= to[new_begin - 1];
  for (int axis = new_begin; axis < to.size(); ++axis) result[axis] = last;
  return result;
}

shape resolve_reshape(const shape& from, const shape& to, const char* name, caller where) {
  const std::int64_t count = element_count(from);
  shape result = to;
  int unknown = -1;
  std::int64_t known = 1;
  bool fits = true;
  for (int axis = 0; axis < to.size(); ++axis) {
    if (to[axis] < 0) {  // NumPy takes every negative extent as the unknown one
      if (unknown >= 0)
        throw shape_error(prefix(name) + "shape " + to_string(to) + " has more than one unknown extent", where);
      unknown = axis;
    } else if (__builtin_mul_overflow(known, to[axis], &known)) {
      fits = std::find(to.begin(), to.end(), 0) != to.end();
      known = 0;
    }
  }
  if (unknown >= 0) {
    fits = fits && known > 0 && count % known == 0;
    if (fits) result[unknown] = count / known;
  } else {
    fits = fits && known == count;
  }
  if (!fits) {
    throw shape_error(prefix(name) + "cannot reshape " + to_string(from) + " (" + std::to_string(count) +
                          (count == 1 ? " element" : " elements") + ") into " + to_string(to),
                      where);
  }
  return result;
}

}  // namespace tessera::detail
