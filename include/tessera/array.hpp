// array: a handle to strided elements (storage, dtype, shape, byte strides); selection: elements picked by masks or index arrays.
#pragma once
#include <span>

#include "device.hpp"
#include "expr.hpp"

namespace tessera {

class selection;

namespace detail {
class storage;  // src/core/storage.hpp
TESSERA_API void retain(storage*) noexcept;
TESSERA_API void release(storage*) noexcept;

using storage_ref = counted<storage>;
}  // namespace detail

/// As numpy.ndarray.flags.
struct flags_t {
  bool c_contiguous, f_contiguous, owndata, writeable, aligned;
};

// ---- one position of a(…): basic, or an index array or mask (never a bare bool, double or string)
template <class T> concept index_array = std::convertible_to<const T&, expr> && !scalar<T> && !string_like<T>;
template <class T> concept index_like = basic_index<T> || index_array<T>;

class any_index {
 public:
  template <basic_index T> any_index(const T& i) : basic(i), array(0), is_basic(true) {}
  template <index_array T> any_index(const T& i) : basic(newaxis), array(i), is_basic(false) {}
  subscript basic;
  expr array;
  bool is_basic;
};

/// Fast host access to elements of a known type and rank, bounds checked. Strides are in bytes.
/// Writing through it is not seen by stale_expression after the accessor was made.
template <class T, int N> class accessor {
 public:
  accessor(void* data, const shape& extents, const shape& strides) : data_(static_cast<std::byte*>(data)) {
    for (int i = 0; i < N; ++i) {
      extents_[i] = extents[i];
      strides_[i] = strides[i];
    }
  }
  template <integer... I>
    requires(sizeof...(I) == N)
  T& operator()(I... i) const {
    std::int64_t offset = 0;
    int axis = 0;
    (step(offset, axis, static_cast<std::int64_t>(i)), ...);
    return *reinterpret_cast<T*>(data_ + offset);
  }
  std::int64_t extent(int axis) const noexcept { return extents_[axis]; }

 private:
  void step(std::int64_t& offset, int& axis, std::int64_t i) const {
    if (i < 0 || i >= extents_[axis]) {
      throw index_error("accessor: " + std::to_string(i) + " is out of bounds for axis " + std::to_string(axis) +
                        " with extent " + std::to_string(extents_[axis]));
    }
    offset += i * strides_[axis++];
  }
  std::byte* data_;
  std::int64_t extents_[N > 0 ? N : 1] = {}, strides_[N > 0 ? N : 1] = {};
};

/// A multidimensional array. Copying the handle shares the elements; indexing gives views that write through.
class TESSERA_API array : public detail::operators {
 public:
  array();  // shape (0,), float64
  array(std::initializer_list<literal> list, order layout = order::C, caller where = caller::current());
  array(std::initializer_list<literal> list, const tessera::dtype& type, order layout = order::C,
        caller where = caller::current());
  array(const tessera::dtype& type, std::initializer_list<literal> list, order layout = order::C,
        caller where = caller::current());
  template <scalar T> array(T value) : array(expr(value)) {}
  template <string_like S> array(const S& text, caller where = caller::current()) : array(expr(text, where)) {}
  array(const expr& recipe, caller where = caller::current());  // runs it
  array(const array& other) = default;
  array(array&& other) noexcept;
  ~array() = default;

  // A named array is rebound …
  array& operator=(const array& other) & = default;
  array& operator=(array&& other) & noexcept;
  template <class T>
    requires(scalar<T> || string_like<T>)
  void operator=(const T&) & = delete;  // fill with v() = 5, rebind with v = array(5)
  // … an unnamed one (a view just made by indexing) is written through; arrays, lists and scalars convert.
  array&& operator=(const operand& x) &&;
  void operator=(const operand& x) const&& = delete;  // a view of a const array is read, not written

  array& operator+=(const operand& x) &;
  array& operator-=(const operand& x) &;
  array& operator*=(const operand& x) &;
  array& operator/=(const operand& x) &;
  array& operator%=(const operand& x) &;
  array& operator&=(const operand& x) &;
  array& operator|=(const operand& x) &;
  array& operator^=(const operand& x) &;
  array& operator<<=(const operand& x) &;
  array& operator>>=(const operand& x) &;
  void operator+=(const operand& x) &&;
  void operator-=(const operand& x) &&;
  void operator*=(const operand& x) &&;
  void operator/=(const operand& x) &&;
  void operator%=(const operand& x) &&;
  void operator&=(const operand& x) &&;
  void operator|=(const operand& x) &&;
  void operator^=(const operand& x) &&;
  void operator<<=(const operand& x) &&;
  void operator>>=(const operand& x) &&;

