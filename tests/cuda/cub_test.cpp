// CUB's sorts against plain loops on the host; sorts of more lanes than one launch takes, and of lanes that are too long.
#include "cuda/cub.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "array_values.hpp"
#include "backend.hpp"
#include "cuda/geometry.hpp"
#include "cuda/scratch.hpp"
#include "cuda/sort.hpp"
#include "mirror.hpp"
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

/// Rows of 70 numbers on the device, sorted by the plan in slabs of at most `most` elements, against the host.
void expect_sorted_rows(sort_plan::kind what, std::int64_t rows, std::int64_t most) {
  const std::vector<std::uint64_t> random = random_values<std::uint64_t>(static_cast<std::size_t>(rows) * 70);
  std::vector<double> in(random.size()), want(random.size()), got(random.size());
  std::transform(random.begin(), random.end(), in.begin(), [](std::uint64_t x) { return static_cast<double>(x % 50); });
  const auto view = [](std::vector<double>& x, dtype type) {
    return strided{reinterpret_cast<std::byte*>(x.data()), type, shape(70 * 8)};
  };
  sort_plan plan;
  plan.what = what;
  plan.lanes = shape(rows);
  plan.count = plan.keep = 70;
  plan.in = view(in, float64);
  plan.out = view(want, what == sort_plan::kind::indices ? int64 : float64);
  plan.in_stride = plan.out_stride = 8;
  cpu_backend().sort(plan);
  mirror copies;
  for (std::vector<double>* x : {&in, &got}) copies.add({view(*x, float64).data, float64, shape(8)}, shape(rows * 70));
  copies.upload();
  plan.in.data = copies.of(plan.in.data);
  plan.out.data = copies.of(view(got, float64).data);
  const std::int64_t before = set_slab_units(most);
  run_sort(context_of(0), plan);
  set_slab_units(before);
  copies.download();
  EXPECT_EQ(std::memcmp(got.data(), want.data(), got.size() * 8), 0) << rows << " rows, " << most << " at a time";
}

TEST(sorts_of_lanes, are_cut_where_they_have_too_many_elements_for_32_bits) {
  for (const sort_plan::kind what : {sort_plan::kind::values, sort_plan::kind::indices}) {
    for (const std::int64_t most : {70, 500, 1399, 1400}) expect_sorted_rows(what, 20, most);
  }
}

TEST(sorts_of_lanes, of_two_to_the_31_elements_are_refused) {
  sort_plan plan;
  plan.count = plan.keep = std::int64_t{1} << 31;
  EXPECT_EQ(tessera_test::message_of<device_error>([&] { run_sort(context_of(0), plan); }),
            "sort: 2147483648 elements along the axis on cuda:0; expected fewer than 2147483648");
}

}  // namespace
}  // namespace tessera::detail::cuda
