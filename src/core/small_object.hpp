// small_object: base of classes whose objects come from the lists of small blocks.
#pragma once
#include <new>

#include "core/small_blocks.hpp"

namespace tessera::detail {

struct small_object {
  static void* operator new(std::size_t bytes) {
    if (void* const block = small_allocate(bytes)) return block;
    throw std::bad_alloc();
  }
  static void operator delete(void* block, std::size_t bytes) noexcept { small_free(block, bytes); }
};

}  // namespace tessera::detail
