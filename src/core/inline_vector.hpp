// inline_vector: std::vector's interface as far as plans use it, with room for N entries in the object itself.
//
// A plan of a few operations then takes nothing from the heap: malloc and free cost 17 ns a pair, a whole evaluation of ten
// elements is to cost 60.
#pragma once
#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace tessera::detail {

template <class T, int N> class inline_vector {
  static_assert(std::is_nothrow_move_constructible_v<T>, "entries move to the heap and back");

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  inline_vector() noexcept : data_(local()) {}
  inline_vector(std::initializer_list<T> list) : inline_vector(list.begin(), list.end()) {}
  explicit inline_vector(std::size_t count, const T& value = T()) : inline_vector() { resize(count, value); }
  template <std::forward_iterator It> inline_vector(It first, It last) : inline_vector() { append(first, last); }
  inline_vector(const inline_vector& other) : inline_vector(other.begin(), other.end()) {}
  inline_vector(inline_vector&& other) noexcept : data_(local()) { take(other); }
  inline_vector& operator=(const inline_vector& other) {
    if (this != &other) *this = inline_vector(other);
    return *this;
  }
  inline_vector& operator=(inline_vector&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~inline_vector() { release(); }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }
  T* begin() noexcept { return data_; }
  T* end() noexcept { return data_ + size_; }
  const T* begin() const noexcept { return data_; }
  const T* end() const noexcept { return data_ + size_; }
  template <class I> T& operator[](I i) noexcept { return data_[i]; }
  template <class I> const T& operator[](I i) const noexcept { return data_[i]; }
  T& front() noexcept { return data_[0]; }
  const T& front() const noexcept { return data_[0]; }
  T& back() noexcept { return data_[size_ - 1]; }
  const T& back() const noexcept { return data_[size_ - 1]; }

  void push_back(T value) { emplace_back(std::move(value)); }
  template <class... A> T& emplace_back(A&&... arguments) {
    if (size_ == capacity_) grow(size_ + 1);
    T* const entry = data_ + size_;
    if constexpr (sizeof...(A) == 0) ::new (static_cast<void*>(entry)) T;  // T() may zero all of an aggregate first
    else std::construct_at(entry, std::forward<A>(arguments)...);
    ++size_;
    return *entry;
  }
  void pop_back() noexcept { std::destroy_at(data_ + --size_); }
  void clear() noexcept {
    std::destroy(begin(), end());
    size_ = 0;
  }
  void reserve(std::size_t count) {
    if (count > capacity_) grow(count);
  }
  void resize(std::size_t count, T value = T()) {
    while (size_ > count) pop_back();
    reserve(count);
    while (size_ < count) emplace_back(value);
  }
  void assign(std::size_t count, const T& value) { *this = inline_vector(count, value); }
  template <std::forward_iterator It> void append(It first, It last) {
    const auto count = static_cast<std::size_t>(std::distance(first, last));
    reserve(size_ + count);
    std::uninitialized_copy(first, last, end());
    size_ += count;
  }
  T* insert(const T* position, T value) {
    const std::ptrdiff_t place = position - data_;
    emplace_back(std::move(value));
    std::rotate(begin() + place, end() - 1, end());
    return begin() + place;
  }
  T* erase(const T* position) {
    T* const place = data_ + (position - data_);
    std::move(place + 1, end(), place);
    pop_back();
    return place;
  }

  friend bool operator==(const inline_vector& a, const inline_vector& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  T* local() noexcept { return reinterpret_cast<T*>(local_); }
  bool on_heap() const noexcept { return data_ != reinterpret_cast<const T*>(local_); }
  void grow(std::size_t least) {
    const std::size_t capacity = std::max(least, 2 * capacity_);
    T* const entries = std::allocator<T>().allocate(capacity);
    std::uninitialized_move(begin(), end(), entries);
    const std::size_t count = size_;
    release();
    data_ = entries;
    size_ = count;
    capacity_ = capacity;
  }
  /// Leaves an empty vector without memory of its own; what it points to is set by the caller or the entries within.
  void release() noexcept {
    clear();
    if (on_heap()) std::allocator<T>().deallocate(data_, capacity_);
    data_ = local();
    capacity_ = N;
  }
  void take(inline_vector& other) noexcept {
    if (other.on_heap()) {
      data_ = std::exchange(other.data_, other.local());
      size_ = std::exchange(other.size_, 0);
      capacity_ = std::exchange(other.capacity_, N);
    } else {
      std::uninitialized_move(other.begin(), other.end(), data_);
      size_ = other.size_;
      other.clear();
    }
  }

  T* data_;
  std::size_t size_ = 0, capacity_ = N;
  alignas(T) std::byte local_[static_cast<std::size_t>(N) * sizeof(T)];
};

}  // namespace tessera::detail
