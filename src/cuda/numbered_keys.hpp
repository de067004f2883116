// Keys and their numbers, sorted.
#pragma once
#include <cstdint>

#include "cuda/cub.hpp"
#include "cuda/scratch.hpp"

namespace tessera::detail::cuda {

/// Room for `count` keys of 4 or 8 bytes and a number each, which a kernel writes and which are sorted then.
class numbered_keys {
 public:
  /// At a time: 400 MiB.
  static constexpr std::int64_t most = std::int64_t{1} << 24;

  numbered_keys(context& on, std::int64_t count, int key_bytes, const char* name)
      : count_(count),
        key_bytes_(key_bytes),
        keys_(on, count * key_bytes, name),
        spare_keys_(on, count * key_bytes, name),
        numbers_(on, count * 4, name),
        spare_numbers_(on, count * 4, name),
        by_{keys_.data(), spare_keys_.data()},
        with_{numbers_.data(), spare_numbers_.data()} {}

  void* keys() const { return by_.current; }
  std::uint32_t* numbers() const { return static_cast<std::uint32_t*>(with_.current); }

  /// By the keys' lowest `bits`; equal ones keep their order.
  void sort(context& on, int bits) {
    if (count_ > 1) sort_pairs(on, key_bytes_, by_, 4, with_, count_, bits);
  }

 private:
  const std::int64_t count_;
  const int key_bytes_;
  const scratch keys_, spare_keys_, numbers_, spare_numbers_;
  sort_buffers by_, with_;
};

}  // namespace tessera::detail::cuda
