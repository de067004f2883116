// Arrays from parts: fresh, over existing storage, views; and the checks before a write.
#include "core/access.hpp"

#include <cstdlib>
#include <numeric>

#include "backend.hpp"
#include "core/bytes_text.hpp"
#include "core/dtype_parts.hpp"
#include "core/layout.hpp"

namespace tessera::detail {
namespace {

/// Bytes from the first to the last element, both included.
std::int64_t span_of(const shape& extents, const shape& strides, std::int64_t itemsize) {
  std::int64_t bytes = itemsize;
  for (int axis = 0; axis < extents.size(); ++axis) {
    if (extents[axis] == 0) return 0;
    bytes += (extents[axis] - 1) * strides[axis];
  }
  return bytes;
}

}  // namespace

dtype storable(dtype type, const char* name, caller where) {
  if (!type.is_set()) return float64;
  if (!type.is_native()) {
    throw dtype_error(
        std::string(name) + ": " + type.name() + " is in the other byte order, which exists only in files", where);
  }
  if (type.itemsize() > 0) return type;
  if (is_text(type)) return type == str_(0) ? str_(1) : bytes_(1);
  throw dtype_error(std::string(name) + ": " + type.name() + " has no bytes", where);
}

array access::make(const shape& extents, dtype type, order layout, tessera::device on, caller where) {
  type = storable(type, "array", where);
  return make_strided(extents, contiguous_strides(extents, type.itemsize(), layout), type, on, where);
}

array access::make_strided(const shape& extents, const shape& strides, dtype type, tessera::device on, caller where) {
  storable(type, "array", where);
  const std::int64_t count = element_count(extents, "array", where, type.itemsize());
  // A fresh array without elements has strides of 0, as NumPy's.
  if (count == 0) return fresh(extents, shape::filled(extents.size(), 0), type, 0, on, where);
  return fresh(extents, strides, type, span_of(extents, strides, type.itemsize()), on, where);
}

array access::fresh(const shape& extents, const shape& strides, dtype type, std::int64_t nbytes, tessera::device on,
                    const caller& where) {
  try {
    storage_ref bytes = storage::allocate(nbytes, on, where);
    std::byte* const data = bytes->data();
    return array(std::move(bytes), data, extents, strides, type, false, false);
  } catch (const out_of_memory&) {
    throw out_of_memory("array: " + bytes_text(nbytes) + " for shape " + to_string(extents) + " of " + type.name() +
                            " are not available" + (on == cpu() ? "" : " on " + on.name()) +
                            backend_of(on).memory_text(),
                        where);
  }
}

array access::adopt(storage_ref bytes, std::byte* data, dtype type, const shape& extents, const shape& strides,
                    bool readonly) {
  readonly = readonly || bytes->readonly();
  return array(std::move(bytes), data, extents, strides, type, false, readonly);
}

array access::shortened(array list, std::int64_t count) {
  return array(std::move(list.storage_), list.data_, {count}, list.strides_, list.dtype_, false, false);
}

array access::retyped(array bytes, dtype type, const shape& extents, const shape& strides) {
  return array(std::move(bytes.storage_), bytes.data_, extents, strides, type, false, false);
}

array access::view(const array& of, std::byte* data, dtype type, const shape& extents, const shape& strides) {
  if (!of.view_ && of.storage_.get() && !of.storage_->root()) of.storage_->set_root(of);
  return array(of.storage_, data, extents, strides, type, true, of.readonly_);
}

array access::watched(const array& a, std::uint64_t& time) {
  time = a.storage_.get() ? a.storage_->retain_and_watch() : 0;
  try {
    return array(storage_ref(a.storage_.get()), a.data_, a.shape_, a.strides_, a.dtype_, a.view_, a.readonly_);
  } catch (...) {  // a shape of many axes is on the heap
    if (a.storage_.get()) a.storage_->unwatch();
    throw;
  }
}

void access::unwatched(array& a) noexcept {
  if (storage* const s = a.storage_.detach()) s->unwatch_and_release();
}

void access::note_write(const array& a) {
  if (a.storage_.get() && a.storage_->is_watched()) a.storage_->note_write(comb_of(a));
}

byte_range range_of(const array& a) noexcept {
  std::byte *begin = access::data(a), *end = begin;
  if (a.size() == 0) return {begin, end};
  end += a.itemsize();
  for (int axis = 0; axis < a.ndim(); ++axis) {
    const std::int64_t reach = (a.shape()[axis] - 1) * a.strides()[axis];
    (reach < 0 ? begin : end) += reach;
  }
  return {begin, end};
}

byte_comb comb_of(const array& a) noexcept {
  const byte_range range = range_of(a);
  std::int64_t width = a.itemsize();
  // Axes whose steps leave no gap make the teeth wider, the others say how far these are apart.
  std::uint64_t apart = 0;
  for (int axis = 0; axis < a.ndim(); ++axis) apart |= std::uint64_t{a.shape()[axis] > 1} << axis;
  const auto stride = [&](int axis) { return std::abs(a.strides()[axis]); };
  for (bool wider = true; wider;) {
    wider = false;
    for (int axis = 0; axis < a.ndim(); ++axis) {
      if ((apart >> axis & 1) == 0 || stride(axis) > width) continue;
      apart &= ~(std::uint64_t{1} << axis);
      width += (a.shape()[axis] - 1) * stride(axis);
      wider = true;
    }
  }
  std::int64_t period = 0;
  for (int axis = 0; axis < a.ndim(); ++axis) {
    if (apart >> axis & 1) period = std::gcd(period, stride(axis));
  }
  if (period <= width) return {range.begin, range.end};
  return {range.begin, range.end, period, width};
}

shape fresh_strides(const array& like, std::int64_t itemsize, order layout) {
  const bool c_order = is_c_contiguous(like.shape(), like.strides(), like.itemsize());
  const bool f_order = is_f_contiguous(like.shape(), like.strides(), like.itemsize());
  if (layout == order::A) layout = f_order && !c_order ? order::F : order::C;
  if (layout == order::K && (c_order || like.ndim() <= 1)) layout = order::C;
  if (layout == order::K && f_order) layout = order::F;
  if (layout == order::K) return keep_order_strides(like.shape(), like.strides(), itemsize);
  return contiguous_strides(like.shape(), itemsize, layout);
}

void check_writable(const array& target, const char* name, caller where) {
  if (access::is_readonly(target)) throw value_error(std::string(name) + ": the destination is read-only", where);
}

void check_assignable(const array& target, const char* name, caller where) {
  check_writable(target, name, where);
  const storage* const s = access::storage_of(target);
  if (s && s->owns_memory() && s->use_count() == 1) {
    throw value_error(
        std::string(name) + ": the destination is a temporary that nobody else holds, the write would be lost", where);
  }
}

}  // namespace tessera::detail
