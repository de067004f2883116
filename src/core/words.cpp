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

std::vector<record_piece> pieces_of(dtype type) {
  if (!type.has_fields()) return {{0, type.itemsize()}};
  std::vector<record_piece> parts;
  for (const field& f : type.fields()) {
    const bool whole = !has_gaps(f.type);
    const std::int64_t inner = f.type.itemsize(), count = whole || inner == 0 ? 1 : f.nbytes() / inner;
    const std::vector<record_piece> own = whole ? std::vector<record_piece>{{0, f.nbytes()}} : pieces_of(f.type);
    for (std::int64_t i = 0; i < count; ++i) {
      for (const record_piece& part : own) parts.push_back({f.offset + i * inner + part.offset, part.bytes});
    }
  }
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  std::vector<record_piece> merged;
  for (const record_piece& part : parts) {
    if (part.bytes == 0) continue;
    if (merged.empty() || part.offset > merged.back().offset + merged.back().bytes) {
      merged.push_back(part);
    } else {
      record_piece& last = merged.back();
      last.bytes = std::max(last.bytes, part.offset + part.bytes - last.offset);
    }
  }
  return merged;
}

bool has_gaps(dtype type) {
  if (!type.has_fields()) return false;
  std::int64_t covered = 0;
  for (const record_piece& piece : pieces_of(type)) covered += piece.bytes;
  return covered < type.itemsize();
}

array piece_of(const array& x, const record_piece& piece) {
  return access::view(x, access::data(x) + piece.offset, raw_bytes(piece.bytes), x.shape(), x.strides());
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
  if (axis) return parts_of(x, as.type, 0, as.count, where);
  return access::view(x, access::data(x), as.type, x.shape(), x.strides());
}

array parts_of(const array& x, dtype part, std::int64_t first, std::int64_t count, caller where) {
  check_room(x.ndim(), x.dtype(), where);
  shape extents = x.shape(), strides = x.strides();
  extents.push_back(count);
  strides.push_back(part.itemsize());
  return access::view(x, access::data(x) + first * part.itemsize(), part, extents, strides);
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
