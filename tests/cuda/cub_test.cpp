// CUB's sorts against plain loops on the host.
#include "cuda/cub.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "array_values.hpp"
#include "cuda/scratch.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

template <class T> std::int64_t bytes_of(const std::vector<T>& x) {
  return static_cast<std::int64_t>(x.size() * sizeof(T));
}

/// Device memory with the values of a host vector, and back.
template <class T> class device_values {
 public:
  explicit device_values(const std::vector<T>& from)
      : size_(from.size()), memory_(context_of(0), bytes_of(from), "test") {
    if (size_ == 0) return;
    check(cudaMemcpyAsync(data(), from.data(), size_ * sizeof(T), cudaMemcpyHostToDevice, context_of(0).stream()),
          "copy");
  }
  T* data() const { return reinterpret_cast<T*>(memory_.data()); }
  std::vector<T> values() const { return read(data(), size_); }
  static std::vector<T> read(const void* from, std::size_t size) {
    std::vector<T> to(size);
    if (size == 0) return to;
    check(cudaMemcpyAsync(to.data(), from, size * sizeof(T), cudaMemcpyDeviceToHost, context_of(0).stream()), "copy");
    context_of(0).synchronize();
    return to;
  }

 private:
  std::size_t size_;
  scratch memory_;
};

template <class T> std::vector<T> random_values(std::size_t size) {
  std::mt19937_64 random(size + sizeof(T));
  std::vector<T> x(size);
  for (T& value : x) value = static_cast<T>(random());
  return x;
}

template <class Key, class Payload> void expect_sorted_pairs(std::size_t size, int bits) {
  SCOPED_TRACE(testing::Message() << sizeof(Key) << " and " << sizeof(Payload) << " bytes, " << size << " of them");
  const auto keys = random_values<Key>(size);
  std::vector<Payload> payload(size);
  std::iota(payload.begin(), payload.end(), Payload{0});
  const Key mask = bits == 8 * sizeof(Key) ? static_cast<Key>(~Key{0}) : static_cast<Key>((Key{1} << bits) - 1);
  std::vector<Payload> want = payload;
  std::stable_sort(want.begin(), want.end(), [&](Payload a, Payload b) { return (keys[a] & mask) < (keys[b] & mask); });
  const device_values<Key> k(keys), k_spare(std::vector<Key>(size, 0));
  const device_values<Payload> p(payload), p_spare(std::vector<Payload>(size, 0));
  sort_buffers key_buffers{k.data(), k_spare.data()}, payload_buffers{p.data(), p_spare.data()};
  sort_pairs(context_of(0), sizeof(Key), key_buffers, sizeof(Payload), payload_buffers, static_cast<std::int64_t>(size),
             bits);
  EXPECT_EQ(device_values<Payload>::read(payload_buffers.current, size), want);
  const std::vector<Key> sorted = device_values<Key>::read(key_buffers.current, size);
  for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(sorted[i], keys[want[i]]) << i;
}

TEST(cub_sorts, pairs_of_every_width_keeping_the_order_of_equal_keys) {
  for (const std::size_t size : {1, 2, 700, 5000}) {
    expect_sorted_pairs<std::uint8_t, std::uint32_t>(size, 8);
    expect_sorted_pairs<std::uint16_t, std::uint32_t>(size, 9);
    expect_sorted_pairs<std::uint32_t, std::uint32_t>(size, 32);
    expect_sorted_pairs<std::uint64_t, std::uint32_t>(size, 12);
    expect_sorted_pairs<std::uint64_t, std::uint64_t>(size, 64);
  }
}

template <class Key> void expect_sorted_keys(std::size_t size) {
  std::vector<Key> want = random_values<Key>(size);
  const device_values<Key> keys(want), spare(std::vector<Key>(size, 0));
  sort_buffers buffers{keys.data(), spare.data()};
  sort_keys(context_of(0), sizeof(Key), buffers, static_cast<std::int64_t>(size), 8 * sizeof(Key));
  std::sort(want.begin(), want.end());
  EXPECT_EQ(device_values<Key>::read(buffers.current, size), want);
}

TEST(cub_sorts, keys_of_every_width) {
  for (const std::size_t size : {1, 33, 6000}) {
    expect_sorted_keys<std::uint8_t>(size);
    expect_sorted_keys<std::uint16_t>(size);
    expect_sorted_keys<std::uint32_t>(size);
    expect_sorted_keys<std::uint64_t>(size);
  }
}

TEST(cub_sorts, without_memory_says_what_for) {
  const device_values<std::uint64_t> keys(random_values<std::uint64_t>(5000)),
      spare(std::vector<std::uint64_t>(5000, 0));
  sort_buffers buffers{keys.data(), spare.data()};
  context& on = context_of(0);
  on.synchronize();
  const std::int64_t in_use = on.memory_stats().bytes_in_use, before = on.set_memory_limit(in_use);
  const std::string message = tessera_test::message_of<out_of_memory>([&] { sort_keys(on, 8, buffers, 5000, 64); });
  on.set_memory_limit(before);
  EXPECT_EQ(message.substr(0, 21), "cub_radix_sort_keys: ") << message;
  EXPECT_EQ(on.memory_stats().bytes_in_use, in_use);
}

}  // namespace
}  // namespace tessera::detail::cuda