  const tessera::shape& shape() const& noexcept { return shape_; }
  tessera::shape shape() && { return shape_; }
  /// Bytes from one element to the next along each axis.
  const tessera::shape& strides() const& noexcept { return strides_; }
  tessera::shape strides() && { return strides_; }
  tessera::dtype dtype() const noexcept { return dtype_; }
  int ndim() const noexcept { return shape_.size(); }
  std::int64_t size() const noexcept;    // elements
  std::int64_t nbytes() const noexcept;  // size * itemsize
  int itemsize() const noexcept { return dtype_.itemsize(); }
  flags_t flags() const;
  tessera::device device() const noexcept;
  /// The first element [0, …, 0]. Elements lie at data() + sum(index * strides).
  const void* data() const noexcept { return data_; }

  /// The array that this one is a view of, or an empty array for one that owns its elements.
  array base() const;
  /// Whether both are the same view of the same elements (Python's `is`).
  bool is(const array& other) const noexcept;

  array T() const;   // axes reversed
  array mT() const;  // the last two axes swapped
  array copy(order layout = order::C) const;
  array astype(const tessera::dtype& type, order layout = order::K) const;
  /// The array itself if it is on that device, else a copy there in its own memory order. To the host it waits until all is
  /// there. Throws device_error when the device is not there, out_of_memory.          (as torch.Tensor.to)
  array to(const tessera::device& on, caller where = caller::current()) const;
  /// The same bytes as another dtype (as numpy.ndarray.view). Throws value_error when the last axis does not allow it.
  array view(const tessera::dtype& type, caller where = caller::current()) const;
  /// A view that refuses to be written.
  array readonly() const;

  template <scalar T> T item(caller where = caller::current()) const {
    return detail::scalar_cast<T>(scalar_item(where), where);
  }
  /// The only element as UTF-8 text; a number, a time or a record as str() writes it.
  template <std::same_as<std::string> T> T item(caller where = caller::current()) const { return text_item(where); }
  // An error here has no line: a conversion takes no default argument.
  template <scalar T> explicit operator T() const { return item<T>(caller()); }

  /// Checked element access of static type and rank; const T reads. Throws dtype_error, shape_error, value_error (read-only, misaligned).
  template <class T, int N> tessera::accessor<T, N> accessor(caller where = caller::current()) const {
    return {host_pointer(element<T>(), N, false, where), shape_, strides_};
  }
  /// All elements of a C-contiguous array as a span; const T reads. Throws as accessor, and value_error if not contiguous.
  template <class T> std::span<T> span(caller where = caller::current()) const {
    return {static_cast<T*>(host_pointer(element<T>(), -1, true, where)), static_cast<std::size_t>(size())};
  }

  // Basic indices only: a view. Any index array among them: a selection. On a const array neither can be assigned.
  template <index_like... I>
    requires(sizeof...(I) == 0 || sizeof...(I) > 4)
  decltype(auto) operator()(const I&... i) {
    return index(*this, caller(), i...);
  }
  template <index_like A> decltype(auto) operator()(const A& a, caller where = caller::current()) {
    return index(*this, where, a);
  }
  template <index_like A, index_like B>
  decltype(auto) operator()(const A& a, const B& b, caller where = caller::current()) {
    return index(*this, where, a, b);
  }
  template <index_like A, index_like B, index_like C>
  decltype(auto) operator()(const A& a, const B& b, const C& c, caller where = caller::current()) {
    return index(*this, where, a, b, c);
  }
  template <index_like A, index_like B, index_like C, index_like D>
  decltype(auto) operator()(const A& a, const B& b, const C& c, const D& d, caller where = caller::current()) {
    return index(*this, where, a, b, c, d);
  }

  template <index_like... I>
    requires(sizeof...(I) == 0 || sizeof...(I) > 4)
  decltype(auto) operator()(const I&... i) const {
    return index(*this, caller(), i...);
  }
  template <index_like A> decltype(auto) operator()(const A& a, caller where = caller::current()) const {
    return index(*this, where, a);
  }
  template <index_like A, index_like B>
  decltype(auto) operator()(const A& a, const B& b, caller where = caller::current()) const {
    return index(*this, where, a, b);
  }
  template <index_like A, index_like B, index_like C>
  decltype(auto) operator()(const A& a, const B& b, const C& c, caller where = caller::current()) const {
    return index(*this, where, a, b, c);
  }
  template <index_like A, index_like B, index_like C, index_like D>
  decltype(auto) operator()(const A& a, const B& b, const C& c, const D& d, caller where = caller::current()) const {
    return index(*this, where, a, b, c, d);
  }

