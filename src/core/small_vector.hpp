// small_vector: std::vector with its memory from the lists of small blocks, which costs a fifth of malloc: for plans, which are
// made of many short lists.
#pragma once
#include <new>
#include <vector>

#include "core/small_blocks.hpp"

namespace tessera::detail {

template <class T> struct small_allocator {
  using value_type = T;
  small_allocator() noexcept = default;
  template <class U> small_allocator(const small_allocator<U>&) noexcept {}
  T* allocate(std::size_t count) {
    if (void* const block = small_allocate(count * sizeof(T))) return static_cast<T*>(block);
    throw std::bad_alloc();
  }
  void deallocate(T* block, std::size_t count) noexcept { small_free(block, count * sizeof(T)); }
  friend bool operator==(const small_allocator&, const small_allocator&) noexcept { return true; }
};

template <class T> using small_vector = std::vector<T, small_allocator<T>>;

}  // namespace tessera::detail
