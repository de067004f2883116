// Texts, records and times as the numbers that move them.
#include "core/words.hpp"

#include <algorithm>

#include "core/access.hpp"
#include "core/dtype_parts.hpp"

namespace tessera::detail {
namespace {

void check_room(int axes, dtype type, caller where) {
  if (axes < max_ndim) return;
  throw shape_error("copy: elements of " + type.name() + " are moved over " + std::to_string(max_ndim - 1) +
                        " axes at most, not " + std::to_string(axes),
                    where);
}

}  // namespace

words words_of(dtype type) noexcept {
  if (type.is_number()) return {type};
  const std::int64_t bytes = type.itemsize();
  if (bytes == 16) return {complex128};
  if (bytes % 8 == 0) return {uint64, bytes / 8};
  if (bytes % 4 == 0) return {uint32, bytes / 4};
  return bytes % 2 == 0 ? words{uint16, bytes / 2} : words{uint8, bytes};
}

bool has_gaps(dtype type) {
  std::vector<const field*> in_order;
  for (const field& f : type.fields()) {
    if (has_gaps(f.type)) return true;
    in_order.push_back(&f);
  }
  if (in_order.empty()) return false;
  std::sort(in_order.begin(), in_order.end(), [](const field* a, const field* b) { return a->offset < b->offset; });
  std::int64_t end = 0;
  for (const field* f : in_order) {
    if (f->offset > end) return true;
    end = std::max(end, f->offset + f->nbytes());
  }
  return end < type.itemsize();
}

void as_words(shape& extents, std::initializer_list<strided*> operands, caller where) {
  const dtype type = (*operands.begin())->type;
  if (type.is_number()) return;
  const words as = words_of(type);
  if (as.count > 1) {
    check_room(extents.size(), type, where);
    extents.push_back(as.count);
  }
  for (strided* x : operands) {
    x->type = as.type;
    if (as.count > 1) x->strides.push_back(as.type.itemsize());
  }
}

array as_words(const array& x, bool axis, caller where) {
  const words as = words_of(x.dtype());
  shape extents = x.shape(), strides = x.strides();
  if (axis) {
    check_room(extents.size(), x.dtype(), where);
    extents.push_back(as.count);
    strides.push_back(as.type.itemsize());
  }
  return access::view(x, access::data(x), as.type, extents, strides);
}

array from_words(array words, dtype type, bool axis) {
  shape extents = words.shape(), strides = words.strides();
  if (axis) {
    extents.erase(extents.size() - 1);
    strides.erase(strides.size() - 1);
  }
  return access::retyped(std::move(words), type, extents, strides);
}

}  // namespace tessera::detail