  template <basic_index I> array operator[](const I& i) { return basic_view({subscript(i)}, caller()); }
  template <basic_index I> const array operator[](const I& i) const { return basic_view({subscript(i)}, caller()); }
  template <string_like S> array operator[](const S& name) { return field(std::string_view(name)); }
  template <string_like S> const array operator[](const S& name) const { return field(std::string_view(name)); }
  /// Several fields: a view of records that have these alone, where they were (as NumPy's a[["x", "y"]]).
  template <std::same_as<names> N> array operator[](const N& list) { return fields(list); }
  template <std::same_as<names> N> const array operator[](const N& list) const { return fields(list); }
  selection operator[](const operand& index);
  expr operator[](const operand& index) const;

  /// The same with a list of indices known at run time only.
  array view_at(const std::vector<subscript>& indices, caller where = caller::current()) const;
  selection select_at(const std::vector<any_index>& indices, caller where = caller::current()) const;

  class iterator;  // over the first axis; each step gives a view
  iterator begin() const;
  iterator end() const;

 private:
  friend struct detail::access;
  template <class Self, index_like... I> static decltype(auto) index(Self& self, caller where, const I&... i);
  /// What host_pointer() is asked for.
  struct host_element {
    tessera::dtype type;
    std::size_t alignment;
    bool writes;
  };
  template <class T> static host_element element() {
    return {detail::element_dtype<std::remove_const_t<T>>(), alignof(T), !std::is_const_v<T>};
  }
  array basic_view(std::initializer_list<subscript> indices, caller where) const;
  array field(std::string_view name) const;
  array fields(const names& list) const;
  array(detail::storage_ref bytes, std::byte* data, const tessera::shape& extents, const tessera::shape& strides,
        tessera::dtype type, bool view, bool readonly)
      : storage_(std::move(bytes)),
        data_(data),
        shape_(extents),
        strides_(strides),
        dtype_(type),
        view_(view),
        readonly_(readonly) {}
  detail::scalar_value scalar_item(caller where) const;
  std::string text_item(caller where) const;
  void* host_pointer(const host_element& asked, int ndim, bool contiguous, caller where) const;

  detail::storage_ref storage_;
  std::byte* data_;  // never null
  tessera::shape shape_, strides_;
  tessera::dtype dtype_ = float64;
  bool view_ = false, readonly_ = false;
};

/// The elements that masks or index arrays pick: an expr (gathered when read), assignable (scattered) only while unnamed.
class TESSERA_API selection : public expr {
 public:
  struct token {
    explicit token(int) {}
  };  // else data[mask] = {1, 2} could mean selection(1, 2)
  selection(token, const array& from, std::initializer_list<any_index> indices, caller where);
  selection(token, const array& from, const std::vector<any_index>& indices, caller where);
  selection(const selection&) = default;
  void operator=(const selection& x) && { std::move(*this) = operand(static_cast<const expr&>(x)); }
  void operator=(const operand& x) &&;
  void operator+=(const operand& x) &&;
  void operator-=(const operand& x) &&;
  void operator*=(const operand& x) &&;
  void operator/=(const operand& x) &&;
  void operator%=(const operand& x) &&;
  void operator&=(const operand& x) &&;
  void operator|=(const operand& x) &&;
  void operator^=(const operand& x) &&;
  void operator<<=(const operand& x) &&;
  void operator>>=(const operand& x) &&;
};

class TESSERA_API array::iterator {
 public:
  using value_type = array;
  using difference_type = std::ptrdiff_t;
  iterator() = default;
  array operator*() const;
  iterator& operator++() {
    ++position_;
    return *this;
  }
  iterator operator++(int) {
    iterator old = *this;
    ++position_;
    return old;
  }
  bool operator==(const iterator& other) const { return position_ == other.position_; }

 private:
  friend class array;
  iterator(const array& over, std::int64_t position) : over_(over), position_(position) {}
  array over_;  // a handle: the elements outlive the loop's range expression
  std::int64_t position_ = 0;
};

template <class Self, index_like... I> decltype(auto) array::index(Self& self, caller where, const I&... i) {
  if constexpr ((basic_index<I> && ...)) {
    return static_cast<std::conditional_t<std::is_const_v<Self>, const array, array>>(
        self.basic_view({subscript(i)...}, where));
  } else if constexpr (std::is_const_v<Self>) {
    return expr(selection(selection::token(0), self, {any_index(i)...}, where));
  } else {
    return selection(selection::token(0), self, {any_index(i)...}, where);
  }
}

/// "C_CONTIGUOUS : True …", as NumPy prints flags.
TESSERA_API std::string to_string(const flags_t& flags);

}  // namespace tessera
