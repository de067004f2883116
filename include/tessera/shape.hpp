// Extents, strides and axes: small integer tuples, inline up to six entries.
#pragma once
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "api.hpp"
#include "concepts.hpp"

namespace tessera {

/// Memory order: rows first, columns first, "as the input is" (A: F only if it is F, K: its own order).
enum class order { C, F, A, K };

/// Most axes an array can have (as NumPy).
inline constexpr int max_ndim = 64;

/// One extent or axis: takes every integer type, so that {n, v.size()} does not narrow.
struct extent {
  std::int64_t value;
  template <integer T> constexpr extent(T v) : value(static_cast<std::int64_t>(v)) {}
};

/// A tuple of extents, or of strides in bytes. Printed as NumPy prints a tuple: (), (3,), (2, 3).
class TESSERA_API shape {
 public:
  shape() noexcept {}  // not defaulted: shape{} would write zeros over all entries first
  shape(std::initializer_list<extent> list) : shape(list.begin(), list.size()) {}
  template <integer T> shape(T n) : size_(1) { small_[0] = static_cast<std::int64_t>(n); }
  shape(const std::vector<std::int64_t>& list);
  /// `count` entries, each `value`. Throws shape_error above max_ndim.
  static shape filled(int count, std::int64_t value);

  shape(const shape& other) {
    if (other.large_) copy_large(other);
    else copy_small(other);
  }
  shape(shape&& other) noexcept { take(other); }
  shape& operator=(const shape& other) {
    if (large_ || other.large_) return assign_large(other);
    copy_small(other);
    return *this;
  }
  shape& operator=(shape&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~shape() { release(); }

  int size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::int64_t operator[](int axis) const noexcept { return begin()[axis]; }
  std::int64_t& operator[](int axis) noexcept { return begin()[axis]; }
  const std::int64_t* begin() const noexcept { return large_ ? large_ : small_; }
  const std::int64_t* end() const noexcept { return begin() + size_; }
  std::int64_t* begin() noexcept { return large_ ? large_ : small_; }
  std::int64_t* end() noexcept { return begin() + size_; }
  void push_back(std::int64_t value) {
    if (size_ == capacity_) reserve(size_ + 1);
    begin()[size_++] = value;
  }
  void insert(int position, std::int64_t value);
  void erase(int position);

  friend bool operator==(const shape& a, const shape& b) noexcept {
    if (a.size_ != b.size_) return false;
    const std::int64_t *x = a.begin(), *y = b.begin();
    for (int i = 0; i < a.size_; ++i) {
      if (x[i] != y[i]) return false;
    }
    return true;
  }

 private:
  shape(const extent* list, std::size_t count) {
    if (count > inline_capacity) take_list(list, count);
    else
      for (; size_ < static_cast<int>(count); ++size_) small_[size_] = list[size_].value;
  }
  void take_list(const extent* list, std::size_t count);
  void copy_large(const shape& other);
  shape& assign_large(const shape& other);
  void reserve(int count);
  void release() noexcept {
    if (large_) delete[] large_;
  }
  void take(shape& other) noexcept {
    large_ = std::exchange(other.large_, nullptr);
    if (large_) size_ = other.size_;
    else copy_small(other);
    other.size_ = 0;
    capacity_ = std::exchange(other.capacity_, inline_capacity);
  }
  // One entry at a time: loading two at once that were just written one by one takes 5 ns (the stores are not forwarded).
  void copy_small(const shape& other) noexcept {
    size_ = other.size_;
    for (int i = 0; i < size_; ++i) {
      std::int64_t entry = other.small_[i];
      asm("" : "+r"(entry));  // the compiler would load pairs
      small_[i] = entry;
    }
  }

  static constexpr int inline_capacity = 6;
  std::int64_t small_[inline_capacity];
  std::int64_t* large_ = nullptr;
  int size_ = 0;
  int capacity_ = inline_capacity;
};

/// "(2, 3)", "(3,)", "()".
TESSERA_API std::string to_string(const shape& tuple);

/// Which axes a reduction folds: {} every axis, 1, {0, 1}; an empty std::vector none. Negative axes count from the end.
class TESSERA_API axes {
 public:
  axes() = default;
  axes(std::initializer_list<extent> list) : list_(list), every_(false) {}
  template <integer T> axes(T axis) : axes({extent(axis)}) {}
  axes(const std::vector<int>& list);

  bool every() const noexcept { return every_; }
  const shape& list() const noexcept { return list_; }

 private:
  shape list_;
  bool every_ = true;
};

}  // namespace tessera
