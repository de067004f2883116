// Elements that are moved and not computed with, as numbers: what lets kernels of numbers move texts, records and times.
#pragma once
#include <initializer_list>
#include <vector>

#include "expr/program.hpp"

namespace tessera::detail {

/// How elements of a dtype are moved: as one number each, or as `count` of them that lie one after the other.
struct words {
  dtype type;
  std::int64_t count = 1;
};
/// Of numbers themselves; the widest unsigned integers that fill an element; complex128 for 16 bytes.
words words_of(dtype type) noexcept;

/// Bytes of a record that belong to fields.
struct record_piece {
  std::int64_t offset, bytes;
};
/// In order, as few as possible; of other dtypes the whole.
std::vector<record_piece> pieces_of(dtype type);
/// Whether a record has bytes of no field, which assignments to it leave alone: as views of several fields of another do.
bool has_gaps(dtype type);
/// A view of one piece of each element, as raw bytes.
array piece_of(const array& x, const record_piece& piece);

/// Operands of one dtype over the same axes, as words: with one more axis at the end where an element has several. Nothing happens
/// to numbers. Throws shape_error where there are as many axes as there can be.
void as_words(shape& extents, std::initializer_list<strided*> operands, caller where);
/// A view of the array as words; with the additional axis if `axis`, also of extent 1.
array as_words(const array& x, bool axis, caller where);
/// A view of `count` numbers that each element holds from the one at `first` on, on one more axis: characters, bytes, the parts of
/// complex numbers. Throws as as_words.
array parts_of(const array& x, dtype part, std::int64_t first, std::int64_t count, caller where);
/// Back: elements of `type` made from a fresh array of their words.
array from_words(array words, dtype type, bool axis);

}  // namespace tessera::detail
