// The library's own door into expr and array: reads their private parts and builds them from parts.
#pragma once
#include "core/storage.hpp"
#include "tessera/array.hpp"

namespace tessera::detail {

struct node;

struct access {
  // ---- array
  /// Null for arrays that never had one: default constructed and moved-from.
  static storage* storage_of(const array& a) noexcept { return a.storage_.get(); }
  static std::byte* data(const array& a) noexcept { return a.data_; }
  static bool is_readonly(const array& a) noexcept { return a.readonly_; }
  static void set_readonly(array& a, bool readonly) noexcept { a.readonly_ = readonly; }
  /// For recipes that watch: the elements of `a` are written.
  static void note_write(const array& a);

  /// A new array with its own storage, elements not initialised. Throws out_of_memory, value_error. An unset dtype is float64.
  static array make(const shape& extents, dtype type, order layout, tessera::device on, caller where);
  /// The same with these byte strides, none negative; storage spans them.
  static array make_strided(const shape& extents, const shape& strides, dtype type, tessera::device on, caller where);
  /// The same for what is known to be valid and to span `nbytes`.
  static array fresh(const shape& extents, const shape& strides, dtype type, std::int64_t nbytes, tessera::device on,
                     const caller& where);
  /// An array over existing storage whose root it becomes (foreign memory, files).
  static array adopt(storage_ref bytes, std::byte* data, dtype type, const shape& extents, const shape& strides,
                     bool readonly);
  /// The first elements of a list that nobody else has, in its memory.
  static array shortened(array list, std::int64_t count);
  /// A view of `of`'s storage.
  static array view(const array& of, std::byte* data, dtype type, const shape& extents, const shape& strides);
  /// The same memory, which nobody else has, as other elements.
  static array retyped(array bytes, dtype type, const shape& extents, const shape& strides);
  /// A handle like `a` that watches its storage: to be taken apart by unwatched() before it goes.
  static array watched(const array& a, std::uint64_t& time);
  static void unwatched(array& a) noexcept;

  static scalar_value scalar_item(const array& a, caller where) { return a.scalar_item(where); }

  // ---- expr
  static node* node_of(const expr& x) noexcept { return x.node_.get(); }  // null: a weak scalar
  static const scalar_value& scalar_of(const expr& x) noexcept { return x.value_; }
  static expr from_scalar(const scalar_value& value) {
    expr x(false);
    x.value_ = value;
    return x;
  }
  static expr from_node(node* owned) noexcept { return expr(owned); }  // takes over one reference
  static node* take_node(expr& x) noexcept { return x.node_.detach(); }
  static node* take_node(operand& x) noexcept { return x.recipe_.node_.detach(); }
};

/// The dtype that elements in memory have: float64 for an unset one, one character for texts of none. Throws dtype_error for the
/// other byte order and elements of no bytes.
dtype storable(dtype type, const char* name, caller where);

/// The byte range [begin, end) that the array's elements touch; empty arrays give an empty range.
struct byte_range {
  std::byte *begin, *end;
};
byte_range range_of(const array& a) noexcept;
/// The same without most of the bytes between them: columns of a matrix have none in common.
byte_comb comb_of(const array& a) noexcept;

/// Byte strides of a fresh array with the extents of `like` in this order: A and K look at how `like` lies in memory.
shape fresh_strides(const array& like, std::int64_t itemsize, order layout);

/// Throws value_error "NAME: the destination is read-only" when `target` may not be written.
void check_writable(const array& target, const char* name, caller where);
/// For targets that are rvalues: also throws "NAME: the destination is a temporary that nobody else holds …" when the
/// target alone owns its elements, so that the write would be lost.
void check_assignable(const array& target, const char* name, caller where);

}  // namespace tessera::detail
